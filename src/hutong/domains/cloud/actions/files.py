"""Files in an app's bucket. The bytes lie in store before the row is written, and go after it is gone."""

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import BucketFull, NoSuchFile
from ..models import Holding, StoredFile
from ..queries import file_view
from ..schemas import FileView
from .dropping import forget_spares, locked_holding, spare

__all__ = ["change_file", "check_room", "drop_file", "keep_file"]


async def check_room(session: AsyncSession, app_id: int, name: str, size_bytes: int, *, limits: Limits) -> None:
    """Whether a file of this size fits now, before its bytes are stored. Raises ``BucketFull``."""
    holding = await session.get(Holding, app_id)
    if holding is not None:
        _check(holding, await session.get(StoredFile, (app_id, name)), size_bytes, limits)


def _check(holding: Holding, old: StoredFile | None, size_bytes: int, limits: Limits) -> None:
    files_max, bytes_max = limits.bucket_files_per_app_max, limits.bucket_bytes_per_app_max
    old_bytes = old.size_bytes if old else 0
    too_many = old is None and holding.files >= files_max
    too_much = size_bytes > old_bytes and holding.file_bytes + size_bytes - old_bytes > bytes_max
    if too_many or too_much:
        raise BucketFull(files_max=files_max, bytes_max=bytes_max)


async def keep_file(
    session: AsyncSession,
    app_id: int,
    name: str,
    *,
    blob: str,
    type_: str,
    size_bytes: int,
    is_public: bool,
    clock: Clock,
    limits: Limits,
) -> FileView:
    """Holds what was stored under ``blob``, which was set aside, as the file of this name; what had the name goes.
    Raises ``BucketFull``."""
    holding = await locked_holding(session, app_id)
    old = await session.get(StoredFile, (app_id, name))
    _check(holding, old, size_bytes, limits)
    holding.files += 0 if old else 1
    holding.file_bytes += size_bytes - (old.size_bytes if old else 0)
    await forget_spares(session, [blob])
    if old is not None:
        await spare(session, [old.blob], clock())
    file = await session.merge(
        StoredFile(
            app_id=app_id,
            name=name,
            blob=blob,
            type=type_,
            size_bytes=size_bytes,
            is_public=is_public,
            stored_at=clock(),
        )
    )
    await session.flush()
    return file_view(file)


async def change_file(session: AsyncSession, app_id: int, name: str, *, is_public: bool | None) -> FileView:
    """Lets everybody read a file, or nobody else. Raises ``NoSuchFile``."""
    file = await session.get(StoredFile, (app_id, name), with_for_update=True)
    if file is None:
        raise NoSuchFile
    if is_public is not None:
        file.is_public = is_public
    await session.flush()
    return file_view(file)


async def drop_file(session: AsyncSession, app_id: int, name: str, *, clock: Clock) -> None:
    """The file is no more. Raises ``NoSuchFile``."""
    holding = await locked_holding(session, app_id)
    file = await session.get(StoredFile, (app_id, name))
    if file is None:
        raise NoSuchFile
    holding.files -= 1
    holding.file_bytes -= file.size_bytes
    await spare(session, [file.blob], clock())
    await session.delete(file)
    await session.flush()
