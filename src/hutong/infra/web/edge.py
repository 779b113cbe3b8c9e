"""The edge of a request: one transaction, one actor, and the checks that stand before both.

The transaction is a dependency that yields. Litestar resumes it after the answer has been put together and before a
byte of it is sent, so a commit that fails becomes an error and not a lie; an exception anywhere rolls it back. The
actor is looked up inside it, before it yields, because Litestar does not resume a dependency when another one raises.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import Database
from hutong.kit.actor import Actor
from hutong.kit.errors import Denied
from hutong.settings import Settings

from .network import client_address, is_loopback, network_of, origin_allowed
from .problems import SignInNeeded

__all__ = [
    "CSRF_COOKIE",
    "SESSION_COOKIE",
    "AdmitBot",
    "Caller",
    "Edge",
    "FindActor",
    "bot_scope_of",
    "csrf_token",
    "for_any_page",
    "for_bots",
    "forget_cookies",
]

SESSION_COOKIE = "hutong_session"
CSRF_COOKIE = "hutong_csrf"
CSRF_HEADER = "x-csrf-token"

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_COOKIE_AGE_S = 31_536_000
_ACTOR = "hutong.actor"

FindActor = Callable[[AsyncSession, str], Awaitable[Actor | None]]
"""Finds who holds a token; None when nobody does."""

AdmitBot = Callable[[AsyncSession, Actor, str, str | None, int | None], Awaitable[None]]
"""Asked whether a bot may call a route: by the route's name, by the scope that it wants (None where it is not for
bots at all), and in the conversation that its path names. Raises where it may not."""

_BOT_SCOPE = "bot_scope"
_FOR_ANY_PAGE = "for_any_page"

AnyRequest = Request[Any, Any, Any]


class ForeignOrigin(Denied):
    """A page of somebody else's sent the request."""

    code = "hutong.foreign_origin"
    text = "This request comes from a page of another site."


class CsrfMissing(Denied):
    """The cookie signs in, and nothing shows that our own page sent the request."""

    code = "hutong.csrf"
    text = "This request lacks the header X-CSRF-Token with the value of the cookie hutong_csrf."


def for_bots(scope: str = "") -> dict[str, str]:
    """The ``opt`` of a route that bots may call: with this scope in the conversation that its path names, or as long
    as they are there at all. A route without is not for bots."""
    return {_BOT_SCOPE: scope}


def for_any_page() -> dict[str, bool]:
    """The ``opt`` of a route that pages of other sites may call too, because it never looks at a cookie."""
    return {_FOR_ANY_PAGE: True}


def bot_scope_of(handler: BaseRouteHandler) -> str | None:
    """The scope that a route wants of bots, None where it is not for them."""
    scope: str | None = handler.opt.get(_BOT_SCOPE)
    return scope


class Caller:
    """The device at the other end of a request, as far as the request tells. ``origin`` is the address under which it
    knows us, ``https://talk.example.org``, to begin a link with."""

    def __init__(self, *, address: str, host: str, user_agent: str, is_https: bool, origin: str) -> None:
        self.address = address
        self.host = host
        self.user_agent = user_agent
        self.is_https = is_https
        self.origin = origin

    @property
    def network(self) -> str:
        return network_of(self.address)

    @property
    def is_this_machine(self) -> bool:
        return is_loopback(self.address)

    def session_cookies(self, token: str) -> list[Cookie]:
        """The two cookies of a browser that has signed in: the secret one, and the one that its scripts read."""
        return [
            self._cookie(SESSION_COOKIE, token, is_secret=True),
            self._cookie(CSRF_COOKIE, csrf_token(token), is_secret=False),
        ]

    def _cookie(self, key: str, value: str, *, is_secret: bool) -> Cookie:
        return Cookie(
            key=key, value=value, httponly=is_secret, secure=self.is_https, samesite="lax", max_age=_COOKIE_AGE_S
        )


def forget_cookies() -> list[Cookie]:
    """The cookies that make a browser forget the two of ``session_cookies``."""
    return [Cookie(key=key, value="", max_age=0, samesite="lax") for key in (SESSION_COOKIE, CSRF_COOKIE)]


