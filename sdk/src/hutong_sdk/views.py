"""What the server tells, as typed shapes. A field that a newer server adds is passed over."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from .segments import Segment, text_of

__all__ = [
    "Command",
    "Entry",
    "Group",
    "Install",
    "JoinRequest",
    "KeptFile",
    "Me",
    "MediaFile",
    "Member",
    "Person",
    "Profile",
    "Sent",
    "StoredMessage",
    "Upload",
]

Role = Literal["owner", "admin", "member"]


class Person(msgspec.Struct, frozen=True):
    """Somebody as a conversation shows them: ``name`` is the card in the group, or else the nickname."""

    number: int
    name: str
    avatar: str | None = None
    bot: bool = False


class Sent(msgspec.Struct, frozen=True):
    """A message that is stored, and where."""

    chat: int
    seq: int
    id: int
    at: datetime


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the history has it. A recalled one has no segments any more."""

    chat: int
    seq: int
    id: int
    sender: Person = msgspec.field(name="from")
    segments: list[Segment] = []
    at: datetime
    recalled: bool = False
    reactions: list[dict[str, Any]] = []

    @property
    def text(self) -> str:
        return text_of(self.segments)


class Install(msgspec.Struct, frozen=True):
    """A group in which the bot is, and what it may do there."""

    chat: int
    scopes: list[str]


class Me(msgspec.Struct, frozen=True):
    """The bot itself. ``last_event`` is the number of the newest thing that it could have heard."""

    number: int
    nickname: str
    app: int
    last_event: int
    installs: list[Install]


class Member(msgspec.Struct, frozen=True):
    """A member of a group. ``muted_until`` may lie in the past."""

    number: int
    name: str
    nickname: str
    avatar: str | None
    role: Role
    card: str
    muted_until: datetime | None
    joined_at: datetime
    mute_reason: str = ""
    online: bool = False


class Group(msgspec.Struct, frozen=True):
    """A group; its number is its chat's."""

    chat: int
    name: str
    avatar: str | None
    description: str
    join_mode: str
    capacity: int
    members: int
    owner: int
    mute_all: bool
    handle: str | None = None
    my_role: Role | None = None


class JoinRequest(msgspec.Struct, frozen=True):
    """Somebody who waits to be let into a group."""

    number: int
    name: str
    avatar: str | None
    answer: str
    at: datetime


class Profile(msgspec.Struct, frozen=True):
    """An account as the bot may see it."""

    number: int
    nickname: str
    avatar: str | None = None
    handle: str | None = None
    about: str = ""
    may_write: bool = False


class Upload(msgspec.Struct, frozen=True):
    """An upload under way: so many pieces, and which of them have arrived."""

    upload: str
    piece_bytes: int
    pieces: int
    received: list[int]


class MediaFile(msgspec.Struct, frozen=True):
    """A file that is there. ``kind`` is what the server has found it to be."""

    media: str
    kind: Literal["image", "voice", "video", "file"]
    type: str
    size_bytes: int
    name: str
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None

    @property
    def segment(self) -> Segment:
        """Ready to be sent."""
        return {"type": self.kind, "media": self.media} | ({"name": self.name} if self.kind == "file" else {})


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """What people can write to the bot behind a ``/``; ``usage`` is what to write behind that, ``[topic]``."""

    name: str
    about: str
    usage: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A value that the app keeps. Each write makes a higher ``version``."""

    key: str
    value: Any
    version: int
    changed_at: datetime
    expires_at: datetime | None = None


class KeptFile(msgspec.Struct, frozen=True):
    """A file that the app keeps; everybody may read a ``public`` one at ``path``."""

    name: str
    type: str
    size_bytes: int
    public: bool
    path: str
