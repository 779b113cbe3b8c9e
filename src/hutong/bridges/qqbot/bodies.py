"""What a call brings along, read; and the answer that says nothing."""

from typing import TypeVar

import msgspec
from litestar import Response

from .refusals import BAD_BODY, Refusal

__all__ = ["nothing_to_say", "read_as"]

T = TypeVar("T")


def read_as(raw: bytes, kind: type[T]) -> T:
    """A body as what it is to be. Numbers may come as digits in a string, and what is not asked for is overlooked.
    Raises ``Refusal``."""
    try:
        return msgspec.convert(msgspec.json.decode(raw), kind, strict=False)
    except (ValueError, RecursionError) as error:
        raise Refusal(BAD_BODY, f"The body cannot be read: {error}") from error


def nothing_to_say() -> Response[bytes]:
    """200 without a body, and without the word that it is JSON."""
    return Response(b"", media_type="text/plain")
