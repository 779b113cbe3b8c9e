"""Bookmarks: how far the sessions of bridges have heard, so that they can go on there without looking through all that
was before."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..models import Bookmark

__all__ = ["keep_bookmark", "sweep_bookmarks"]

_SWEPT_AT_ONCE_MAX = 1_000

_SWEEP = text(
    "DELETE FROM openplatform_bookmark WHERE (bot_number, name) IN ("
    "SELECT bot_number, name FROM openplatform_bookmark WHERE at < :before LIMIT :limit)"
)


async def keep_bookmark(session: AsyncSession, number: int, name: str, event: int, place: int, *, clock: Clock) -> None:
    """Notes that a bot's session of this name has heard everything up to an event, which was so many things for it. A
    bookmark does not go back."""
    kept = {"event": event, "place": place, "at": clock()}
    row = upsert(Bookmark).values(bot_number=number, name=name, **kept)
    further = Bookmark.event < event
    await session.execute(row.on_conflict_do_update(index_elements=["bot_number", "name"], set_=kept, where=further))


async def sweep_bookmarks(session: AsyncSession, *, clock: Clock, limits: Limits) -> bool:
    """Forgets those of sessions that could not go on there, as the events are not kept any more. Returns whether there
    are more."""
    before = clock() - timedelta(days=limits.bot_events_kept_days)
    swept = await session.execute(_SWEEP, {"before": before, "limit": _SWEPT_AT_ONCE_MAX})
    return int(getattr(swept, "rowcount", 0)) == _SWEPT_AT_ONCE_MAX
