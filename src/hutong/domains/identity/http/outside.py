"""Routes for those who come in by a provider elsewhere."""

from typing import Annotated, Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from hutong.infra.db import Database
from hutong.infra.openid import NotProven, OpenIdProvider, Proof, ProviderAway
from hutong.infra.ways_in import WaysIn
from hutong.infra.web import Caller, From, Needs, Session, Signed
from hutong.kit.clock import Clock
from hutong.kit.errors import HutongError
from hutong.kit.ids import new_token
from hutong.settings import Settings

from ..actions import (
    SigningDevice,
    begin_outside,
    come_back,
    give_ticket,
    link_outside,
    sign_in_by_ticket,
    unlink_outside,
)
from ..devices import device_name
from ..errors import NoSuchProvider, OutsideAway, OutsideRefused, WaitingForApproval
from ..models import OutsideTry
from ..queries import view_outside
from ..schemas import OutsideBegin, OutsideSignIn, OutsideTicket, OutsideWays, SignedIn, WayOn
from .tries import spend_sign_in

__all__ = ["outside_routes"]

log = structlog.get_logger()

_BROWSER = "hutong_outside"
_BROWSER_S = 1_200
_PAGE = "/outside"
_AnyRequest = Request[Any, Any, Any]
_Provider = Annotated[str, PathParameter(max_length=20, pattern="^[a-z][a-z0-9-]*$")]


@post("/sessions/outside/{provider:str}", tags=["Sessions"], summary="Go to a provider")
async def post_outside(
    provider: _Provider,
    data: JSONBody[OutsideBegin],
    request: _AnyRequest,
    ways_in: Needs[WaysIn],
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[WayOn]:
    """Answers with where the browser goes to sign in by a provider elsewhere, or to link an account there."""
    await spend_sign_in(database, settings, clock, caller)
    found = _provider(ways_in, provider)
    browser = request.cookies.get(_BROWSER) or new_token()
    redirect = f"{caller.origin}/api/v1/sessions/outside/{provider}/callback"
    async with database.transaction() as session:
        state, nonce, verifier = await begin_outside(
            session, found.settings, browser=browser, redirect=redirect, onward=data.onward, clock=clock
        )
    try:
        to = await found.address(redirect=redirect, state=state, nonce=nonce, verifier=verifier)
    except ProviderAway as error:
        raise OutsideAway(name=found.settings.name, log=str(error)) from error
    return Response(WayOn(to=to), cookies=[_browser_cookie(browser, caller)])


def _provider(ways_in: WaysIn, provider: str) -> OpenIdProvider:
    if provider not in ways_in.providers:
        raise NoSuchProvider
    return ways_in.providers[provider]


def _browser_cookie(browser: str, caller: Caller) -> Cookie:
    return Cookie(
        key=_BROWSER,
        value=browser,
        path="/api/v1/",
        httponly=True,
        secure=caller.is_https,
        samesite="lax",
        max_age=_BROWSER_S,
    )


@get("/sessions/outside/{provider:str}/callback", include_in_schema=False)
async def come_from_outside(
    provider: _Provider,
    request: _AnyRequest,
    ways_in: Needs[WaysIn],
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[None]:
    """Where the provider sends the browser back to: asks it who that is, and goes on to the page with a ticket."""
    try:
        await spend_sign_in(database, settings, clock, caller)
        ticket, onward = await _ticket(_provider(ways_in, provider), request, database, clock)
        told = {"provider": provider, "ticket": ticket, "next": onward}
    except HutongError as error:
        log.info("outside.refused", provider=provider, code=error.code, why=error.log)
        told = {"provider": provider, "refused": error.code}
    headers = {"location": f"{_PAGE}?{urlencode(told)}", "cache-control": "no-store"}
    return Response(None, status_code=HTTP_303_SEE_OTHER, headers=headers)


async def _ticket(provider: OpenIdProvider, request: _AnyRequest, database: Database, clock: Clock) -> tuple[str, str]:
    way, asked = provider.settings, request.query_params
    async with database.transaction() as session:
        tried = await come_back(
            session, way, asked.get("state", ""), browser=request.cookies.get(_BROWSER, ""), clock=clock
        )
    proof = await _prove(provider, asked.get("code", ""), asked.get("iss", ""), asked.get("error", ""), tried)
    async with database.transaction() as session:
        return await give_ticket(session, way, tried, proof, clock), tried.onward


async def _prove(provider: OpenIdProvider, code: str, iss: str, error: str, tried: OutsideTry) -> Proof:
    name = provider.settings.name
    if error or not code:
        raise OutsideRefused(name=name, log=f"the provider answers {error[:80]!r}")
    try:
        return await provider.redeem(code, iss=iss, redirect=tried.redirect, nonce=tried.nonce, verifier=tried.verifier)
    except NotProven as unproven:
        raise OutsideRefused(name=name, log=str(unproven)) from unproven
    except ProviderAway as away:
        raise OutsideAway(name=name, log=str(away)) from away


@post("/sessions/outside", tags=["Sessions"], summary="Sign in by a provider")
async def post_outside_session(
    data: JSONBody[OutsideSignIn],
    request: _AnyRequest,
    ways_in: Needs[WaysIn],
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[SignedIn]:
    """Opens a session with the ticket that came back from a provider, as `POST /sessions` does. The first time it makes
    an account, as the gate of the site allows; where `code` or `invitation` is missing, the ticket stays good."""
    await spend_sign_in(database, settings, clock, caller)
    way = _provider(ways_in, data.provider).settings
    device = SigningDevice(device_name(caller.user_agent), caller.address, data.client)
    async with database.transaction() as session:
        signed_in = await sign_in_by_ticket(
            database,
            session,
            way,
            data,
            device,
            browser=request.cookies.get(_BROWSER, ""),
            settings=settings,
            clock=clock,
        )
    if signed_in is None:
        raise WaitingForApproval
    return Response(signed_in, cookies=caller.session_cookies(signed_in.token))


@get("/accounts/me/outside", tags=["Security"], summary="My accounts elsewhere")
async def get_my_outside(session: Session, actor: Signed, settings: Needs[Settings]) -> OutsideWays:
    """Those that let me in here, and the providers of which I can link one."""
    return await view_outside(session, actor.number, settings)


@post("/accounts/me/outside", tags=["Security"], summary="Link an account elsewhere", status_code=HTTP_204_NO_CONTENT)
async def post_my_outside(
    data: JSONBody[OutsideTicket],
    request: _AnyRequest,
    session: Session,
    actor: Signed,
    ways_in: Needs[WaysIn],
    clock: Needs[Clock],
) -> None:
    """With the ticket that came back from its provider. From here on it lets me in."""
    way = _provider(ways_in, data.provider).settings
    browser = request.cookies.get(_BROWSER, "")
    await link_outside(session, actor, way, data.ticket, browser=browser, clock=clock)


@delete("/accounts/me/outside/{provider:str}", tags=["Security"], summary="Unlink an account elsewhere")
async def delete_my_outside(provider: _Provider, session: Session, actor: Signed) -> None:
    """It lets me in no more. The last way into an account cannot be taken away."""
    await unlink_outside(session, actor, provider)


outside_routes = [
    post_outside,
    come_from_outside,
    post_outside_session,
    get_my_outside,
    post_my_outside,
    delete_my_outside,
]
