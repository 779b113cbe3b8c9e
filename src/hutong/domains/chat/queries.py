"""Reads that deserve a name, and the gates. A gate raises ``NoSuchChat`` for what the viewer may not know to exist."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.kit.actor import Actor
from hutong.kit.clock import iso_utc

from .errors import NoSuchChat, NotAllowed
from .models import Chat, Group, Member
from .schemas import ChatRow, GroupView, Person
from .tiers import tier_of

__all__ = [
    "Counters",
    "Seat",
    "changes_after",
    "chat_rows",
    "counters_of_many",
    "governed_group",
    "group_view",
    "is_member",
    "message_frames",
    "message_json",
    "page_of_messages",
    "people_in",
    "seats_in",
    "seats_of",
    "shown_as",
    "visible_chat",
    "visible_group",
]


class Seat(msgspec.Struct):
    """Somebody's place in a chat together with what a gateway keeps of the chat in memory."""

    chat: int
    number: int
    role: str
    card: str
    muted_until: datetime | None
    last_seq: int
    last_rev: int
    members_rev: int
    muted_all: bool


_SEATS = """
SELECT c.chat_id, m.account_number, m.role, m.card, m.muted_until, c.last_seq, c.last_rev, c.members_rev, c.muted_all
FROM {source} JOIN chat_member m ON m.chat_id = {chat} AND m.account_number = {number}
JOIN chat_chat c ON c.chat_id = m.chat_id AND c.dissolved_at IS NULL
"""
_SEATS_OF_ACCOUNT = text(
    _SEATS.format(source="chat_inbox i", chat="i.chat_id", number="i.account_number")
    + "WHERE i.account_number = :number"
)
_SEATS_IN_CHAT = text(
    _SEATS.format(
        source="unnest(CAST(:numbers AS bigint[])) AS u (number)", chat="CAST(:chat AS bigint)", number="u.number"
    )
)
_COUNTERS = text(
    "SELECT chat_id, last_seq, last_rev, members_rev, muted_all FROM chat_chat "
    "WHERE chat_id = ANY (CAST(:chats AS bigint[]))"
)


async def seats_of(session: AsyncSession, number: int) -> list[Seat]:
    """Every seat that the account has."""
    return [Seat(*row) for row in await session.execute(_SEATS_OF_ACCOUNT, {"number": number})]


async def seats_in(session: AsyncSession, chat_id: int, numbers: Sequence[int]) -> list[Seat]:
    """The seats of these accounts in one chat; who has none is left out."""
    return [Seat(*row) for row in await session.execute(_SEATS_IN_CHAT, {"chat": chat_id, "numbers": list(numbers)})]


class Counters(NamedTuple):
    last_seq: int
    last_rev: int
    members_rev: int
    muted_all: bool


async def counters_of_many(session: AsyncSession, chat_ids: Sequence[int]) -> dict[int, Counters]:
    """How far each of these chats is."""
    rows = await session.execute(_COUNTERS, {"chats": list(chat_ids)})
    return {row[0]: Counters(row[1], row[2], row[3], row[4]) for row in rows}


