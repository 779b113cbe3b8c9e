"""What becomes of messages when they are forwarded. Segments are plain JSON here: a forward of a forward holds what the
former one held, whatever that was."""

from collections.abc import Iterator, Sequence
from typing import Any

from .errors import ForwardTooLarge

__all__ = ["check_size", "media_in", "said_again"]

_WITH_MEDIA = ("image", "file", "voice", "video", "card")


def said_again(segments: Sequence[dict[str, Any]], *, by_person: bool = False) -> list[dict[str, Any]]:
    """The segments as they stand in another conversation, where there is nothing to reply to, and nobody who would hear
    a button or a form. Where a person says them again as they were, mentions and what bots alone may say become the
    text that they looked like."""
    as_text = {"form", "mention", "markdown", "card"} if by_person else {"form"}
    kept = [part for part in segments if part["type"] not in ("reply", "buttons")]
    return [_as_text(part) if part["type"] in as_text else part for part in kept]


def check_size(segments: Sequence[dict[str, Any]], *, items_max: int, depth_max: int) -> None:
    """Raises ``ForwardTooLarge`` for more items, nested ones counted, or for forwards nested deeper."""
    items = sum(1 for _ in _items_in(segments))
    if items > items_max or _depth_of(segments) > depth_max:
        raise ForwardTooLarge(items_max=items_max, depth_max=depth_max)


def media_in(segments: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The media ids in the segments and in whatever they forward."""
    for part in segments:
        if part["type"] in _WITH_MEDIA and part.get("media"):
            yield part["media"]
        for item in part.get("items", ()) if part["type"] == "forward" else ():
            yield from media_in(item["segments"])


def _as_text(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "mention":
        named = "all" if part.get("all") else part.get("name") or str(part.get("number", ""))
        return {"type": "text", "text": f"@{named}"}
    lines = [part.get(name) for name in ("title", "text", "link")]
    return {"type": "text", "text": "\n".join([line for line in lines if line])}


def _items_in(segments: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in segments:
        for item in part.get("items", ()) if part["type"] == "forward" else ():
            yield item
            yield from _items_in(item["segments"])


def _depth_of(segments: Sequence[dict[str, Any]]) -> int:
    forwards = [part.get("items", ()) for part in segments if part["type"] == "forward"]
    return max((1 + max((_depth_of(item["segments"]) for item in items), default=0) for items in forwards), default=0)
