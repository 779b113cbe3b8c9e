"""What a bot may do in a group: the scopes that its owner grants, and what each of them lets through.

A bot may do nothing that no scope names. In a conversation between two, whoever opened it has let the bot in.
"""

from collections.abc import Collection
from typing import Any, Literal, get_args

import msgspec

from .commands import NO_CALLSIGNS, Call, Callsigns, call_in

__all__ = ["IN_DIRECTS", "SCOPES", "Moment", "Scope", "hears", "in_order", "moment_of"]

Scope = Literal["read_mentions", "read_all", "send", "moderate", "members"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

IN_DIRECTS: frozenset[Scope] = frozenset({"read_all", "send"})
"""What a bot may do in a conversation with one person."""

_CHANGES: dict[str, Scope] = {
    "joined": "members",
    "left": "members",
    "role": "members",
    "card": "members",
    "muted": "members",
    "recalled": "read_all",
    "edited": "read_all",
    "reacted": "read_all",
    "pinned": "read_all",
    "previewed": "read_all",
    "announced": "read_all",
}
"""The scope with which a bot hears of a change. Any other change is of the conversation as a whole, and every bot in it
hears of that."""


class _From(msgspec.Struct):
    number: int


class _Frame(msgspec.Struct):
    on: str
    sender: _From = msgspec.field(name="from", default_factory=lambda: _From(0))
    segments: list[dict[str, Any]] = []
    number: int = 0
    seq: int = 0
    said_by: int = msgspec.field(name="sender", default=0)


_read = msgspec.json.Decoder(_Frame).decode


class Moment(msgspec.Struct, frozen=True):
    """What decides about who hears of a frame, read once for all of them. ``number`` is whom a change is about, or who
    has said or edited a message; ``seq`` the message that it tells of, if any; ``calls`` whom a message names, and 0
    where it names everybody; ``answers`` the messages that it replies to; ``command`` the command that it is."""

    on: str
    number: int
    seq: int
    calls: frozenset[int]
    answers: frozenset[int]
    command: Call | None = None


def moment_of(frame: bytes) -> Moment:
    """What a frame is about."""
    read = _read(frame)
    calls: set[int] = set()
    answers: set[int] = set()
    for part in read.segments:
        match part.get("type"):
            case "mention":
                calls.add(0 if part.get("all") is True else part.get("number", -1))
            case "reply":
                answers.add(part.get("seq", 0))
    number = {"message": read.sender.number, "edited": read.said_by}.get(read.on, read.number)
    command = call_in(read.segments) if read.on == "message" else None
    return Moment(read.on, number, read.seq, frozenset(calls), frozenset(answers), command)


def in_order(scopes: Collection[str]) -> list[Scope]:
    """Each once, in the order in which they are listed."""
    return [scope for scope in SCOPES if scope in scopes]


def hears(
    moment: Moment, number: int, scopes: Collection[str], own_seqs: Collection[int], signs: Callsigns = NO_CALLSIGNS
) -> bool:
    """Whether the bot ``number`` hears of it. With ``read_mentions`` it hears messages that name it or everybody, reply
    to something that it said (``own_seqs``), or are a command for it. Nobody hears what they said or edited themselves,
    nor that they came; of whatever else happens to itself a bot hears always."""
    if moment.on == "message":
        if moment.number == number:
            return False
        if "read_all" in scopes:
            return True
        called = number in moment.calls or 0 in moment.calls or any(seq in own_seqs for seq in moment.answers)
        called = called or (moment.command is not None and moment.command.is_for(number, signs))
        return "read_mentions" in scopes and called
    if moment.number == number:
        return moment.on not in ("joined", "edited")
    wanted = _CHANGES.get(moment.on)
    return wanted is None or wanted in scopes
