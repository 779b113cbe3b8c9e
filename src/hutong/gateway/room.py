"""A conversation as one gateway keeps it: who of it is here, what was handed on last, what is still held back.

Pure bookkeeping without waiting: ``verdict`` says what to do with frames, and the gateway does it.
"""

from datetime import datetime
from typing import Literal

import msgspec
from nats.aio.subscription import Subscription

from hutong.domains.chat import Seat

from .connection import Connection

__all__ = ["Due", "Place", "Room", "Verdict", "after"]

Verdict = Literal["deliver", "drop", "hold", "reload"]


class Place(msgspec.Struct, frozen=True):
    """What somebody may do in a room. Plain members share one, so that a seat costs next to nothing."""

    role: str
    card: str = ""
    muted_until: datetime | None = None


class Due(msgspec.Struct, frozen=True):
    """Frames of one room that are to be handed on: of kind ``m`` (messages, ``first`` is a seq), ``c`` (changes, a
    rev) or ``e`` (of the moment). ``origins`` are, frame by frame, the connections here that sent them."""

    kind: str
    first: int
    members_rev: int
    frames: tuple[bytes, ...]
    sender: int = 0
    origins: tuple[Connection | None, ...] | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.frames) - 1


_PLAIN = {role: Place(role) for role in ("owner", "admin", "member")}


class _MembersChange(msgspec.Struct):
    on: str
    number: int = 0
    role: str = ""
    card: str = ""
    until: datetime | None = None
    all: bool | None = None


_decode_change = msgspec.json.Decoder(_MembersChange).decode


class Room:
    """``places`` are the seats of accounts that are connected here; ``audience`` their connections, each once.

    ``held`` keeps frames that came too early; ``welcoming`` those for connections whose welcome is still being put
    together. While ``busy`` the seats or missing frames are being loaded, and everything is held. A room that is
    ``dissolved`` hands the frame on that says so, and is empty after that.

    ``online`` is what was told last: how many members of a group are online, or who of the two; None before that.
    ``told_at`` is when, by the monotonic clock.
    """

    __slots__ = (
        "audience", "busy", "dissolved", "held", "id", "last_rev", "last_seq", "members_rev", "muted_all", "online",
        "places", "subscription", "told_at", "welcoming", "with_bot",
    )  # fmt: skip

    def __init__(self, chat_id: int) -> None:
        self.id = chat_id
        self.last_seq = 0
        self.last_rev = 0
        self.members_rev = -1
        self.muted_all = False
        self.with_bot = False
        self.places: dict[int, Place] = {}
        self.audience: list[Connection] = []
        self.held: list[Due] | None = None
        self.welcoming: dict[Connection, list[Due]] | None = None
        self.busy = False
        self.dissolved = False
        self.online: int | frozenset[int] | None = None
        self.told_at = 0.0
        self.subscription: Subscription | None = None

    def seat(self, seat: Seat) -> None:
        """Takes over what the database says of one account's seat."""
        plain = seat.muted_until is None and not seat.card
        self.places[seat.number] = _PLAIN[seat.role] if plain else Place(seat.role, seat.card, seat.muted_until)
        self.muted_all = seat.muted_all
        self.with_bot = seat.with_bot

    def verdict(self, due: Due) -> Verdict:
        """What is to be done with frames: hand them on, drop what is old, hold what came too early, or first load the
        seats anew because they were committed under a later membership."""
        if self.busy:
            return "hold"
        if due.members_rev > self.members_rev:
            return "reload"
        if due.kind == "e":
            return "deliver"
        last = self.last_seq if due.kind == "m" else self.last_rev
        if due.last <= last:
            return "drop"
        return "hold" if due.first > last + 1 else "deliver"

    def take_fresh(self, due: Due) -> Due:
        """What of it was not handed on yet; it counts as handed on from here."""
        if due.kind == "e":
            return due
        last = self.last_seq if due.kind == "m" else self.last_rev
        if due.kind == "m":
            self.last_seq = max(last, due.last)
        else:
            self.last_rev = max(last, due.last)
        return after(due, last)

    def apply_change(self, due: Due) -> bool:
        """Takes over the next change of the members from its own frame, without asking the database. Returns False
        where that is not possible: it is not the next one, or of a kind that needs a look."""
        is_next = due.kind == "c" and due.members_rev == self.members_rev + 1 and due.first == self.last_rev + 1
        if not is_next or len(due.frames) != 1 or self.busy:
            return False
        change = _decode_change(due.frames[0])
        number = change.number
        place = self.places.get(number)
        if change.on == "joined":
            pass
        elif change.on == "dissolved":
            self.dissolved = True
        elif change.on == "left":
            self.forget(number)
        elif change.on == "muted" and change.all is not None:
            self.muted_all = change.all
        elif change.on in ("muted", "role", "card"):
            if place is not None:
                self.places[number] = Place(
                    change.role or place.role,
                    change.card if change.on == "card" else place.card,
                    change.until if change.on == "muted" else place.muted_until,
                )
        else:
            return False
        self.members_rev = due.members_rev
        return True

    def hold(self, due: Due) -> None:
        if self.held is None:
            self.held = []
        self.held.append(due)

    def take_held(self) -> list[Due]:
        """Everything held back, in the order in which it is to be tried again."""
        held, self.held = self.held, None
        return sorted(held, key=lambda due: (due.kind, due.first)) if held else []

    def forget(self, number: int) -> list[Connection]:
        """Takes the account's place away. Returns its connections, which hear nothing more of this room."""
        self.places.pop(number, None)
        gone = [c for c in self.audience if c.online is not None and c.online.number == number]
        for connection in gone:
            self.leave(connection)
        return gone

    async def close(self) -> None:
        """Stops listening to the bus."""
        if self.subscription is not None:
            await self.subscription.unsubscribe()

    def leave(self, connection: Connection) -> None:
        if connection in self.audience:
            self.audience.remove(connection)
        if self.welcoming:
            self.welcoming.pop(connection, None)


def after(due: Due, last: int) -> Due:
    """What of it comes after the number ``last``."""
    skip = last + 1 - due.first
    if skip <= 0:
        return due
    origins = due.origins[skip:] if due.origins else None
    return Due(due.kind, due.first + skip, due.members_rev, due.frames[skip:], due.sender, origins)
