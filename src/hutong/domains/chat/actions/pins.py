"""Messages kept in sight of everybody."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import NoSuchMessage, NotAllowed, PinsFull
from ..models import Chat, Member, Pin
from ..queries import pinned_seqs, visible_chat
from .changes import Turn, keep_change, raise_rev
from .messages import lock_message

__all__ = ["pin_message", "unpin_message"]


async def pin_message(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, *, clock: Clock, limits: Limits
) -> None:
    """Pins a message, if it is not: an owner or admin of the group, or either side of a direct conversation.

    Raises ``PinsFull`` where as many as possible are pinned.
    """
    seat = await _may_pin(session, actor, chat_id)
    message = await lock_message(session, chat_id, seq)
    if message.recalled_at is not None:
        raise NoSuchMessage
    # The lock of the chat keeps two who pin at once from pinning one too many.
    await session.execute(select(Chat.chat_id).where(Chat.chat_id == chat_id).with_for_update())
    pinned = await pinned_seqs(session, chat_id)
    if seq in pinned:
        return
    if len(pinned) >= limits.pins_per_chat_max:
        raise PinsFull(pins_max=limits.pins_per_chat_max)
    now = clock()
    turn = await raise_rev(session, chat_id, seat=seat)
    session.add(Pin(chat_id=chat_id, seq=seq, pinned_by=actor.number, pinned_at=now, rev=turn.rev))
    await session.flush()
    await _tell(session, turn, seq, clock, pinned=True, by=actor.number, by_name=seat[1].card or actor.nickname)


async def unpin_message(session: AsyncSession, actor: Actor, chat_id: int, seq: int, *, clock: Clock) -> None:
    """Takes a pin down again; nothing happens where there is none."""
    seat = await _may_pin(session, actor, chat_id)
    await lock_message(session, chat_id, seq)
    gone = await session.execute(delete(Pin).where(Pin.chat_id == chat_id, Pin.seq == seq).returning(Pin.seq))
    if gone.first() is None:
        return
    turn = await raise_rev(session, chat_id, seat=seat)
    await _tell(session, turn, seq, clock, pinned=False, by=actor.number, by_name=seat[1].card or actor.nickname)


async def _may_pin(session: AsyncSession, actor: Actor, chat_id: int) -> tuple[Chat, Member]:
    chat, member = await visible_chat(session, actor.number, chat_id)
    if chat.kind == "group" and member.role == "member":
        raise NotAllowed
    return chat, member


async def _tell(session: AsyncSession, turn: Turn, seq: int, clock: Clock, *, pinned: bool, **who: object) -> None:
    """Tells all pins as they are now, newest first."""
    pins = await pinned_seqs(session, turn.chat)
    await keep_change(session, turn, "pinned", clock(), seq=seq, pinned=pinned, **who, pins=pins)
