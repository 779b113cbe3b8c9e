"""Ids of messages, unique over all chats; the message writer draws its own in blocks."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

__all__ = ["take_ids"]

_IDS_IN_BLOCK = 1_000


async def take_ids(session: AsyncSession, count: int) -> list[int]:
    """``count`` ids in rising order."""
    blocks = -(-count // _IDS_IN_BLOCK)
    rows = await session.execute(
        text("SELECT nextval('chat_message_ids') FROM generate_series(1, :blocks)"), {"blocks": blocks}
    )
    ids = [first + place for first in sorted(rows.scalars()) for place in range(_IDS_IN_BLOCK)]
    return ids[:count]
