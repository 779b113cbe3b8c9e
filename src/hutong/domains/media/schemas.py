"""Shapes on the wire and between domains."""

from typing import Annotated

import msgspec

from .models import MediaKind, Purpose

__all__ = ["MediaView", "StoredVersion", "UploadDraft", "UploadView"]

Bytes = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class UploadDraft(msgspec.Struct, kw_only=True):
    """A file that is to come. ``purpose`` says what it is for: ``message``, where what it is decides how it is shown;
    ``file``, to be kept as it is, every byte, and downloaded; ``avatar``, which must be a picture."""

    name: Annotated[
        str, msgspec.Meta(max_length=1_000, description="As the sender calls it.", examples=["harbour.jpg"])
    ]
    size_bytes: Bytes
    purpose: Purpose = "message"


class UploadView(msgspec.Struct, kw_only=True):
    """An upload under way. Pieces are numbered from 0; all have ``piece_bytes`` bytes but the last, which has the rest.
    ``media`` is there once it is finished."""

    upload: str
    size_bytes: int
    piece_bytes: int
    pieces: int
    received: list[int]
    expires_at: str
    media: str | None = None


class MediaView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a file is, as the server has found out. ``width`` and ``height`` are as it is shown, turned upright."""

    media: str
    kind: MediaKind
    type: str
    size_bytes: int
    name: str
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


class StoredVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a file as it lies in store. ``tag`` changes with the content; ``shown`` tells that a page may show
    it, where everything else is to be downloaded."""

    key: str
    type: str
    size_bytes: int
    tag: str
    name: str
    shown: bool
