"""What is given up: uploads that were never finished, files that nothing ever used, and the blobs of both.

Rows go first, in one transaction with a note of the blobs that are spare by it; blobs go after it, by the note. A crash
between the two leaves the note, and the next sweep goes on.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..models import MediaFile, MediaItem, Spare, Upload
from ..queries import pieces_prefix, versions_prefix

__all__ = ["forget_spares", "give_up_unused", "give_up_uploads", "list_spares", "set_key_aside", "spare"]

_AT_ONCE_MAX = 200
_SET_ASIDE_FOR = timedelta(days=1)


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
            select(Upload).where(Upload.expires_at <= now).limit(_AT_ONCE_MAX).with_for_update(skip_locked=True)
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
    """Forgets items that nothing has used for days, some at a time, and returns how many. With the last item of a file
    goes the file."""
    now = clock()
    unused = (
        await session.scalars(
            select(MediaItem)
            .where(MediaItem.kept_at.is_(None), MediaItem.made_at <= now - timedelta(days=limits.unused_media_days))
            .limit(_AT_ONCE_MAX)
            .with_for_update(skip_locked=True)
        )
    ).all()
    await session.execute(delete(MediaItem).where(MediaItem.media_id.in_([item.media_id for item in unused])))
    for sha256, kind in sorted({(item.sha256, item.kind) for item in unused}):
        this_file = (MediaFile.sha256 == sha256, MediaFile.kind == kind)
        # Whoever is about to hold this file is waited for here, and found by the next statement.
        key = await session.scalar(select(MediaFile.key).where(*this_file).with_for_update())
        held = exists().where(MediaItem.sha256 == sha256, MediaItem.kind == kind)
        gone = await session.scalar(delete(MediaFile).where(*this_file, ~held).returning(MediaFile.key))
        if key is not None and gone == key:
            await spare(session, versions_prefix(key), now)
    return len(unused)


async def list_spares(session: AsyncSession, *, clock: Clock) -> list[str]:
    """Prefixes of blobs that are to be deleted, the oldest first and some at a time."""
    due = select(Spare.prefix).where(Spare.since <= clock()).order_by(Spare.since).limit(_AT_ONCE_MAX)
    return list(await session.scalars(due))


async def forget_spares(session: AsyncSession, prefixes: Iterable[str]) -> None:
    """Strikes out the notes of blobs that are gone."""
    await session.execute(delete(Spare).where(Spare.prefix.in_(list(prefixes))))
