"""What is kept of files: stored once by content, held by those who sent them, used by messages and avatars."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.darkroom import Developed, Picture
from hutong.kit.clock import Clock

from ..errors import NoSuchMedia, NotAPicture
from ..models import MediaFile, MediaItem, Purpose
from ..names import clean_name
from ..queries import describe_media, media_view, versions_prefix
from ..schemas import MediaView
from .sweeping import forget_spares, lock_items, release_media, spare

__all__ = ["keep_developed", "take_media", "wear_avatar"]


async def keep_developed(
    session: AsyncSession, owner: int, developed: Developed, *, key: str, name: str, purpose: Purpose, clock: Clock
) -> MediaView:
    """Makes a new item of ``owner``'s for a file whose blobs lie under ``key``. Where the same content is stored
    already, the item holds that, and the new blobs are spare."""
    now = clock()
    file = await _find_or_make(session, developed, key, now) or await _find_or_make(session, developed, key, now)
    if file is None:
        raise RuntimeError("a file was given up twice while it was being stored")
    await forget_spares(session, [versions_prefix(key)])
    if file.key != key:
        await spare(session, versions_prefix(key), now)
    item = MediaItem(
        media_id=secrets.token_urlsafe(16),
        owner_number=owner,
        sha256=file.sha256,
        kind=file.kind,
        purpose=purpose,
        name=clean_name(name),
        avatars=0,
        made_at=now,
    )
    session.add(item)
    await session.flush()
    return media_view(item, file)


async def _find_or_make(session: AsyncSession, developed: Developed, key: str, now: datetime) -> MediaFile | None:
    """The file with this content, locked so that no sweep takes it away before an item holds it. None where a sweep
    had it already, and is done by now."""
    sha256 = bytes.fromhex(developed.sha256)
    await session.execute(
        upsert(MediaFile)
        .values(
            sha256=sha256,
            kind=developed.kind,
            key=key,
            type=developed.type,
            size_bytes=developed.size_bytes,
            width=developed.width,
            height=developed.height,
            duration_ms=developed.duration_ms,
            small=_as_stored(developed.small),
            large=_as_stored(developed.large),
            stored_at=now,
        )
        .on_conflict_do_nothing()
    )
    return await session.scalar(
        select(MediaFile).where(MediaFile.sha256 == sha256, MediaFile.kind == developed.kind).with_for_update(read=True)
    )


def _as_stored(picture: Picture | None) -> dict[str, str | int] | None:
    if picture is None:
        return None
    return {"type": picture.type, "width": picture.width, "height": picture.height, "size_bytes": picture.size_bytes}


async def take_media(session: AsyncSession, owner: int, ids: Collection[str], *, clock: Clock) -> dict[str, MediaView]:
    """What these files are, which ``owner`` sent here and now uses; they are kept until it has been looked at, after
    some days, whether that came about. Raises ``NoSuchMedia`` where one of them is not theirs or has been given up."""
    wanted = set(ids)
    if not wanted:
        return {}
    if await lock_items(session, wanted, MediaItem.owner_number == owner) != wanted:
        raise NoSuchMedia
    now = clock()
    await session.execute(
        update(MediaItem)
        .where(MediaItem.media_id.in_(wanted))
        .values(kept_at=func.coalesce(MediaItem.kept_at, now), unsure_since=now)
    )
    return await describe_media(session, wanted)


async def wear_avatar(session: AsyncSession, owner: int, *, new: str | None, old: str | None, clock: Clock) -> None:
    """Puts on ``new``, a picture that ``owner`` sent here, and takes off ``old``. Whoever wears it stores its id in the
    same transaction. Nothing happens where both are the same. Raises ``NoSuchMedia``, ``NotAPicture``."""
    if new == old:
        return
    if new is not None:
        view = (await take_media(session, owner, [new], clock=clock))[new]
        if view.kind != "image":
            raise NotAPicture
        await _count_avatars(session, new, 1)
    if old is not None:
        await _count_avatars(session, old, -1)
        await release_media(session, [old], clock=clock)


async def _count_avatars(session: AsyncSession, media_id: str, by: int) -> None:
    await session.execute(
        update(MediaItem).where(MediaItem.media_id == media_id).values(avatars=func.greatest(0, MediaItem.avatars + by))
    )
