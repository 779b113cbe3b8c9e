"""What is done with messages beside sending them: the message writer does that."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import NoSuchMessage, NotAllowed, RecallTooLate
from ..models import Chat, Message
from ..queries import visible_chat
from .changes import tell_change

__all__ = ["recall_message"]


async def recall_message(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, *, clock: Clock, limits: Limits
) -> None:
    """Takes a message back: its sender within the window, an owner or admin any time. Recalling again does nothing."""
    await session.execute(select(Chat.chat_id).where(Chat.chat_id == chat_id).with_for_update())
    _, member = await visible_chat(session, actor.number, chat_id)
    message = await session.get(Message, (chat_id, seq))
    if message is None:
        raise NoSuchMessage
    if message.recalled_at is not None:
        return
    now = clock()
    if member.role == "member":
        if message.sender_number != actor.number:
            raise NotAllowed
        if (now - message.sent_at).total_seconds() > limits.recall_window_s:
            raise RecallTooLate(window_s=limits.recall_window_s)
    message.recalled_at = now
    message.recalled_by = actor.number
    await session.flush()
    await tell_change(session, chat_id, "recalled", now, seq=seq, by=actor.number, name=actor.nickname)
