"""Methods about conversations and who is in them."""

from collections.abc import Awaitable, Callable
from typing import Any

from hutong.domains import chat
from hutong.domains.chat import GroupPatch, InvitationDraft, MemberView
from hutong.domains.identity import Profile
from hutong.kit.errors import Denied, NotFound

from ..calls import Call, Where
from ..refusals import bad_request
from ..shapes import chat_of_group, chat_of_person, full_chat, member_of, unix_s, user_of

__all__ = ["METHODS"]

_FOR_EVER_S = 366 * 86_400
_SHORTEST_S = 30


async def get_chat(call: Call) -> dict[str, Any]:
    where = await call.where()
    if where.is_group:
        group = await call.desk.group(call.actor, where.chat)
        return full_chat(chat_of_group(where.chat, group.name, group.handle), group.description)
    person = await _person(call, where.told["id"])
    return full_chat(chat_of_person(person.number, person.nickname, person.handle))


async def _person(call: Call, number: int) -> Profile:
    try:
        return await call.desk.person(call.actor, number)
    except NotFound:
        raise bad_request("user not found") from None


async def get_member(call: Call) -> dict[str, Any]:
    where, number = await call.where(), call.parameters.user()
    if not where.is_group:
        return member_of(_user_of(await _person(call, number)), "member")
    try:
        return _member(call, await call.desk.member(call.actor, where.chat, number))
    except NotFound:
        return member_of(_user_of(await _person(call, number)), None)


def _user_of(person: Profile) -> dict[str, Any]:
    return user_of(person.number, person.nickname, is_bot=person.kind == "bot", username=person.handle)


def _member(call: Call, member: MemberView) -> dict[str, Any]:
    own = member.number == call.actor.number
    user = call.bot.me if own else user_of(member.number, member.name)
    until_s = unix_s(member.muted_until or "")
    muted = until_s > call.desk.clock().timestamp()
    return member_of(user, member.role, muted_until_s=until_s if muted else 0)


async def count_members(call: Call) -> int:
    where = await call.where()
    return (await call.desk.group(call.actor, where.chat)).members if where.is_group else 2


async def get_administrators(call: Call) -> list[dict[str, Any]]:
    where = await _group(call)
    members = await call.desk.members(call.actor, where.chat)
    return [_member(call, one) for one in members if one.role != "member"]


async def _group(call: Call) -> Where:
    where = await call.where()
    if not where.is_group:
        raise bad_request("method is available for supergroup and channel chats only")
    return where


async def ban_member(call: Call) -> bool:
    where, number = await _group(call), call.parameters.user()
    await _as_far_as_allowed(call.desk.remove(call.actor, where.chat, number, ban=True))
    return True


async def unban_member(call: Call) -> bool:
    """Lets somebody come back; somebody who is there has to leave, unless ``only_if_banned``."""
    where, number = await _group(call), call.parameters.user()
    await _as_far_as_allowed(call.desk.unban(call.actor, where.chat, number))
    if not call.parameters.flag("only_if_banned"):
        try:
            await _as_far_as_allowed(call.desk.remove(call.actor, where.chat, number))
        except NotFound:
            return True
    return True


async def restrict_member(call: Call) -> bool:
    """Whether somebody may speak: of single rights we know nothing else."""
    where, number = await _group(call), call.parameters.user()
    permissions = call.parameters.record("permissions", "ChatPermissions") or {}
    if permissions.get("can_send_messages") is True:
        await _as_far_as_allowed(call.desk.unmute(call.actor, where.chat, number))
        return True
    left_s = call.parameters.number("until_date") - int(call.desk.clock().timestamp())
    longest_s = min(_FOR_EVER_S, call.desk.limits.mute_minutes_max * 60)
    seconds = left_s if _SHORTEST_S <= left_s <= longest_s else longest_s
    await _as_far_as_allowed(call.desk.mute(call.actor, where.chat, number, seconds))
    return True


