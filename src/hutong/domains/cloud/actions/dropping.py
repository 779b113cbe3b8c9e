"""What goes: entries whose time is over, blobs that nothing needs, and everything of an app that is given up.

A blob is noted as spare before it is stored, and struck out in the transaction in which something holds it; so neither
a crash nor a refusal leaves one behind.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock

from ..models import Bundle, BundleFile, Entry, Holding, Spare, StoredFile

__all__ = [
    "AT_ONCE_MAX",
    "drop_holding",
    "forget_spares",
    "list_spares",
    "locked_holding",
    "set_aside",
    "spare",
    "sweep_expired",
]

AT_ONCE_MAX = 500
_SET_ASIDE_FOR = timedelta(days=1)


async def locked_holding(session: AsyncSession, app_id: int) -> Holding:
    """The counts of an app, which nobody else changes before the transaction ends. An app's first is made here."""
    await session.execute(upsert(Holding).values(app_id=app_id).on_conflict_do_nothing())
    wanted = select(Holding).where(Holding.app_id == app_id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).one()


async def set_aside(session: AsyncSession, app_id: int, *, clock: Clock) -> str:
    """The key for a blob that is about to be stored. It goes after a day, unless something holds it by then."""
    blob = f"apps/{app_id}/{secrets.token_urlsafe(16)}"
    await spare(session, [blob], clock() + _SET_ASIDE_FOR)
    return blob


async def spare(session: AsyncSession, blobs: Iterable[str], since: datetime) -> None:
    """Notes that nothing needs these blobs from ``since`` on."""
    rows = [{"blob": blob, "since": since} for blob in blobs]
    if rows:
        await session.execute(upsert(Spare).on_conflict_do_nothing(), rows)


async def list_spares(session: AsyncSession, *, clock: Clock) -> list[str]:
    """Blobs that are to be deleted, the oldest first and some at a time."""
    due = select(Spare.blob).where(Spare.since <= clock()).order_by(Spare.since).limit(AT_ONCE_MAX)
    return list(await session.scalars(due))


async def forget_spares(session: AsyncSession, blobs: Iterable[str]) -> None:
    """Strikes out the notes of blobs that are gone, or that something holds from now on."""
    await session.execute(delete(Spare).where(Spare.blob.in_(list(blobs))))


async def sweep_expired(session: AsyncSession, *, clock: Clock) -> int:
    """Deletes entries whose time is over, of one app and some at a time, and returns how many those were."""
    now = clock()
    app_id = await session.scalar(select(Entry.app_id).where(Entry.expires_at <= now).limit(1))
    if app_id is None:
        return 0
    holding = await locked_holding(session, app_id)
    over = select(Entry.collection, Entry.key).where(Entry.app_id == app_id, Entry.expires_at <= now).limit(AT_ONCE_MAX)
    gone = await session.scalars(
        delete(Entry)
        .where(Entry.app_id == app_id, tuple_(Entry.collection, Entry.key).in_(over))
        .returning(Entry.size_bytes)
    )
    sizes = gone.all()
    holding.entries -= len(sizes)
    holding.entry_bytes -= sum(sizes)
    await session.flush()
    return len(sizes)


async def drop_holding(session: AsyncSession, app_id: int, *, clock: Clock) -> None:
    """Forgets everything that an app kept here, which is no more. Twice is harmless."""
    await locked_holding(session, app_id)
    for table in (StoredFile, Bundle):
        await spare(session, await session.scalars(select(table.blob).where(table.app_id == app_id)), clock())
    for rows in (Entry, StoredFile, BundleFile, Bundle, Holding):
        await session.execute(delete(rows).where(rows.app_id == app_id))
