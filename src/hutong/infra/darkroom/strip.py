"""Pictures without what cameras and programs write into them: read, measured and written anew without being decoded.

What is kept of each format is a list, and everything else goes: positions, names, thumbnails, comments, what hangs on
behind the end. The pixels stay as they are, bit for bit; so does the way the picture is to be turned.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from .report import Damaged

__all__ = ["Stripped", "strip_gif", "strip_jpeg", "strip_png", "strip_webp"]

Bytes = memoryview

_PARTS_MAX = 300_000
_FIELDS_MAX = 500
_ORIENTATION = 0x0112
_UPRIGHT = 1

_JPEG_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"))
_PNG_COLOURS = frozenset((b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"))
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


class Stripped(NamedTuple):
    """A picture to keep. ``width`` and ``height`` are as the picture is shown, that is after turning it."""

    content: bytes
    width: int
    height: int
    frames: int


def strip_jpeg(data: Bytes) -> Stripped:
    """Keeps the frame, its tables and scans, JFIF, Adobe's colour mark and the colour profile. Raises ``Damaged``."""
    kept: list[Bytes | bytes] = []
    size: tuple[int, int] | None = None
    orientation = _UPRIGHT
    for marker, start, end in _jpeg_parts(data):
        body = data[start:end]
        if marker in _JPEG_SIZES:
            if size is not None or len(body) < 9:
                raise Damaged("a JPEG has one size")
            size = struct.unpack(">HH", body[5:9])[::-1]
        if marker == 0xE1 and bytes(body[4:10]) == b"Exif\0\0":
            orientation = _orientation_in(body[10:])
        elif _jpeg_keeps(marker, bytes(body[4:16])):
            kept.append(body)
    if size is None:
        raise Damaged("a JPEG without a size")
    note = _exif(orientation)
    mark = b"\xff\xe1" + struct.pack(">H", len(note) + 8) + b"Exif\0\0" + note if orientation != _UPRIGHT else b""
    return Stripped(b"".join((b"\xff\xd8", mark, *kept, b"\xff\xd9")), *_turned(size, orientation), 1)


def _jpeg_keeps(marker: int, begins: bytes) -> bool:
    if marker == 0xE0:
        return begins.startswith(b"JFIF\0")
    if marker == 0xE2:
        return begins.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return begins.startswith(b"Adobe")
    return not 0xE0 <= marker <= 0xEF and marker != 0xFE


def _jpeg_parts(data: Bytes) -> Iterator[tuple[int, int, int]]:
    """``(marker, start, end)`` of each part between start and end of the image; a scan comes with its data."""
    at = 2
    for _ in range(_PARTS_MAX):
        while at + 1 < len(data) and data[at] == data[at + 1] == 0xFF:
            at += 1
        if at + 4 > len(data) and bytes(data[at : at + 2]) != b"\xff\xd9":
            break
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xD9:
            return
        end = at + 2 + _number(">H", data, at + 2)
        if marker == 0xDA:
            found = _JPEG_NEXT_MARKER.search(data, end)
            if found is None:
                break
            end = found.start()
        if not at + 4 <= end <= len(data):
            break
        yield marker, at, end
        at = end
    raise Damaged("a JPEG that ends too soon")


