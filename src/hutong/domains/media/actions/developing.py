"""What is done with files outside the database: put together, looked at in the darkroom, stored."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from hutong.infra.blobs import Blobs, FilesUnavailable
from hutong.infra.darkroom import Developed, Look, Order, Refusal
from hutong.kit.errors import Invalid
from hutong.settings import Limits

from ..errors import NotAPicture, PictureDamaged, PictureTooLarge, PictureTooLong
from ..models import Purpose, Variant
from ..queries import blob_key, piece_key, versions_prefix
from .uploads import Assembly

__all__ = ["develop_file", "develop_upload"]

SMALL_PX = 320
LARGE_PX = 1_600


async def develop_upload(assembly: Assembly, *, blobs: Blobs, look: Look, limits: Limits) -> Developed:
    """Puts an upload's pieces together, finds out what they are, and stores that under the upload's own name. Raises
    what ``develop_file`` raises."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="hutong-upload-"))
    try:
        whole = folder / "whole"
        await _put_together(assembly, whole, blobs)
        # Whoever tried before may have been killed while it stored something.
        await blobs.forget_unfinished(versions_prefix(assembly.upload))
        return await develop_file(
            whole, key=assembly.upload, purpose=assembly.purpose, blobs=blobs, look=look, limits=limits
        )
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def develop_file(
    path: Path, *, key: str, purpose: Purpose, blobs: Blobs, look: Look, limits: Limits
) -> Developed:
    """Finds out what a file of this machine is, and stores what is to be kept of it under ``key``, which nothing else
    uses. The file stays as it is; beside it there must be room for as much again. Raises ``PictureDamaged``,
    ``PictureTooLarge``, ``PictureTooLong``, ``NotAPicture``, ``DarkroomBusy``, ``FilesUnavailable``."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="developed-", dir=path.parent))
    try:
        order = Order(
            path=str(path),
            folder=str(folder),
            treatment="keep" if purpose == "file" else "show",
            pixels_max=limits.picture_pixels_max,
            frames_max=limits.picture_frames_max,
            small_px=SMALL_PX,
            large_px=LARGE_PX,
        )
        developed = await look(order)
        if isinstance(developed, Refusal):
            raise _error_of(developed, limits)
        if purpose == "avatar" and developed.kind != "image":
            raise NotAPicture
        await _store(developed, folder, key, blobs)
        return developed
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _error_of(refusal: Refusal, limits: Limits) -> Invalid:
    match refusal.why:
        case "too_many_pixels":
            return PictureTooLarge(pixels_max=limits.picture_pixels_max)
        case "too_many_frames":
            return PictureTooLong(frames_max=limits.picture_frames_max)
        case "damaged":
            return PictureDamaged()


async def _put_together(assembly: Assembly, whole: Path, blobs: Blobs) -> None:
    size_bytes = 0
    file: BinaryIO = await asyncio.to_thread(whole.open, "wb")
    try:
        for n in range(assembly.pieces):
            content = await blobs.read_all(piece_key(assembly.upload, n))
            size_bytes += await asyncio.to_thread(file.write, content)
    except OSError as error:
        raise FilesUnavailable(log=f"upload {assembly.upload}: {error}") from error
    finally:
        await asyncio.to_thread(file.close)
    if size_bytes != assembly.size_bytes:
        raise FilesUnavailable(log=f"upload {assembly.upload} has {size_bytes} bytes, not {assembly.size_bytes}")


async def _store(developed: Developed, folder: Path, key: str, blobs: Blobs) -> None:
    versions: list[Variant] = ["original"]
    versions += ["small"] if developed.small is not None else []
    versions += ["large"] if developed.large is not None else []
    for variant in versions:
        await blobs.put(blob_key(key, variant), folder / variant)
