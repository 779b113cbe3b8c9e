"""Text with marks: what is bold, a link, a command. Places are counted in UTF-16 code units, as these bots count."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

__all__ = ["Entity", "Marked", "cut", "fitting", "found_in", "in_order", "index_of", "trimmed", "units"]


class Entity(msgspec.Struct, omit_defaults=True):
    """A mark on ``length`` units of a text, from ``offset`` on."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user: dict[str, Any] | None = None
    language: str | None = None
    custom_emoji_id: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length


class Marked(NamedTuple):
    """A text and the marks on it, in order."""

    text: str
    entities: list[Entity]


def units(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def index_of(text: str, offset: int) -> int:
    """The index of the first character that begins at this unit or behind it."""
    if text.isascii():
        return max(0, min(offset, len(text)))
    count = 0
    for index, character in enumerate(text):
        if count >= offset:
            return index
        count += 2 if character > "\uffff" else 1
    return len(text)


def cut(text: str, entity: Entity) -> str:
    """What a mark stands on."""
    return text[index_of(text, entity.offset) : index_of(text, entity.end)]


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """As they begin, the longer one first: so one that holds others comes before them."""
    return sorted(entities, key=lambda one: (one.offset, -one.length))


def fitting(text: str, entities: Iterable[Entity]) -> list[Entity]:
    """Those that stand on something, no longer than the text, in order."""
    total = units(text)
    kept = []
    for one in entities:
        start, end = max(0, one.offset), min(one.end, total)
        if start < end:
            kept.append(msgspec.structs.replace(one, offset=start, length=end - start))
    return in_order(kept)


def trimmed(marked: Marked) -> Marked:
    """Without the white space at both ends."""
    text = marked.text.strip()
    before = units(marked.text[: len(marked.text) - len(marked.text.lstrip())])
    moved = [msgspec.structs.replace(one, offset=one.offset - before) for one in marked.entities]
    # A mark that began in the white space has lost its beginning.
    whole = [msgspec.structs.replace(one, offset=0, length=one.end) if one.offset < 0 else one for one in moved]
    return Marked(text, fitting(text, whole))


_FOUND = (
    (
        "url",
        re.compile(
            r"https?://[^\s<>\"'`，。！？；：、（）《》【】「」『』“”]*[^\s<>\"'`，。！？；：、（）《》【】「」『』“”.,!?;:)\]]"
        ),
    ),
    (
        "email",
        re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}(?![\w@])", re.ASCII),
    ),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z][\w-]{1,31}", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#@&])#(?=[^\W]*[^\W\d])\w{1,140}(?![#\w])")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[\w-]{2,32})?(?![\w/<>])", re.ASCII)),
)
_COMMAND_AT_ONCE = re.compile(r"/\w{1,64}(?:@[\w-]{2,32})?(?![\w/])")
"""A command at the very beginning may be in any script: that is where bots look for one."""


def found_in(text: str, taken: Iterable[Entity] = ()) -> list[Entity]:
    """The marks that a text has by itself: addresses, mentions, tags and commands, each where no other one stands."""
    held = [(one.offset, one.end) for one in taken]
    entities: list[Entity] = []
    for kind, start, end in _spans(text):
        offset, length = units(text[:start]), units(text[start:end])
        if all(offset + length <= first or offset >= last for first, last in held):
            held.append((offset, offset + length))
            entities.append(Entity(kind, offset, length))
    return in_order(entities)


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    if at_once := _COMMAND_AT_ONCE.match(text):
        yield "bot_command", 0, at_once.end()
    for kind, pattern in _FOUND:
        for found in pattern.finditer(text):
            yield kind, found.start(), found.end()