def csrf_token(token: str) -> str:
    """What ``X-CSRF-Token`` must say where a cookie holds ``token``: bound to it, so a planted cookie is no use."""
    return urlsafe_b64encode(hashlib.sha256(b"csrf:" + token.encode()).digest()).decode().rstrip("=")


class Edge:
    """What a route may ask for: ``session``, ``actor`` (401 without one), ``viewer`` (or None) and ``caller``."""

    def __init__(self, database: Database, settings: Settings, find_actor: FindActor, admit_bot: AdmitBot) -> None:
        self.database = database
        self.settings = settings
        self.find_actor = find_actor
        self.admit_bot = admit_bot

    def dependencies(self) -> dict[str, Provide]:
        return {
            "session": Provide(self.session),
            "actor": Provide(self.actor, sync_to_thread=False),
            "viewer": Provide(self.viewer, sync_to_thread=False),
            "caller": Provide(self.caller, sync_to_thread=False),
        }

    async def session(self, request: AnyRequest) -> AsyncGenerator[AsyncSession]:
        """The transaction of a request. For a route that asks who calls and does not name ``session`` itself it is over
        before the route begins: such a route talks to the outside, and opens its own where it needs one."""
        wanted = request.route_handler.parsed_fn_signature.parameters
        async with self.database.transaction() as session:
            if "actor" in wanted or "viewer" in wanted:
                actor = await self._actor_of(request, session)
                if actor is None and "actor" in wanted:
                    raise SignInNeeded
                if actor is not None and actor.is_bot:
                    await self._admit_bot(request, session, actor)
                request.scope[_ACTOR] = actor  # type: ignore[literal-required]  # A scope takes keys of one's own.
            if "session" in wanted:
                yield session
        if "session" not in wanted:
            yield session

    def actor(self, request: AnyRequest, session: NamedDependency[AsyncSession]) -> Actor:
        found: Actor = request.scope[_ACTOR]  # type: ignore[literal-required]  # As above; set before the session is.
        return found

    def viewer(self, request: AnyRequest, session: NamedDependency[AsyncSession]) -> Actor | None:
        found: Actor | None = request.scope[_ACTOR]  # type: ignore[literal-required]  # As above.
        return found

    def caller(self, request: AnyRequest) -> Caller:
        peer = request.client.host if request.client else ""
        trusted = self.settings.trusted_proxies
        address = client_address(peer, request.headers.get("x-forwarded-for", ""), trusted)
        scheme = request.scope["scheme"]
        if address != peer:
            scheme = request.headers.get("x-forwarded-proto", scheme)
        is_https = scheme == "https" or self.settings.public_url.startswith("https://")
        host, user_agent = request.headers.get("host", ""), request.headers.get("user-agent", "")
        origin = self.settings.public_url.rstrip("/") or f"{'https' if is_https else 'http'}://{host}"
        return Caller(address=address, host=host, user_agent=user_agent, is_https=is_https, origin=origin)

    def refuse_foreign_pages(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """A guard of every route: a page of another site may not change anything here."""
        if connection.scope.get("method") in _SAFE_METHODS or handler.opt.get(_FOR_ANY_PAGE):
            return
        origin, host = connection.headers.get("origin", ""), connection.headers.get("host", "")
        if not origin_allowed(origin, host, self.settings.public_url):
            raise ForeignOrigin

    async def _admit_bot(self, request: AnyRequest, session: AsyncSession, actor: Actor) -> None:
        handler = request.route_handler
        chat: int | None = request.path_params.get("chat")
        await self.admit_bot(session, actor, handler.fn.__name__, bot_scope_of(handler), chat)

    async def _actor_of(self, request: AnyRequest, session: AsyncSession) -> Actor | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            return await self.find_actor(session, token.strip())
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token:
            return None
        actor = await self.find_actor(session, token)
        if actor is not None and request.method not in _SAFE_METHODS:
            sent = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), csrf_token(token).encode()):
                raise CsrfMissing
        return actor
