"""What every export becomes before it is carried over."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from hutong.domains.chat import MentionOf, Text

from .errors import NothingSaid

__all__ = [
    "Archive",
    "ArchivedChat",
    "ArchivedMessage",
    "Attached",
    "Mentioned",
    "Part",
    "Tally",
    "archive_of",
    "key_from",
]


class Mentioned(msgspec.Struct, frozen=True):
    """A mention of somebody in the archive, by their key there."""

    person: str
    name: str


class Attached(msgspec.Struct, frozen=True):
    """A file that lies beside the messages, as ``name``. ``shown`` tells that it was said to be looked at or listened
    to; what was sent as a file stays one. ``line`` stands for it where it cannot be carried."""

    path: Path
    name: str
    shown: bool
    line: str


Part = Text | Mentioned | Attached


class ArchivedMessage(msgspec.Struct, kw_only=True):
    """``key`` is the same whenever the same export is read, and no other message of the chat has it. ``reactions`` are
    emoji and the keys of those who reacted; ``reply_to`` is the key of the answered message."""

    key: str
    at: datetime
    sender: str
    parts: list[Part]
    reply_to: str | None = None
    reactions: list[tuple[str, list[str]]] = []


class ArchivedChat(msgspec.Struct, kw_only=True):
    """One conversation. ``people`` are names by the keys of those who spoke or were members; the keys of people are
    the system's own and hold for all its chats."""

    key: str
    name: str
    description: str = ""
    is_public: bool = False
    people: dict[str, str]
    messages: list[ArchivedMessage]


class Tally:
    """The account of what was read: every ``unit`` is carried, or skipped for a reason."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.carried = 0
        self.skipped: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    @property
    def read(self) -> int:
        return self.carried + self.skipped.total()

    def skip(self, reason: str, count: int = 1) -> None:
        self.skipped[reason] += count

    def recount(self, *, carried: int, known: int) -> None:
        """Counts as skipped what turned out to be there already."""
        self.carried = carried
        if known:
            self.skip("already there", known)

    def sentence(self) -> str:
        """``read N = carried N + skipped N (reasons)``, the unit being the same for all."""
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(self.skipped.items()))
        return f"read {self.read} = carried {self.carried} + skipped {self.skipped.total()}" + (
            f" ({reasons})" if reasons else ""
        )


class Archive(msgspec.Struct):
    """``source`` names the system: it keeps the keys of different systems apart."""

    source: str
    chats: list[ArchivedChat]
    tally: Tally


def archive_of(
    source: str, chats: Iterable[ArchivedChat], tally: Tally, files: Iterable[Path], *, lacking: str
) -> Archive:
    """The archive of the chats in which somebody says something. Raises ``NothingSaid`` where there is none: because
    nothing but side files was given, ``lacking`` tells what else is needed, or because none of it was a message."""
    spoken = [chat for chat in chats if chat.messages]
    if not spoken:
        reason = f"there is no message in what was read ({tally.sentence()})." if tally.read else lacking
        raise NothingSaid(files=", ".join(path.name for path in files), reason=reason)
    return Archive(source, spoken, tally)


def key_from(*parts: object) -> str:
    """A key of 64 characters at most for a message that has none of its own."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:40]


def merged(parts: Iterable[Part]) -> list[Part]:
    """The parts with neighbouring texts joined and empty ones left out."""
    kept: list[Part] = []
    for part in parts:
        if isinstance(part, Text):
            if part.text == "":
                continue
            if kept and isinstance(kept[-1], Text):
                kept[-1] = Text(kept[-1].text + part.text)
                continue
        kept.append(part)
    return kept


def segments_of(parts: list[Part], numbers: dict[str, int], files: Mapping[Attached, object]) -> list[object]:
    """Segments for the chat domain. ``files`` are the segments of those that were kept; another one is named in the
    text, and so is somebody who is not known."""
    segments: list[object] = []
    for part in parts:
        if isinstance(part, Text):
            segments.append(part)
        elif isinstance(part, Attached):
            segments.append(files.get(part) or Text(part.line if part is parts[-1] else f"{part.line}\n"))
        elif part.person in numbers:
            segments.append(MentionOf(number=numbers[part.person], name=part.name))
        else:
            segments.append(Text(f"@{part.name}"))
    return segments
