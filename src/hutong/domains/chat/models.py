"""Tables of the conversations, and what can be said of their rows without asking anybody.

Everything that belongs to a conversation is distributed by ``chat_id``, so that it lies together; what is one person's
own view of it is distributed by ``account_number``.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base
from hutong.kit.clock import iso_utc
from hutong.kit.errors import HutongError

from .errors import Muted, MutedAll

__all__ = [
    "MESSAGE_IDS",
    "Announcement",
    "AnnouncementReader",
    "Ban",
    "Carried",
    "Change",
    "Chat",
    "Direct",
    "GatewayBeat",
    "Group",
    "InboxEntry",
    "Invitation",
    "Listing",
    "Member",
    "Mention",
    "Message",
    "OnlineAccount",
    "OnlineSample",
    "Origin",
    "Pin",
    "Preview",
    "Reaction",
    "Request",
    "may_invite",
    "refusal_to_speak",
]

ChatKind = Literal["direct", "group"]
GroupKind = Literal["model", "interest", "brand", "knowledge", "tool", "mixed"]
JoinMode = Literal["open", "approval", "invitation", "closed"]
Role = Literal["owner", "admin", "member"]
RequestState = Literal["waiting", "refused"]
Notify = Literal["all", "mentions", "none"]

CHAT_NUMBERS = Sequence("chat_numbers", start=80001, metadata=Base.metadata)
MESSAGE_IDS = Sequence("chat_message_ids", start=1000, increment=1000, metadata=Base.metadata)
"""Gives blocks: the value ``v`` hands out the ids ``v`` to ``v + 999``. Ids are unique, not dense."""

_BY_CHAT = {"distributed_by": "chat_id"}


class Chat(Base):
    """A conversation and its counters. This row is written with every message, so it is kept small. Where it is
    ``with_bot`` it is one of two, and one of them is a bot: who may speak there is not for this domain alone to say."""

    __tablename__ = "chat_chat"
    __table_args__ = (
        CheckConstraint("kind IN ('direct', 'group')", name="kind"),
        {"info": _BY_CHAT, "postgresql_with": {"fillfactor": 50}},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, server_default=text("nextval('chat_numbers')"), primary_key=True)
    kind: Mapped[ChatKind] = mapped_column(String(8))
    last_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_rev: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    members_rev: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    muted_all: Mapped[bool] = mapped_column(Boolean, server_default=false())
    with_bot: Mapped[bool] = mapped_column(Boolean, server_default=false())
    dissolved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Group(Base):
    """What a group says of itself, and how one gets in."""

    __tablename__ = "chat_group"
    __table_args__ = (
        CheckConstraint("kind IN ('model', 'interest', 'brand', 'knowledge', 'tool', 'mixed')", name="kind"),
        CheckConstraint("join_mode IN ('open', 'approval', 'invitation', 'closed')", name="join_mode"),
        CheckConstraint("members >= 0 AND members <= capacity", name="members_fit"),
        {"info": _BY_CHAT},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    avatar: Mapped[str | None] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text, server_default="")
    city: Mapped[str] = mapped_column(String(80), server_default="")
    kind: Mapped[GroupKind] = mapped_column(String(12))
    join_mode: Mapped[JoinMode] = mapped_column(String(12))
    question: Mapped[str] = mapped_column(String(200), server_default="")
    capacity: Mapped[int] = mapped_column(Integer)
    members: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    listed: Mapped[bool] = mapped_column(Boolean, server_default=true())
    handle: Mapped[str | None] = mapped_column(String(40))
    owner_number: Mapped[int] = mapped_column(BigInteger)


class Member(Base):
    """Somebody's seat in a conversation."""

    __tablename__ = "chat_member"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'admin', 'member')", name="role"),
        {"info": _BY_CHAT, "postgresql_with": {"fillfactor": 80}},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    role: Mapped[Role] = mapped_column(String(8))
    card: Mapped[str] = mapped_column(String(80), server_default="")
    muted_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    mute_reason: Mapped[str] = mapped_column(String(200), server_default="")
    read_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    joined_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    joined_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    invited_by: Mapped[int | None] = mapped_column(BigInteger)


