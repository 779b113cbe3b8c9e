"""HTTP POST: each event is sent to an address that the bot's owner has named, and the answer may ask for something."""

import hashlib
import hmac
from typing import Any

import msgspec
import structlog

from hutong.bridges.desk import Desk
from hutong.domains.openplatform import Consignment, Outgoing, Proposed

from .actions.quick import operate
from .answers import ActionFailed
from .ear import Ear
from .robots import Robots, form_in

__all__ = ["Posts", "sign_post"]

log = structlog.get_logger()

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def sign_post(secret: str, body: bytes) -> str:
    """The header ``X-Signature``: HMAC-SHA1 of exactly the bytes that are sent."""
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


class Posts:
    """The porter of outlets of the kind ``onebot11_http``. Of their options ``message_format`` is looked at."""

    def __init__(self, desk: Desk) -> None:
        self._robots = Robots(desk)
        self._ear = Ear()

    async def render(self, outgoing: Outgoing) -> Consignment | None:
        """A frame that is several events (a file in a group is told twice) goes as the first of them."""
        robot = await self._robots.robot(outgoing.bot, form_in(outgoing.options.get("message_format")))
        told = await self._ear.hear(robot, outgoing.frame)
        if not told:
            return None
        headers = {"X-Self-ID": str(outgoing.bot)}
        if outgoing.secret:
            headers["X-Signature"] = sign_post(outgoing.secret, told[0])
        return Consignment(told[0], headers)

    async def answered(self, outgoing: Outgoing, body: bytes) -> None:
        """An object is a quick operation. Raises every ``HutongError``."""
        if not body.strip():
            return
        try:
            operation = _decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        robot = await self._robots.robot(outgoing.bot, "array")
        for context in await self._ear.hear(robot, outgoing.frame):
            try:
                await operate(robot, _decode(context), operation)
            except ActionFailed as failed:
                log.info("onebot11.operation_refused", bot=outgoing.bot, reason=failed.wording)

    async def prove(self, proposed: Proposed, number: int) -> None:
        """Whoever names an address is believed: events are signed."""

    def kept(self, secret: str) -> str:
        return secret
