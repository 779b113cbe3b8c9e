"""Files that messages carry."""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import NoSuchMedia

from ..models import Carried, Message
from .seats import visible_chat

__all__ = ["visible_media"]


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
