"""Files as they lie in store: a folder of this machine, or a bucket, by one address. Nothing else knows ``obstore``.

A blob has a key, ``files/<name>/original``, and is complete or absent: whoever reads a key gets all of what one ``put``
wrote. Which blobs are needed is for the database to say.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from hutong.kit.errors import Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

__all__ = ["Blobs", "FilesUnavailable", "open_blobs"]

CHUNK_BYTES = 524_288
_TIMEOUTS: "ClientConfig" = {"timeout": "60s", "connect_timeout": "5s"}
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_BUCKETS = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
_TROUBLE = (BaseError, OSError)


class FilesUnavailable(Unavailable):
    """The store does not answer, or lacks what the database says it has."""

    code = "hutong.files_unavailable"
    text = "Files cannot be read or stored just now. Try again in a moment."


def open_blobs(files_url: str, data: Path) -> "Blobs":
    """The store at ``HUTONG_FILES_URL``, or ``files`` in the data folder where that is empty.

    A bucket's address may carry the provider's own settings as a query, ``s3://bucket/prefix?endpoint=https://…``; what
    it does not say is taken from the provider's usual environment variables. Raises ``ValueError`` with a sentence.
    """
    parts = urlsplit(files_url)
    if not files_url or parts.scheme == "file":
        return _open_folder(Path(unquote(parts.path)) if files_url else data / "files")
    if parts.scheme not in _BUCKETS:
        raise ValueError("HUTONG_FILES_URL must begin with s3://, gs://, az:// or file:///.")
    config = dict(parse_qsl(parts.query))
    client: ClientConfig = {**_TIMEOUTS, "allow_http": config.get("endpoint", "").startswith("http://")}
    address = parts._replace(query="").geturl()
    try:
        # Which settings there are depends on the provider; obstore checks them itself.
        store = from_url(address, config=cast("S3Config", config), client_options=client, retry_config=_RETRIES)
    except (*_TROUBLE, TypeError, ValueError) as error:
        raise ValueError(f"HUTONG_FILES_URL cannot be used: {_first_line(error)}.") from error
    return Blobs(store)


def _open_folder(folder: Path) -> "Blobs":
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What people sent is nobody else's business on this machine, even where the data folder can be walked through.
        folder.chmod(0o700)
    except OSError as error:
        raise ValueError(f"The folder for files, {folder}, cannot be used: {error.strerror}.") from error
    return Blobs(LocalStore(folder, automatic_cleanup=True), folder)


class Blobs:
    """A store of blobs. Every method raises ``FilesUnavailable`` when the store fails."""

    def __init__(self, store: "ObjectStore", folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def has_room(self, bytes_wanted: int) -> bool:
        """Whether so many bytes fit on the disk. A bucket always has room."""
        if self._folder is None:
            return True
        try:
            return (await asyncio.to_thread(shutil.disk_usage, self._folder)).free >= bytes_wanted
        except OSError as error:
            raise FilesUnavailable(log=f"room in {self._folder}: {_first_line(error)}") from error

    async def put(self, key: str, content: bytes | Path) -> None:
        """Stores bytes, or a file of this machine, under the key; what was there before is replaced as a whole. When
        this returns, the blob survives a power cut."""
        try:
            await obstore.put_async(self._store, key, content)
            if self._folder is not None:
                await asyncio.to_thread(_settle, self._folder, key)
        except _TROUBLE as error:
            raise FilesUnavailable(log=f"put {key}: {_first_line(error)}") from error

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to, not including, ``end``, in chunks. The first one is there when this returns,
        so that a blob that cannot be read is known before anything is answered."""
        chunks = self._slices(key, start, end) if self._folder is not None else self._stream(key, start, end)
        return _after(await anext(chunks), chunks)

    async def read_all(self, key: str) -> bytes:
        """The whole blob, for those that are small."""
        try:
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())
        except _TROUBLE as error:
            raise FilesUnavailable(log=f"read {key}: {_first_line(error)}") from error

    async def delete(self, keys: Iterable[str]) -> None:
        """Deletes these blobs; those that are gone already are passed over."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue
            except _TROUBLE as error:
                raise FilesUnavailable(log=f"delete {key}: {_first_line(error)}") from error

    async def delete_below(self, prefix: str) -> None:
        """Deletes every blob below a folder of keys, with what a killed process has left of one that it was storing. A
        bucket forgets such parts by a rule of its own."""
        if self._folder is not None:
            place = self._folder / prefix
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
            if await asyncio.to_thread(place.exists):
                raise FilesUnavailable(log=f"delete {prefix}: something is left")
            return
        while keys := await self.list_keys(prefix):
            await self.delete(keys)

    async def forget_unfinished(self, prefix: str) -> None:
        """Deletes what a killed process has left of blobs in a folder of keys. Whoever stores one there at this moment
        gets ``FilesUnavailable``."""
        if self._folder is not None:
            await asyncio.to_thread(_delete_unfinished, self._folder / prefix)

    async def list_keys(self, prefix: str, *, keys_max: int = 1_000) -> list[str]:
        """Keys below a folder of keys, ``uploads/abc``, in no order and at most ``keys_max`` of them."""
        found: list[str] = []
        try:
            async for some in obstore.list(self._store, prefix=prefix, chunk_size=keys_max):
                found.extend(each["path"] for each in some)
                if len(found) >= keys_max:
                    break
        except _TROUBLE as error:
            raise FilesUnavailable(log=f"list {prefix}: {_first_line(error)}") from error
        return found[:keys_max]

    async def _slices(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """For a folder: one read for each chunk, which is far faster than the store's own stream."""
        for offset in range(start, end, CHUNK_BYTES):
            try:
                stop = min(offset + CHUNK_BYTES, end)
                yield bytes(await obstore.get_range_async(self._store, key, start=offset, end=stop))
            except _TROUBLE as error:
                raise FilesUnavailable(log=f"read {key}: {_first_line(error)}") from error

    async def _stream(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """For a bucket: one request, and chunks as they arrive."""
        try:
            result = await obstore.get_async(self._store, key, options={"range": (start, end)})
            async for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)
        except _TROUBLE as error:
            raise FilesUnavailable(log=f"read {key}: {_first_line(error)}") from error


def _settle(folder: Path, key: str) -> None:
    """Has the disk keep a new file and the folders that lead to it."""
    path = folder / key
    for each in (path, *path.parents):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if each == folder:
            return


def _delete_unfinished(place: Path) -> None:
    """The store writes ``original`` as ``original#1`` and renames it; what has such a name it neither lists nor
    reads."""
    for left in place.glob("*#*"):
        left.unlink(missing_ok=True)


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _first_line(error: Exception) -> str:
    """What the store says is wrong; what follows is for its own developers and may hold secrets."""
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
