"""Accounts: signing up, what one says of oneself, what one sees of others."""

from typing import Annotated, TypeAlias

from litestar import get, patch, post, put
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import From, Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import WearAvatar, change_handle, change_password, change_profile, sign_up
from ..queries import Acquaintance, get_account, view_profile, who_holds
from ..schemas import (
    Account,
    HandleDraft,
    HandleHolder,
    PasswordChange,
    Profile,
    ProfileChange,
    SignUpDraft,
)
from .tries import spend_password_try

__all__ = ["account_routes"]

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


@get("/accounts/me", tags=["Accounts"], summary="My account", opt=for_bots())
async def get_my_account(session: Session, actor: Signed) -> Account:
    """The account that asks, with all that only its owner sees."""
    return await get_account(session, actor.number)


@patch("/accounts/me", tags=["Accounts"], summary="Change my account")
async def patch_my_account(
    data: JSONBody[ProfileChange],
    session: Session,
    actor: Signed,
    wear_avatar: Needs[WearAvatar],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> Account:
    """Changes what is given; what is left out stays as it is, null empties it. An avatar is a picture that I sent."""
    return await change_profile(session, actor, data, wear_avatar=wear_avatar, settings=settings, clock=clock)


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
    """Sets another password and signs every other device out. Who has none, because they come in from outside, sets the
    first one within ten minutes of signing in; `old` is empty then."""
    await spend_password_try(database, settings, clock, actor)
    await change_password(session, actor, data, settings=settings, clock=clock)


@get("/accounts/{number:int}", tags=["Accounts"], summary="Somebody's profile", opt=for_bots())
async def get_profile(session: Session, actor: Signed, number: Number, acquaintance: Needs[Acquaintance]) -> Profile:
    """Another account as I may see it: its owner decides what everyone, people of the same groups, or nobody sees."""
    return await view_profile(session, actor.number, number, acquaintance)


@get("/handles/{handle:str}", tags=["Accounts"], summary="Who holds a handle")
async def get_handle(
    session: Session, actor: Signed, handle: HandlePath, acquaintance: Needs[Acquaintance]
) -> HandleHolder:
    """The number of the person or the group that holds the handle, with or without `@`."""
    return await who_holds(session, actor.number, handle, acquaintance)


account_routes = [
    post_account,
    get_my_account,
    patch_my_account,
    put_my_handle,
    put_my_password,
    get_profile,
    get_handle,
]
