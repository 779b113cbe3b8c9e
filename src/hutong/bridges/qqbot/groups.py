"""Keeping a group, as far as the protocol knows of it and hutong can mean it."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import PathParameter, QueryParameter
from litestar.status_codes import HTTP_200_OK

from hutong.bridges.desk import Desk
from hutong.domains.chat import MemberView
from hutong.domains.identity import names_of
from hutong.infra.web import Needs
from hutong.kit.errors import HutongError

from .bodies import nothing_to_say, read_as
from .guests import Guest
from .refusals import BAD_FORM, Refusal
from .seals import Seals
from .sending import group_of
from .telling import request_body

__all__ = ["group_routes"]

Openid = Annotated[str, PathParameter(max_length=64)]
Cursor = Annotated[str, QueryParameter(max_length=200)]
PageLimit = Annotated[int, QueryParameter()]
AnyRequest = Request[Any, Any, Any]

_AT_ONCE_MAX = 100


class PageBody(msgspec.Struct):
    """Some of the members, by the older call."""

    limit: int | None = None
    start_index: int | None = None


class RemovalBody(msgspec.Struct):
    """Who is to be removed."""

    member_openids: list[str]
    add_to_member_blacklist: bool | None = None


class BanBody(msgspec.Struct):
    """Who is to be kept out, or no more."""

    op: str
    member_openids: list[str]


class MutedBody(msgspec.Struct):
    """A member who may not speak, or again."""

    op: str
    member_openid: str
    mute_expire_at: str | None = None


class RuleBody(msgspec.Struct):
    """Whether everybody is silenced."""

    mode: str


class MutesBody(msgspec.Struct):
    """Who is to be silenced."""

    members: list[MutedBody] | None = None
    global_rule: RuleBody | None = None


class DecisionBody(msgspec.Struct):
    """What becomes of a request to join."""

    op: str
    reject_reason: str | None = None
    add_to_member_blacklist: bool | None = None


@get("/v2/groups/{openid:str}/info")
async def get_info(openid: Openid, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    group = await desk.group(guest.actor, await group_of(desk, guest, openid))
    return {
        "group_openid": openid,
        "group_name": group.name,
        "group_finger_memo": group.description,
        "group_class_text": group.kind,
        "group_tags": [group.city] if group.city else [],
        "group_member_num": group.members,
    }


@get("/v2/groups/{openid:str}/bot_state")
async def get_bot_state(openid: Openid, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    """The bot's own seat, and what it may hear and do there."""
    chat = await group_of(desk, guest, openid)
    seat = await desk.member(guest.actor, chat, guest.number)
    installs = (await desk.me(guest.actor)).installs
    scopes = next((install.scopes for install in installs if install.chat == chat), [])
    return {
        "member_openid": guest.seals.account(guest.number),
        "joined_at": seat.joined_at,
        "allow_proactive_msg": "send" in scopes,
        "recv_msg_setting": "all" if "read_all" in scopes else "only_mention",
        "member_role": seat.role,
    }


