"""Routes of identity."""

import hashlib
from typing import Annotated, TypeAlias

from litestar import Response, Router, delete, get, patch, post, put
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import From, Needs, Number, Session, Signed, forget_cookies
from hutong.kit.clock import Clock
from hutong.settings import Settings

from .actions import (
    change_handle,
    change_password,
    change_profile,
    revoke_other_sessions,
    revoke_session,
    sign_in,
    sign_up,
)
from .devices import device_name
from .queries import Acquaintance, get_account, list_devices, view_profile, who_holds
from .schemas import (
    Account,
    Devices,
    HandleDraft,
    HandleHolder,
    PasswordChange,
    Profile,
    ProfileChange,
    SignedIn,
    SignInDraft,
    SignUpDraft,
)

__all__ = ["router"]

HandlePath: TypeAlias = Annotated[str, PathParameter(max_length=100)]


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
    signed_in = await sign_in(
        database, session, data, device=device_name(caller.user_agent), address=caller.address, clock=clock
    )
    return Response(signed_in, cookies=caller.session_cookies(signed_in.token))


@delete("/sessions/current", tags=["Sessions"], summary="Sign out", response_cookies=forget_cookies())
async def delete_current_session(session: Session, actor: Signed) -> None:
    """Ends the session that asks, and makes the browser forget its cookies."""
    await revoke_session(session, actor.number, actor.session_id)


@get("/sessions", tags=["Sessions"], summary="My devices")
async def get_sessions(session: Session, actor: Signed) -> Devices:
    """The devices on which the account is signed in, the one seen last first."""
    return Devices(items=await list_devices(session, actor))


@delete("/sessions/{session_id:int}", tags=["Sessions"], summary="Sign a device out")
async def delete_session(session: Session, actor: Signed, session_id: Number) -> None:
    """Ends the session of one of my devices. Its sockets close with 4401."""
    await revoke_session(session, actor.number, session_id)


@delete("/sessions/others", tags=["Sessions"], summary="Sign all other devices out")
async def delete_other_sessions(session: Session, actor: Signed) -> None:
    """Ends every session of the account but the one that asks. Their sockets close with 4401."""
    await revoke_other_sessions(session, actor.number, actor.session_id)


@get("/accounts/me", tags=["Accounts"], summary="My account")
async def get_my_account(session: Session, actor: Signed) -> Account:
    """The account that asks, with all that only its owner sees."""
    return await get_account(session, actor.number)


@patch("/accounts/me", tags=["Accounts"], summary="Change my account")
async def patch_my_account(
    data: JSONBody[ProfileChange], session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> Account:
    """Changes what is given; what is left out stays as it is, null empties it."""
    return await change_profile(session, actor, data, settings=settings, clock=clock)


@put("/accounts/me/handle", tags=["Accounts"], summary="Claim a handle")
async def put_my_handle(data: JSONBody[HandleDraft], session: Session, actor: Signed) -> Account:
    """Claims a handle, or changes it; the former one is free again. People and groups share one name space."""
    return await change_handle(session, actor, data.handle)


@put("/accounts/me/password", tags=["Accounts"], summary="Change my password", status_code=HTTP_204_NO_CONTENT)
async def put_my_password(
    data: JSONBody[PasswordChange],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """Sets another password and signs every other device out."""
    tries = Allowance("identity.password", settings.limits.sign_in_per_login_minute_max, 60)
    await spend(database, tries, str(actor.number), clock=clock)
    await change_password(session, actor, data, settings=settings)


@get("/accounts/{number:int}", tags=["Accounts"], summary="Somebody's profile")
async def get_profile(session: Session, actor: Signed, number: Number, acquaintance: Needs[Acquaintance]) -> Profile:
    """Another account as I may see it: its owner decides what everyone, people of the same groups, or nobody sees."""
    return await view_profile(session, actor.number, number, acquaintance)


@get("/handles/{handle:str}", tags=["Accounts"], summary="Who holds a handle")
async def get_handle(
    session: Session, actor: Signed, handle: HandlePath, acquaintance: Needs[Acquaintance]
) -> HandleHolder:
    """The number of the person or the group that holds the handle, with or without `@`."""
    return await who_holds(session, actor.number, handle, acquaintance)


router = Router(
    "/",
    route_handlers=[
        post_account,
        post_session,
        delete_current_session,
        get_sessions,
        delete_session,
        delete_other_sessions,
        get_my_account,
        patch_my_account,
        put_my_handle,
        put_my_password,
        get_profile,
        get_handle,
    ],
)
