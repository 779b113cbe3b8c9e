"""Passkeys and the second factor."""

from typing import Any

from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from hutong.infra.db import Database
from hutong.infra.web import Caller, From, Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import (
    add_passkey,
    begin_passkey,
    begin_passkey_sign_in,
    confirm_second_factor,
    drop_passkey,
    drop_second_factor,
    prepare_second_factor,
    sign_in_by_passkey,
)
from ..devices import device_name
from ..passkeys import RelyingParty, relying_party
from ..queries import list_passkeys
from ..schemas import (
    CodeDraft,
    Passkey,
    PasskeyDraft,
    Passkeys,
    PasskeySignIn,
    PasswordDraft,
    PreparedSecondFactor,
    RecoveryCodes,
    SignedIn,
)
from .tries import spend_password_try, spend_sign_in

__all__ = ["proof_routes"]


def _party(settings: Settings, caller: Caller) -> RelyingParty:
    return relying_party(public_url=settings.public_url, host=caller.host, is_https=caller.is_https, name=settings.name)


@post("/accounts/me/second-factor", tags=["Security"], summary="Prepare a second factor")
async def post_second_factor(
    data: JSONBody[PasswordDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> PreparedSecondFactor:
    """Makes a secret for an authenticator app. Nothing is switched on before a code has shown that it works."""
    await spend_password_try(database, settings, clock, actor)
    return await prepare_second_factor(session, actor, data.password, settings=settings)


@put("/accounts/me/second-factor", tags=["Security"], summary="Switch the second factor on")
async def put_second_factor(
    data: JSONBody[CodeDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> RecoveryCodes:
    """Switches the second factor on with a code from the app. The recovery codes are told this once."""
    return await confirm_second_factor(database, session, actor, data.code, settings=settings, clock=clock)


@delete("/accounts/me/second-factor", tags=["Security"], summary="Switch the second factor off")
async def delete_second_factor(
    data: JSONBody[PasswordDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """Switches the second factor off and forgets the secret and the recovery codes."""
    await spend_password_try(database, settings, clock, actor)
    await drop_second_factor(session, actor.number, password=data.password)


@post("/passkeys/challenge", tags=["Security"], summary="Begin a passkey")
async def post_passkey_challenge(
    data: JSONBody[PasswordDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptionsJSON`: what the browser needs to make a passkey, within five minutes. Asks for
    the password, because a passkey opens the account without it."""
    await spend_password_try(database, settings, clock, actor)
    return await begin_passkey(session, actor, data.password, _party(settings, caller), clock=clock)


@post("/passkeys", tags=["Security"], summary="Add a passkey")
async def post_passkey(
    data: JSONBody[PasskeyDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Passkey:
    """Keeps the passkey that the browser has made."""
    return await add_passkey(session, actor, _party(settings, caller), data, clock=clock)


@get("/passkeys", tags=["Security"], summary="My passkeys")
async def get_passkeys(session: Session, actor: Signed) -> Passkeys:
    """The passkeys of the account, the newest first."""
    return Passkeys(items=await list_passkeys(session, actor.number))


@delete("/passkeys/{passkey_id:int}", tags=["Security"], summary="Drop a passkey")
async def delete_passkey(session: Session, actor: Signed, passkey_id: Number) -> None:
    """Forgets one of my passkeys. Devices that it signed in stay signed in."""
    await drop_passkey(session, actor, passkey_id)


@post("/sessions/passkey/challenge", tags=["Sessions"], summary="Begin to sign in with a passkey")
async def post_passkey_sign_in_challenge(
    session: Session, database: Needs[Database], settings: Needs[Settings], clock: Needs[Clock], caller: From
) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptionsJSON`: what the browser needs to sign in, within five minutes."""
    await spend_sign_in(database, settings, clock, caller)
    return await begin_passkey_sign_in(session, _party(settings, caller), clock=clock)


@post("/sessions/passkey", tags=["Sessions"], summary="Sign in with a passkey")
async def post_passkey_session(
    data: JSONBody[PasskeySignIn],
    session: Session,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[SignedIn]:
    """Opens a session on this device, as `POST /sessions` does. No second factor is asked for."""
    await spend_sign_in(database, settings, clock, caller)
    signed_in = await sign_in_by_passkey(
        session,
        _party(settings, caller),
        data.credential,
        client=data.client,
        device=device_name(caller.user_agent),
        address=caller.address,
        clock=clock,
    )
    return Response(signed_in, cookies=caller.session_cookies(signed_in.token))


proof_routes = [
    post_second_factor,
    put_second_factor,
    delete_second_factor,
    post_passkey_challenge,
    post_passkey,
    get_passkeys,
    delete_passkey,
    post_passkey_sign_in_challenge,
    post_passkey_session,
]
