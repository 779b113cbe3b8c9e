"""Outlets of the kind ``qqbot``: dispatches are sent to an address of the bot's, signed.

The outlet's secret is what the bot's program has as its ``clientSecret``, so it is given by whoever makes the outlet;
no more of it is kept than signing needs. No address is kept that has not signed with it.
"""

import secrets

import msgspec

from hutong.bridges.desk import Desk
from hutong.domains.openplatform import BadOutlet, Consignment, Outgoing, Proposed
from hutong.infra.http_client import CannotFetch, GuardedClient
from hutong.kit.actor import Actor

from .guests import find_seals
from .hearing import Hearing, Wanted
from .intents import EVERYTHING
from .signing import seed_of, sign, signed_by

__all__ = ["QQPorter"]

_DISPATCH, _VALIDATION = 0, 13
_ANSWER_BYTES_MAX = 4_096


class Proof(msgspec.Struct):
    """What an address answers when it is validated."""

    signature: str
    plain_token: str = ""


class QQPorter:
    """For webhooks of the group-bot protocol."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def render(self, outgoing: Outgoing) -> Consignment | None:
        seals = await find_seals(self._desk, outgoing.bot) if outgoing.event else None
        if seals is None:
            return None
        origin = self._desk.settings.public_url.rstrip("/") or _address_of(self._desk)
        hearing = Hearing(self._desk, Actor(outgoing.bot, "", is_bot=True), seals, origin, Wanted(EVERYTHING))
        told = await hearing.find_dispatch(outgoing.frame)
        if told is None or told.said is None:
            return None
        body = msgspec.json.encode(
            {"op": _DISPATCH, "id": told.id, "t": told.name, "s": outgoing.event, "d": told.said}
        )
        return Consignment(body, self._headers(outgoing.bot, outgoing.secret, body))

    async def answered(self, outgoing: Outgoing, body: bytes) -> None:
        """Whatever is answered with 2xx has taken it; clients do not all send op 12."""

    async def prove(self, proposed: Proposed, number: int) -> None:
        """Asks the address to sign something. Raises ``BadOutlet``."""
        if not proposed.secret or not proposed.secret.isascii():
            raise BadOutlet(reason="its secret must be the clientSecret of the bot's program, a token of the bot")
        token, timestamp = secrets.token_urlsafe(15), str(int(self._desk.clock().timestamp()))
        asked = {"op": _VALIDATION, "d": {"plain_token": token, "event_ts": timestamp}}
        body = msgspec.json.encode(asked)
        client = GuardedClient(
            private_allowed=self._desk.settings.private_addresses_allowed, bytes_max=_ANSWER_BYTES_MAX
        )
        try:
            async with client:
                answer = await client.post(proposed.url, body, self._headers(number, proposed.secret, body))
            proof = msgspec.json.decode(answer.body, type=Proof)
        except CannotFetch as error:
            raise BadOutlet(reason="nobody answers at its address", log=str(error)) from error
        except (ValueError, RecursionError) as error:
            raise BadOutlet(reason="its address does not answer a validation (op 13)") from error
        if not signed_by(proposed.secret, timestamp, token.encode(), proof.signature):
            raise BadOutlet(reason="its address signs with another secret")

    def kept(self, secret: str) -> str:
        """The seed of the key alone: the secret is a token, with which somebody else could come in as the bot."""
        return seed_of(secret)

    def _headers(self, number: int, secret: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._desk.clock().timestamp()))
        return {
            "Content-Type": "application/json",
            "User-Agent": "QQBot-Callback",
            "X-Bot-Appid": str(number),
            "X-Signature-Timestamp": timestamp,
            "X-Signature-Ed25519": sign(secret, timestamp, body),
        }


def _address_of(desk: Desk) -> str:
    """Where this machine is reached from itself, for who has set no public address."""
    return f"http://{desk.settings.host}:{desk.settings.port}"
