"""Uploads: begun, filled piece by piece, put together once, or given up."""

import secrets
from datetime import timedelta

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.darkroom import Developed
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import BadPiece, FileTooLarge, NoSuchUpload, UploadFinished, UploadIncomplete, UploadUnderWay
from ..models import Piece, Purpose, Upload
from ..names import clean_name
from ..queries import describe_media, own_upload, pieces_prefix, upload_view
from ..schemas import MediaView, UploadDraft, UploadView
from .keeping import keep_developed
from .sweeping import spare

__all__ = [
    "Assembly",
    "begin_upload",
    "check_piece",
    "give_back_upload",
    "give_up_upload",
    "note_piece",
    "settle_upload",
    "take_upload",
]

_TAKEN_FOR = timedelta(seconds=120)


class Assembly(msgspec.Struct, frozen=True):
    """What is to be put together: so many pieces, of so many bytes in all."""

    upload: str
    pieces: int
    size_bytes: int
    purpose: Purpose


async def begin_upload(
    session: AsyncSession, owner: int, draft: UploadDraft, *, limits: Limits, clock: Clock
) -> UploadView:
    """Makes room for a file. Where somebody has too many uploads under way, the oldest of them is given up. Raises
    ``FileTooLarge``."""
    if not 1 <= draft.size_bytes <= limits.upload_bytes_max:
        raise FileTooLarge(bytes_max=limits.upload_bytes_max)
    now = clock()
    oldest = (
        select(Upload.upload_id)
        .where(Upload.account_number == owner, Upload.expires_at > now, Upload.media_id.is_(None))
        .order_by(Upload.begun_at.desc(), Upload.upload_id)
        .offset(limits.uploads_open_max - 1)
    )
    await session.execute(
        update(Upload).where(Upload.account_number == owner, Upload.upload_id.in_(oldest)).values(expires_at=now)
    )
    upload = Upload(
        account_number=owner,
        upload_id=secrets.token_urlsafe(16),
        purpose=draft.purpose,
        name=clean_name(draft.name),
        size_bytes=draft.size_bytes,
        piece_bytes=min(limits.upload_piece_bytes, limits.body_bytes_max),
        begun_at=now,
        expires_at=now + timedelta(hours=limits.upload_hours),
    )
    session.add(upload)
    await session.flush()
    return await upload_view(session, upload)


async def check_piece(
    session: AsyncSession, owner: int, upload_id: str, n: int, bytes_sent: int, *, clock: Clock
) -> None:
    """Whether this piece may be stored now. Raises ``NoSuchUpload``, ``BadPiece``, ``UploadFinished``,
    ``UploadUnderWay``."""
    upload = await own_upload(session, owner, upload_id, clock())
    _check_open(upload, clock)
    if bytes_sent == 0 or bytes_sent != upload.bytes_of_piece(n):
        raise BadPiece(n=n, bytes_expected=upload.bytes_of_piece(n), bytes_sent=bytes_sent)


async def note_piece(session: AsyncSession, owner: int, upload_id: str, n: int, *, clock: Clock) -> None:
    """Notes that a piece is stored. The same piece again is harmless. Raises ``NoSuchUpload``, ``UploadFinished``,
    ``UploadUnderWay`` where things have changed while it was being stored."""
    upload = await own_upload(session, owner, upload_id, clock(), for_update=True)
    _check_open(upload, clock)
    await session.execute(upsert(Piece).values(account_number=owner, upload_id=upload_id, n=n).on_conflict_do_nothing())


async def take_upload(session: AsyncSession, owner: int, upload_id: str, *, clock: Clock) -> Assembly | MediaView:
    """Takes a complete upload for two minutes, to put it together; or what has become of it, where that is done.
    Raises ``NoSuchUpload``, ``UploadIncomplete``, ``UploadUnderWay``."""
    now = clock()
    upload = await own_upload(session, owner, upload_id, now, for_update=True)
    if upload.media_id is not None:
        return await _what_became_of(session, upload.media_id)
    _check_open(upload, clock)
    received = set((await upload_view(session, upload)).received)
    missing = [n for n in range(upload.pieces) if n not in received]
    if missing:
        raise UploadIncomplete(missing=len(missing), first=missing[0])
    upload.finishing_until = now + _TAKEN_FOR
    upload.expires_at = max(upload.expires_at, upload.finishing_until)
    return Assembly(upload_id, upload.pieces, upload.size_bytes, upload.purpose)


async def give_back_upload(session: AsyncSession, owner: int, upload_id: str, *, clock: Clock) -> None:
    """Lets a taken upload be taken again at once, after something failed that may work the next time."""
    upload = await own_upload(session, owner, upload_id, clock(), for_update=True)
    upload.finishing_until = None


async def settle_upload(
    session: AsyncSession, owner: int, upload_id: str, developed: Developed, *, clock: Clock
) -> MediaView:
    """Makes an item of an upload that has been put together and stored under its own name. Doing it twice makes
    one."""
    upload = await own_upload(session, owner, upload_id, clock(), for_update=True)
    if upload.media_id is not None:
        return await _what_became_of(session, upload.media_id)
    view = await keep_developed(
        session, owner, developed, key=upload_id, name=upload.name, purpose=upload.purpose, clock=clock
    )
    upload.media_id, upload.finishing_until = view.media, None
    await session.execute(delete(Piece).where(Piece.account_number == owner, Piece.upload_id == upload_id))
    await spare(session, pieces_prefix(upload_id), clock())
    return view


async def _what_became_of(session: AsyncSession, media_id: str) -> MediaView:
    """The item that an upload has become. Raises ``NoSuchUpload`` where nothing uses that any more, and it went."""
    found = await describe_media(session, [media_id])
    if media_id not in found:
        raise NoSuchUpload
    return found[media_id]


async def give_up_upload(session: AsyncSession, owner: int, upload_id: str, *, clock: Clock) -> None:
    """Gives an upload up. What has become of it, if anything, stays. Raises ``NoSuchUpload``."""
    upload = await own_upload(session, owner, upload_id, clock(), for_update=True)
    upload.expires_at = clock()


def _check_open(upload: Upload, clock: Clock) -> None:
    if upload.media_id is not None:
        raise UploadFinished
    if upload.finishing_until is not None and upload.finishing_until > clock():
        raise UploadUnderWay
