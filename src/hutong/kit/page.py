"""Pages of a list: a limit and an opaque cursor."""

import base64
import binascii
from typing import Generic, TypeVar

import msgspec

from .errors import Invalid

__all__ = ["Page", "decode_cursor", "encode_cursor"]

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T]):
    """Some items of a list. ``next`` is the cursor of the page that follows, or None on the last one."""

    items: list[T]
    next: str | None = None


def encode_cursor(*parts: object) -> str:
    """An opaque cursor that holds these parts, which are JSON."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def decode_cursor(cursor: str, types: type[T]) -> T:
    """The parts of a cursor as the tuple type given. Raises ``Invalid`` for a cursor that is not ours."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=types)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise Invalid(reason="the cursor of this page is not one that was handed out") from error
