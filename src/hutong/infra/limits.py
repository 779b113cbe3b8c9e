"""Rates and quotas, counted in one place for all processes: an unlogged table of fixed windows.

A rate is counted with ``spend``, in a transaction of its own, so that a refused or failed request counts too; a quota
with ``spend_within``, in the caller's, so that only what was done counts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import DateTime, Integer, String, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hutong.kit.clock import Clock, system_clock
from hutong.kit.errors import TooMany

from .db import Base, Database

__all__ = ["Allowance", "Counter", "spend", "spend_within", "sweep_counters", "used_of"]


class Counter(Base):
    """How often something was done in one window. Unlogged: a crash forgets counts, never data."""

    __tablename__ = "infra_counter"
    __table_args__ = ({"prefixes": ["UNLOGGED"], "info": {"distributed_by": "key"}},)

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    window_ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class Allowance:
    """``count_max`` times in every ``window_s`` seconds, for each key that begins with ``name``."""

    def __init__(self, name: str, count_max: int, window_s: int) -> None:
        self.name = name
        self.count_max = count_max
        self.window_s = window_s


_RAISE = text(
    "INSERT INTO infra_counter (key, window_ends_at, count) VALUES (:key, :ends, :count) "
    "ON CONFLICT (key, window_ends_at) DO UPDATE SET count = infra_counter.count + :count RETURNING count"
)


async def spend(
    database: Database, allowance: Allowance, who: str, *, count: int = 1, clock: Clock = system_clock
) -> None:
    """Counts once more for ``who``. Raises ``TooMany`` when the window's allowance is used up."""
    async with database.short_transaction() as session:
        left = await _count(session, allowance, who, count, clock)
    if left < 0:
        raise TooMany(retry_after_s=_window_s_left(allowance, clock))


async def spend_within(
    session: AsyncSession, allowance: Allowance, who: str, *, count: int = 1, clock: Clock = system_clock
) -> None:
    """Counts as part of the session's transaction. Raises ``TooMany`` when the window's allowance is used up."""
    if await _count(session, allowance, who, count, clock) < 0:
        raise TooMany(retry_after_s=_window_s_left(allowance, clock))


async def _count(session: AsyncSession, allowance: Allowance, who: str, count: int, clock: Clock) -> int:
    """Counts, and returns how much of the allowance is left in this window; less than nothing when it is used up."""
    ends = _window_end(allowance, clock)
    used = await session.scalar(_RAISE, {"key": f"{allowance.name}:{who}"[:160], "ends": ends, "count": count})
    return allowance.count_max - (used or 0)


async def used_of(
    session: AsyncSession, allowances: Sequence[Allowance], who: str, *, clock: Clock = system_clock
) -> list[int]:
    """How much of each allowance is used up in the present window."""
    windows = {f"{one.name}:{who}"[:160]: _window_end(one, clock) for one in allowances}
    rows = await session.execute(
        select(Counter.key, Counter.window_ends_at, Counter.count.label("times")).where(Counter.key.in_(list(windows)))
    )
    counts: dict[str, int] = {row.key: row.times for row in rows if windows[row.key] == row.window_ends_at}
    return [counts.get(key, 0) for key in windows]


def _window_end(allowance: Allowance, clock: Clock) -> datetime:
    seconds = int(clock().timestamp())
    return datetime.fromtimestamp(seconds - seconds % allowance.window_s + allowance.window_s, UTC)


def _window_s_left(allowance: Allowance, clock: Clock) -> int:
    return max(1, allowance.window_s - int(clock().timestamp()) % allowance.window_s)


async def sweep_counters(database: Database, *, clock: Clock = system_clock) -> None:
    """Forgets windows that ended an hour ago."""
    async with database.transaction() as session:
        await session.execute(delete(Counter).where(Counter.window_ends_at < clock() - timedelta(hours=1)))
