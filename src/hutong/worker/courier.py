"""The courier: brings the events of bots to where they want them, in order, again and again while nobody answers.

Several processes may have one: each outlet is taken for a while by one of them. One outlet that is slow, or answers
nothing, holds up nobody else but those behind ``deliveries_at_once_max`` such ones, and each of them for
``delivery_timeout_s`` at the most.
"""

import asyncio
import time

import structlog

from hutong.domains.openplatform import (
    Letter,
    Outcome,
    Outgoing,
    Outlet,
    Porter,
    Porters,
    give_back_outlet,
    letters_for,
    note_outcomes,
    take_outlets,
)
from hutong.infra.db import Database
from hutong.infra.http_client import CannotFetch, GuardedClient
from hutong.kit.clock import Clock
from hutong.kit.errors import HutongError
from hutong.settings import Settings

__all__ = ["Courier"]

log = structlog.get_logger()

_LOOKED_EVERY_S = 0.2
_SUCCESSFUL = range(200, 300)


class Courier:
    """Delivers until it is cancelled."""

    def __init__(self, *, database: Database, porters: Porters, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._porters = porters
        self._settings = settings
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Takes what is due and sends it on its way, as far as there is room."""
        free = self._settings.limits.deliveries_at_once_max - len(self._under_way)
        if free > 0:
            async with self._database.transaction() as session:
                outlets = await take_outlets(session, clock=self._clock, limit=free)
            for outlet in outlets:
                task = asyncio.create_task(self._serve(outlet))
                self._under_way.add(task)
                task.add_done_callback(self._is_served)
            if len(outlets) == free:
                return
        await asyncio.sleep(_LOOKED_EVERY_S)

    async def settle(self) -> None:
        """Returns when nothing is under way any more."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def stop(self) -> None:
        for task in self._under_way:
            task.cancel()

    def _is_served(self, task: asyncio.Task[None]) -> None:
        """What went wrong here leaves the outlet taken, until somebody may take it again."""
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("courier.failed", exc_info=error)

    async def _serve(self, outlet: Outlet) -> None:
        porter = self._porters.find(outlet.kind)
        limits = self._settings.limits
        client = GuardedClient(
            private_allowed=self._settings.private_addresses_allowed,
            timeout_s=limits.delivery_timeout_s,
            bytes_max=limits.delivery_answer_bytes_max,
            keeps_connections=True,
        )
        ends_at = time.monotonic() + limits.delivery_timeout_s * 2
        going_on: Outlet | None = outlet
        async with client:
            while porter is not None and going_on is not None and time.monotonic() < ends_at:
                outlet = going_on
                async with self._database.transaction() as session:
                    letters = await letters_for(session, outlet, clock=self._clock)
                if not letters:
                    break
                outcomes = await self._send(outlet, porter, client, letters, ends_at)
                async with self._database.transaction() as session:
                    going_on = await note_outcomes(session, outlet, outcomes, clock=self._clock, limits=limits)
        if going_on is not None:
            async with self._database.transaction() as session:
                await give_back_outlet(session, outlet)

    async def _send(
        self, outlet: Outlet, porter: Porter, client: GuardedClient, letters: list[Letter], ends_at: float
    ) -> list[Outcome]:
        """Tries these letters one after the other; a new one that fails is the last that is tried."""
        outcomes: list[Outcome] = []
        for letter in letters:
            outcome = await self._send_one(outlet, porter, client, letter)
            outcomes.append(outcome)
            if (outcome.error and letter.delivery is None) or time.monotonic() >= ends_at:
                break
        return outcomes

    async def _send_one(self, outlet: Outlet, porter: Porter, client: GuardedClient, letter: Letter) -> Outcome:
        outgoing = Outgoing(
            outlet.bot_number, outlet.outlet_id, outlet.secret, outlet.options, letter.event, letter.frame
        )
        try:
            consignment = await porter.render(outgoing)
        except HutongError as error:
            return Outcome(letter, None, error.detail, 0)
        if consignment is None:
            return Outcome(letter, None, "", 0, is_skipped=True)
        began_at = time.monotonic()
        headers = {"Content-Type": "application/json"} | consignment.headers
        try:
            answer = await client.post(outlet.url, consignment.body, headers)
        except CannotFetch as error:
            log.info("courier.not_delivered", bot=outlet.bot_number, reason=str(error))
            return Outcome(letter, None, _reason_of(error), _ms_since(began_at))
        if answer.status not in _SUCCESSFUL:
            return Outcome(letter, answer.status, f"The other end answers {answer.status}.", _ms_since(began_at))
        took_ms = _ms_since(began_at)
        try:
            async with asyncio.timeout(self._settings.limits.delivery_timeout_s):
                await porter.answered(outgoing, answer.body)
        except (HutongError, TimeoutError) as error:
            # It was delivered all the same; what its answer asked for was refused.
            log.info("courier.answer_refused", bot=outlet.bot_number, reason=str(error))
        except Exception:
            # The edge of a job: the next event must not wait for what this answer asked for.
            log.exception("courier.answer_failed", bot=outlet.bot_number)
        return Outcome(letter, answer.status, "", took_ms)


def _reason_of(error: CannotFetch) -> str:
    """Why nobody could be asked, for whoever has made the outlet: what a name leads to here is not theirs to know."""
    words = str(error)
    if "not of the open internet" in words:
        return "Its address leads to where nothing may be sent: not of the open internet."
    return words


def _ms_since(moment: float) -> int:
    return round((time.monotonic() - moment) * 1000)
