"""Where somebody is, in few words: for programs that must know what kind of conversation a number names."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of

from ..errors import NoSuchChat
from ..schemas import ChatPlace, Person

__all__ = ["chat_place", "chat_places"]

_PLACES = text(
    """
    SELECT c.chat_id, c.kind, g.name, g.avatar, g.members, g.capacity,
      (SELECT p.account_number FROM chat_member p
         WHERE c.kind = 'direct' AND p.chat_id = c.chat_id AND p.account_number <> i.account_number) AS peer
    FROM chat_inbox i
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
    LEFT JOIN chat_group g ON g.chat_id = c.chat_id
    WHERE i.account_number = :number
      AND (CAST(:chats AS bigint[]) IS NULL OR i.chat_id = ANY (CAST(:chats AS bigint[])))
    ORDER BY c.chat_id
    """
)


async def chat_places(session: AsyncSession, number: int, chats: Sequence[int] | None = None) -> list[ChatPlace]:
    """The conversations that an account is in, by their numbers; only ``chats`` where they are given."""
    wanted = {"number": number, "chats": None if chats is None else list(chats)}
    rows = (await session.execute(_PLACES, wanted)).all()
    cards = await names_of(session, [row.peer for row in rows if row.peer is not None])
    places: list[ChatPlace] = []
    for row in rows:
        card = cards.get(row.peer)
        places.append(
            ChatPlace(
                chat=row.chat_id,
                kind=row.kind,
                name=row.name if row.kind == "group" else card.nickname if card is not None else "",
                avatar=row.avatar if row.kind == "group" else card.avatar if card is not None else None,
                members=row.members or 2,
                capacity=row.capacity or 2,
                peer=Person(card.number, card.nickname, card.avatar, card.is_bot) if card is not None else None,
            )
        )
    return places


async def chat_place(session: AsyncSession, number: int, chat_id: int) -> ChatPlace:
    """One of them. Raises ``NoSuchChat``."""
    places = await chat_places(session, number, [chat_id])
    if not places:
        raise NoSuchChat
    return places[0]
