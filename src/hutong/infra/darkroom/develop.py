"""Looks at one file: what it is, how large, how long; and makes the pictures that are shown of it.

Neither a name nor what a browser claims counts, only the bytes. What is to be shown in a page must be one of a few
formats that are read here from end to end; everything else is a file to download, whatever it begins with.
"""

import hashlib
import mmap
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import puremagic
import pyvips

from .containers import private_boxes, read_mp4, read_ogg, read_webm
from .report import Damaged, Developed, Order, Picture, TooManyFrames, TooManyPixels, Track
from .sounds import is_aac, is_mp3, read_aac, read_flac, read_mp3, read_wav
from .strip import Stripped, strip_gif, strip_jpeg, strip_png, strip_webp

__all__ = ["develop"]

Bytes = memoryview

UNKNOWN = "application/octet-stream"

_QUALITY = 80
_EFFORT = 1
_PLAIN_COLOURS = ("srgb", "b-w", "rgb16", "grey16")
_HASH_CHUNK_BYTES = 1 << 20
_SNIFFED_BYTES = 4_096
_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_STRIPPERS: dict[str, Callable[[Bytes], Stripped]] = {
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/gif": strip_gif,
    "image/webp": strip_webp,
}
_READERS: dict[str, Callable[[Bytes], Track]] = {
    "application/ogg": read_ogg,
    "video/webm": read_webm,
    "video/mp4": read_mp4,
    "audio/wav": read_wav,
    "audio/flac": read_flac,
    "audio/mpeg": read_mp3,
    "audio/aac": read_aac,
}


def develop(order: Order) -> Developed:
    """Carries out an order. Raises ``Damaged``, ``TooManyPixels`` or ``TooManyFrames`` for a picture that cannot be
    shown; sound and film that cannot be read are files like any other."""
    folder = Path(order.folder)
    with Path(order.path).open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    kind = _format_of(data)
    if order.treatment == "show" and kind in _STRIPPERS:
        return _develop_picture(_STRIPPERS[kind](data), kind, folder, order)
    if order.treatment == "show" and kind == "image/avif":
        return _develop_foreign_picture(order, folder)
    track = _track_of(data, kind) if order.treatment == "show" else None
    original = folder / "original"
    patches = private_boxes(data) if track is not None and kind == "video/mp4" else []
    _copy(Path(order.path), original, patches)
    if track is None:
        return Developed("file", _claimed_type(original, kind), _hash_of(original), original.stat().st_size)
    return Developed(
        track.kind,
        track.type,
        _hash_of(original),
        original.stat().st_size,
        width=track.width,
        height=track.height,
        duration_ms=track.duration_ms,
    )


def _copy(source: Path, target: Path, patches: list[tuple[int, bytes]]) -> None:
    """A copy with something else in some places; without those it is the same file under another name."""
    if not patches:
        os.link(source, target)
        return
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        for at, content in patches:
            file.seek(at)
            file.write(content)


def _format_of(data: Bytes) -> str | None:
    """Which of the formats that are read here it begins as, or None."""
    head = bytes(data[:64])
    form = head[8:12] if head.startswith(b"RIFF") else b""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if form in (b"WEBP", b"WAVE"):
        return "image/webp" if form == b"WEBP" else "audio/wav"
    if head[4:8] == b"ftyp":
        return _format_of_boxes(head[8:12])
    if head.startswith(b"OggS"):
        return "application/ogg"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if is_mp3(data):
        return "audio/mpeg"
    return "audio/aac" if is_aac(data) else None


def _format_of_boxes(brand: bytes) -> str:
    if brand in _AVIF_BRANDS:
        return "image/avif"
    return "image/heic" if brand in _HEIF_BRANDS else "video/mp4"


def _track_of(data: Bytes, kind: str | None) -> Track | None:
    reader = _READERS.get(kind or "")
    if reader is None:
        return None
    try:
        return reader(data)
    except Damaged:
        return None


def _develop_picture(stripped: Stripped, kind: str, folder: Path, order: Order) -> Developed:
    _check_size(stripped.width, stripped.height, order)
    if stripped.frames > order.frames_max:
        raise TooManyFrames(stripped.frames)
    original = folder / "original"
    original.write_bytes(stripped.content)
    large, small = _prints_of(original, folder, order)
    moves_as_it_is = stripped.frames > 1 and max(stripped.width, stripped.height) <= order.large_px
    return Developed(
        "image",
        kind,
        _hash_of(original),
        len(stripped.content),
        width=stripped.width,
        height=stripped.height,
        small=small,
        # A moving picture that is small enough is shown as it is, so that it moves.
        large=None if moves_as_it_is else large,
    )


def _develop_foreign_picture(order: Order, folder: Path) -> Developed:
    """A picture of a format that cannot be stripped without decoding it: its large version takes its place."""
    header = _opened(lambda: pyvips.Image.new_from_file(order.path, access="sequential"))
    _check_size(header.width, header.height, order)
    large, small = _prints_of(Path(order.path), folder, order)
    original = folder / "original"
    os.link(folder / "large", original)
    return Developed(
        "image",
        large.type,
        _hash_of(original),
        large.size_bytes,
        width=large.width,
        height=large.height,
        small=small,
        large=large,
    )


def _check_size(width: int, height: int, order: Order) -> None:
    if width < 1 or height < 1:
        raise Damaged("a picture without an area")
    if width * height > order.pixels_max:
        raise TooManyPixels(width * height)


def _prints_of(picture: Path, folder: Path, order: Order) -> tuple[Picture, Picture]:
    """Writes ``large`` and ``small``: turned upright, in sRGB, without anything but pixels, never larger than the
    picture is."""
    large = _opened(lambda: _shrunk(picture, order.large_px))
    small = _opened(lambda: large.thumbnail_image(order.small_px, height=order.small_px, size="down"))
    return _printed(large, folder / "large"), _printed(small, folder / "small")


def _shrunk(picture: Path, side_px: int) -> pyvips.Image:
    header = pyvips.Image.new_from_file(str(picture), access="sequential")
    # Most pictures are in sRGB already, and converting them into it takes longer than everything else.
    coloured = "icc-profile-data" in header.get_fields() or header.interpretation not in _PLAIN_COLOURS
    profile = {"export_profile": "srgb"} if coloured else {}
    image = pyvips.Image.thumbnail(
        str(picture), side_px, height=side_px, size="down", fail_on="error", **profile
    ).copy_memory()
    return image if image.interpretation == "srgb" else image.colourspace("srgb")


def _printed(image: pyvips.Image, path: Path) -> Picture:
    content: bytes = _opened(lambda: image.webpsave_buffer(Q=_QUALITY, effort=_EFFORT, keep="none"))
    path.write_bytes(content)
    return Picture("image/webp", image.width, image.height, len(content))


def _opened(work: Callable[[], pyvips.Image]) -> pyvips.Image:
    try:
        return work()
    except pyvips.Error as error:
        raise Damaged(str(error).splitlines()[0] if str(error) else "it cannot be decoded") from error


def _claimed_type(path: Path, kind: str | None) -> str:
    """What a file to download seems to be. It is told and never believed: such files are served as plain bytes."""
    if kind == "application/ogg":
        return "application/ogg"
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    try:
        guesses = puremagic.magic_string(head)
    except puremagic.PureError:
        guesses = []
    for guess in guesses:
        if _TYPE.fullmatch(guess.mime_type):
            return str(guess.mime_type)
    try:
        head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return UNKNOWN
    return UNKNOWN if _CONTROLS.search(head) else "text/plain"


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
