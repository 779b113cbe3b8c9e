"""What conversations announce."""

import msgspec

from hutong.kit.facts import Fact

__all__ = [
    "AnnouncementMade",
    "AnnouncementReminded",
    "DirectOpened",
    "GroupChanged",
    "GroupCreated",
    "GroupDissolved",
    "GroupHandedOver",
    "JoinRequestDecided",
    "JoinRequested",
    "LinksSent",
    "MemberJoined",
    "MemberLeft",
    "MemberMuted",
    "MemberRoleChanged",
    "MessageRecalled",
    "MessagesSent",
    "SentMessage",
    "SentRange",
]


class SentRange(msgspec.Struct, frozen=True):
    """The messages ``first_seq`` to ``last_seq`` of a chat, both included."""

    chat: int
    first_seq: int
    last_seq: int


class MessagesSent(Fact, frozen=True):
    """Messages were stored: one fact for each commit of the writer. Audience: the members of each chat."""

    ranges: list[SentRange]


class SentMessage(msgspec.Struct, frozen=True):
    """One message by its place."""

    chat: int
    seq: int


class LinksSent(Fact, frozen=True):
    """Messages with links in them were stored. Audience: the members of each chat."""

    messages: list[SentMessage]


class MessageRecalled(Fact, frozen=True):
    """A message was taken back: nobody may be shown what it said. Audience: the members."""

    chat: int
    seq: int
    recalled_by: int


class AnnouncementMade(Fact, frozen=True):
    """A notice was put up in a group. Audience: its members."""

    chat: int
    id: int
    by: int


class AnnouncementReminded(Fact, frozen=True):
    """Members who have not read a notice were reminded of it. Audience: ``numbers``."""

    chat: int
    id: int
    by: int
    numbers: list[int]


class DirectOpened(Fact, frozen=True):
    """Somebody has opened a conversation with somebody else, in which nothing is said yet. Audience: who opened it."""

    chat: int
    by: int
    to: int


class GroupCreated(Fact, frozen=True):
    """A group exists. Audience: everybody where it is listed, else its members."""

    chat: int
    owner: int


class GroupChanged(Fact, frozen=True):
    """The settings named in ``changed`` have new values. Audience: everybody where it is listed, else its members."""

    chat: int
    by: int
    changed: list[str]


class GroupHandedOver(Fact, frozen=True):
    """The group has a new owner. Audience: its members."""

    chat: int
    former_owner: int
    owner: int


class GroupDissolved(Fact, frozen=True):
    """The group is no more, for anybody. Audience: its former members."""

    chat: int
    by: int


class JoinRequested(Fact, frozen=True):
    """Somebody asks to join. Audience: the owner and the admins."""

    chat: int
    number: int


class JoinRequestDecided(Fact, frozen=True):
    """A request to join was accepted or refused. Audience: who asked, the owner and the admins."""

    chat: int
    number: int
    accepted: bool
    by: int


class MemberJoined(Fact, frozen=True):
    """Somebody became a member. Audience: the members."""

    chat: int
    number: int
    invited_by: int | None = None


class MemberLeft(Fact, frozen=True):
    """Somebody left or was removed by ``removed_by``, and is kept out if ``banned``. Audience: the members, and who
    left."""

    chat: int
    number: int
    removed_by: int | None = None
    banned: bool = False


class MemberRoleChanged(Fact, frozen=True):
    """Somebody became an admin, or ceased to be one. Audience: the members."""

    chat: int
    number: int
    role: str
    by: int


class MemberMuted(Fact, frozen=True):
    """Somebody may not speak ``until`` then, or may again where that is None. Audience: the members."""

    chat: int
    number: int
    until: str | None
    by: int
