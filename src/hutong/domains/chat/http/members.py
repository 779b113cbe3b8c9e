"""Routes of a group's members, of those who ask to be, and of those who are kept out."""

from typing import Annotated

from litestar import delete, get, patch, put
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Cursor, Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions.joining import decide_request, join_group
from ..actions.members import leave_group, lift_ban, remove_member, set_card, set_role
from ..actions.mutes import mute_all, mute_member, unmute_member
from ..models import Member
from ..queries import group_seat, list_bans, list_members, list_requests, member_view
from ..schemas import (
    BanView,
    CardDraft,
    DecisionDraft,
    JoinDraft,
    JoinView,
    MemberView,
    MuteDraft,
    RequestView,
    RoleDraft,
)

__all__ = ["member_routes"]

_Wanted = Annotated[
    str, QueryParameter(name="query", max_length=200, description="Part of a card or nickname, or a number.")
]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]
_Ban = Annotated[bool, QueryParameter(description="Keep them out, members or not.")]


@get("/groups/{chat:int}/members", tags=["Members"], summary="Members", opt=for_bots("members"))
async def get_members(
    chat: Number, session: Session, actor: Signed, wanted: _Wanted = "", cursor: Cursor = None, limit: _Limit = 100
) -> Page[MemberView]:
    """Owner and admins first, then as they joined. For members."""
    await group_seat(session, actor.number, chat)
    return await list_members(session, chat, query=wanted, cursor=cursor, limit=limit)


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
    """Joins, or asks to. An invitation leads into a group of any join mode. Joining again changes nothing."""
    hourly = Allowance("chat.join", settings.limits.joins_per_hour_max, 3_600)
    await spend(database, hourly, str(actor.number), clock=clock)
    return await join_group(session, actor, chat, data or JoinDraft(), clock=clock, limits=settings.limits)


@delete("/groups/{chat:int}/members/me", tags=["Members"], summary="Leave", opt=for_bots())
async def delete_my_seat(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """The owner hands the group over first."""
    await leave_group(session, actor, chat, clock=clock)


@patch("/groups/{chat:int}/members/me", tags=["Members"], summary="My group card", opt=for_bots())
async def patch_my_seat(
    chat: Number,
    data: JSONBody[CardDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> MemberView:
    """How I am called in this group; an empty card leaves my nickname."""
    member = await set_card(session, actor, chat, data.card, clock=clock, limits=settings.limits)
    return await _view(session, member)


@patch("/groups/{chat:int}/members/{number:int}", tags=["Members"], summary="Make or unmake an admin")
async def patch_member(
    chat: Number, number: Number, data: JSONBody[RoleDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> MemberView:
    """The owner alone. A group of each size has at most so many admins."""
    return await _view(session, await set_role(session, actor, chat, number, data.role, clock=clock))


@delete(
    "/groups/{chat:int}/members/{number:int}", tags=["Members"], summary="Remove somebody", opt=for_bots("moderate")
)
async def delete_member(
    chat: Number, number: Number, session: Session, actor: Signed, clock: Needs[Clock], ban: _Ban = False
) -> None:
    """Once this is answered, nothing said later reaches them. With `ban` they are kept out, members or not."""
    await remove_member(session, actor, chat, number, ban=ban, clock=clock)


@get("/groups/{chat:int}/bans", tags=["Members"], summary="Who is kept out", opt=for_bots("moderate"))
async def get_bans(
    chat: Number, session: Session, actor: Signed, cursor: Cursor = None, limit: _Limit = 100
) -> Page[BanView]:
    """For the owner and the admins, the latest first."""
    await group_seat(session, actor.number, chat, "owner", "admin")
    return await list_bans(session, chat, cursor=cursor, limit=limit)


@delete("/groups/{chat:int}/bans/{number:int}", tags=["Members"], summary="Lift a ban", opt=for_bots("moderate"))
async def delete_ban(chat: Number, number: Number, session: Session, actor: Signed) -> None:
    """They may join or ask to again. Nothing happens to somebody whom nobody keeps out."""
    await lift_ban(session, actor, chat, number)


@put(
    "/groups/{chat:int}/mutes/{number:int}",
    tags=["Members"],
    summary="Mute",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("moderate"),
)
async def put_mute(
    chat: Number,
    number: Number,
    data: JSONBody[MuteDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """For a number of minutes; once this is answered, nothing they say is stored until then."""
    await mute_member(
        session, actor, chat, number, data.minutes, reason=data.reason, clock=clock, limits=settings.limits
    )


@delete(
    "/groups/{chat:int}/mutes/{number:int}",
    tags=["Members"],
    summary="Let somebody speak again",
    opt=for_bots("moderate"),
)
async def delete_mute(chat: Number, number: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Nothing happens to somebody who is not muted."""
    await unmute_member(session, actor, chat, number, clock=clock)


@put(
    "/groups/{chat:int}/mutes/all",
    tags=["Members"],
    summary="Mute everybody",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("moderate"),
)
async def put_mute_all(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Only the owner and the admins may speak until this is lifted."""
    await mute_all(session, actor, chat, muted=True, clock=clock)


@delete("/groups/{chat:int}/mutes/all", tags=["Members"], summary="Let everybody speak", opt=for_bots("moderate"))
async def delete_mute_all(chat: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Nothing happens where everybody may."""
    await mute_all(session, actor, chat, muted=False, clock=clock)


@get("/groups/{chat:int}/requests", tags=["Members"], summary="Who asks to join", opt=for_bots("moderate"))
async def get_requests(
    chat: Number, session: Session, actor: Signed, cursor: Cursor = None, limit: _Limit = 100
) -> Page[RequestView]:
    """For the owner and the admins; who has waited longest comes first."""
    await group_seat(session, actor.number, chat, "owner", "admin")
    return await list_requests(session, chat, cursor=cursor, limit=limit)


@put(
    "/groups/{chat:int}/requests/{number:int}",
    tags=["Members"],
    summary="Let in, or refuse",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("moderate"),
)
async def put_request(
    chat: Number,
    number: Number,
    data: JSONBody[DecisionDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """Who is refused is told the reason, and may ask again."""
    await decide_request(session, actor, chat, number, data, clock=clock, limits=settings.limits)


async def _view(session: AsyncSession, member: Member) -> MemberView:
    return member_view(member, await names_of(session, [member.account_number]))


member_routes = [
    get_members,
    put_my_seat,
    delete_my_seat,
    patch_my_seat,
    patch_member,
    delete_member,
    get_bans,
    delete_ban,
    put_mute,
    delete_mute,
    put_mute_all,
    delete_mute_all,
    get_requests,
    put_request,
]
