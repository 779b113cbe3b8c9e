"""Routes of groups and their members."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions.groups import create_group
from ..actions.members import join_group, leave_group, mute_all, mute_member, remove_member
from ..queries import group_view, visible_group
from ..schemas import GroupDraft, GroupView, JoinDraft, JoinView

__all__ = ["group_routes"]


class MuteDraft(msgspec.Struct):
    minutes: Annotated[int, msgspec.Meta(ge=1)]


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
    return group_view(*await visible_group(session, actor.number, group.chat_id))


@get("/groups/{chat:int}", tags=["Groups"], summary="A group")
async def get_group(chat: Number, session: Session, actor: Signed) -> GroupView:
    """A closed or unlisted group exists for its members only."""
    return group_view(*await visible_group(session, actor.number, chat))


@put("/groups/{chat:int}/members/me", tags=["Members"], summary="Join", status_code=HTTP_200_OK)
async def put_my_seat(
    chat: Number,
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    data: JSONBody[JoinDraft | None] = None,
) -> JoinView:
    """Joins, or asks to. Joining again changes nothing."""
    hourly = Allowance("chat.join", settings.limits.joins_per_hour_max, 3_600)
    await spend(database, hourly, str(actor.number), clock=clock)
    return await join_group(session, actor, chat, data or JoinDraft(), clock=clock)


@delete("/groups/{chat:int}/members/me", tags=["Members"], summary="Leave")
async def delete_my_seat(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """The owner hands the group over first."""
    await leave_group(session, actor, chat, clock=clock)


@delete("/groups/{chat:int}/members/{number:int}", tags=["Members"], summary="Remove somebody")
async def delete_member(chat: Number, number: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Once this is answered, nothing said later reaches them."""
    await remove_member(session, actor, chat, number, clock=clock)


@put("/groups/{chat:int}/mutes/{number:int}", tags=["Members"], summary="Mute", status_code=HTTP_204_NO_CONTENT)
async def put_mute(
    chat: Number, number: Number, data: JSONBody[MuteDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """For a number of minutes; once this is answered, nothing they say is stored until then."""
    await mute_member(session, actor, chat, number, data.minutes, clock=clock)


@delete("/groups/{chat:int}/mutes/{number:int}", tags=["Members"], summary="Let somebody speak again")
async def delete_mute(chat: Number, number: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Nothing happens to somebody who is not muted."""
    await mute_member(session, actor, chat, number, 0, clock=clock)


@put("/groups/{chat:int}/mutes/all", tags=["Members"], summary="Mute everybody", status_code=HTTP_204_NO_CONTENT)
async def put_mute_all(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Only the owner and the admins may speak until this is lifted."""
    await mute_all(session, actor, chat, muted=True, clock=clock)


@delete("/groups/{chat:int}/mutes/all", tags=["Members"], summary="Let everybody speak")
async def delete_mute_all(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Nothing happens where everybody may."""
    await mute_all(session, actor, chat, muted=False, clock=clock)


group_routes = [
    post_group,
    get_group,
    put_my_seat,
    delete_my_seat,
    delete_member,
    put_mute,
    delete_mute,
    put_mute_all,
    delete_mute_all,
]
