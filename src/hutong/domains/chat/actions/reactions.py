"""Emoji that people put to messages."""

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..emoji import check_emoji
from ..errors import NoSuchMessage, ReactionsFull
from ..models import Reaction, refusal_to_speak
from ..queries import visible_chat
from .changes import Turn, keep_change, raise_rev
from .messages import lock_message

__all__ = ["react", "take_reaction_back"]

_COUNTS = text(
    "SELECT emoji, count(*) AS times FROM chat_reaction WHERE chat_id = :chat AND seq = :seq "
    "GROUP BY emoji ORDER BY min(rev), emoji"
)


async def react(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, emoji: str, *, clock: Clock, limits: Limits
) -> None:
    """Puts an emoji to a message; putting it again does nothing. Raises ``ReactionsFull`` for one kind too many.

    Whoever is muted may not; where everybody is muted, they may.
    """
    emoji = check_emoji(emoji)
    seat = await visible_chat(session, actor.number, chat_id)
    refusal = refusal_to_speak(seat[1].role, seat[1].muted_until, False, clock())
    if refusal is not None:
        raise refusal
    message = await lock_message(session, chat_id, seq)
    if message.recalled_at is not None:
        raise NoSuchMessage
    kinds = [row.emoji for row in await session.execute(_COUNTS, {"chat": chat_id, "seq": seq})]
    if emoji not in kinds and len(kinds) >= limits.reaction_kinds_per_message_max:
        raise ReactionsFull(kinds_max=limits.reaction_kinds_per_message_max)
    if await session.get(Reaction, (chat_id, seq, actor.number, emoji)) is not None:
        return
    turn = await raise_rev(session, chat_id, seat=seat)
    await session.execute(
        insert(Reaction).values(chat_id=chat_id, seq=seq, account_number=actor.number, emoji=emoji, rev=turn.rev)
    )
    await _tell(session, turn, seq, emoji, clock, added=True, number=actor.number, name=seat[1].card or actor.nickname)


async def take_reaction_back(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, emoji: str, *, clock: Clock
) -> None:
    """Takes one's own emoji away again; nothing happens where there is none."""
    emoji = check_emoji(emoji)
    seat = await visible_chat(session, actor.number, chat_id)
    await lock_message(session, chat_id, seq)
    mine = (Reaction.chat_id == chat_id, Reaction.seq == seq, Reaction.account_number == actor.number)
    gone = await session.execute(delete(Reaction).where(*mine, Reaction.emoji == emoji).returning(Reaction.rev))
    if gone.first() is None:
        return
    turn = await raise_rev(session, chat_id, seat=seat)
    await _tell(session, turn, seq, emoji, clock, added=False, number=actor.number, name=seat[1].card or actor.nickname)


async def _tell(
    session: AsyncSession, turn: Turn, seq: int, emoji: str, clock: Clock, *, added: bool, **who: object
) -> None:
    """Tells what the message has now, whole, so that whoever missed a change before is right again."""
    rows = (await session.execute(_COUNTS, {"chat": turn.chat, "seq": seq})).all()
    reactions = [{"emoji": row.emoji, "count": row.times} for row in rows]
    count = sum(row.times for row in rows if row.emoji == emoji)
    told = {"seq": seq, "emoji": emoji, "count": count, "added": added, **who, "reactions": reactions}
    await keep_change(session, turn, "reacted", clock(), **told)
