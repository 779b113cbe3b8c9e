"""How long sounds without a container of their own last: WAV, FLAC, MP3 and AAC. Nothing is decoded."""

from collections.abc import Callable
from typing import NamedTuple

from .report import Damaged, Track

__all__ = ["is_aac", "is_mp3", "read_aac", "read_flac", "read_mp3", "read_wav"]

Bytes = memoryview

_PARTS_MAX = 2_000_000
_SURE_AFTER_FRAMES = 4
_MPEG_1 = 3
_MP3_RATES = {_MPEG_1: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MP3_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MP3_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)


class _Frame(NamedTuple):
    """One frame of sound: how long it is in bytes and in samples, and how many of those make a second."""

    length: int
    samples: int
    rate: int


_FrameAt = Callable[[memoryview, int], _Frame | None]


def read_wav(data: Bytes) -> Track:
    """By the bytes a second that it claims and the data that are there."""
    rate, at = 0, 12
    for _ in range(_PARTS_MAX):
        if at + 8 > len(data):
            break
        name, length = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            rate = int.from_bytes(data[at + 16 : at + 20], "little")
        elif name == b"data":
            return _lasting("audio/wav", min(length, len(data) - at - 8), rate)
        at += 8 + length + length % 2
    raise Damaged("a WAV without sound")


def read_flac(data: Bytes) -> Track:
    """By its first block, which counts the samples."""
    if len(data) < 42 or data[4] & 0x7F:
        raise Damaged("a FLAC without its first block")
    info = int.from_bytes(data[18:26], "big")
    return _lasting("audio/flac", info & (1 << 36) - 1, info >> 44)


def is_mp3(data: Bytes) -> bool:
    """Whether it begins as an MP3 does. Two bytes are no proof, so some frames must follow each other."""
    return _follow_each_other(data, _after_id3(data), _mp3_frame)


def is_aac(data: Bytes) -> bool:
    return _follow_each_other(data, 0, _aac_frame)


def read_mp3(data: Bytes) -> Track:
    """By the count of frames that an encoder left in the first of them, or else by walking over all."""
    at = _after_id3(data)
    first = _mp3_frame(data, at)
    if first is None:
        raise Damaged("an MP3 without a frame")
    inside = bytes(data[at : at + min(first.length, 200)])
    for mark in (b"Xing", b"Info"):
        found = inside.find(mark)
        if found > 0 and inside[found + 7 : found + 8] and inside[found + 7] & 1:
            frames = int.from_bytes(inside[found + 8 : found + 12], "big")
            return _lasting("audio/mpeg", frames * first.samples, first.rate)
    return _walked_over("audio/mpeg", data, at, _mp3_frame)


def read_aac(data: Bytes) -> Track:
    return _walked_over("audio/aac", data, 0, _aac_frame)


def _follow_each_other(data: Bytes, at: int, frame_at: _FrameAt) -> bool:
    for count in range(_SURE_AFTER_FRAMES):
        frame = frame_at(data, at)
        if frame is None:
            return count > 0 and at >= len(data)
        at += frame.length
    return True


def _walked_over(kind: str, data: Bytes, at: int, frame_at: _FrameAt) -> Track:
    samples = rate = 0
    for _ in range(_PARTS_MAX):
        frame = frame_at(data, at)
        if frame is None:
            break
        samples, rate, at = samples + frame.samples, frame.rate, at + frame.length
    return _lasting(kind, samples, rate)


def _mp3_frame(data: Bytes, at: int) -> _Frame | None:
    head = bytes(data[at : at + 4])
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate_index = head[1] >> 3 & 3, head[2] >> 2 & 3
    kbits = (_MP3_KBITS_1 if version == _MPEG_1 else _MP3_KBITS_2)[head[2] >> 4]
    if version not in _MP3_RATES or rate_index == 3 or not kbits:
        return None
    rate, samples = _MP3_RATES[version][rate_index], 1152 if version == _MPEG_1 else 576
    return _Frame(samples // 8 * kbits * 1000 // rate + (head[2] >> 1 & 1), samples, rate)


def _aac_frame(data: Bytes, at: int) -> _Frame | None:
    head = bytes(data[at : at + 7])
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate_index = head[2] >> 2 & 15
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if rate_index >= len(_AAC_RATES) or length < 7:
        return None
    return _Frame(length, 1024 * ((head[6] & 3) + 1), _AAC_RATES[rate_index])


def _after_id3(data: Bytes) -> int:
    if bytes(data[:3]) != b"ID3" or len(data) < 10:
        return 0
    length = 0
    for byte in data[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length


def _lasting(kind: str, units: int, rate: int) -> Track:
    """A sound of so many samples or bytes at so many a second."""
    if rate <= 0 or units * 1000 < rate:
        raise Damaged("a sound that lasts no time")
    return Track("voice", kind, units * 1000 // rate)