async def set_permissions(call: Call) -> bool:
    where = await _group(call)
    permissions = call.parameters.record("permissions", "ChatPermissions") or {}
    muted = permissions.get("can_send_messages") is not True
    await _as_far_as_allowed(call.desk.mute_all(call.actor, where.chat, muted))
    return True


async def promote_member(call: Call) -> bool:
    """Whom the group's owner makes an admin is one; a bot cannot."""
    await _group(call)
    raise bad_request("not enough rights")


async def _as_far_as_allowed(done: Awaitable[None]) -> None:
    """A role that does not reach far enough is told as these bots know it."""
    try:
        await done
    except Denied as error:
        if error.code == "chat.not_allowed":
            raise bad_request("not enough rights to restrict/unrestrict chat member") from None
        raise


async def set_title(call: Call) -> bool:
    where = await _group(call)
    title = call.parameters.text("title")
    if not title.strip():
        raise bad_request("title must be non-empty")
    await call.desk.rename(call.actor, where.chat, title)
    return True


async def set_description(call: Call) -> bool:
    where, desk = await _group(call), call.desk
    patch = GroupPatch(description=call.parameters.text("description"))
    async with desk.admitted(call.actor, "patch_group", "moderate", where.chat) as session:
        await chat.change_group(session, call.actor, where.chat, patch, clock=desk.clock, limits=desk.limits)
    return True


async def leave_chat(call: Call) -> bool:
    where = await _group(call)
    await call.desk.leave(call.actor, where.chat)
    return True


async def approve_request(call: Call) -> bool:
    return await _decide(call, accept=True)


async def decline_request(call: Call) -> bool:
    return await _decide(call, accept=False)


async def _decide(call: Call, *, accept: bool) -> bool:
    where, number = await _group(call), call.parameters.user()
    try:
        await call.desk.decide(call.actor, where.chat, number, accept)
    except NotFound:
        raise bad_request("HIDE_REQUESTER_MISSING") from None
    return True


async def export_invite_link(call: Call) -> str:
    return str((await create_invite_link(call))["invite_link"])


async def create_invite_link(call: Call) -> dict[str, Any]:
    """A link into the group, good as long as one of ours can be, or until ``expire_date``."""
    where, desk = await _group(call), call.desk
    left_s = call.parameters.number("expire_date") - int(desk.clock().timestamp())
    hours = max(1, -(-left_s // 3_600)) if "expire_date" in call.parameters else desk.limits.invitation_hours_max
    uses = call.parameters.number("member_limit") or None
    draft = InvitationDraft(min(hours, desk.limits.invitation_hours_max), uses)
    async with desk.admitted(call.actor, "post_invitation", "moderate", where.chat) as session:
        made = await chat.make_invitation(session, call.actor, where.chat, draft, clock=desk.clock, limits=desk.limits)
    return {
        "invite_link": f"{call.origin}/join/{made.code}",
        "creator": call.bot.me,
        "creates_join_request": False,
        "is_primary": False,
        "is_revoked": False,
        "expire_date": int(made.expires_at.timestamp()),
    }


async def get_profile_photos(call: Call) -> dict[str, Any]:
    """People's pictures are no files of a conversation, so there are none to hand out here."""
    await _person(call, call.parameters.user())
    return {"total_count": 0, "photos": []}


METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "getChat": get_chat,
    "getChatMember": get_member,
    "getChatMemberCount": count_members,
    "getChatMembersCount": count_members,
    "getChatAdministrators": get_administrators,
    "banChatMember": ban_member,
    "kickChatMember": ban_member,
    "unbanChatMember": unban_member,
    "restrictChatMember": restrict_member,
    "setChatPermissions": set_permissions,
    "promoteChatMember": promote_member,
    "setChatTitle": set_title,
    "setChatDescription": set_description,
    "leaveChat": leave_chat,
    "approveChatJoinRequest": approve_request,
    "declineChatJoinRequest": decline_request,
    "exportChatInviteLink": export_invite_link,
    "createChatInviteLink": create_invite_link,
    "getUserProfilePhotos": get_profile_photos,
}
