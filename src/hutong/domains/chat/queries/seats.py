"""Who has a seat in which chat, and how they are shown there."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.kit.actor import Actor

from ..errors import NoSuchChat
from ..models import Chat, Member
from ..schemas import Person

__all__ = [
    "Counters",
    "Seat",
    "counters_of_many",
    "is_member",
    "lock_chat",
    "people_in",
    "seats_in",
    "seats_of",
    "shown",
    "shown_as",
    "visible_chat",
]


_LOCK = text("SELECT 1 FROM chat_chat WHERE chat_id = :chat FOR UPDATE")


async def lock_chat(session: AsyncSession, chat_id: int) -> None:
    """Makes changes of one chat come one after the other: everything that counts its people takes this lock first,
    and reads after it."""
    await session.execute(_LOCK, {"chat": chat_id})


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
    with_bot: bool


_SEATS = """
SELECT c.chat_id, m.account_number, m.role, m.card, m.muted_until, c.last_seq, c.last_rev, c.members_rev, c.muted_all,
  c.with_bot
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


def shown(actor: Actor, member: Member) -> Person:
    """The actor as this chat shows them."""
    return Person(actor.number, member.card or actor.nickname, actor.avatar, actor.is_bot)


def shown_as(actor: Actor, member: Member) -> bytes:
    """The actor as the frames of this chat show them, in JSON."""
    return msgspec.json.encode(shown(actor, member))


async def is_member(session: AsyncSession, chat_id: int, number: int) -> bool:
    """Whether the account has a seat in a chat that has not been dissolved."""
    found = await session.execute(_SEATS_IN_CHAT, {"chat": chat_id, "numbers": [number]})
    return found.first() is not None


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
        number: Person(number, group_cards.get(number, card.nickname), card.avatar, card.is_bot)
        for number, card in cards.items()
    }
