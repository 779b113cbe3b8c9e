"""What was said elsewhere or before: whole groups with their people and their history, written in bulk.

For imports and the demo. Nobody is told of single messages; gateways notice by the counters and tell those online of a
gap. The same verbs keep the invariants of a chat: dense seqs, keys stored once, counters that fit.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import GroupIsFull
from ..models import Chat, Group, GroupKind, InboxEntry, JoinMode, Member, Origin, Reaction, Role
from ..segments import Reply
from ..tiers import TIERS
from .ids import take_ids
from .listing import resize

__all__ = [
    "PastGroup",
    "PastMessage",
    "PastSeat",
    "append_past",
    "chat_from",
    "found_group",
    "known_keys",
    "leave_unread",
    "note_origin",
    "seat_past_members",
    "seated_numbers",
]

_ROWS_AT_ONCE = 2_000


class PastSeat(msgspec.Struct, frozen=True):
    number: int
    role: Role
    joined_at: datetime


class PastGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group as it stood. ``seats`` has exactly one owner."""

    name: str
    seats: Sequence[PastSeat]
    founded_at: datetime
    description: str = ""
    city: str = ""
    kind: GroupKind = "mixed"
    join_mode: JoinMode = "open"
    listed: bool = True


class PastMessage(msgspec.Struct, kw_only=True):
    """``reply_to`` is the place of the answered message in the same sequence, ``reply_seq`` the seq of one stored
    before; ``mentions`` are account numbers, ``media`` what the segments carry."""

    sender: int
    sent_at: datetime
    segments: list[object]
    key: str
    mentions: tuple[int, ...] = ()
    media: tuple[str, ...] = ()
    reply_to: int | None = None
    reply_seq: int | None = None
    reactions: list[tuple[str, list[int]]] = []


async def chat_from(session: AsyncSession, source: str, key: str) -> int | None:
    """The chat that a conversation of another system was imported to."""
    found = await session.get(Origin, (source, key))
    return found.chat_id if found else None


async def note_origin(session: AsyncSession, source: str, key: str, chat_id: int) -> None:
    """Notes that the chat was imported from there."""
    session.add(Origin(source=source, key=key, chat_id=chat_id))
    await session.flush()


async def seated_numbers(session: AsyncSession, chat_id: int) -> set[int]:
    """Everybody who has a seat in the chat."""
    return set(await session.scalars(select(Member.account_number).where(Member.chat_id == chat_id)))


async def found_group(session: AsyncSession, past: PastGroup) -> int:
    """Makes the group with all its seats. Returns its chat. Raises ``GroupIsFull`` where no tier is large enough."""
    tier = next((tier for tier in TIERS if tier.capacity >= len(past.seats)), None)
    if tier is None:
        raise GroupIsFull(capacity=TIERS[-1].capacity)
    owner = next(seat.number for seat in past.seats if seat.role == "owner")
    chat_id: int = (
        await session.execute(insert(Chat).values(kind="group", created_at=past.founded_at).returning(Chat.chat_id))
    ).scalar_one()
    session.add(
        Group(
            chat_id=chat_id,
            name=past.name,
            description=past.description,
            city=past.city,
            kind=past.kind,
            join_mode=past.join_mode,
            capacity=tier.capacity,
            members=0,
            listed=past.listed,
            owner_number=owner,
        )
    )
    await session.flush()
    await seat_past_members(session, chat_id, past.seats)
    return chat_id


async def seat_past_members(session: AsyncSession, chat_id: int, seats: Sequence[PastSeat]) -> None:
    """Seats people who have no seat yet; nothing they could have read counts as unread. Raises ``GroupIsFull``."""
    chat = (await session.execute(select(Chat).where(Chat.chat_id == chat_id).with_for_update())).scalar_one()
    group = await session.get_one(Group, chat_id)
    if group.members + len(seats) > group.capacity:
        larger = next((tier for tier in TIERS if tier.capacity >= group.members + len(seats)), None)
        if larger is None:
            raise GroupIsFull(capacity=TIERS[-1].capacity)
        group.capacity = larger.capacity
    for start in range(0, len(seats), _ROWS_AT_ONCE):
        some = seats[start : start + _ROWS_AT_ONCE]
        members = [
            {
                "chat_id": chat_id,
                "account_number": seat.number,
                "role": seat.role,
                "joined_at": seat.joined_at,
                "read_seq": chat.last_seq,
                "joined_seq": chat.last_seq,
            }
            for seat in some
        ]
        await session.execute(insert(Member), members)
        await session.execute(
            insert(InboxEntry), [{"account_number": seat.number, "chat_id": chat_id} for seat in some]
        )
    chat.members_rev += 1
    await resize(session, group, group.members + len(seats))


