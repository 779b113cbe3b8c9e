"""What a bot hears, as OneBot says it.

A frame becomes none, one or several events, as JSON without ``self_id``, which is put before the rest for each bot: so
what many bots hear is translated once.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from hutong.bridges.files import FileLinks

from .cq import Part, write_cq
from .faces import reaction_id
from .ids import file_name, message_id, request_flag
from .segments import carries_files, heard_parts

__all__ = ["Form", "Frame", "Speaker", "anew", "for_bot", "read_frame", "said_in", "sender_of", "told_by"]

Form = Literal["array", "string"]
"""How messages are written."""


class Speaker(msgspec.Struct):
    """Who has said something. ``nickname`` is told where ``name`` is the card."""

    number: int
    name: str
    nickname: str = ""
    role: str = ""


class Who(msgspec.Struct):
    number: int


class Frame(msgspec.Struct):
    """A bot event as we tell it: a message or a change."""

    on: str = "message"
    chat: int = 0
    event: int = 0
    at: str = ""
    seq: int = 0
    sender: Speaker | int | None = msgspec.field(name="from", default=None)
    segments: list[dict[str, Any]] = []
    recalled: bool = False
    number: int = 0
    doer: int | Who = msgspec.field(name="by", default=0)
    new: bool = False
    author: int = msgspec.field(name="sender", default=0)
    role: str = ""
    until: str | None = None
    all: bool | None = None
    invited_by: int = 0
    accepted_by: int = 0
    removed_by: int = 0
    emoji: str = ""
    count: int = 0
    added: bool = False
    answer: str = ""

    @property
    def by(self) -> int:
        return self.doer.number if isinstance(self.doer, Who) else self.doer


Told = dict[str, Any]

read_frame = msgspec.json.Decoder(Frame).decode
_encode = msgspec.json.Encoder().encode


def for_bot(self_id: int, told: bytes) -> bytes:
    """An event as this bot hears it."""
    return b'{"self_id":%d,%b' % (self_id, told[1:])


def told_by(frame: Frame, self_id: int, *, is_group: bool, form: Form, links: FileLinks | None) -> list[bytes]:
    """The events that a frame is for the bot ``self_id``, each without its ``self_id``."""
    at = _seconds(frame.at)
    if frame.on == "message":
        if frame.recalled or not isinstance(frame.sender, Speaker):
            return []
        return [_encode(one) for one in _message(frame, frame.sender, at, is_group, form, links)]
    notices = _of_group(frame, self_id) if is_group else _of_direct(frame, self_id)
    return [_encode({"time": at, **notice}) for notice in notices]


def anew(frame: Frame) -> bool:
    """Whether each bot must have it translated for itself."""
    return frame.on in ("installed", "left", "dissolved") or (frame.on == "message" and carries_files(frame.segments))


def sender_of(speaker: Speaker, *, is_group: bool) -> Told:
    """Who said it, as OneBot tells it."""
    nickname = speaker.nickname or speaker.name
    told: Told = {"user_id": speaker.number, "nickname": nickname, "sex": "unknown", "age": 0}
    if is_group:
        card = speaker.name if speaker.nickname else ""
        told |= {"card": card, "area": "", "level": "0", "role": speaker.role or "member", "title": ""}
    return told


def said_in(parts: list[Part], form: Form) -> tuple[Any, str]:
    """``message`` and ``raw_message``."""
    raw = write_cq(parts)
    return (raw if form == "string" else parts), raw


def _message(
    frame: Frame, speaker: Speaker, at: int, is_group: bool, form: Form, links: FileLinks | None
) -> Iterator[Told]:
    message, raw = said_in(heard_parts(frame.segments, frame.chat, frame.seq, links), form)
    told: Told = {
        "time": at,
        "post_type": "message",
        "message_type": "group" if is_group else "private",
        "sub_type": "normal" if is_group else "friend",
        "message_id": message_id(frame.chat, frame.seq),
        "message_seq": frame.seq,
        "user_id": speaker.number,
        "message": message,
        "raw_message": raw,
        "font": 0,
        "sender": sender_of(speaker, is_group=is_group),
    }
    yield told | ({"group_id": frame.chat, "anonymous": None} if is_group else {})
    if is_group:
        yield from _uploads(frame, speaker, at)


def _uploads(frame: Frame, speaker: Speaker, at: int) -> Iterator[Told]:
    for segment in frame.segments:
        if segment.get("type") == "file" and isinstance(segment.get("media"), str):
            name = file_name(frame.chat, frame.seq, segment["media"], "file")
            file = {"id": name, "name": segment.get("name") or name, "size": segment.get("size") or 0, "busid": 0}
            told = _notice("group_upload", group_id=frame.chat, user_id=speaker.number, file=file)
            yield {"time": at, **told}


def _notice(kind: str, sub_type: str | None = None, /, **fields: Any) -> Told:
    sub = {"sub_type": sub_type} if sub_type else {}
    return {"post_type": "notice", "notice_type": kind, **sub, **fields}


def _of_direct(frame: Frame, self_id: int) -> Sequence[Told]:
    match frame.on:
        case "recalled":
            number = message_id(frame.chat, frame.seq)
            return [_notice("friend_recall", user_id=frame.author, message_id=number)]
        case "installed" if frame.new and frame.by != self_id:
            return [_notice("friend_add", user_id=frame.by)]
    return []


def _of_group(frame: Frame, self_id: int) -> Sequence[Told]:
    who = {"group_id": frame.chat, "user_id": frame.number}
    match frame.on:
        case "joined":
            by = frame.invited_by or frame.accepted_by or frame.number
            return [_notice("group_increase", "invite" if frame.invited_by else "approve", operator_id=by, **who)]
        case "installed":
            came = {"group_id": frame.chat, "user_id": self_id, "operator_id": frame.by}
            return [_notice("group_increase", "invite", **came)] if frame.new else []
        case "left":
            how = "leave" if not frame.removed_by else "kick_me" if frame.number == self_id else "kick"
            return [_notice("group_decrease", how, operator_id=frame.removed_by or frame.number, **who)]
        case "dissolved":
            gone = {"group_id": frame.chat, "user_id": self_id, "operator_id": frame.by}
            return [_notice("group_decrease", "kick_me", **gone)]
        case "role":
            # The owner's place is handed over, which OneBot has no word for.
            how = {"admin": "set", "member": "unset"}.get(frame.role, "")
            return [_notice("group_admin", how, **who)] if how else []
        case "muted":
            return [_muted(frame)]
        case "recalled":
            number = message_id(frame.chat, frame.seq)
            gone = {"group_id": frame.chat, "user_id": frame.author, "operator_id": frame.by or frame.author}
            return [_notice("group_recall", message_id=number, **gone)]
        case "reacted":
            likes = [{"emoji_id": reaction_id(frame.emoji), "count": frame.count}] if frame.emoji else []
            number = message_id(frame.chat, frame.seq)
            return [_notice("group_msg_emoji_like", message_id=number, likes=likes, is_add=frame.added, **who)]
        case "requested":
            return [_request(frame)]
    return []


def _muted(frame: Frame) -> Told:
    fields = {"group_id": frame.chat, "operator_id": frame.by}
    if frame.all is not None:
        duration = -1 if frame.all else 0
        return _notice("group_ban", "ban" if frame.all else "lift_ban", user_id=0, duration=duration, **fields)
    duration = max(0, _seconds(frame.until) - _seconds(frame.at)) if frame.until else 0
    return _notice("group_ban", "ban" if duration else "lift_ban", user_id=frame.number, duration=duration, **fields)


def _request(frame: Frame) -> Told:
    fields = {"group_id": frame.chat, "user_id": frame.number, "comment": frame.answer}
    flag = request_flag(frame.chat, frame.number)
    return {"post_type": "request", "request_type": "group", "sub_type": "add", "flag": flag, **fields}


def _seconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp()) if at else 0
