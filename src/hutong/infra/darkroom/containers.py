"""What containers of sound and film say of themselves: Ogg, Matroska (WebM) and MP4. Nothing is decoded.

A recording made in a browser often does not say how long it is, because its head was written first: then the end is
looked at, or every part is walked over. Each reader raises ``Damaged`` for what it cannot make sense of.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .report import Damaged, Track

__all__ = ["private_boxes", "read_mp4", "read_ogg", "read_webm"]

Bytes = memoryview

_PARTS_MAX = 2_000_000
_OGG_PAGE_MAX = 65_307
_OPUS_RATE = 48_000
_NOTHING_GRANULE = (1 << 64) - 1


def read_ogg(data: Bytes) -> Track:
    """Opus or Vorbis, by the position that the last page of the stream names."""
    serial = bytes(data[14:18])
    segments = _number(data, 26, 1, "little")
    head = bytes(data[27 + segments : 27 + segments + 40])
    if head.startswith(b"OpusHead"):
        rate, skipped = _OPUS_RATE, int.from_bytes(head[10:12], "little")
    elif head.startswith(b"\x01vorbis"):
        rate, skipped = int.from_bytes(head[12:16], "little"), 0
    else:
        raise Damaged("an Ogg without Opus or Vorbis in front")
    tail_at = max(0, len(data) - 2 * _OGG_PAGE_MAX)
    tail = bytes(data[tail_at:])
    last, at = 0, tail.rfind(b"OggS")
    while at >= 0:
        granule = int.from_bytes(tail[at + 6 : at + 14], "little")
        if tail[at + 14 : at + 18] == serial and granule != _NOTHING_GRANULE:
            last = granule
            break
        at = tail.rfind(b"OggS", 0, at)
    if rate == 0 or last <= skipped:
        raise Damaged("an Ogg that lasts no time")
    return Track("voice", "audio/ogg", (last - skipped) * 1000 // rate)


_EBML_HEAD, _DOCTYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_CLUSTER, _BLOCK_GROUP = 0x1F43B675, 0xA0
_SCALE, _DURATION, _TRACK_KIND, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0x83, 0xB0, 0xBA
_CLUSTER_TIME, _SIMPLE_BLOCK, _BLOCK = 0xE7, 0xA3, 0xA1
_ENTERED = frozenset((_EBML_HEAD, _SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER, _BLOCK_GROUP))
_TRACK_OF_VIDEO, _TRACK_OF_SOUND = 1, 2


def read_webm(data: Bytes) -> Track:
    """By the duration in its head, or else by the times of its blocks."""
    doctype, scale, said, cluster = b"", 1_000_000, 0.0, 0
    kinds: set[int] = set()
    width = height = 0
    times: list[int] = [0, 0]
    for element, body in _ebml_elements(data):
        if element == _DOCTYPE:
            doctype = bytes(body[:20]).rstrip(b"\0")
        elif element == _SCALE:
            scale = int.from_bytes(body[:8], "big")
        elif element == _DURATION:
            said = _float(body)
        elif element == _TRACK_KIND:
            kinds.add(int.from_bytes(body[:8], "big"))
        elif element == _WIDTH:
            width = width or int.from_bytes(body[:8], "big")
        elif element == _HEIGHT:
            height = height or int.from_bytes(body[:8], "big")
        elif element == _CLUSTER_TIME:
            cluster = int.from_bytes(body[:8], "big")
        elif element in (_SIMPLE_BLOCK, _BLOCK):
            times = _later(times, cluster + _block_time(body))
    if doctype != b"webm" or not kinds & {_TRACK_OF_VIDEO, _TRACK_OF_SOUND}:
        raise Damaged("not a WebM with sound or film")
    # The last block lasts about as long as the one before it.
    ticks = said or (2 * times[1] - times[0])
    duration_ms = round(ticks * scale / 1_000_000)
    if _TRACK_OF_VIDEO in kinds:
        return _film("video/webm", duration_ms, width, height)
    return _sound("audio/webm", duration_ms)


def _ebml_elements(data: Bytes) -> Iterator[tuple[int, Bytes]]:
    """Every element that holds no others, in order. Those that hold some are entered, of whatever size they claim to
    be: a recording under way does not know it."""
    at = 0
    for _ in range(_PARTS_MAX):
        if at >= len(data):
            return
        element, at = _ebml_number(data, at, marked=True)
        if at >= len(data):
            return
        size, at = _ebml_number(data, at, marked=False)
        if element in _ENTERED:
            continue
        if size < 0:
            raise Damaged("a WebM with a part of unknown size")
        yield element, data[at : at + size]
        at += size


def _ebml_number(data: Bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """A number of variable length and where it ends; with its length mark where it is a name, and -1 where it is a
    size that says it is unknown."""
    first = data[at]
    length = 9 - first.bit_length()
    if length > 8 or at + length > len(data):
        raise Damaged("a WebM with a number that is none")
    value = int.from_bytes(data[at : at + length], "big")
    if not marked:
        value &= (1 << 7 * length) - 1
        if value == (1 << 7 * length) - 1:
            value = -1
    return value, at + length


def _block_time(body: Bytes) -> int:
    _, at = _ebml_number(body, 0, marked=False) if len(body) else (0, 0)
    return int.from_bytes(body[at : at + 2], "big", signed=True)


def _later(times: list[int], now: int) -> list[int]:
    """The two latest moments of all."""
    if now > times[1]:
        return [times[1], now]
    return times


def _float(body: Bytes) -> float:
    if len(body) not in (4, 8):
        return 0.0
    value = float(struct.unpack(">f" if len(body) == 4 else ">d", body)[0])
    return value if 0 < value < 1e15 else 0.0


class _Box(NamedTuple):
    name: bytes
    body: Bytes
    name_at: int
    body_at: int


class _Mp4Track:
    """A track of an MP4 as far as it matters: what it is, its clock, and how far its fragments go."""

    def __init__(self) -> None:
        self.number = 0
        self.kind = b""
        self.scale = 0
        self.width = 0
        self.height = 0
        self.sample_ticks = 0
        self.end_ticks = 0


_PRIVATE_BOXES = frozenset((b"udta", b"meta", b"uuid"))
_HOLDS_BOXES = frozenset((b"moov", b"trak", b"mdia", b"moof", b"traf", b"mvex"))


def read_mp4(data: Bytes) -> Track:
    """MP4, M4A, QuickTime and 3GP: by the head of the film, or else by its fragments."""
    brand = bytes(data[8:12])
    tracks: list[_Mp4Track] = []
    by_number: dict[int, _Mp4Track] = {}
    said_ms, fragment = 0, _Mp4Track()
    for box in _boxes(data):
        match box.name:
            case b"mvhd":
                scale, ticks = _clock(box.body)
                said_ms = ticks * 1000 // scale if scale else 0
            case b"trak":
                tracks.append(_Mp4Track())
            case b"tkhd" if tracks:
                _read_track_head(tracks[-1], box.body)
                by_number[tracks[-1].number] = tracks[-1]
            case b"mdhd" if tracks:
                tracks[-1].scale = _clock(box.body)[0]
            case b"hdlr" if tracks:
                tracks[-1].kind = tracks[-1].kind or bytes(box.body[8:12])
            case b"trex":
                one = by_number.get(_number(box.body, 4, 4))
                if one is not None:
                    one.sample_ticks = _number(box.body, 12, 4)
            case b"tfhd":
                fragment = by_number.get(_number(box.body, 4, 4), _Mp4Track())
                _read_fragment_head(fragment, box.body)
            case b"tfdt":
                fragment.end_ticks = _number(box.body, 4, 8 if _number(box.body, 0, 1) else 4)
            case b"trun":
                fragment.end_ticks += _run_ticks(fragment, box.body)
    fragments_ms = max((t.end_ticks * 1000 // t.scale for t in tracks if t.scale), default=0)
    duration_ms = said_ms or fragments_ms
    films = [track for track in tracks if track.kind == b"vide"]
    if films:
        kind = "video/quicktime" if brand == b"qt  " else "video/3gpp" if brand[:3] == b"3gp" else "video/mp4"
        return _film(kind, duration_ms, films[0].width, films[0].height)
    if not any(track.kind == b"soun" for track in tracks):
        raise Damaged("an MP4 without sound or film")
    return _sound("audio/mp4", duration_ms)


def private_boxes(data: Bytes) -> list[tuple[int, bytes]]:
    """What to write where, so that a film does not tell any more where it was made, by whom and with what. Boxes of
    that kind become room that is called free and holds nothing; everything else stays in its place."""
    private = [box for box in _boxes(data) if box.name in _PRIVATE_BOXES]
    return [patch for box in private for patch in ((box.name_at, b"free"), (box.body_at, bytes(len(box.body))))]


def _boxes(data: Bytes) -> Iterator[_Box]:
    """Every box in order, those that hold others before what they hold."""
    at = 0
    for _ in range(_PARTS_MAX):
        if at + 8 > len(data):
            return
        size, name, head = _number(data, at, 4), bytes(data[at + 4 : at + 8]), 8
        if size == 1:
            size, head = _number(data, at + 8, 8), 16
        elif size == 0:
            size = len(data) - at
        if size < head:
            raise Damaged("an MP4 with a box that is none")
        if at + size > len(data) and name != b"mdat":
            raise Damaged("an MP4 that ends too soon")
        yield _Box(name, data[at + head : at + size], at + 4, at + head)
        at += head if name in _HOLDS_BOXES else size


def _clock(body: Bytes) -> tuple[int, int]:
    """Ticks a second, and ticks in all, of ``mvhd`` and ``mdhd``; all ones mean that it is not known."""
    wide = _number(body, 0, 1) == 1
    scale = _number(body, 20 if wide else 12, 4)
    length = 8 if wide else 4
    ticks = _number(body, 24 if wide else 16, length)
    return scale, 0 if ticks == (1 << 8 * length) - 1 else ticks


def _read_track_head(track: _Mp4Track, body: Bytes) -> None:
    wide = _number(body, 0, 1) == 1
    track.number = _number(body, 20 if wide else 12, 4)
    matrix = 52 if wide else 40
    width, height = (_number(body, matrix + 36 + offset, 4) >> 16 for offset in (0, 4))
    # A film made on its side is turned by its matrix: then nothing stands where the scales of x and y would be.
    lies = _number(body, matrix, 4) == 0 and _number(body, matrix + 16, 4) == 0
    track.width, track.height = (height, width) if lies else (width, height)


def _read_fragment_head(track: _Mp4Track, body: Bytes) -> None:
    flags = _number(body, 1, 3)
    at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    if flags & 0x8:
        track.sample_ticks = _number(body, at, 4)


def _run_ticks(track: _Mp4Track, body: Bytes) -> int:
    """How long the samples of one run last together."""
    flags, count = _number(body, 1, 3), _number(body, 4, 4)
    if not flags & 0x100:
        return count * track.sample_ticks
    at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    step = 4 * sum(1 for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag)
    if at + step * count > len(body):
        raise Damaged("an MP4 with a run that is too long")
    return sum(_number(body, at + step * sample, 4) for sample in range(count))


def _film(kind: str, duration_ms: int, width: int, height: int) -> Track:
    if not width or not height or duration_ms <= 0:
        raise Damaged("a film without a size or a length")
    return Track("video", kind, duration_ms, width, height)


def _sound(kind: str, duration_ms: int) -> Track:
    if duration_ms <= 0:
        raise Damaged("a sound that lasts no time")
    return Track("voice", kind, duration_ms)


def _number(data: Bytes, at: int, length: int, order: str = "big") -> int:
    found = data[at : at + length]
    if len(found) < length:
        raise Damaged("it ends too soon")
    return int.from_bytes(found, "little" if order == "little" else "big")
