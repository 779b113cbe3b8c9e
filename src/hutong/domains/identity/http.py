"""Routes of identity."""

import hashlib

from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import From, Needs, Session, Signed, forget_cookies
from hutong.kit.clock import Clock
from hutong.settings import Settings

from .actions import revoke_session, sign_in, sign_up
from .queries import get_account
from .schemas import Account, SignedIn, SignInDraft, SignUpDraft

__all__ = ["router"]


@post("/accounts", tags=["Accounts"], summary="Sign up")
async def post_account(
    data: JSONBody[SignUpDraft],
    session: Session,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Account:
    """Makes an account. Its ``state`` is ``waiting`` where the operator approves new people."""
    if not caller.is_this_machine:
        hourly = Allowance("identity.sign_up", settings.limits.sign_up_per_network_hour_max, 3_600)
        await spend(database, hourly, caller.network, clock=clock)
    return await sign_up(session, data, settings=settings, clock=clock)


@post("/sessions", tags=["Sessions"], summary="Sign in")
async def post_session(
    data: JSONBody[SignInDraft],
    session: Session,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[SignedIn]:
    """Opens a session on this device. ``login`` is a number, a handle or an e-mail address."""
    limits = settings.limits
    if not caller.is_this_machine:
        by_network = Allowance("identity.sign_in_network", limits.sign_in_per_network_minute_max, 60)
        await spend(database, by_network, caller.network, clock=clock)
    by_login = Allowance("identity.sign_in_login", limits.sign_in_per_login_minute_max, 60)
    login = hashlib.sha256(data.login.strip().lower().encode()).hexdigest()
    await spend(database, by_login, login, clock=clock)
    signed_in = await sign_in(database, session, data, device=caller.user_agent, address=caller.address, clock=clock)
    return Response(signed_in, cookies=caller.session_cookies(signed_in.token))


@delete("/sessions/current", tags=["Sessions"], summary="Sign out", response_cookies=forget_cookies())
async def delete_current_session(session: Session, actor: Signed) -> None:
    """Ends the session that asks, and makes the browser forget its cookies."""
    await revoke_session(session, actor.number, actor.session_id)


@get("/accounts/me", tags=["Accounts"], summary="My account")
async def get_my_account(session: Session, actor: Signed) -> Account:
    """The account that asks, with all that only its owner sees."""
    return await get_account(session, actor.number)


router = Router("/", route_handlers=[post_account, post_session, delete_current_session, get_my_account])
