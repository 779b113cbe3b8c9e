"""Routes of apps with which people sign in elsewhere, for those who make them."""

from litestar import delete, get, post, put
from litestar.params import JSONBody
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.web import From, Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import add_tester, drop_client, drop_tester, make_secret, set_client
from ..queries import list_testers, view_client
from ..schemas import ClientDraft, ClientView, SecretView, TesterView

__all__ = ["client_routes"]


@put("/apps/{app:int}/client", tags=["Apps"], summary="Let people sign in with an app")
async def put_client(
    app: Number,
    data: JSONBody[ClientDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    caller: From,
) -> ClientView:
    """The app becomes an OAuth 2.1 and OpenID Connect client, or is one with other addresses now."""
    await set_client(session, actor, app, data, limits=settings.limits)
    return await view_client(session, actor.number, app, issuer=caller.origin)


@get("/apps/{app:int}/client", tags=["Apps"], summary="An app as an OAuth client")
async def get_client(app: Number, session: Session, actor: Signed, caller: From) -> ClientView:
    """Its client id is the app's number."""
    return await view_client(session, actor.number, app, issuer=caller.origin)


@delete("/apps/{app:int}/client", tags=["Apps"], summary="Let nobody sign in with an app any more")
async def delete_client(app: Number, session: Session, actor: Signed) -> None:
    """What people have agreed to is forgotten, and no token is good any more."""
    await drop_client(session, actor, app)


@post("/apps/{app:int}/client/secret", tags=["Apps"], summary="Make a client secret")
async def post_secret(app: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> SecretView:
    """Told once. The one from before is no good from here on."""
    return SecretView(secret=await make_secret(session, actor, app, clock=clock))


@get("/apps/{app:int}/testers", tags=["Apps"], summary="The test users of an app")
async def get_testers(app: Number, session: Session, actor: Signed) -> list[TesterView]:
    """Those who may sign in with it, and talk with its bots, before it is reviewed, beside its owner."""
    return await list_testers(session, actor.number, app)


@put(
    "/apps/{app:int}/testers/{number:int}",
    tags=["Apps"],
    summary="Add a test user",
    status_code=HTTP_204_NO_CONTENT,
)
async def put_tester(app: Number, number: Number, session: Session, actor: Signed, settings: Needs[Settings]) -> None:
    """By their number. Twice is once."""
    await add_tester(session, actor, app, number, limits=settings.limits)


@delete("/apps/{app:int}/testers/{number:int}", tags=["Apps"], summary="Drop a test user")
async def delete_tester(app: Number, number: Number, session: Session, actor: Signed) -> None:
    """What they have signed in to is not told of them any more, and its bots are none of theirs to talk with, until the
    app is reviewed."""
    await drop_tester(session, actor, app, number)


client_routes = [put_client, get_client, delete_client, post_secret, get_testers, put_tester, delete_tester]
