"""Reads that deserve a name, and the gates. A gate raises ``NoSuchUpload`` or ``NoSuchMedia``."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import iso_utc

from .errors import NoSuchMedia, NoSuchUpload
from .models import MediaFile, MediaItem, Piece, Upload, Variant
from .names import name_of_version, types_shown
from .schemas import MediaView, StoredVersion, UploadView

__all__ = [
    "blob_key",
    "describe_media",
    "get_version",
    "media_view",
    "own_upload",
    "piece_key",
    "pieces_prefix",
    "upload_view",
    "versions_prefix",
    "visible_avatar",
]

_UNKNOWN = "application/octet-stream"


def pieces_prefix(upload_id: str) -> str:
    return f"uploads/{upload_id}"


def piece_key(upload_id: str, n: int) -> str:
    return f"{pieces_prefix(upload_id)}/{n}"


def versions_prefix(key: str) -> str:
    return f"files/{key}"


def blob_key(key: str, variant: Variant) -> str:
    return f"{versions_prefix(key)}/{variant}"


async def own_upload(
    session: AsyncSession, owner: int, upload_id: str, now: datetime, *, for_update: bool = False
) -> Upload:
    """The upload, for the account that began it, as long as it has not been given up."""
    wanted = select(Upload).where(
        Upload.account_number == owner, Upload.upload_id == upload_id, Upload.expires_at > now
    )
    upload = await session.scalar(wanted.with_for_update() if for_update else wanted)
    if upload is None:
        raise NoSuchUpload
    return upload


async def upload_view(session: AsyncSession, upload: Upload) -> UploadView:
    arrived = await session.scalars(
        select(Piece.n)
        .where(Piece.account_number == upload.account_number, Piece.upload_id == upload.upload_id)
        .order_by(Piece.n)
    )
    return UploadView(
        upload=upload.upload_id,
        size_bytes=upload.size_bytes,
        piece_bytes=upload.piece_bytes,
        pieces=upload.pieces,
        received=list(arrived),
        expires_at=iso_utc(upload.expires_at),
        media=upload.media_id,
    )


async def describe_media(session: AsyncSession, ids: Iterable[str]) -> dict[str, MediaView]:
    """What these files are, whoever sent them; an id that is nobody's is left out. It is for the caller to know that
    whoever asks may see them."""
    found = (await session.scalars(select(MediaItem).where(MediaItem.media_id.in_(set(ids))))).all()
    files = await _files_of(session, found)
    return {item.media_id: media_view(item, files[item.sha256, item.kind]) for item in found}


async def _files_of(session: AsyncSession, items: Sequence[MediaItem]) -> dict[tuple[bytes, str], MediaFile]:
    wanted = {(item.sha256, item.kind) for item in items}
    if not wanted:
        return {}
    files = await session.scalars(select(MediaFile).where(tuple_(MediaFile.sha256, MediaFile.kind).in_(wanted)))
    return {(file.sha256, file.kind): file for file in files}


def media_view(item: MediaItem, file: MediaFile) -> MediaView:
    return MediaView(
        media=item.media_id,
        kind=item.kind,
        type=file.type,
        size_bytes=file.size_bytes,
        name=item.name,
        width=file.width,
        height=file.height,
        duration_ms=file.duration_ms,
    )


async def visible_avatar(session: AsyncSession, media_id: str, variant: Variant) -> StoredVersion:
    """A picture that somebody or some group wears now, for everybody who is signed in."""
    item = await session.get(MediaItem, media_id)
    if item is None or item.avatars == 0:
        raise NoSuchMedia
    return await _version_of(session, item, variant)


async def get_version(session: AsyncSession, media_id: str, variant: Variant) -> StoredVersion:
    """One version of a file. It is for the caller to know that whoever asks may see it. A picture has all three; other
    files have ``original`` alone. Raises ``NoSuchMedia``."""
    item = await session.get(MediaItem, media_id)
    if item is None:
        raise NoSuchMedia
    return await _version_of(session, item, variant)


async def _version_of(session: AsyncSession, item: MediaItem, variant: Variant) -> StoredVersion:
    file = await session.get_one(MediaFile, (item.sha256, item.kind))
    if variant != "original" and file.kind != "image":
        raise NoSuchMedia
    smaller = {"original": None, "large": file.large, "small": file.small}[variant]
    if smaller is None:
        # A moving picture that is small enough has no large version beside itself.
        variant = "original"
    type_ = smaller["type"] if smaller is not None else file.type
    shown = file.kind != "file" and type_ in types_shown
    return StoredVersion(
        key=blob_key(file.key, variant),
        type=type_ if shown else _UNKNOWN,
        size_bytes=smaller["size_bytes"] if smaller is not None else file.size_bytes,
        tag=f"{file.sha256.hex()[:32]}-{variant}",
        name=name_of_version(item.name, type_) if shown else item.name,
        shown=shown,
    )
