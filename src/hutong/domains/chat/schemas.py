"""Shapes on the wire: drafts in, views out."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from .models import ChatKind, GroupKind, JoinMode, Notify, RequestState, Role

__all__ = [
    "AnnouncementDraft",
    "AnnouncementReaders",
    "AnnouncementText",
    "AnnouncementView",
    "BanView",
    "CardDraft",
    "ChangesView",
    "ChatPlace",
    "ChatRow",
    "ChatView",
    "DecisionDraft",
    "DirectDraft",
    "DirectView",
    "EditDraft",
    "GroupDraft",
    "GroupPatch",
    "GroupView",
    "InvitationDraft",
    "InvitationPreview",
    "InvitationView",
    "InvitedGroup",
    "JoinDraft",
    "JoinView",
    "KeptGroup",
    "MemberView",
    "MessageDraft",
    "MessagesView",
    "MuteDraft",
    "MyPlace",
    "MyRequest",
    "OwnedGroup",
    "OwnerDraft",
    "Person",
    "PreviewView",
    "ReactionView",
    "ReadCount",
    "ReadDraft",
    "RequestView",
    "RoleDraft",
    "SeatDraft",
    "SeatView",
    "SentView",
]

Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]
NumberField = Annotated[int, Meta(ge=1, le=2**53 - 1, description="An account's number; 10001 is the first.")]
GroupName = Annotated[str, Meta(min_length=1, max_length=1_000, description="Up to 40 characters.")]
Description = Annotated[str, Meta(max_length=10_000, description="Up to 1,000 characters.")]
City = Annotated[str, Meta(max_length=1_000, description="Up to 40 characters.", examples=["成都"])]
Question = Annotated[
    str, Meta(max_length=1_000, description="Up to 200 characters; asked where the join mode is `approval`.")
]
Capacity = Annotated[int, Meta(description="200, 500, 1000 or 2000.", examples=[200])]
Avatar = Annotated[str, Meta(min_length=8, max_length=64, pattern="^[0-9A-Za-z_-]+$", description="A media id.")]
HandleText = Annotated[str, Meta(max_length=100, examples=["readers"])]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="The client's own name for this message.")]


class Person(msgspec.Struct, omit_defaults=True):
    """Somebody as a conversation shows them: ``name`` is the group card, or else the nickname."""

    number: int
    name: str
    avatar: str | None = None
    bot: bool = False


class MessageDraft(msgspec.Struct):
    key: Key
    segments: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=1_000)]


class EditDraft(msgspec.Struct):
    """What a message says from now on."""

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


class GroupDraft(msgspec.Struct, kw_only=True):
    name: GroupName
    description: Description = ""
    city: City = ""
    kind: GroupKind = "mixed"
    join_mode: JoinMode = "open"
    question: Question = ""
    capacity: Capacity | None = None
    avatar: Avatar | None = None
    handle: HandleText | None = None
    listed: bool = True


class GroupPatch(msgspec.Struct, kw_only=True):
    """What is to change; a field that is left out stays as it is. ``avatar`` and ``handle`` go away with null."""

    name: GroupName | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    city: City | UnsetType = UNSET
    kind: GroupKind | UnsetType = UNSET
    join_mode: JoinMode | UnsetType = UNSET
    question: Question | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    avatar: Avatar | UnsetType | None = UNSET
    handle: HandleText | UnsetType | None = UNSET
    listed: bool | UnsetType = UNSET


class MyRequest(msgspec.Struct):
    """My asking to join: it waits, or was refused with a reason; then I may ask again."""

    state: RequestState
    answer: str
    reason: str
    at: Moment


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
    created_at: Moment
    mute_all: bool
    my_role: Role | None = None
    my_request: MyRequest | None = None


class KeptGroup(msgspec.Struct, frozen=True):
    """A group that somebody owns or is an admin of."""

    chat: int
    name: str
    kind: GroupKind
    members: int


class OwnedGroup(msgspec.Struct, frozen=True):
    """A group, for who owns it."""

    chat: int
    name: str
    avatar: str | None
    members: int


class JoinDraft(msgspec.Struct):
    answer: Annotated[str, Meta(max_length=2_000)] = ""
    invitation: Annotated[str, Meta(max_length=40)] = ""


class JoinView(msgspec.Struct):
    state: Literal["joined", "waiting"]
    chat: int


class MemberView(msgspec.Struct):
    """A member. ``name`` is how the group shows them: their card, or else their nickname. ``muted_until`` may lie in
    the past. ``online`` is said in lists."""

    number: int
    name: str
    nickname: str
    avatar: str | None
    role: Role
    card: str
    muted_until: Moment | None
    mute_reason: str
    joined_at: Moment
    bot: bool = False
    online: bool | UnsetType = UNSET


class CardDraft(msgspec.Struct):
    card: Annotated[str, Meta(max_length=1_000, description="My name in this group; empty for my nickname.")]


class RoleDraft(msgspec.Struct):
    role: Literal["admin", "member"]


class OwnerDraft(msgspec.Struct):
    number: NumberField


class MuteDraft(msgspec.Struct):
    minutes: Annotated[int, Meta(ge=1, le=2**31)]
    reason: Annotated[str, Meta(max_length=1_000)] = ""


class RequestView(msgspec.Struct):
    """Somebody who waits to be let in."""

    number: int
    name: str
    avatar: str | None
    answer: str
    at: Moment


class DecisionDraft(msgspec.Struct):
    accept: bool
    reason: Annotated[str, Meta(max_length=1_000, description="Told to whoever is refused.")] = ""


class BanView(msgspec.Struct):
    number: int
    name: str
    avatar: str | None
    by: Person
    at: Moment


class InvitationDraft(msgspec.Struct):
    hours: Annotated[int, Meta(ge=1, le=2**31, description="How long it is good.")] = 168
    uses: Annotated[int, Meta(ge=1, le=2**31, description="How many may join by it; left out: any number.")] | None = (
        None
    )


class InvitationView(msgspec.Struct):
    """A link into a group. ``joined`` have come by it so far; ``uses_left`` is null without a limit."""

    code: str
    url: str
    expires_at: Moment
    uses_left: int | None
    made_by: Person
    made_at: Moment
    joined: int


class InvitationPreview(msgspec.Struct):
    """Where a link leads, for whoever holds it."""

    group: GroupView
    invited_by: Person
    expires_at: Moment


class InvitedGroup(msgspec.Struct):
    """What a link invites to, as it is told to those who are not signed in."""

    number: int
    name: str
    avatar: str | None
    description: str
    city: str
    kind: GroupKind
    members: int


class ChatRow(msgspec.Struct, omit_defaults=False):
    """A conversation as its member's list shows it. ``silent`` marks one that somebody else has opened and in which
    nothing has been said: it is in nobody's list but theirs. ``online`` is how many members of a group are; it is left
    out where nobody has counted. ``peer_online`` is null where there is no peer, or nothing has been said yet."""

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
    peer_online: bool | None = None
    online: int | UnsetType = UNSET
    last_message: msgspec.Raw | None = None
    silent: bool | UnsetType = UNSET


class ChatPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in few words. ``peer`` is with whom, in one of two."""

    chat: int
    kind: ChatKind
    name: str
    avatar: str | None
    members: int
    capacity: int
    peer: Person | None


class DirectDraft(msgspec.Struct):
    """With whom."""

    number: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]


class DirectView(msgspec.Struct):
    chat: int


class AnnouncementDraft(msgspec.Struct):
    text: Annotated[str, msgspec.Meta(max_length=20_000)]


class AnnouncementText(msgspec.Struct):
    """A notice as everybody sees it."""

    id: int
    text: str
    by: Person
    at: str


class AnnouncementView(AnnouncementText):
    """``read`` of the ``members`` of today have read it."""

    read: int
    members: int
    read_by_me: bool


class AnnouncementReaders(msgspec.Struct):
    read: list[Person]
    unread: list[Person]


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
    announcement: AnnouncementText | None = None
    announcements_unread: list[int] = []


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
