"""Routes of groups: making, finding, changing and ending them."""

from typing import Annotated

from litestar import delete, get, patch, post, put
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Cursor, Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions.groups import change_group, create_group, dissolve_group, hand_over_group
from ..models import GroupKind
from ..queries import list_groups, view_group
from ..schemas import GroupDraft, GroupPatch, GroupView, OwnerDraft

__all__ = ["group_routes"]

_Wanted = Annotated[
    str, QueryParameter(name="query", max_length=200, description="Part of a name, a number, a handle, a city.")
]
_CityQuery = Annotated[str, QueryParameter(max_length=100, description="Groups of this city alone.")]
_Kind = Annotated[GroupKind | None, QueryParameter(description="Groups of this kind alone.")]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@post("/groups", tags=["Groups"], summary="Create a group")
async def post_group(
    data: JSONBody[GroupDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> GroupView:
    """Whoever creates it owns it."""
    daily = Allowance("chat.create_group", settings.limits.groups_created_per_day_max, 86_400)
    await spend(database, daily, str(actor.number), clock=clock)
    group = await create_group(session, actor, data, clock=clock, limits=settings.limits)
    return await view_group(session, actor.number, group.chat_id)


@get("/groups", tags=["Groups"], summary="Find a group")
async def get_groups(
    session: Session,
    actor: Signed,
    wanted: _Wanted = "",
    city: _CityQuery = "",
    kind: _Kind = None,
    cursor: Cursor = None,
    limit: _Limit = 30,
) -> Page[GroupView]:
    """Listed groups by name, number, handle or city, in Chinese by two characters too. Large ones come first."""
    return await list_groups(session, actor.number, query=wanted, city=city, kind=kind, cursor=cursor, limit=limit)


@get("/groups/{chat:int}", tags=["Groups"], summary="A group", opt=for_bots())
async def get_group_view(chat: Number, session: Session, actor: Signed) -> GroupView:
    """A closed or unlisted group exists for its members only."""
    return await view_group(session, actor.number, chat)


@patch("/groups/{chat:int}", tags=["Groups"], summary="Change a group", opt=for_bots("moderate"))
async def patch_group(
    chat: Number,
    data: JSONBody[GroupPatch],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> GroupView:
    """The owner and the admins. What is left out stays as it is; `avatar` and `handle` go away with null."""
    await change_group(session, actor, chat, data, clock=clock, limits=settings.limits)
    return await view_group(session, actor.number, chat)


@delete("/groups/{chat:int}", tags=["Groups"], summary="Dissolve a group")
async def delete_group(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """The owner alone. From then on it exists for nobody, and its handle is free again."""
    await dissolve_group(session, actor, chat, clock=clock)


@put("/groups/{chat:int}/owner", tags=["Groups"], summary="Hand over", status_code=HTTP_204_NO_CONTENT)
async def put_owner(
    chat: Number, data: JSONBody[OwnerDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """The owner alone, to a member; and becomes an admin, or a member where there are admins enough."""
    await hand_over_group(session, actor, chat, data.number, clock=clock)


group_routes = [post_group, get_groups, get_group_view, patch_group, delete_group, put_owner]
