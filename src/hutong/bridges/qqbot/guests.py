"""Who calls: a bot with an access token, the opaque names of its app, and the address under which it knows us."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar.connection import ASGIConnection

from hutong.bridges.desk import Desk
from hutong.domains.openplatform import NoSuchBot
from hutong.kit.actor import Actor

from .refusals import TOKEN_BAD, TOKEN_MISSING, Refusal
from .seals import Seals
from .tokens import number_in, open_access_token

__all__ = ["PATH", "Guest", "find_guest", "find_seals", "let_in", "origin_of"]

PATH = "/bridges/qqbot"

_SCHEMES = {"qqbot", "bearer"}


@dataclass(frozen=True, slots=True)
class Guest:
    """A bot that came in. ``origin`` is where links of ours begin, ``https://talk.example.org``."""

    actor: Actor
    seals: Seals
    origin: str

    @property
    def number(self) -> int:
        return self.actor.number


async def find_seals(desk: Desk, number: int) -> Seals | None:
    """What a bot's opaque names are made with; None for whom there is no bot."""
    try:
        return Seals(await desk.secret(number))
    except NoSuchBot:
        return None


async def let_in(connection: ASGIConnection[Any, Any, Any, Any], desk: Desk) -> Guest:
    """The bot that calls. Raises ``Refusal`` with 401 where its token is missing, wrong, too old or revoked."""
    authorization = connection.headers.get("authorization", "")
    if not authorization:
        raise Refusal(TOKEN_MISSING, "The header Authorization is missing.", HTTPStatus.UNAUTHORIZED)
    guest = await find_guest(desk, authorization, origin_of(connection, desk))
    if guest is None:
        raise Refusal(TOKEN_BAD, "This access token is not good any more.", HTTPStatus.UNAUTHORIZED)
    return guest


async def find_guest(desk: Desk, authorization: str, origin: str) -> Guest | None:
    """The bot whose access token follows the word ``QQBot``, if it is good."""
    scheme, _, text = authorization.strip().partition(" ")
    number = number_in(text.strip()) if scheme.lower() in _SCHEMES else None
    seals = await find_seals(desk, number) if number is not None else None
    if number is None or seals is None:
        return None
    token = open_access_token(seals, number, text.strip(), int(desk.clock().timestamp()))
    actor = await desk.come_in(token) if token is not None else None
    return Guest(actor, seals, origin) if actor is not None and actor.number == number else None


def origin_of(connection: ASGIConnection[Any, Any, Any, Any], desk: Desk) -> str:
    """The address that the bot used, as far as it can be told: that of the hosts that are not ours leads back to
    them."""
    scheme = connection.scope["scheme"]
    is_safe = scheme in ("https", "wss") or connection.headers.get("x-forwarded-proto", "") in ("https", "wss")
    host = connection.headers.get("host", "")
    public = desk.settings.public_url.rstrip("/")
    if public and host.lower() == public.partition("://")[2].lower():
        return public
    return f"{'https' if is_safe else 'http'}://{host}"
