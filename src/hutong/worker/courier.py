"""The courier: brings the events of bots to where they want them, in order, again and again while nobody answers.

Several processes may have one: each outlet is taken for a while by one of them. One outlet that is slow, or answers
nothing, holds up nobody else, nor do a thousand such ones of one app: there is always room left for those of others.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hutong.domains.openplatform import (
    Letter,
    Outcome,
    Outgoing,
    Outlet,
    Porter,
    Porters,
    Served,
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
_GATHERED_FOR_S = 0.03
_SUCCESSFUL = range(200, 300)
_WENT_WRONG_HERE = (
    "Something went wrong here, and this was not sent; whoever runs this hutong finds in the log what it was."
)
_T = TypeVar("_T")


@dataclass
class _Errand:
    """An outlet that is served, with what is due through it and what has become of that so far."""

    outlet: Outlet
    app_id: int
    letters: list[Letter]
    outcomes: list[Outcome] = field(default_factory=list)


class _Failed(NamedTuple):
    """Why a porter can make nothing of something; ``is_ours`` where that is a fault of this program."""

    error: str
    is_ours: bool


class Courier:
    """Delivers until it is cancelled."""

    def __init__(self, *, database: Database, porters: Porters, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._porters = porters
        self._settings = settings
        self._clock = clock
        self._under_way: dict[asyncio.Task[None], _Errand] = {}
        self._served: list[_Errand] = []
        self._is_one_served = asyncio.Event()

    async def look(self) -> None:
        """Notes what has become of what was sent, takes what is due, and sends it on its way, as far as there is room.
        Returns when some of it is done, or after a while."""
        self._is_one_served.clear()
        await self._note()
        free = self._settings.limits.deliveries_at_once_max - len(self._under_way)
        if free > 0:
            await self._take(free)
        try:
            async with asyncio.timeout(_LOOKED_EVERY_S):
                await self._is_one_served.wait()
                # Others are done soon, and what becomes of many is noted in one go.
                await asyncio.sleep(_GATHERED_FOR_S)
        except TimeoutError:
            return

    async def _take(self, free: int) -> None:
        held = Counter(errand.app_id for errand in self._under_way.values())
        async with self._database.transaction() as session:
            taken = await take_outlets(session, clock=self._clock, limit=free, held=held)
            letters = await letters_for(session, [one.outlet for one in taken], clock=self._clock) if taken else {}
        for outlet, app_id in taken:
            errand = _Errand(outlet, app_id, letters.get((outlet.bot_number, outlet.outlet_id), []))
            task = asyncio.create_task(self._serve(errand))
            self._under_way[task] = errand
            task.add_done_callback(self._is_served)

    async def settle(self) -> None:
        """Returns when nothing is due and nothing is under way any more."""
        while self._under_way or self._served:
            await self._come_home()
            await self._take(self._settings.limits.deliveries_at_once_max)

    async def stop(self) -> None:
        """Ends what is under way, so that others may go on with it at once. What was delivered is noted; a letter that
        the other end has not answered yet is sent again."""
        for task in self._under_way:
            task.cancel()
        await self._come_home()

    async def _come_home(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._note()

    def _is_served(self, task: asyncio.Task[None]) -> None:
        """What was delivered before something went wrong here is noted all the same."""
        self._served.append(self._under_way.pop(task))
        self._is_one_served.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("courier.failed", exc_info=error)

    async def _note(self) -> None:
        """Writes down what became of what was sent. What cannot be written down holds up nothing else, and leaves its
        outlet taken."""
        served = list(self._served)
        if served and not await self._is_noted(served):
            for errand in served:
                await self._is_noted([errand])
        del self._served[: len(served)]

    async def _is_noted(self, errands: list[_Errand]) -> bool:
        try:
            async with self._database.transaction() as session:
                served = [Served(errand.outlet, errand.outcomes) for errand in errands]
                await note_outcomes(session, served, clock=self._clock, limits=self._settings.limits)
        except (SQLAlchemyError, OSError, HutongError):
            log.exception("courier.not_noted", bots=[errand.outlet.bot_number for errand in errands])
            return False
        return True

    async def _serve(self, errand: _Errand) -> None:
        """Tries what is due, one after the other; a new letter that fails is the last that is tried."""
        porter = self._porters.find(errand.outlet.kind)
        limits = self._settings.limits
        ends_at = time.monotonic() + limits.delivery_timeout_s * 2
        if porter is None:
            return
        client = GuardedClient(
            private_allowed=self._settings.private_addresses_allowed,
            timeout_s=limits.delivery_timeout_s,
            bytes_max=limits.delivery_answer_bytes_max,
            keeps_connections=True,
        )
        async with client:
            for letter in errand.letters:
                outcome = await self._send_one(errand.outlet, porter, client, letter)
                errand.outcomes.append(outcome)
                if (outcome.error and letter.delivery is None) or time.monotonic() >= ends_at:
                    break

    async def _send_one(self, outlet: Outlet, porter: Porter, client: GuardedClient, letter: Letter) -> Outcome:
        outgoing = Outgoing(
            outlet.bot_number, outlet.outlet_id, outlet.secret, outlet.options, letter.event, letter.frame
        )
        consignment = await self._asked(outlet, porter.render(outgoing))
        if isinstance(consignment, _Failed):
            return Outcome(letter, None, consignment.error, 0, is_ours=consignment.is_ours)
        if consignment is None:
            return Outcome(letter, None, "", 0, is_skipped=True)
        began_at = time.monotonic()
        headers = {"Content-Type": "application/json"} | consignment.headers
        try:
            answer = await client.post(outlet.url, consignment.body, headers)
        except CannotFetch as error:
            log.info("courier.not_delivered", bot=outlet.bot_number, reason=str(error))
            return Outcome(letter, None, error.shown, _ms_since(began_at))
        if answer.status not in _SUCCESSFUL:
            return Outcome(letter, answer.status, f"The other end answers {answer.status}.", _ms_since(began_at))
        took_ms = _ms_since(began_at)
        # It was delivered, whatever becomes of what its answer asks for.
        await self._asked(outlet, porter.answered(outgoing, answer.body))
        return Outcome(letter, answer.status, "", took_ms)

    async def _asked(self, outlet: Outlet, step: Awaitable[_T]) -> "_T | _Failed":
        """What a porter makes of something, if it can."""
        try:
            async with asyncio.timeout(self._settings.limits.delivery_timeout_s):
                return await step
        except HutongError as error:
            log.info("courier.refused_here", bot=outlet.bot_number, kind=outlet.kind, reason=str(error))
            return _Failed(error.detail, is_ours=False)
        except Exception:
            # The edge of a job: the next event must not wait for what goes wrong with this one.
            log.exception("courier.failed_here", bot=outlet.bot_number, kind=outlet.kind)
            return _Failed(_WENT_WRONG_HERE, is_ours=True)


def _ms_since(moment: float) -> int:
    return round((time.monotonic() - moment) * 1000)