class Listing(Base):
    """A group that anybody may find. ``size`` grows by one with every doubling of the members, so that the row is
    written seldom; ``terms`` are what ``finding`` makes of its names. Their index takes new ones in at once, because
    every search would have to look through those that wait: it is read far more often than written."""

    __tablename__ = "chat_listing"
    __table_args__ = (
        Index("ix_chat_listing_terms", "terms", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_chat_listing_size", "size", "chat_id"),
        Index("ix_chat_listing_city", "city", "size", "chat_id"),
        {"info": _BY_CHAT},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[GroupKind] = mapped_column(String(12))
    city: Mapped[str] = mapped_column(String(80))
    terms: Mapped[list[str]] = mapped_column(ARRAY(Text))


class Request(Base):
    """Somebody asks to join a group that approves, or was refused there."""

    __tablename__ = "chat_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'refused')", name="state"),
        Index("ix_chat_request_waiting", "chat_id", "asked_at", postgresql_where=text("state = 'waiting'")),
        {"info": _BY_CHAT},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[RequestState] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(Text, server_default="")
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Ban(Base):
    """Somebody who is kept out of a group."""

    __tablename__ = "chat_ban"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    banned_by: Mapped[int] = mapped_column(BigInteger)
    banned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Invitation(Base):
    """A link into a group. It lies by its code, which is all that a link says; without a limit ``uses_left`` is
    None."""

    __tablename__ = "chat_invitation"
    __table_args__ = (
        CheckConstraint("uses_left >= 0", name="uses_left"),
        Index("ix_chat_invitation_chat", "chat_id", "made_at"),
        {"info": {"distributed_by": "code"}},
    )

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    uses_left: Mapped[int | None] = mapped_column(Integer)
    joined: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class InboxEntry(Base):
    """A conversation in somebody's list, as that person alone keeps it."""

    __tablename__ = "chat_inbox"
    __table_args__ = (
        CheckConstraint("notify IN ('all', 'mentions', 'none')", name="notify"),
        {"info": {"distributed_by": "account_number"}},
    )

    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    notify: Mapped[Notify] = mapped_column(String(8), server_default="all")
    pinned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Message(Base):
    """What was said. ``segments`` is the canonical JSON of the list, handed on as it stands. Of a message that was
    edited ``mentioned`` is whom it called when it was said: an edit calls nobody, and takes no call back."""

    __tablename__ = "chat_message"
    __table_args__ = (
        UniqueConstraint("chat_id", "sender_number", "key"),
        Index("ix_chat_message_recalled", "chat_id", "seq", postgresql_where=text("recalled_at IS NOT NULL")),
        {"info": _BY_CHAT},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger)
    sender_number: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(64))
    segments: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recalled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recalled_by: Mapped[int | None] = mapped_column(BigInteger)
    edited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    mentioned: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))


class Change(Base):
    """Any change of a conversation other than a new message, as the frame that told of it. What a message was edited to
    is left out of it: that stands in the message, and nowhere else, so that it is gone when the message is."""

    __tablename__ = "chat_change"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rev: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    frame: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Mention(Base):
    """A message that mentions somebody; ``account_number`` 0 stands for everybody in the chat."""

    __tablename__ = "chat_mention"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Reaction(Base):
    """An emoji that somebody put to a message. ``rev`` is that of the change which told of it."""

    __tablename__ = "chat_reaction"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    emoji: Mapped[str] = mapped_column(String(32), primary_key=True)
    rev: Mapped[int] = mapped_column(BigInteger)


class Pin(Base):
    """A message kept in sight of everybody in the chat."""

    __tablename__ = "chat_pin"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    pinned_by: Mapped[int] = mapped_column(BigInteger)
    pinned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    rev: Mapped[int] = mapped_column(BigInteger)


class Preview(Base):
    """What a link in a message leads to, as its page says of itself; ``place`` is the link's place in the message."""

    __tablename__ = "chat_preview"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, server_default="")


class Announcement(Base):
    """A notice of a group's admins. ``id`` is the rev of the change that told of it."""

    __tablename__ = "chat_announcement"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AnnouncementReader(Base):
    """Somebody who has read a notice."""

    __tablename__ = "chat_announcement_reader"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    announcement_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Carried(Base):
    """A message that carries a file. Whoever sees the message may read the file through its chat, whoever sent it. Its
    index is for the sweep of files, which asks in all chats."""

    __tablename__ = "chat_media"
    __table_args__ = (Index("ix_chat_media_media_id", "media_id"), {"info": _BY_CHAT})

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    media_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Direct(Base):
    """Which conversation two people share; the lower number comes first."""

    __tablename__ = "chat_direct"
    __table_args__ = (
        CheckConstraint("low_number < high_number", name="ordered"),
        {"info": {"distributed_by": "low_number"}},
    )

    low_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    high_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_id: Mapped[int] = mapped_column(BigInteger)


class OnlineAccount(Base):
    """An account that is connected to a gateway with a kind of client."""

    __tablename__ = "chat_online"
    __table_args__ = (
        {"prefixes": ["UNLOGGED"], "info": {"reference": "only who is here now, counted with the members of any chat"}},
    )

    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    gateway: Mapped[str] = mapped_column(String(40), primary_key=True)
    client: Mapped[str] = mapped_column(String(10), primary_key=True)


class GatewayBeat(Base):
    """When a gateway has last said that it lives."""

    __tablename__ = "chat_gateway"
    __table_args__ = ({"prefixes": ["UNLOGGED"], "info": {"reference": "one row for each process with sockets"}},)

    gateway: Mapped[str] = mapped_column(String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OnlineSample(Base):
    """How many accounts were online in a minute: with ``any`` client, and with each kind of client."""

    __tablename__ = "chat_online_sample"
    __table_args__ = ({"info": {"reference": "a few rows a minute, kept for a while"}},)

    sampled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    client: Mapped[str] = mapped_column(String(10), primary_key=True)
    accounts: Mapped[int] = mapped_column(Integer)


def refusal_to_speak(role: str, muted_until: datetime | None, muted_all: bool, now: datetime) -> HutongError | None:
    """Why somebody with this seat may not speak in a chat, or None if they may."""
    if muted_until is not None and muted_until > now and role != "owner":
        return Muted(until=iso_utc(muted_until))
    if muted_all and role == "member":
        return MutedAll()
    return None


class Origin(Base):
    """Which conversation of another system a chat was imported from."""

    __tablename__ = "chat_origin"
    __table_args__ = ({"info": {"reference": "read by imports alone"}},)

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)


def may_invite(role: Role, join_mode: JoinMode) -> bool:
    """Whether links of somebody with this role lead into the group: where the admins decide who comes in, only
    theirs do."""
    return role != "member" or join_mode in ("open", "invitation")
