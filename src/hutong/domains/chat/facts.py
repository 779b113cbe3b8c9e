"""What conversations announce."""

import msgspec

from hutong.kit.facts import Fact

__all__ = ["GroupCreated", "MemberJoined", "MemberLeft", "MessageRecalled", "MessagesSent", "SentRange"]


class SentRange(msgspec.Struct, frozen=True):
    """The messages ``first_seq`` to ``last_seq`` of a chat, both included."""

    chat: int
    first_seq: int
    last_seq: int


class MessagesSent(Fact, frozen=True):
    """Messages were stored: one fact for each commit of the writer. Audience: the members of each chat."""

    ranges: list[SentRange]


class MessageRecalled(Fact, frozen=True):
    """A message was taken back: nobody may be shown what it said. Audience: the members."""

    chat: int
    seq: int
    recalled_by: int


class GroupCreated(Fact, frozen=True):
    """A group exists. Audience: everybody where it is listed, else its members."""

    chat: int
    owner: int


class MemberJoined(Fact, frozen=True):
    """Somebody became a member. Audience: the members."""

    chat: int
    number: int
    invited_by: int | None = None


class MemberLeft(Fact, frozen=True):
    """Somebody left or was removed by ``removed_by``. Audience: the members, and who left."""

    chat: int
    number: int
    removed_by: int | None = None
