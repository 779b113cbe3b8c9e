"""Opening the zip of a mini app: what may be in it, and no more of it than fits.

A zip is a stranger's word on itself. Nothing that it says of sizes is believed: what comes out is counted while it
comes out, and the work ends where the limit does, however little the zip itself weighs.
"""

import hashlib
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from .errors import BadBundleName, BundleTooLarge, BundleWithoutIndex, NotABundle, UnknownFileType
from .kinds import type_of_name

__all__ = ["INDEX", "Packed", "Unpacked", "unpack"]

INDEX = "index.html"

_CHUNK_BYTES = 65_536
_PATH_CHARS_MAX = 200
_PART = re.compile(r"[^\W_][\w.@+~ -]*|_[\w.@+~ -]*")
_LEFT_OUT = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
    ValueError,
)


class Packed(NamedTuple):
    """A file of a bundle: where it begins in the bundle's bytes, and a tag that changes with its content."""

    path: str
    type: str
    begins_at: int
    size_bytes: int
    tag: str


class Unpacked(NamedTuple):
    """A bundle: the bytes of its files, one after the other."""

    content: bytes
    files: list[Packed]


def unpack(zipped: bytes, *, files_max: int, bytes_max: int, depth_max: int) -> Unpacked:
    """The files of a zip. What some systems leave in zips beside them is left out. Takes long for large ones: not for
    the event loop. Raises ``NotABundle``, ``BundleTooLarge``, ``BadBundleName``, ``UnknownFileType``,
    ``BundleWithoutIndex``."""
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            wanted = list(_wanted(archive, files_max=files_max, bytes_max=bytes_max, depth_max=depth_max))
            return _unpacked(archive, wanted, files_max=files_max, bytes_max=bytes_max)
    except _DAMAGED as error:
        raise NotABundle(log=str(error)) from error


def _wanted(
    archive: zipfile.ZipFile, *, files_max: int, bytes_max: int, depth_max: int
) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """The files with their types, once all that can be known before anything is unpacked is known to be good."""
    seen: set[str] = set()
    for member in archive.infolist():
        name = member.filename
        if member.is_dir() or name.startswith(_LEFT_OUT) or name.rsplit("/", 1)[-1] in _LEFT_OUT:
            continue
        if len(seen) >= files_max:
            raise BundleTooLarge(files_max=files_max, bytes_max=bytes_max)
        if not _is_servable(member, depth_max) or name.casefold() in seen:
            raise BadBundleName(name=name[:_PATH_CHARS_MAX])
        kind = type_of_name(name)
        if kind is None:
            raise UnknownFileType(name=name)
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
            raise NotABundle(log=f"{name}: encrypted, or packed by method {member.compress_type}")
        seen.add(name.casefold())
        yield member, kind
    if INDEX not in seen:
        raise BundleWithoutIndex


def _is_servable(member: zipfile.ZipInfo, depth_max: int) -> bool:
    """Whether it is a plain file, under a name that leads nowhere else and needs no thought on any system."""
    mode = member.external_attr >> 16
    parts = member.filename.split("/")
    return (
        (stat.S_IFMT(mode) in (0, stat.S_IFREG))
        and member.orig_filename == member.filename
        and len(member.filename) <= _PATH_CHARS_MAX
        and len(parts) <= depth_max
        and all(_PART.fullmatch(part) for part in parts)
    )


def _unpacked(
    archive: zipfile.ZipFile, wanted: list[tuple[zipfile.ZipInfo, str]], *, files_max: int, bytes_max: int
) -> Unpacked:
    content = bytearray()
    files: list[Packed] = []
    for member, kind in wanted:
        begins_at, hashed = len(content), hashlib.sha256()
        with archive.open(member) as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                content += chunk
                hashed.update(chunk)
                if len(content) > bytes_max:
                    raise BundleTooLarge(files_max=files_max, bytes_max=bytes_max)
        files.append(Packed(member.filename, kind, begins_at, len(content) - begins_at, hashed.hexdigest()[:20]))
    return Unpacked(bytes(content), files)
