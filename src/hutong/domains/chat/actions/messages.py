"""What is done with messages beside sending them: the message writer does that.

Whoever changes something about a message locks the message first and the chat last, so that the message writer, which
needs the chat, waits as little as possible.
"""

from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import release_media
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import NoSuchMessage, NotAllowed, RecallTooLate
from ..facts import MessageRecalled
from ..forwards import media_in
from ..models import Mention, Message, Pin, Preview, Reaction
from ..queries import visible_chat
from ..segments import EVERYBODY
from .changes import keep_change, raise_rev

__all__ = ["lock_message", "recall_message"]

_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


async def recall_message(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, *, clock: Clock, limits: Limits
) -> None:
    """Takes a message back: its sender within the window, an owner or admin any time. Recalling again does nothing.

    What was put to it goes with it: it is neither pinned nor counted any more. Its files are let go.
    """
    seat = await visible_chat(session, actor.number, chat_id)
    message = await lock_message(session, chat_id, seq)
    if message.recalled_at is not None:
        return
    now = clock()
    if seat[1].role == "member":
        if message.sender_number != actor.number:
            raise NotAllowed
        if (now - message.sent_at).total_seconds() > limits.recall_window_s:
            raise RecallTooLate(window_s=limits.recall_window_s)
    message.recalled_at = now
    message.recalled_by = actor.number
    await release_media(session, set(media_in(_decode(message.segments.encode()))), clock=clock)
    for table in (Reaction, Pin, Preview):
        await session.execute(delete(table).where(table.chat_id == chat_id, table.seq == seq))
    mentioned = set(
        await session.scalars(select(Mention.account_number).where(Mention.chat_id == chat_id, Mention.seq == seq))
    )
    turn = await raise_rev(session, chat_id, seat=seat)
    await keep_change(
        session,
        turn,
        "recalled",
        now,
        seq=seq,
        sender=message.sender_number,
        mentions=sorted(mentioned - {EVERYBODY}),
        mentions_all=EVERYBODY in mentioned,
        by=actor.number,
        by_name=seat[1].card or actor.nickname,
    )
    publish(session, MessageRecalled(chat=chat_id, seq=seq, recalled_by=actor.number))


async def lock_message(session: AsyncSession, chat_id: int, seq: int) -> Message:
    """The message, which nobody else changes until the commit. Raises ``NoSuchMessage``."""
    message: Message | None = await session.get(Message, (chat_id, seq), with_for_update=True)
    if message is None:
        raise NoSuchMessage
    return message