async def known_keys(session: AsyncSession, chat_id: int, keys: Sequence[str]) -> dict[str, int]:
    """The seqs of those keys that the chat has already, whoever sent them."""
    found = await session.execute(
        text("SELECT key, seq FROM chat_message WHERE chat_id = :chat AND key = ANY (CAST(:keys AS text[]))"),
        {"chat": chat_id, "keys": list(keys)},
    )
    return {row.key: row.seq for row in found}


_APPEND = text(
    """
    INSERT INTO chat_message (chat_id, seq, id, sender_number, key, segments, sent_at)
    SELECT :chat, u.seq, u.id, u.sender, u.key, u.segments, u.sent_at
    FROM unnest(CAST(:seqs AS bigint[]), CAST(:ids AS bigint[]), CAST(:senders AS bigint[]), CAST(:keys AS text[]),
      CAST(:segments AS text[]), CAST(:moments AS timestamptz[])) AS u (seq, id, sender, key, segments, sent_at)
    """
)
_APPEND_MENTIONS = text(
    """
    INSERT INTO chat_mention (chat_id, account_number, seq)
    SELECT :chat, u.number, u.seq FROM unnest(CAST(:numbers AS bigint[]), CAST(:seqs AS bigint[])) AS u (number, seq)
    """
)
_APPEND_MEDIA = text(
    """
    INSERT INTO chat_media (chat_id, media_id, seq)
    SELECT :chat, u.media, u.seq FROM unnest(CAST(:media AS text[]), CAST(:seqs AS bigint[])) AS u (media, seq)
    """
)
_RAISE = text("UPDATE chat_chat SET last_seq = last_seq + :count WHERE chat_id = :chat RETURNING last_seq")
_ALL_READ = text("UPDATE chat_member SET read_seq = :seq WHERE chat_id = :chat AND read_seq < :seq")


async def append_past(session: AsyncSession, chat_id: int, messages: Sequence[PastMessage]) -> int:
    """Appends the messages in their order; for everybody in the chat they count as read. Returns the seq of the
    first one."""
    if not messages:
        return 0
    last: int = (await session.execute(_RAISE, {"chat": chat_id, "count": len(messages)})).scalar_one()
    first = last - len(messages) + 1
    for start in range(0, len(messages), _ROWS_AT_ONCE):
        some = messages[start : start + _ROWS_AT_ONCE]
        await session.execute(
            _APPEND,
            {
                "chat": chat_id,
                "seqs": [first + start + place for place in range(len(some))],
                "ids": await take_ids(session, len(some)),
                "senders": [message.sender for message in some],
                "keys": [message.key for message in some],
                "segments": [_segments_of(message, first) for message in some],
                "moments": [message.sent_at for message in some],
            },
        )
    mentions = {(number, first + place) for place, m in enumerate(messages) for number in m.mentions}
    if mentions:
        numbers, seqs = zip(*sorted(mentions), strict=True)
        await session.execute(_APPEND_MENTIONS, {"chat": chat_id, "numbers": list(numbers), "seqs": list(seqs)})
    await _append_reactions(session, chat_id, first, messages)
    carried = {(name, first + place) for place, m in enumerate(messages) for name in m.media}
    if carried:
        media, seqs = zip(*sorted(carried), strict=True)
        await session.execute(_APPEND_MEDIA, {"chat": chat_id, "media": list(media), "seqs": list(seqs)})
    await session.execute(_ALL_READ, {"chat": chat_id, "seq": last})
    return first


async def _append_reactions(
    session: AsyncSession, chat_id: int, first_seq: int, messages: Sequence[PastMessage]
) -> None:
    rows = {
        (first_seq + place, number, emoji)
        for place, message in enumerate(messages)
        for emoji, numbers in message.reactions
        for number in numbers
    }
    if rows:
        values = [
            {"chat_id": chat_id, "seq": seq, "account_number": number, "emoji": emoji, "rev": 0}
            for seq, number, emoji in sorted(rows)
        ]
        await session.execute(insert(Reaction), values)


async def leave_unread(session: AsyncSession, chat_id: int, number: int, read_seq: int) -> None:
    """Sets somebody's read mark as it stood; unlike reading, this may lower it."""
    await session.execute(
        text("UPDATE chat_member SET read_seq = :seq WHERE chat_id = :chat AND account_number = :number"),
        {"chat": chat_id, "number": number, "seq": read_seq},
    )


def _segments_of(message: PastMessage, first_seq: int) -> str:
    seq = message.reply_seq if message.reply_to is None else first_seq + message.reply_to
    segments = message.segments if seq is None else [Reply(seq), *message.segments]
    return msgspec.json.encode(segments).decode()