def strip_png(data: Bytes) -> Stripped:
    """Keeps what is needed to show the picture in its colours, and to move it. Raises ``Damaged``."""
    kept: list[Bytes | bytes] = [_PNG_SIGNATURE]
    size, frames, orientation, at, name = (0, 0), 1, _UPRIGHT, 8, b""
    for count in range(_PARTS_MAX):
        if name == b"IEND":
            break
        length = _number(">I", data, at)
        name = bytes(data[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(data) or (count == 0) != (name == b"IHDR"):
            raise Damaged("a PNG whose parts do not fit")
        body = data[at + 8 : end - 4]
        if name == b"IHDR":
            size = (_number(">I", body, 0), _number(">I", body, 4))
        elif name == b"acTL":
            frames = max(1, _number(">I", body, 0))
        elif name == b"eXIf":
            orientation = _orientation_in(body)
        if name in _PNG_PIXELS or name in _PNG_COLOURS:
            kept.append(data[at:end])
        at = end
    if name != b"IEND":
        raise Damaged("a PNG that ends too soon")
    if orientation != _UPRIGHT:
        kept.insert(2, _png_part(b"eXIf", _exif(orientation)))
    return Stripped(b"".join(kept), *_turned(size, orientation), frames)


def _png_part(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def strip_webp(data: Bytes) -> Stripped:
    """Keeps the picture, its transparency, its frames and its colour profile. Raises ``Damaged``."""
    end_of_all = min(len(data), 8 + _number("<I", data, 4))
    kept: list[bytes] = []
    size, frames, orientation, at = (0, 0), 0, _UPRIGHT, 12
    for _ in range(_PARTS_MAX):
        if at + 8 > end_of_all:
            break
        name, length = bytes(data[at : at + 4]), _number("<I", data, at + 4)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise Damaged("a WebP that ends too soon")
        if name == b"EXIF":
            orientation = _orientation_in(body[6:] if bytes(body[:6]) == b"Exif\0\0" else body)
        elif name in _WEBP_KEPT:
            kept.append(bytes(data[at : at + 8]) + bytes(body) + b"\0" * (length % 2))
            frames += name == b"ANMF"
            if size == (0, 0):
                size = _webp_size(name, body)
        at += 8 + length + length % 2
    if size == (0, 0) or not kept:
        raise Damaged("a WebP without a size")
    if kept[0].startswith(b"VP8X"):
        flags = kept[0][8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if orientation != _UPRIGHT else 0)
        kept[0] = kept[0][:8] + bytes([flags]) + kept[0][9:]
        if orientation != _UPRIGHT:
            note = _exif(orientation)
            kept.append(b"EXIF" + struct.pack("<I", len(note)) + note)
    else:
        orientation = _UPRIGHT
    content = b"WEBP" + b"".join(kept)
    return Stripped(b"RIFF" + struct.pack("<I", len(content)) + content, *_turned(size, orientation), max(1, frames))


def _webp_size(name: bytes, body: Bytes) -> tuple[int, int]:
    if name == b"VP8X" and len(body) >= 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8 " and len(body) >= 10:
        return _number("<H", body, 6) & 0x3FFF, _number("<H", body, 8) & 0x3FFF
    if name == b"VP8L" and len(body) >= 5:
        bits = _number("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def strip_gif(data: Bytes) -> Stripped:
    """Keeps the frames, their timing and how often they are to be repeated. Raises ``Damaged``."""
    width, height = _number("<H", data, 6), _number("<H", data, 8)
    at = 13 + _gif_colours(data, 10)
    kept: list[Bytes | bytes] = [data[:at]]
    frames = 0
    for _ in range(_PARTS_MAX):
        begins = bytes(data[at : at + 2])
        if begins[:1] in (b"", b"\x3b"):
            break
        if begins[:1] == b"\x2c":
            left, top, wide, high = struct.unpack("<HHHH", _exactly(data, at + 1, 8))
            width, height = max(width, left + wide), max(height, top + high)
            end = _gif_blocks(data, at + 10 + _gif_colours(data, at + 9) + 1)
            frames += 1
            keep = True
        elif begins[:1] == b"\x21" and len(begins) == 2:
            end = _gif_blocks(data, at + 2)
            keep = begins == b"\x21\xf9" or (begins == b"\x21\xff" and bytes(data[at + 3 : at + 14]) in _GIF_LOOPS)
        else:
            raise Damaged("a GIF with a part that is none")
        if keep:
            kept.append(data[at:end])
        at = end
    else:
        raise Damaged("a GIF of too many parts")
    if not frames:
        raise Damaged("a GIF without a frame")
    return Stripped(b"".join((*kept, b"\x3b")), width, height, frames)


def _gif_colours(data: Bytes, at: int) -> int:
    """The length of the colour table that the flags at this place announce."""
    flags = _number("B", data, at)
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_blocks(data: Bytes, at: int) -> int:
    """Where a row of blocks ends that begins here."""
    while at < len(data):
        length = data[at]
        at += 1 + length
        if length == 0:
            return at
    raise Damaged("a GIF that ends too soon")


def _orientation_in(tiff: Bytes) -> int:
    """The way that the picture is to be turned, 1 to 8, out of EXIF data; 1 where they are silent or broken."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(tiff[:4]))
    if order is None:
        return _UPRIGHT
    try:
        at = _number(f"{order}I", tiff, 4)
        for field in range(min(_FIELDS_MAX, _number(f"{order}H", tiff, at))):
            entry = at + 2 + 12 * field
            if _number(f"{order}H", tiff, entry) == _ORIENTATION:
                value = _number(f"{order}H", tiff, entry + 8)
                return value if 1 <= value <= 8 else _UPRIGHT
    except Damaged:
        return _UPRIGHT
    return _UPRIGHT


def _exif(orientation: int) -> bytes:
    """EXIF data that say how the picture is to be turned, and nothing else."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


def _turned(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return size[::-1] if orientation >= 5 else size


def _number(form: str, data: Bytes, at: int) -> int:
    return int(struct.unpack(form, _exactly(data, at, struct.calcsize(form)))[0])


def _exactly(data: Bytes, at: int, length: int) -> Bytes:
    found = data[at : at + length]
    if at < 0 or len(found) < length:
        raise Damaged("it ends too soon")
    return found
