"""Sessions: signing in and out, and the devices that are signed in."""

from litestar import Response, delete, get, post
from litestar.params import JSONBody

from hutong.infra.db import Database
from hutong.infra.ldap import LdapServer
from hutong.infra.openid import ProviderAway
from hutong.infra.ways_in import WaysIn
from hutong.infra.web import From, Needs, Number, Session, Signed, forget_cookies
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import SigningDevice, revoke_other_sessions, revoke_session, sign_in, sign_in_by_ldap
from ..devices import device_name
from ..errors import OutsideAway, SignInRefused, WaitingForApproval
from ..queries import list_devices
from ..schemas import Devices, SignedIn, SignInDraft
from .tries import spend_sign_in

__all__ = ["session_routes"]


@post("/sessions", tags=["Sessions"], summary="Sign in")
async def post_session(
    data: JSONBody[SignInDraft],
    database: Needs[Database],
    ways_in: Needs[WaysIn],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[SignedIn]:
    """Opens a session on this device. `login` is a number, a handle or an e-mail address, or what one signs in with at
    the LDAP server that the site has set. Where a second factor is on, 401 `identity.second_factor_needed` asks for
    `code`, from the phone or a recovery code."""
    await spend_sign_in(database, settings, clock, caller, login=data.login)
    device = SigningDevice(device_name(caller.user_agent), caller.address, data.client)
    try:
        async with database.transaction() as session:
            signed_in = await sign_in(
                database, session, data, settings=settings, device=device.name, address=device.address, clock=clock
            )
    except SignInRefused:
        if ways_in.ldap is None:
            raise
        signed_in = await _by_ldap(ways_in.ldap, data, device, database, settings, clock)
    return Response(signed_in, cookies=caller.session_cookies(signed_in.token))


async def _by_ldap(
    ldap: LdapServer,
    data: SignInDraft,
    device: SigningDevice,
    database: Database,
    settings: Settings,
    clock: Clock,
) -> SignedIn:
    """Whom nobody knows here by this login and password the LDAP server may know."""
    way = ldap.settings
    try:
        proof = await ldap.ask(data.login.strip(), data.password)
    except ProviderAway as error:
        raise OutsideAway(name=way.name, log=str(error)) from error
    if proof is None:
        raise SignInRefused
    async with database.transaction() as session:
        signed_in = await sign_in_by_ldap(
            database,
            session,
            way,
            proof,
            device,
            code=data.code,
            invitation=data.invitation,
            settings=settings,
            clock=clock,
        )
    if signed_in is None:
        raise WaitingForApproval
    return signed_in


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


session_routes = [
    post_session,
    delete_current_session,
    get_sessions,
    delete_session,
    delete_other_sessions,
]
