"""What links lead to, kept beside the messages that have them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock

from ..models import Preview
from ..schemas import PreviewView
from ..segments import decode_segments, links_in
from .changes import keep_change, raise_rev
from .messages import lock_message

__all__ = ["keep_previews"]


async def keep_previews(
    session: AsyncSession, chat_id: int, seq: int, previews: Sequence[PreviewView], *, clock: Clock
) -> None:
    """Keeps what the links of a message lead to and tells the chat. Does nothing where that was done before, or where
    the message was taken back meanwhile, or says something else by now. Raises ``NoSuchMessage``."""
    message = await lock_message(session, chat_id, seq)
    links = links_in(decode_segments(message.segments))
    previews = [one for one in previews if one.url in links]
    kept = select(func.count()).select_from(Preview).where(Preview.chat_id == chat_id, Preview.seq == seq)
    if message.recalled_at is not None or not previews or await session.scalar(kept):
        return
    session.add_all(
        [
            Preview(chat_id=chat_id, seq=seq, place=place, url=one.url, title=one.title, text=one.text)
            for place, one in enumerate(previews)
        ]
    )
    await session.flush()
    turn = await raise_rev(session, chat_id)
    await keep_change(session, turn, "previewed", clock(), seq=seq, previews=list(previews))
