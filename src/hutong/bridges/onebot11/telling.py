"""Messages, members and groups, as the answers of actions show them."""

from datetime import datetime
from typing import Any

import msgspec

from hutong.domains.chat import AnnouncementView, ChatPlace, GroupView, MemberView

from .hearing import Frame, Speaker, said_in, sender_of
from .ids import message_id
from .robot import Robot
from .segments import heard_parts

__all__ = ["group_told", "member_told", "message_told", "notice_told", "seconds_of"]

Told = dict[str, Any]


def seconds_of(moment: str | None) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) if moment else 0


async def message_told(robot: Robot, told: Told) -> Told:
    """A message, given as its frame."""
    frame = msgspec.convert(told, Frame)
    place = await robot.desk.place(robot.actor, frame.chat)
    is_group = place.kind == "group"
    speaker = frame.sender if isinstance(frame.sender, Speaker) else Speaker(0, "")
    if is_group and not speaker.role:
        seat = await robot.desk.speaker(frame.chat, speaker.number)
        if seat is not None:
            nickname = seat.nickname if seat.card else ""
            speaker = Speaker(speaker.number, seat.name, nickname, seat.role)
    message, raw = said_in(heard_parts(frame.segments, frame.chat, frame.seq, robot.links), robot.form)
    number = message_id(frame.chat, frame.seq)
    return {
        "time": seconds_of(frame.at),
        "message_type": "group" if is_group else "private",
        "message_id": number,
        "real_id": number,
        "message_seq": frame.seq,
        "user_id": speaker.number,
        "sender": sender_of(speaker, is_group=is_group),
        "message": message,
        "raw_message": raw,
    } | ({"group_id": frame.chat} if is_group else {})


def group_told(place: ChatPlace | GroupView) -> Told:
    return {
        "group_id": place.chat,
        "group_name": place.name,
        "member_count": place.members,
        "max_member_count": place.capacity,
    }


def notice_told(announcement: AnnouncementView) -> Told:
    return {
        "notice_id": str(announcement.id),
        "sender_id": announcement.by.number,
        "publish_time": seconds_of(announcement.at),
        "message": {"text": announcement.text, "images": []},
    }


def member_told(chat: int, member: MemberView) -> Told:
    return {
        "group_id": chat,
        "user_id": member.number,
        "nickname": member.nickname,
        "card": member.card,
        "sex": "unknown",
        "age": 0,
        "area": "",
        "join_time": seconds_of(member.joined_at),
        "last_sent_time": 0,
        "level": "0",
        "role": member.role,
        "unfriendly": False,
        "title": "",
        "title_expire_time": 0,
        "card_changeable": False,
        "shut_up_timestamp": seconds_of(member.muted_until),
    }
