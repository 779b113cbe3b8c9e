"""Routes of mini apps: opening one, what one lets it know, and the key that signs what it is opened with."""

from litestar import delete, get, post, put
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import allow_app, forbid_app, renew_launch_key
from ..queries import launch_mini_app, list_granted, view_launch_key
from ..schemas import GrantedView, LaunchDraft, LaunchKeyView, LaunchView, PermissionsDraft

__all__ = ["mini_app_routes"]

_MINUTE_S = 60


@post("/chats/{chat:int}/apps/{app:int}/launch", tags=["Mini apps"], summary="Open a mini app", status_code=HTTP_200_OK)
async def post_launch(
    chat: Number,
    app: Number,
    data: JSONBody[LaunchDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> LaunchView:
    """In a conversation with one of the app's bots; a reviewed one in any. What it is told of the person is an opaque
    id, and what they have let it know."""
    allowance = Allowance("openplatform.launches", settings.limits.launches_per_minute_max, _MINUTE_S)
    await spend(database, allowance, str(actor.number), clock=clock)
    return await launch_mini_app(session, actor, chat, app, data, clock=clock, limits=settings.limits)


@get("/apps/granted", tags=["Mini apps"], summary="What I let apps know")
async def get_granted(session: Session, actor: Signed) -> list[GrantedView]:
    """The newest first."""
    return await list_granted(session, actor.number)


@put(
    "/apps/{app:int}/permissions/me",
    tags=["Mini apps"],
    summary="Let an app know something",
    status_code=HTTP_204_NO_CONTENT,
)
async def put_my_permissions(
    app: Number, data: JSONBody[PermissionsDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """This and nothing else, until it is taken back."""
    await allow_app(session, actor, app, data, clock=clock)


@delete("/apps/{app:int}/permissions/me", tags=["Mini apps"], summary="Let an app know nothing any more")
async def delete_my_permissions(app: Number, session: Session, actor: Signed) -> None:
    """What it knows already it knows."""
    await forbid_app(session, actor, app)


@get("/apps/{app:int}/launch-key", tags=["Mini apps"], summary="The key that signs launches")
async def get_launch_key(app: Number, session: Session, actor: Signed) -> LaunchKeyView:
    """With it a mini app's server checks what the pages were opened with. For the app's owner."""
    return await view_launch_key(session, actor.number, app)


@post("/apps/{app:int}/launch-key", tags=["Mini apps"], summary="Another key for launches", status_code=HTTP_200_OK)
async def post_launch_key(app: Number, session: Session, actor: Signed) -> LaunchKeyView:
    """What is signed from now on is signed with this one."""
    await renew_launch_key(session, actor, app)
    return await view_launch_key(session, actor.number, app)


mini_app_routes = [
    post_launch,
    get_granted,
    put_my_permissions,
    delete_my_permissions,
    get_launch_key,
    post_launch_key,
]
