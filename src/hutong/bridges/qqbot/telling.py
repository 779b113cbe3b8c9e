"""A bot's events as dispatches: which of them are told, and what each says.

Whether an event is told, and by which intent, depends on nothing but the event and on whether it is of a conversation
between two. So dispatches can be counted again at any time, and a session goes on where it was.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from .content import calls, told
from .keyboards import pressed
from .seals import Seals

__all__ = ["About", "Frame", "Sender", "find_name", "read_frame", "request_body", "tell"]


class Sender(msgspec.Struct):
    """Who said something."""

    number: int
    name: str = ""
    bot: bool = False


class Frame(msgspec.Struct, rename={"sender": "from"}):
    """An event as it is kept for a bot: a message, a change, a press of a button, or a gap, whose ``from`` is the first
    event that is not kept."""

    on: str
    event: int = 0
    chat: int = 0
    seq: int = 0
    sender: Sender | int | None = None
    segments: list[dict[str, Any]] = []
    at: str = ""
    number: int = 0
    name: str | None = None
    by: int | Sender | None = None
    invited_by: int | None = None
    accepted_by: int | None = None
    removed_by: int | None = None
    recalled: bool = False
    new: bool = False
    scopes: list[str] = []
    press: str = ""
    data: str = ""
    answer: str = ""


class About(msgspec.Struct, frozen=True):
    """What must be known beside an event to tell of it. ``link`` makes the address of a file of this chat; ``quoted``
    is the message that is replied to, where the bot may see it; ``role`` is the speaker's in the group; ``types`` are
    those of the files, by their media ids."""

    bot: int
    seals: Seals
    direct: bool
    link: Callable[[str], str]
    role: str = "member"
    quoted: Frame | None = None
    types: dict[str, str] = {}


read_frame = msgspec.json.Decoder(Frame).decode


def find_name(frame: Frame, bot: int, *, direct: bool) -> str | None:
    """The dispatch that an event becomes, None for most changes."""
    match frame.on:
        case "message" if direct:
            return "C2C_MESSAGE_CREATE"
        case "message" if calls(frame.segments, bot):
            return "GROUP_AT_MESSAGE_CREATE"
        case "message":
            return "GROUP_MESSAGE_CREATE"
        case "installed" if direct:
            return "FRIEND_ADD" if frame.new and _by(frame) != bot else None
        case "installed" if frame.new:
            return "GROUP_ADD_ROBOT"
        case "installed":
            return "GROUP_MSG_RECEIVE" if "send" in frame.scopes else "GROUP_MSG_REJECT"
        case "joined" if frame.number != bot:
            return "GROUP_MEMBER_ADD"
        case "left" if frame.number != bot:
            return "GROUP_MEMBER_REMOVE"
        case "requested":
            return "GROUP_JOIN_REQUEST"
        case "left" | "dissolved":
            return "GROUP_DEL_ROBOT"
        case "pressed":
            return "INTERACTION_CREATE"
    return None


def tell(name: str, frame: Frame, about: About) -> dict[str, Any]:
    """What the dispatch of this name says, its ``d``."""
    match name:
        case "GROUP_AT_MESSAGE_CREATE" | "GROUP_MESSAGE_CREATE":
            return _group_message(name, frame, about)
        case "C2C_MESSAGE_CREATE":
            return _direct_message(frame, about)
        case "INTERACTION_CREATE":
            return _interaction(frame, about)
        case "GROUP_JOIN_REQUEST":
            asked = request_body(about.seals, frame.number, frame.name or "", frame.answer, frame.at)
            return asked | {"group_openid": about.seals.chat(frame.chat)}
        case "FRIEND_ADD":
            openid = about.seals.account(_by(frame))
            return {"timestamp": _seconds(frame.at), "openid": openid, "author": {"union_openid": openid}}
        case "GROUP_ADD_ROBOT" | "GROUP_DEL_ROBOT" | "GROUP_MSG_RECEIVE" | "GROUP_MSG_REJECT":
            by = frame.removed_by or _by(frame) or about.bot
            return _in_group(frame, about) | {"op_member_openid": about.seals.account(by)}
    by = frame.invited_by or frame.accepted_by or frame.removed_by or frame.number
    seals = about.seals
    return _in_group(frame, about) | {
        "member_openid": seals.account(frame.number),
        "op_member_openid": seals.account(by),
    }


def request_body(seals: Seals, number: int, name: str, answer: str, at: str) -> dict[str, Any]:
    """Somebody who asks to join, as it is told and as it is listed. Only people ask, each once, and for themselves."""
    openid = seals.account(number)
    return {
        "join_request_id": openid,
        "member_openid": openid,
        "union_openid": openid,
        "username": name,
        "apply_at": at,
        "apply_source": "self_apply",
        "bot": False,
        "verify_info": {"method": "verify_message", "verify_message": answer},
    }


def _in_group(frame: Frame, about: About) -> dict[str, Any]:
    return {"timestamp": _seconds(frame.at), "group_openid": about.seals.chat(frame.chat)}


def _group_message(name: str, frame: Frame, about: About) -> dict[str, Any]:
    sender = _sender(frame)
    group, member = about.seals.chat(frame.chat), about.seals.account(sender.number)
    author = {
        "id": member,
        "member_openid": member,
        "union_openid": member,
        "bot": sender.bot,
        "member_role": about.role,
        "username": sender.name,
    }
    said = _said(frame, about)
    return said | {"group_id": group, "group_openid": group, "author": author}


def _direct_message(frame: Frame, about: About) -> dict[str, Any]:
    sender = _sender(frame)
    openid = about.seals.account(sender.number)
    author = {"id": openid, "user_openid": openid, "union_openid": openid, "username": sender.name}
    return _said(frame, about) | {"author": author}


def _said(frame: Frame, about: About) -> dict[str, Any]:
    """What messages of all kinds have in common. One that quotes another brings that along, as the newest clients
    expect it."""
    said = told(about.seals, frame.segments, about.bot, about.link, about.types)
    reference = about.seals.reference(frame.chat, frame.seq)
    scene = {"source": "default", "ext": [f"msg_idx={reference}"]}
    body: dict[str, Any] = {
        "id": about.seals.message(frame.chat, frame.seq),
        "content": said.content,
        "timestamp": frame.at,
        "message_scene": scene,
        "message_type": 0,
    }
    if said.attachments:
        body["attachments"] = said.attachments
    if said.mentions:
        body["mentions"] = said.mentions
    if said.reply_to is not None and about.quoted is not None:
        quoted = about.seals.reference(frame.chat, said.reply_to)
        scene["ext"] = [f"ref_msg_idx={quoted}", f"msg_idx={reference}"]
        body["message_type"] = 103
        body["msg_elements"] = [_element(about.quoted, quoted, about)]
    return body


def _element(quoted: Frame, name: str, about: About) -> dict[str, Any]:
    said = told(about.seals, quoted.segments, about.bot, about.link, about.types)
    sender = _sender(quoted)
    openid = about.seals.account(sender.number)
    author = {"id": openid, "member_openid": openid, "bot": sender.bot, "username": sender.name}
    element = {"content": said.content, "message_type": 0, "msg_idx": name, "author": author}
    return element | ({"attachments": said.attachments} if said.attachments else {})


def _interaction(frame: Frame, about: About) -> dict[str, Any]:
    presser = about.seals.account(_by(frame))
    button = pressed(frame.data)
    resolved = {
        "button_id": button.id,
        "button_data": button.data,
        "user_id": presser,
        "message_id": about.seals.message(frame.chat, frame.seq),
    }
    where: dict[str, Any] = (
        {"scene": "c2c", "chat_type": 2, "user_openid": presser}
        if about.direct
        else {
            "scene": "group",
            "chat_type": 1,
            "group_openid": about.seals.chat(frame.chat),
            "group_member_openid": presser,
        }
    )
    return where | {
        "id": frame.press,
        "type": 11,
        "version": 1,
        "timestamp": frame.at,
        "application_id": str(about.bot),
        "data": {"type": 11, "resolved": resolved},
    }


def _sender(frame: Frame) -> Sender:
    return frame.sender if isinstance(frame.sender, Sender) else Sender(frame.number, frame.name or "")


def _by(frame: Frame) -> int:
    """Who did it."""
    return frame.by.number if isinstance(frame.by, Sender) else frame.by or 0


def _seconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp())
