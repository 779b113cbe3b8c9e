"""Files for tests, made on the spot, and how people send them."""

import struct
import zlib

import httpx

from hutong.domains.chat import carried_media
from hutong.domains.media.jobs import sweep_media
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.kit.clock import Clock
from hutong.settings import Limits

RED, BLUE = (200, 30, 30), (30, 30, 200)
LIMITS = Limits()


def png(width: int = 40, height: int = 30, colour: tuple[int, int, int] = RED, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG of one colour. ``more`` are further parts, name and content, which are put before its pixels."""
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_part(name, content) for name, content in parts)


def png_part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def gif(width: int = 40, height: int = 30, *, frames: int = 1, comment: bytes = b"") -> bytes:
    """A GIF that shows nothing, again and again."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes((*RED, *BLUE))
    loops = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if frames > 1 else b""
    note = b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0" if comment else b""
    # One pixel of the first colour: clear, colour 0, end, in codes of three bits.
    one = b"\x21\xf9\x04\0\x05\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a" + screen + loops + note + one * frames + b"\x3b"


def exif(*, orientation: int = 1) -> bytes:
    """EXIF data with a place in them, and the way in which the picture is to be turned."""
    place = 8 + 2 + 2 * 12 + 4
    latitude = place + 2 + 2 * 12 + 4
    first = struct.pack("<HHHIHHHHII", 2, 0x0112, 3, 1, orientation, 0, 0x8825, 4, 1, place) + bytes(4)
    gps = struct.pack("<HHHI4sHHII", 2, 1, 2, 2, b"N\0\0\0", 2, 5, 3, latitude) + bytes(4)
    degrees = struct.pack("<6I", 22, 1, 32, 1, 35, 1)
    return b"II*\0" + struct.pack("<I", 8) + first + gps + degrees + b"MadeInShenzhen"


def pieces_of(content: bytes, piece_bytes: int) -> list[bytes]:
    return [content[start : start + piece_bytes] for start in range(0, len(content), piece_bytes)]


async def begin(
    http: httpx.AsyncClient, content: bytes, *, name: str = "file", purpose: str = "message"
) -> dict[str, object]:
    answer = await http.post("media/uploads", json={"name": name, "size_bytes": len(content), "purpose": purpose})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def upload(
    http: httpx.AsyncClient, content: bytes, *, name: str = "file", purpose: str = "message"
) -> httpx.Response:
    """Sends a file in pieces, in order, and returns the answer to the end of it."""
    begun = await begin(http, content, name=name, purpose=purpose)
    address = f"media/uploads/{begun['upload']}"
    for n, piece in enumerate(pieces_of(content, int(str(begun["piece_bytes"])))):
        answer = await http.put(f"{address}/pieces/{n}", content=piece)
        assert answer.status_code == 204, answer.text
    return await http.post(f"{address}/finish")


async def send_file(http: httpx.AsyncClient, content: bytes, *, name: str = "file", purpose: str = "message") -> str:
    """Sends a file that is taken, and returns its media id."""
    answer = await upload(http, content, name=name, purpose=purpose)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["media"])


async def sweep_files(database: Database, blobs: Blobs, clock: Clock, *, limits: Limits = LIMITS) -> None:
    """Gives up and deletes as the worker does."""
    await sweep_media(database, blobs, in_use=carried_media, limits=limits, clock=clock)
