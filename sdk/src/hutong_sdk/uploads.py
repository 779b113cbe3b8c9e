"""A file goes up in pieces. What has arrived stays, so after a break only the rest is sent."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from .views import MediaFile, Upload
from .wire import Wire

__all__ = ["upload"]

_AT_ONCE_MAX = 4


async def upload(wire: Wire, file: Path | bytes, name: str | None, purpose: str) -> MediaFile:
    """Brings the file there and has the server look what it is. A file on disk is read piece by piece."""
    size_bytes, read = await asyncio.to_thread(_source, file)
    shown = name or (file.name if isinstance(file, Path) else "file")
    draft = {"name": shown, "size_bytes": size_bytes, "purpose": purpose}
    under_way = msgspec.json.decode(await wire.call("POST", "media/uploads", draft), type=Upload)
    path = f"media/uploads/{under_way.upload}"
    missing = [number for number in range(under_way.pieces) if number not in under_way.received]
    turns = asyncio.Semaphore(_AT_ONCE_MAX)

    async def send(number: int) -> None:
        async with turns:
            piece = await asyncio.to_thread(read, number * under_way.piece_bytes, under_way.piece_bytes)
            await wire.call("PUT", f"{path}/pieces/{number}", raw=piece)

    async with asyncio.TaskGroup() as sending:
        for number in missing:
            sending.create_task(send(number))
    return msgspec.json.decode(await wire.call("POST", f"{path}/finish"), type=MediaFile)


def _source(file: Path | bytes) -> tuple[int, Callable[[int, int], bytes]]:
    """The file's size, and how to read so many bytes from a place on."""
    if isinstance(file, bytes):
        return len(file), lambda start, length: file[start : start + length]

    def read(start: int, length: int) -> bytes:
        with file.open("rb") as opened:
            opened.seek(start)
            return opened.read(length)

    return file.stat().st_size, read
