"""Files that messages carry."""

from collections.abc import Collection

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import NoSuchMedia

from ..models import Carried, Message
from .seats import visible_chat

__all__ = ["carried_media", "visible_media"]


async def visible_media(session: AsyncSession, viewer: int, chat_id: int, media_id: str) -> None:
    """Whether somebody may read a file through a chat: it is theirs to see, and a message in it that has not been
    recalled carries the file. Raises ``NoSuchChat``, ``NoSuchMedia``."""
    await visible_chat(session, viewer, chat_id)
    carried = exists().where(
        Carried.chat_id == chat_id,
        Carried.media_id == media_id,
        Message.chat_id == chat_id,
        Message.seq == Carried.seq,
        Message.recalled_at.is_(None),
    )
    if not await session.scalar(select(carried)):
        raise NoSuchMedia


async def carried_media(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those of these files that a message in any chat carries which has not been recalled: a ``media.InUse``."""
    carried = (
        select(Carried.media_id)
        .join(Message, (Message.chat_id == Carried.chat_id) & (Message.seq == Carried.seq))
        .where(Carried.media_id.in_(ids), Message.recalled_at.is_(None))
        .distinct()
    )
    return set(await session.scalars(carried))
