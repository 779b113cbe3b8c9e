"""What events keep, and for how long: what was recalled goes after a grace, and everything after some days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..models import BotEvent, Recall
from ..scopes import Moment

__all__ = ["forget_recalled", "note_recalls", "sweep_events"]

_RECALLS_AT_ONCE_MAX = 200
_EVENTS_AT_ONCE_MAX = 10_000
_TOLD_OF_WORDS = ("message", "edited", "previewed")

_SWEEP = text(
    "DELETE FROM openplatform_event WHERE (bot_number, event) IN ("
    "SELECT bot_number, event FROM openplatform_event WHERE at < :before LIMIT :limit)"
)


async def note_recalls(
    session: AsyncSession, told: Sequence[tuple[int, Moment]], now: datetime, limits: Limits
) -> None:
    """Notes which messages of which chats were recalled, to take them out of the events after the grace."""
    recalled = {(chat_id, moment.seq) for chat_id, moment in told if moment.on == "recalled"}
    if recalled:
        gone_at = now + timedelta(seconds=limits.recalled_seen_by_bots_s)
        rows = [{"chat_id": chat_id, "seq": seq, "gone_at": gone_at} for chat_id, seq in sorted(recalled)]
        await session.execute(upsert(Recall).on_conflict_do_nothing(), rows)


async def forget_recalled(session: AsyncSession, *, clock: Clock) -> bool:
    """Takes out of the events what was said in messages that were recalled long enough ago. Returns whether there may
    be more."""
    rows = select(Recall).where(Recall.gone_at <= clock()).limit(_RECALLS_AT_ONCE_MAX)
    due = (await session.scalars(rows.with_for_update(skip_locked=True))).all()
    for recall in due:
        told = select(BotEvent).where(
            BotEvent.chat_id == recall.chat_id, BotEvent.seq == recall.seq, BotEvent.told.in_(_TOLD_OF_WORDS)
        )
        for event in await session.scalars(told.order_by(BotEvent.bot_number, BotEvent.event).with_for_update()):
            frame: dict[str, object] = msgspec.json.decode(event.frame)
            empty: dict[str, object] = {"previews": []} if event.told == "previewed" else {"segments": []}
            event.frame = msgspec.json.encode(frame | empty | {"recalled": True}).decode()
        await session.delete(recall)
    await session.flush()
    return len(due) == _RECALLS_AT_ONCE_MAX


async def sweep_events(session: AsyncSession, *, clock: Clock, limits: Limits) -> bool:
    """Forgets events that were kept long enough, up to a number at a time. Returns whether there may be more."""
    before = clock() - timedelta(days=limits.bot_events_kept_days)
    swept = await session.execute(_SWEEP, {"before": before, "limit": _EVENTS_AT_ONCE_MAX})
    return bool(getattr(swept, "rowcount", 0) == _EVENTS_AT_ONCE_MAX)
