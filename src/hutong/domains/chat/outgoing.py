"""A message on its way through the writer, and what the writer has stored."""

from collections.abc import Callable
from typing import Any

import msgspec

from hutong.kit.errors import HutongError

from .frames import message_frame
from .segments import Draft

__all__ = ["Outgoing", "StoredRun", "without_twins"]


class Outgoing:
    """A message on its way. ``settle`` is called once: with None when ``seq``, ``id`` and ``at`` are known and
    stored, else with the error. ``origin`` is the sender's own, handed on untouched."""

    __slots__ = (
        "at", "chat", "draft", "frame", "id", "key", "members_rev", "origin", "sender", "sender_json", "seq", "settle",
    )  # fmt: skip

    def __init__(
        self,
        *,
        chat: int,
        sender: int,
        sender_json: bytes,
        key: str,
        draft: Draft,
        members_rev: int,
        settle: "Callable[[Outgoing, HutongError | None], None]",
        origin: Any = None,
    ) -> None:
        self.chat = chat
        self.sender = sender
        self.sender_json = sender_json
        self.key = key
        self.draft = draft
        self.members_rev = members_rev
        self.settle = settle
        self.origin = origin
        self.seq = 0
        self.id = 0
        self.at = b""
        self.frame = b""

    @property
    def name(self) -> tuple[int, int, str]:
        """What makes it the same message when it is sent again."""
        return self.chat, self.sender, self.key

    def become(self, seq: int, at: bytes) -> None:
        """Takes its place in the chat, and the frame that tells of it. ``id`` must be known."""
        self.seq = seq
        self.at = at
        self.frame = message_frame(self.chat, seq, self.id, self.sender_json, self.draft.segments, at)


class StoredRun(msgspec.Struct, frozen=True):
    """Messages of one chat that were stored together, in rising and dense seq."""

    chat: int
    members_rev: int
    messages: list[Outgoing]


def without_twins(batch: list[Outgoing]) -> list[Outgoing]:
    """The batch with each key once; a twin is settled together with the message that it repeats."""
    first: dict[tuple[int, int, str], Outgoing] = {}
    kept: list[Outgoing] = []
    for message in batch:
        earlier = first.setdefault(message.name, message)
        if earlier is message:
            kept.append(message)
        else:
            _settle_together(earlier, message)
    return kept


def _settle_together(earlier: Outgoing, twin: Outgoing) -> None:
    settle_earlier = earlier.settle

    def settle_both(message: Outgoing, error: HutongError | None) -> None:
        settle_earlier(message, error)
        twin.seq, twin.id, twin.at = message.seq, message.id, message.at
        twin.settle(twin, error)

    earlier.settle = settle_both
