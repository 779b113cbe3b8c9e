"""Lines: outlets to which we keep a connection, instead of sending each event on its own.

Who keeps a line holds it by a lease, and renews it with word of how far the bot has heard. A line that was changed by
its owner in the meantime is let go, to be taken anew as it is now.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock

from ..errors import NoSuchBot
from ..models import App, Bot, Outlet, OutletKind
from ..queries import bot_with_app

__all__ = ["LINE_LEASED_FOR_S", "hold_line", "let_line_go", "take_lines"]

LINE_LEASED_FOR_S = 30

_ERROR_CHARS_MAX = 500


async def take_lines(
    session: AsyncSession, kind: OutletKind, *, clock: Clock, limit: int, of_app_max: int
) -> list[Outlet]:
    """Some lines of a kind that nobody holds, each taken for ``LINE_LEASED_FOR_S``; of one app only the ``of_app_max``
    that were made first, of all those that are on."""
    now = clock()
    place = func.row_number().over(partition_by=App.app_id, order_by=Outlet.outlet_id)
    kept = (
        select(Outlet.bot_number, Outlet.outlet_id, place.label("place"))
        .join(Bot, Bot.bot_number == Outlet.bot_number)
        .join(App, App.app_id == Bot.app_id)
        .where(
            Outlet.kind == kind,
            Outlet.state == "on",
            Bot.dropped_at.is_(None),
            App.state.in_(("sandbox", "reviewed")),
        )
    ).subquery()
    rows = (
        select(Outlet)
        .join(kept, (kept.c.bot_number == Outlet.bot_number) & (kept.c.outlet_id == Outlet.outlet_id))
        .where(
            kept.c.place <= of_app_max,
            Outlet.state == "on",
            (Outlet.leased_until.is_(None)) | (Outlet.leased_until <= now),
        )
        .order_by(Outlet.bot_number, Outlet.outlet_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Outlet)
    )
    taken = list(await session.scalars(rows))
    for outlet in taken:
        outlet.leased_until = _lease_from(now)
    await session.flush()
    return taken


async def hold_line(session: AsyncSession, known: Outlet, *, position: int, error: str, clock: Clock) -> Outlet | None:
    """The line as it is now, held for longer; ``known`` is how it was when it was taken, or held last. None where it is
    gone, is not what it was, or may not be kept: then it is whoever's next."""
    row = await session.get(Outlet, (known.bot_number, known.outlet_id), with_for_update=True, populate_existing=True)
    if row is None or row.leased_until != known.leased_until:
        return None
    try:
        _, app = await bot_with_app(session, known.bot_number)
    except NoSuchBot:
        row.leased_until = None
        await session.flush()
        return None
    was = (known.state, known.url, known.secret, known.options, known.position)
    if app.state == "suspended" or was != (row.state, row.url, row.secret, row.options, row.position):
        row.leased_until = None
        await session.flush()
        return None
    now = clock()
    if error and not row.last_error:
        row.failing_since = now
    elif not error:
        row.failing_since = None
    row.last_error = error[:_ERROR_CHARS_MAX]
    row.position = max(row.position, position)
    row.leased_until = _lease_from(now)
    await session.flush()
    return row


async def let_line_go(session: AsyncSession, known: Outlet, *, position: int, clock: Clock) -> None:
    """Somebody else may take it at once, and goes on from there."""
    row = await hold_line(session, known, position=position, error=known.last_error, clock=clock)
    if row is not None:
        row.leased_until = None
        await session.flush()


def _lease_from(now: datetime) -> datetime:
    return now + timedelta(seconds=LINE_LEASED_FOR_S)
