"""What is given up: uploads that were never finished, files that nothing ever used or uses any more, and the blobs.

Who uses a file is known further up the house, and is asked by an ``InUse``. Nobody is asked at once: whoever takes a
file or lets it go makes it *unsure*, and it is looked at days later, when whatever was on its way then has arrived: a
message that carries the file and waits to be stored, a forward of one that was recalled meanwhile.

Rows go first, in one transaction with a note of the blobs that are spare by it; blobs go after it, by the note. A crash
between the two leaves the note, and the next sweep goes on.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..models import MediaFile, MediaItem, Spare, Upload
from ..queries import pieces_prefix, versions_prefix

__all__ = [
    "AT_ONCE_MAX",
    "InUse",
    "forget_spares",
    "give_up_released",
    "give_up_unused",
    "give_up_uploads",
    "list_spares",
    "lock_items",
    "release_media",
    "set_key_aside",
    "spare",
]

AT_ONCE_MAX = 200
_SET_ASIDE_FOR = timedelta(days=1)
_ON_ITS_WAY_FOR = timedelta(minutes=10)
"""How long what uses a file may take from its transaction to the table, however short the days are: a message waits for
the message writer, which waits for the database."""

InUse = Callable[[AsyncSession, Collection[str]], Awaitable[set[str]]]
"""Which of these files something uses."""


async def set_key_aside(session: AsyncSession, *, clock: Clock) -> str:
    """A key for blobs that nobody uploads and nothing holds yet. What is stored under it goes after a day, unless
    ``keep_developed`` has kept it by then."""
    key = secrets.token_urlsafe(16)
    await spare(session, versions_prefix(key), clock() + _SET_ASIDE_FOR)
    return key


async def spare(session: AsyncSession, prefix: str, now: datetime) -> None:
    """Notes that the blobs below ``prefix`` are not needed from ``now`` on."""
    await session.execute(upsert(Spare).values(prefix=prefix, since=now).on_conflict_do_nothing())


async def give_up_uploads(session: AsyncSession, *, clock: Clock) -> int:
    """Forgets uploads whose time is up, some at a time, and returns how many. What a finished one has become stays."""
    now = clock()
    over = (
        await session.scalars(
            select(Upload).where(Upload.expires_at <= now).limit(AT_ONCE_MAX).with_for_update(skip_locked=True)
        )
    ).all()
    for upload in over:
        await spare(session, pieces_prefix(upload.upload_id), now)
        if upload.media_id is None:
            await spare(session, versions_prefix(upload.upload_id), now)
    keys = [(upload.account_number, upload.upload_id) for upload in over]
    await session.execute(delete(Upload).where(tuple_(Upload.account_number, Upload.upload_id).in_(keys)))
    return len(over)


async def give_up_unused(session: AsyncSession, *, limits: Limits, clock: Clock) -> int:
    """Forgets items that nothing has used for days, some at a time, and returns how many."""
    now = clock()
    unused = await session.scalars(
        select(MediaItem)
        .where(MediaItem.kept_at.is_(None), MediaItem.made_at <= now - timedelta(days=limits.unused_media_days))
        .limit(AT_ONCE_MAX)
        .with_for_update(skip_locked=True)
    )
    return await _give_up(session, unused.all(), now)


async def give_up_released(session: AsyncSession, in_use: InUse, *, limits: Limits, clock: Clock) -> int:
    """Looks at items that something took or let go days ago, some at a time, and forgets those that nobody wears and
    nothing uses. Returns how many were looked at."""
    now = clock()
    before = now - timedelta(days=limits.released_media_days) - _ON_ITS_WAY_FOR
    found = await session.scalars(
        select(MediaItem)
        .where(MediaItem.unsure_since <= before)
        .order_by(MediaItem.unsure_since)
        .limit(AT_ONCE_MAX)
        .with_for_update(skip_locked=True)
    )
    items = {item.media_id: item for item in found}
    used = await in_use(session, list(items)) | {name for name, item in items.items() if item.avatars > 0}
    await session.execute(update(MediaItem).where(MediaItem.media_id.in_(used)).values(unsure_since=None))
    await _give_up(session, [item for name, item in items.items() if name not in used], now)
    return len(items)


async def release_media(session: AsyncSession, ids: Collection[str], *, clock: Clock) -> None:
    """Notes that something which used these files does so no more. Those that nothing else uses go after some days."""
    await lock_items(session, ids)
    await session.execute(update(MediaItem).where(MediaItem.media_id.in_(ids)).values(unsure_since=clock()))


async def lock_items(session: AsyncSession, ids: Collection[str], *which: ColumnElement[bool]) -> set[str]:
    """Locks these items, as far as they are there and such as ``which`` says, and returns their ids. Always in one
    order, so that two who want several do not wait for each other."""
    wanted = select(MediaItem.media_id).where(MediaItem.media_id.in_(ids), *which).order_by(MediaItem.media_id)
    return set(await session.scalars(wanted.with_for_update()))


async def _give_up(session: AsyncSession, items: Sequence[MediaItem], now: datetime) -> int:
    """Forgets these items, and with the last item of a file the file."""
    await session.execute(delete(MediaItem).where(MediaItem.media_id.in_([item.media_id for item in items])))
    for sha256, kind in sorted({(item.sha256, item.kind) for item in items}):
        this_file = (MediaFile.sha256 == sha256, MediaFile.kind == kind)
        # Whoever is about to hold this file is waited for here, and found by the next statement.
        key = await session.scalar(select(MediaFile.key).where(*this_file).with_for_update())
        held = exists().where(MediaItem.sha256 == sha256, MediaItem.kind == kind)
        gone = await session.scalar(delete(MediaFile).where(*this_file, ~held).returning(MediaFile.key))
        if key is not None and gone == key:
            await spare(session, versions_prefix(key), now)
    return len(items)


async def list_spares(session: AsyncSession, *, clock: Clock) -> list[str]:
    """Prefixes of blobs that are to be deleted, the oldest first and some at a time."""
    due = select(Spare.prefix).where(Spare.since <= clock()).order_by(Spare.since).limit(AT_ONCE_MAX)
    return list(await session.scalars(due))


async def forget_spares(session: AsyncSession, prefixes: Iterable[str]) -> None:
    """Strikes out the notes of blobs that are gone."""
    await session.execute(delete(Spare).where(Spare.prefix.in_(list(prefixes))))