@get("/v2/groups/{openid:str}/members")
async def get_members(openid: Openid, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    """All of them: one page is enough."""
    seats = await desk.members(guest.actor, await group_of(desk, guest, openid))
    return {"members": await _member_bodies(desk, guest.seals, seats), "next_cursor": ""}


@get("/v2/groups/{openid:str}/members/{member:str}")
async def get_member(openid: Openid, member: Openid, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    chat = await group_of(desk, guest, openid)
    seat = await desk.member(guest.actor, chat, _number(guest.seals, member))
    return (await _member_bodies(desk, guest.seals, [seat]))[0]


@post("/v2/groups/{openid:str}/members", status_code=HTTP_200_OK)
async def post_members(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    """The older call for the same, in pages."""
    body = read_as(await request.body() or b"{}", PageBody)
    seats = await desk.members(guest.actor, await group_of(desk, guest, openid))
    start = max(0, body.start_index or 0)
    end = start + (body.limit if body.limit and body.limit > 0 else len(seats))
    members = [
        {"member_openid": guest.seals.account(seat.number), "join_timestamp": seat.joined_at}
        for seat in seats[start:end]
    ]
    return {"members": members, "next_index": end} if end < len(seats) else {"members": members}


@post("/v2/groups/{openid:str}/batch_remove_members", status_code=HTTP_200_OK)
async def post_removal(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    """Removes some. Where that is not possible for any of them, the first refusal is the answer."""
    chat = await group_of(desk, guest, openid)
    body = read_as(await request.body(), RemovalBody)
    ban = bool(body.add_to_member_blacklist)
    failed = await _for_each(
        guest.seals, body.member_openids, lambda number: desk.remove(guest.actor, chat, number, ban=ban)
    )
    result = "partly" if failed else "success"
    return {"remove_members_result": result, "add_to_member_blacklist_fail_openids": failed if ban else []}


@get("/v2/groups/{openid:str}/member_blacklist")
async def get_bans(openid: Openid, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    bans = await desk.banned(guest.actor, await group_of(desk, guest, openid))
    bots = await _bots_among(desk, [ban.number for ban in bans])
    users = [
        {
            "member_openid": guest.seals.account(ban.number),
            "username": ban.name,
            "banned_at": ban.at,
            "bot": ban.number in bots,
        }
        for ban in bans
    ]
    return {"users": users, "next_cursor": ""}


@post("/v2/groups/{openid:str}/member_blacklist", status_code=HTTP_200_OK)
async def post_bans(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    chat = await group_of(desk, guest, openid)
    body = read_as(await request.body(), BanBody)
    match body.op:
        case "add":
            failed = await _for_each(
                guest.seals, body.member_openids, lambda number: desk.remove(guest.actor, chat, number, ban=True)
            )
        case "del":
            failed = await _for_each(
                guest.seals, body.member_openids, lambda number: desk.unban(guest.actor, chat, number)
            )
        case _:
            raise Refusal(BAD_FORM, "op is add or del.")
    return {"fail_openids": failed}


@get("/v2/groups/{openid:str}/restrict_chat_setting")
async def get_mutes(openid: Openid, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    chat = await group_of(desk, guest, openid)
    group = await desk.group(guest.actor, chat)
    now = desk.clock()
    members = [
        {
            "member_openid": guest.seals.account(seat.number),
            "mute_expire_at": seat.muted_until,
            "username": seat.name,
        }
        for seat in await desk.members(guest.actor, chat)
        if seat.muted_until is not None and datetime.fromisoformat(seat.muted_until) > now
    ]
    rule: dict[str, Any] = {"mode": "always" if group.mute_all else "none", "schedule_rules": [], "recurring_rules": []}
    return {"global_rule": rule, "members": members}


@post("/v2/groups/{openid:str}/restrict_chat_setting", status_code=HTTP_200_OK)
async def post_mutes(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> Response[bytes]:
    chat = await group_of(desk, guest, openid)
    body = read_as(await request.body(), MutesBody)
    if body.global_rule is not None:
        await desk.mute_all(guest.actor, chat, body.global_rule.mode == "always")
    for muted in (body.members or [])[:_AT_ONCE_MAX]:
        number = _number(guest.seals, muted.member_openid)
        if muted.op == "del":
            await desk.unmute(guest.actor, chat, number)
        else:
            await desk.mute(guest.actor, chat, number, _seconds_to(desk, muted.mute_expire_at))
    return nothing_to_say()


@get("/v2/groups/{openid:str}/join_request_list")
async def get_requests(
    openid: Openid, guest: Needs[Guest], desk: Needs[Desk], cursor: Cursor = "", limit: PageLimit = _AT_ONCE_MAX
) -> dict[str, Any]:
    """In pages. An empty cursor is the beginning, and the end."""
    chat = await group_of(desk, guest, openid)
    limit = min(max(limit, 1), _AT_ONCE_MAX)
    page = await desk.requests(guest.actor, chat, cursor=cursor or None, limit=limit)
    waiting = [request_body(guest.seals, one.number, one.name, one.answer, one.at) for one in page.items]
    return {"list": waiting, "next_cursor": page.next or ""}


@post("/v2/groups/{openid:str}/approval_join_request/{member:str}", status_code=HTTP_200_OK)
async def post_decision(
    openid: Openid, member: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]
) -> Response[bytes]:
    chat = await group_of(desk, guest, openid)
    body = read_as(await request.body(), DecisionBody)
    number = _number(guest.seals, member)
    if body.op not in ("approve", "decline"):
        raise Refusal(BAD_FORM, "op is approve or decline.")
    await desk.decide(guest.actor, chat, number, body.op == "approve", body.reject_reason or "")
    if body.op == "decline" and body.add_to_member_blacklist:
        await desk.remove(guest.actor, chat, number, ban=True)
    return nothing_to_say()


def _number(seals: Seals, openid: str) -> int:
    number = seals.account_of(openid)
    if number is None:
        raise Refusal(BAD_FORM, "There is no such member_openid.")
    return number


async def _for_each(seals: Seals, openids: Sequence[str], do: Any) -> list[str]:
    """Those for whom it could not be done. Where it could be for none of them, the reason is raised."""
    failed: dict[str, HutongError | Refusal] = {}
    for openid in openids[:_AT_ONCE_MAX]:
        try:
            await do(_number(seals, openid))
        except (HutongError, Refusal) as error:
            failed[openid] = error
    if failed and len(failed) == len(openids):
        raise next(iter(failed.values()))
    return [*failed, *openids[_AT_ONCE_MAX:]]


async def _member_bodies(desk: Desk, seals: Seals, seats: Sequence[MemberView]) -> list[dict[str, Any]]:
    bots = await _bots_among(desk, [seat.number for seat in seats])
    return [
        {
            "member_openid": seals.account(seat.number),
            "union_openid": seals.account(seat.number),
            "username": seat.name,
            "member_role": seat.role,
            "bot": seat.number in bots,
            "joined_at": seat.joined_at,
        }
        for seat in seats
    ]


async def _bots_among(desk: Desk, numbers: Sequence[int]) -> set[int]:
    async with desk.database.transaction() as session:
        return {number for number, card in (await names_of(session, numbers)).items() if card.is_bot}


def _seconds_to(desk: Desk, moment: str | None) -> int:
    try:
        left_s = (datetime.fromisoformat(moment or "") - desk.clock()).total_seconds()
    except (ValueError, TypeError) as error:
        raise Refusal(BAD_FORM, "mute_expire_at is a moment with its zone, 2026-11-23T13:37:18+08:00.") from error
    if left_s <= 0:
        raise Refusal(BAD_FORM, "mute_expire_at is over already.", HTTPStatus.BAD_REQUEST)
    return int(left_s)


group_routes: list[BaseRouteHandler] = [
    get_info,
    get_bot_state,
    get_members,
    get_member,
    post_members,
    post_removal,
    get_bans,
    post_bans,
    get_mutes,
    post_mutes,
    get_requests,
    post_decision,
]