async def visible_chat(session: AsyncSession, viewer: int, chat_id: int) -> tuple[Chat, Member]:
    """The chat and the viewer's seat in it."""
    row = (
        await session.execute(
            select(Chat, Member)
            .join(Member, Member.chat_id == Chat.chat_id)
            .where(Chat.chat_id == chat_id, Member.account_number == viewer, Chat.dissolved_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        raise NoSuchChat
    return row[0], row[1]


async def visible_group(session: AsyncSession, viewer: int, chat_id: int) -> tuple[Group, Chat, Member | None]:
    """The group as anybody may find it, and the viewer's seat if there is one. A closed or unlisted group exists for
    its members only."""
    row = (
        await session.execute(
            select(Group, Chat, Member)
            .join(Chat, Chat.chat_id == Group.chat_id)
            .outerjoin(Member, (Member.chat_id == Group.chat_id) & (Member.account_number == viewer))
            .where(Group.chat_id == chat_id, Chat.dissolved_at.is_(None))
        )
    ).one_or_none()
    if row is None or (row[2] is None and (not row[0].listed or row[0].join_mode == "closed")):
        raise NoSuchChat
    return row[0], row[1], row[2]


async def governed_group(session: AsyncSession, actor: int, chat_id: int, *roles: str) -> tuple[Group, Chat, Member]:
    """The group, for one of its members who has one of ``roles``; other members get ``NotAllowed``. The chat's row is
    locked, so that changes of a group come one after the other."""
    await session.execute(select(Chat.chat_id).where(Chat.chat_id == chat_id).with_for_update())
    group, chat, member = await visible_group(session, actor, chat_id)
    if member is None:
        raise NoSuchChat
    if member.role not in roles:
        raise NotAllowed
    return group, chat, member


def group_view(group: Group, chat: Chat, member: Member | None) -> GroupView:
    """The group as it travels, for the viewer who has this seat or none."""
    tier = tier_of(group.capacity)
    return GroupView(
        chat=group.chat_id,
        number=group.chat_id,
        name=group.name,
        avatar=group.avatar,
        description=group.description,
        city=group.city,
        kind=group.kind,
        join_mode=group.join_mode,
        question=group.question,
        capacity=group.capacity,
        admins_max=tier.admins_max if tier else 0,
        members=group.members,
        handle=group.handle,
        listed=group.listed,
        owner=group.owner_number,
        created_at=iso_utc(chat.created_at),
        mute_all=chat.muted_all,
        my_role=member.role if member else None,
    )


def shown_as(actor: Actor, member: Member) -> bytes:
    """The actor as the frames of this chat show them, in JSON."""
    return msgspec.json.encode(Person(actor.number, member.card or actor.nickname, actor.avatar))


async def is_member(session: AsyncSession, chat_id: int, number: int) -> bool:
    return await session.get(Member, (chat_id, number)) is not None


async def people_in(session: AsyncSession, chat_id: int, numbers: Sequence[int]) -> dict[int, Person]:
    """How these accounts are shown in the chat: by their card, or else by their nickname."""
    cards = await names_of(session, numbers)
    rows = await session.execute(
        select(Member.account_number, Member.card).where(
            Member.chat_id == chat_id, Member.account_number.in_(numbers), Member.card != ""
        )
    )
    group_cards = {row[0]: row[1] for row in rows}
    return {
        number: Person(number, group_cards.get(number, card.nickname), card.avatar) for number, card in cards.items()
    }


_CHAT_ROWS = text(
    """
    SELECT c.chat_id, c.kind, g.name, g.avatar, c.last_seq, c.last_rev, m.read_seq, i.notify, i.pinned_at,
      (SELECT count(*) FROM chat_message x WHERE x.chat_id = c.chat_id AND x.seq > m.read_seq
         AND x.sender_number <> m.account_number AND x.recalled_at IS NULL) AS unread,
      (SELECT count(DISTINCT t.seq) FROM chat_mention t JOIN chat_message x ON x.chat_id = t.chat_id AND x.seq = t.seq
         WHERE t.chat_id = c.chat_id AND t.account_number IN (m.account_number, 0) AND t.seq > m.read_seq
         AND x.sender_number <> m.account_number AND x.recalled_at IS NULL) AS mentions,
      (SELECT p.account_number FROM chat_member p
         WHERE c.kind = 'direct' AND p.chat_id = c.chat_id AND p.account_number <> m.account_number) AS peer
    FROM chat_inbox i
    JOIN chat_member m ON m.chat_id = i.chat_id AND m.account_number = i.account_number
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
    LEFT JOIN chat_group g ON g.chat_id = c.chat_id
    WHERE i.account_number = :number AND (CAST(:chat AS bigint) IS NULL OR i.chat_id = :chat)
    """
)
_LAST_MESSAGES = text(
    """
    SELECT x.* FROM unnest(CAST(:chats AS bigint[])) AS u (chat_id) CROSS JOIN LATERAL
      (SELECT chat_id, seq, id, sender_number, segments, sent_at, recalled_at, recalled_by FROM chat_message
       WHERE chat_id = u.chat_id ORDER BY seq DESC LIMIT 1) AS x
    """
)


async def chat_rows(
    session: AsyncSession, number: int, *, chat_id: int | None = None, with_last_message: bool = False
) -> list[ChatRow]:
    """The account's conversations with exact counts of what is unread; only ``chat_id`` where that is given."""
    rows = (await session.execute(_CHAT_ROWS, {"number": number, "chat": chat_id})).all()
    peers = await names_of(session, [row.peer for row in rows if row.peer is not None])
    last: dict[int, msgspec.Raw] = {}
    if with_last_message:
        messages = (await session.execute(_LAST_MESSAGES, {"chats": [row.chat_id for row in rows]})).all()
        last = await _last_messages(session, messages)
    return [
        ChatRow(
            chat=row.chat_id,
            kind=row.kind,
            name=row.name if row.kind == "group" else peers[row.peer].nickname,
            avatar=row.avatar if row.kind == "group" else peers[row.peer].avatar,
            last_seq=row.last_seq,
            last_rev=row.last_rev,
            read_seq=row.read_seq,
            unread=row.unread,
            mentions=row.mentions,
            notify=row.notify,
            pinned=row.pinned_at is not None,
            peer=row.peer,
            last_message=last.get(row.chat_id),
        )
        for row in rows
    ]


async def _last_messages(session: AsyncSession, rows: Sequence[Row[Any]]) -> dict[int, msgspec.Raw]:
    names = await names_of(session, {row.sender_number for row in rows})
    people = {number: Person(number, card.nickname, card.avatar) for number, card in names.items()}
    return {row.chat_id: msgspec.Raw(message_json(row, people)) for row in rows}


_MESSAGE_COLUMNS = "chat_id, seq, id, sender_number, segments, sent_at, recalled_at, recalled_by"
_MESSAGES_AFTER = text(
    f"SELECT {_MESSAGE_COLUMNS} FROM chat_message WHERE chat_id = :chat AND seq > :bound ORDER BY seq LIMIT :limit"  # noqa: S608  # only our own column names
)
_MESSAGES_BEFORE = text(
    f"SELECT {_MESSAGE_COLUMNS} FROM chat_message WHERE chat_id = :chat AND seq < :bound ORDER BY seq DESC LIMIT :limit"  # noqa: S608  # only our own column names
)


async def page_of_messages(
    session: AsyncSession, chat_id: int, *, after: int | None, before: int | None, limit: int
) -> tuple[list[Row[Any]], bool]:
    """Up to ``limit`` rows in rising seq and whether there are more: those after ``after``, else those before
    ``before``, else the newest."""
    if after is not None:
        rows = list(
            (await session.execute(_MESSAGES_AFTER, {"chat": chat_id, "bound": after, "limit": limit + 1})).all()
        )
        return rows[:limit], len(rows) > limit
    bound = before if before is not None else 2**62
    rows = list((await session.execute(_MESSAGES_BEFORE, {"chat": chat_id, "bound": bound, "limit": limit + 1})).all())
    return rows[:limit][::-1], len(rows) > limit


def message_json(row: Row[Any], people: dict[int, Person], *, on: bool = False) -> bytes:
    """A stored message as it travels, with ``"on":"message"`` where it is to be a frame."""
    view: dict[str, object] = {"on": "message"} if on else {}
    recalled = row.recalled_at is not None
    view |= {
        "chat": row.chat_id,
        "seq": row.seq,
        "id": row.id,
        "from": people.get(row.sender_number, Person(row.sender_number, str(row.sender_number))),
        "segments": [] if recalled else msgspec.Raw(row.segments.encode()),
        "at": iso_utc(row.sent_at),
    }
    if recalled:
        view |= {"recalled": True, "recalled_by": row.recalled_by}
    return msgspec.json.encode(view)


async def message_frames(session: AsyncSession, chat_id: int, *, after: int, limit: int) -> list[tuple[int, bytes]]:
    """``(seq, frame)`` of the messages after a seq, rising."""
    rows, _ = await page_of_messages(session, chat_id, after=after, before=None, limit=limit)
    people = await people_in(session, chat_id, list({row.sender_number for row in rows}))
    return [(row.seq, message_json(row, people, on=True)) for row in rows]


_CHANGES_AFTER = text(
    "SELECT rev, frame FROM chat_change WHERE chat_id = :chat AND rev > :rev ORDER BY rev LIMIT :limit"
)


async def changes_after(session: AsyncSession, chat_id: int, *, rev: int, limit: int) -> list[tuple[int, bytes]]:
    """``(rev, frame)`` of the changes after a rev, rising."""
    rows = await session.execute(_CHANGES_AFTER, {"chat": chat_id, "rev": rev, "limit": limit})
    return [(row.rev, row.frame.encode()) for row in rows]
