"""What is asked of the darkroom, and what it answers: lines of JSON between two processes."""

from typing import Literal

import msgspec

__all__ = [
    "READY",
    "VERSIONS",
    "Damaged",
    "Developed",
    "Order",
    "Picture",
    "Refusal",
    "TooManyFrames",
    "TooManyPixels",
    "Track",
]

READY = b"ready\n"
"""The first line of a process that is about to take orders."""

VERSIONS = ("original", "large", "small")
"""The files that may lie in an order's folder when it is carried out."""

Kind = Literal["image", "voice", "video", "file"]
Treatment = Literal["show", "keep"]
"""``show``: a picture is made safe and gets its smaller versions. ``keep``: the bytes stay as they are, unopened."""


class Order(msgspec.Struct, frozen=True):
    """One file to look at, in a private folder. What becomes of it is written into ``folder``, which lies beside it:
    ``original``, and of a picture ``small`` and ``large``. While it is looked at, both are the darkroom's."""

    path: str
    folder: str
    treatment: Treatment
    pixels_max: int
    frames_max: int
    small_px: int
    large_px: int


class Picture(msgspec.Struct, frozen=True):
    """One of the versions of a picture that lie in the folder, as it is shown."""

    type: str
    width: int
    height: int
    size_bytes: int


class Developed(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="verdict", tag="developed"):
    """What a file is. ``sha256`` (in hex), ``size_bytes`` and ``type`` are those of ``original`` in the folder."""

    kind: Kind
    type: str
    sha256: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    small: Picture | None = None
    large: Picture | None = None


class Refusal(msgspec.Struct, frozen=True, tag_field="verdict", tag="refused"):
    """Why a file cannot be shown."""

    why: Literal["damaged", "too_many_pixels", "too_many_frames"]


class Track(msgspec.Struct, frozen=True):
    """What a container says of its sound or film. ``type`` is the container's."""

    kind: Literal["voice", "video"]
    type: str
    duration_ms: int
    width: int | None = None
    height: int | None = None


class Damaged(ValueError):
    """The bytes are not what they begin as."""


class TooManyPixels(ValueError):
    """The picture is larger than is sensible to open."""


class TooManyFrames(ValueError):
    """The picture moves for longer than is sensible to show."""
