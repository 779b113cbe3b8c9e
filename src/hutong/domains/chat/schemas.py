"""Shapes on the wire: drafts in, views out."""

from typing import Annotated, Any, Literal

import msgspec

from .models import ChatKind, GroupKind, JoinMode, Notify, Role

__all__ = [
    "ChangesView",
    "ChatRow",
    "ChatView",
    "GroupDraft",
    "GroupView",
    "JoinDraft",
    "JoinView",
    "MessageDraft",
    "MessagesView",
    "MyPlace",
    "Person",
    "PreviewView",
    "ReactionView",
    "ReadCount",
    "ReadDraft",
    "SeatDraft",
    "SeatView",
    "SentView",
]

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="The client's own name for this message.")]


class Person(msgspec.Struct, omit_defaults=True):
    """Somebody as a conversation shows them: ``name`` is the group card, or else the nickname."""

    number: int
    name: str
    avatar: str | None = None


class MessageDraft(msgspec.Struct):
    key: Key
    segments: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=1_000)]


class SentView(msgspec.Struct):
    chat: int
    seq: int
    id: int
    at: str


class ReactionView(msgspec.Struct):
    emoji: str
    count: int
    mine: bool


class PreviewView(msgspec.Struct):
    """What the page behind a link says of itself."""

    url: str
    title: str
    text: str


class MessagesView(msgspec.Struct):
    """Messages in rising seq. ``more`` tells that there are further ones in the direction that was asked for. Every
    change up to ``rev`` is in them."""

    messages: list[msgspec.Raw]
    more: bool
    rev: int


class ChangesView(msgspec.Struct):
    """Frames in rising rev; ``more`` tells that there are further ones."""

    changes: list[msgspec.Raw]
    more: bool


class ReadDraft(msgspec.Struct):
    seq: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class GroupDraft(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    description: Annotated[str, msgspec.Meta(max_length=4_000)] = ""
    city: Annotated[str, msgspec.Meta(max_length=80)] = ""
    kind: GroupKind = "mixed"
    join_mode: JoinMode = "open"
    question: Annotated[str, msgspec.Meta(max_length=200)] = ""
    capacity: int | None = None
    listed: bool = True


class GroupView(msgspec.Struct):
    chat: int
    number: int
    name: str
    avatar: str | None
    description: str
    city: str
    kind: GroupKind
    join_mode: JoinMode
    question: str
    capacity: int
    admins_max: int
    members: int
    handle: str | None
    listed: bool
    owner: int
    created_at: str
    mute_all: bool
    my_role: Role | None = None


class JoinDraft(msgspec.Struct):
    answer: Annotated[str, msgspec.Meta(max_length=500)] = ""
    invitation: Annotated[str, msgspec.Meta(max_length=40)] = ""


class JoinView(msgspec.Struct):
    state: Literal["joined", "waiting"]
    chat: int


class ChatRow(msgspec.Struct, omit_defaults=False):
    """A conversation as its member's list shows it."""

    chat: int
    kind: ChatKind
    name: str
    avatar: str | None
    last_seq: int
    last_rev: int
    read_seq: int
    unread: int
    mentions: int
    notify: Notify = "all"
    pinned: bool = False
    peer: int | None = None
    last_message: msgspec.Raw | None = None


class MyPlace(msgspec.Struct):
    """What the viewer is in a conversation."""

    role: Role
    card: str
    muted_until: str | None


class ChatView(ChatRow, kw_only=True):
    """The snapshot of a conversation, as one of its members sees it."""

    me: MyPlace
    pins: list[int]
    group: GroupView | None = None


class SeatDraft(msgspec.Struct):
    """What somebody keeps of a conversation for themselves alone; what is left out stays."""

    notify: Notify | None = None
    pinned: bool | None = None


class SeatView(msgspec.Struct):
    notify: Notify
    pinned: bool


class ReadCount(msgspec.Struct):
    """``read`` of the ``members`` who were there when the message was sent have read it."""

    seq: int
    read: int
    members: int
