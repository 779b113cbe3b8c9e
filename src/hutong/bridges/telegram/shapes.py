"""People, conversations and members as these bots know them.

A group's chat is its number below zero; a conversation with a person has that person's number. A message has its seq;
a notice of a change, which has none, the number of the change behind ``NOTICES``.
"""

from datetime import datetime
from typing import Any

__all__ = [
    "ADMIN_RIGHTS",
    "MEMBER_RIGHTS",
    "NOTICES",
    "chat_of_group",
    "chat_of_person",
    "full_chat",
    "member_of",
    "unix_s",
    "user_of",
]

NOTICES = 1_000_000_000

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_restrict_members",
    "can_invite_users",
    "can_pin_messages",
)
_RIGHTS_OF_OTHERS = (
    "can_manage_video_chats",
    "can_promote_members",
    "can_change_info",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
MEMBER_RIGHTS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
_MEMBERS_MAY = {"can_invite_users"}
_NOT_FOR_MEMBERS = {"can_change_info", "can_pin_messages", "can_manage_topics", "can_edit_tag"}


def unix_s(moment: str) -> int:
    """A moment of ours in whole seconds."""
    return int(datetime.fromisoformat(moment).timestamp()) if moment else 0


def user_of(number: int, name: str, *, is_bot: bool = False, username: str | None = None) -> dict[str, Any]:
    user: dict[str, Any] = {"id": number, "is_bot": is_bot, "first_name": name or str(number)}
    return user | ({"username": username} if username else {})


def chat_of_group(chat: int, title: str, username: str | None = None) -> dict[str, Any]:
    return {"id": -chat, "type": "supergroup", "title": title} | ({"username": username} if username else {})


def chat_of_person(number: int, name: str, username: str | None = None) -> dict[str, Any]:
    chat: dict[str, Any] = {"id": number, "type": "private", "first_name": name or str(number)}
    return chat | ({"username": username} if username else {})


def full_chat(chat: dict[str, Any], about: str = "") -> dict[str, Any]:
    """A chat with what strictly typed clients want of the long form."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    more: dict[str, Any] = {
        "accent_color_id": 0,
        "max_reaction_count": 1,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat["type"] != "private":
        more["permissions"] = rights_of_members(speaking=True)
        if about:
            more["description"] = about
    return chat | more


def rights_of_members(*, speaking: bool) -> dict[str, bool]:
    return {right: right in _MEMBERS_MAY or (speaking and right not in _NOT_FOR_MEMBERS) for right in MEMBER_RIGHTS}


def member_of(
    user: dict[str, Any], role: str | None, *, muted_until_s: int = 0, banned: bool = False
) -> dict[str, Any]:
    """Somebody in a group. ``role`` is None for who is not in it; ``muted_until_s`` is 0 for who may speak."""
    match role:
        case "owner":
            return {"user": user, "status": "creator", "is_anonymous": False}
        case "admin":
            rights = dict.fromkeys(ADMIN_RIGHTS, True) | dict.fromkeys(_RIGHTS_OF_OTHERS, False)
            return {"user": user, "status": "administrator", "can_be_edited": False, "is_anonymous": False} | rights
        case None if banned:
            return {"user": user, "status": "kicked", "until_date": 0}
        case None:
            return {"user": user, "status": "left"}
        case _ if muted_until_s:
            rights = rights_of_members(speaking=False)
            return {"user": user, "status": "restricted", "is_member": True, "until_date": muted_until_s} | rights
    return {"user": user, "status": "member"}
