"""Jobs that facts set going: what a subscriber is, what it has handled, and what it could not handle.

A subscriber gets every fact of its topics at least once, in no promised order, until it has returned without raising.
It notes with ``mark_handled`` that it is done, in the transaction of what it did, so that doing it twice is doing it
once. What keeps failing becomes a dead letter, which ``hutong doctor`` and the metrics show.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, DateTime, Identity, Integer, String, Text, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hutong.kit.clock import Clock, system_clock
from hutong.kit.facts import Fact

from .db import Base

__all__ = [
    "DeadLetter",
    "HandledFact",
    "Subscriber",
    "Task",
    "bury",
    "count_dead_letters",
    "is_handled",
    "mark_handled",
    "sweep_handled",
]

F = TypeVar("F", bound=Fact)

_REASON_CHARS_MAX = 2_000


class HandledFact(Base):
    """That a subscriber has handled a fact. Kept longer than JetStream keeps facts."""

    __tablename__ = "infra_handled_fact"
    __table_args__ = ({"info": {"distributed_by": "fact_id"}},)

    fact_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subscriber: Mapped[str] = mapped_column(String(60), primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DeadLetter(Base):
    """A fact that a subscriber could not handle, however often it tried."""

    __tablename__ = "infra_dead_letter"
    __table_args__ = ({"info": {"reference": "a handful, each to be looked at by the operator"}},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    subscriber: Mapped[str] = mapped_column(String(60))
    fact_id: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    died_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Task:
    """One fact for one subscriber. ``attempt`` is 1 for the first."""

    subscriber: str
    fact_id: int
    topic: str
    payload: bytes
    attempt: int

    def read(self, kind: type[F]) -> F:
        """The fact itself."""
        return msgspec.json.decode(self.payload, type=kind)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """``name`` is for ever: JetStream keeps under it how far the subscriber is. ``topics`` are as ``topic_of`` says.
    ``at_once_max`` tasks run side by side, each for at most ``timeout_s``."""

    name: str
    topics: tuple[str, ...]
    handle: Callable[[Task], Awaitable[None]]
    at_once_max: int = 8
    timeout_s: int = 60


async def is_handled(session: AsyncSession, task: Task) -> bool:
    return await session.get(HandledFact, (task.fact_id, task.subscriber)) is not None


async def mark_handled(session: AsyncSession, task: Task, *, clock: Clock = system_clock) -> bool:
    """Notes that the task is done. Returns whether this is the first time."""
    noted = await session.execute(
        insert(HandledFact)
        .values(fact_id=task.fact_id, subscriber=task.subscriber, handled_at=clock())
        .on_conflict_do_nothing()
        .returning(HandledFact.fact_id)
    )
    return noted.first() is not None


async def bury(session: AsyncSession, task: Task, reason: str, *, clock: Clock = system_clock) -> None:
    """Keeps a task that is given up as a dead letter."""
    session.add(
        DeadLetter(
            subscriber=task.subscriber,
            fact_id=task.fact_id,
            topic=task.topic,
            payload=msgspec.json.decode(task.payload),
            attempts=task.attempt,
            reason=reason[:_REASON_CHARS_MAX],
            died_at=clock(),
        )
    )
    await session.flush()


async def count_dead_letters(session: AsyncSession) -> dict[str, int]:
    """How many dead letters each subscriber has; those without are left out."""
    rows = await session.execute(select(DeadLetter.subscriber, func.count()).group_by(DeadLetter.subscriber))
    return {row[0]: row[1] for row in rows}


async def sweep_handled(session: AsyncSession, *, older_than: timedelta, clock: Clock = system_clock) -> None:
    """Forgets what was handled so long ago that JetStream does not have it any more."""
    await session.execute(delete(HandledFact).where(HandledFact.handled_at < clock() - older_than))
