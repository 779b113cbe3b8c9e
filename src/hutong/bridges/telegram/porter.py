"""Webhooks: an update as the body of a POST, and the call that the answer to it may be.

An event is sent as one update: who comes or goes is told as a member who changes, where the bot wants that.
"""

from typing import Any

import msgspec
import structlog

from hutong.bridges.desk import Desk
from hutong.domains import identity
from hutong.domains.openplatform import Consignment, Outgoing, Proposed
from hutong.kit.actor import Actor

from .calls import Bot, Call, bot_named
from .mailbox import kinds_in
from .methods import METHODS
from .parameters import Parameters
from .refusals import Refusal
from .telling import told

__all__ = ["TelegramPorter"]

log = structlog.get_logger()

_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


class TelegramPorter:
    """For outlets of the kind ``telegram``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def render(self, outgoing: Outgoing) -> Consignment | None:
        bot = await self._bot(outgoing.bot)
        kinds = kinds_in(outgoing.options)
        updates = await told(self._desk, bot, [(outgoing.event, outgoing.frame)], kinds)
        if not updates:
            return None
        headers = {_SECRET: outgoing.secret} if outgoing.secret else {}
        return Consignment(msgspec.json.encode(updates[0]), headers)

    async def answered(self, outgoing: Outgoing, body: bytes) -> None:
        """Does what the answer asks for. Nobody is told how that went, and what is no call asks for nothing."""
        called = _call_in(body)
        if called is None:
            return
        method = METHODS.get(str(called.pop("method")).lower())
        if method is None:
            return
        try:
            await method(Call(self._desk, await self._bot(outgoing.bot), Parameters(called)))
        except Refusal as refusal:
            log.info("telegram.answer_refused", bot=outgoing.bot, why=refusal.description)

    async def prove(self, proposed: Proposed, number: int) -> None:
        """Whoever names an address is believed; what it is sent carries the secret."""

    def kept(self, secret: str) -> str:
        return secret

    async def _bot(self, number: int) -> Bot:
        async with self._desk.database.transaction() as session:
            account = await identity.get_account(session, number)
        return await bot_named(self._desk, Actor(number, account.nickname, is_bot=True), "")


def _call_in(body: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(body) if body.strip() else None
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("method"), str) else None
