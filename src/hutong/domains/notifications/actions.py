"""The verbs of notices: the only writer of their table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import say_after_commit
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from .errors import BadMoment
from .models import Notice
from .queries import count_unread
from .schemas import ReadDraft

__all__ = ["notify", "read_notices", "sweep_notices"]

_SWEPT_AT_ONCE_MAX = 10_000

_NOTE = text(
    """
    INSERT INTO notifications_notice (account_number, kind, about, params, count, first_at, last_at)
    VALUES (:number, :kind, :about, CAST(:params AS jsonb), 1, :now, :now)
    ON CONFLICT (account_number, kind, about) WHERE read_at IS NULL
    DO UPDATE SET count = notifications_notice.count + 1, params = excluded.params, last_at = excluded.last_at
    """
)
_OVERFULL = text(
    """
    DELETE FROM notifications_notice WHERE account_number = :number AND notice_id IN (
      SELECT notice_id FROM notifications_notice WHERE account_number = :number
      ORDER BY last_at DESC, notice_id DESC OFFSET :kept)
    """
)
_SWEEP = text(
    "DELETE FROM notifications_notice WHERE (account_number, notice_id) IN ("
    "SELECT account_number, notice_id FROM notifications_notice WHERE last_at < :before LIMIT :limit)"
)


async def notify(
    session: AsyncSession,
    number: int,
    kind: str,
    about: str,
    *,
    clock: Clock,
    limits: Limits,
    **params: Any,
) -> None:
    """Tells an account of something. ``kind`` is ``<domain>.<what>``, which clients have a sentence for; ``about`` is
    what makes several of them one, as long as nobody has read them."""
    told = {"number": number, "kind": kind, "about": about, "now": clock()}
    await session.execute(_NOTE, told | {"params": msgspec.json.encode(params).decode()})
    await session.execute(_OVERFULL, {"number": number, "kept": limits.notices_per_account_max})
    await _tell_unread(session, number)


async def read_notices(session: AsyncSession, actor: Actor, draft: ReadDraft, *, clock: Clock) -> None:
    """Marks the actor's notices as read, up to a moment. Raises ``BadMoment``."""
    unread = update(Notice).where(Notice.account_number == actor.number, Notice.read_at.is_(None))
    if draft.until is not None:
        unread = unread.where(Notice.last_at <= _moment(draft.until))
    await session.execute(unread.values(read_at=clock()))
    await _tell_unread(session, actor.number)


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadMoment from error
    # What travels has milliseconds, and the table has more.
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) + timedelta(milliseconds=1)


async def _tell_unread(session: AsyncSession, number: int) -> None:
    frame = {"on": "noticed", "unread": await count_unread(session, number)}
    say_after_commit(session, f"account.{number}", msgspec.json.encode(frame))


async def sweep_notices(session: AsyncSession, *, clock: Clock, limits: Limits) -> bool:
    """Forgets what is old. Returns whether there may be more."""
    before = clock() - timedelta(days=limits.notices_kept_days)
    swept = await session.execute(_SWEEP, {"before": before, "limit": _SWEPT_AT_ONCE_MAX})
    return bool(getattr(swept, "rowcount", 0) == _SWEPT_AT_ONCE_MAX)
