"""Porters: how the events of each kind of outlet are written down for the other end, and what its answers mean.

A porter is handed in from above, where the protocols of others are known; the one for webhooks is our own.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from .signing import signature_of

__all__ = ["Consignment", "Outgoing", "Porter", "Porters", "Proposed", "Webhooks"]


class Consignment(NamedTuple):
    """What is sent: the body of a POST, and its headers beside those that every POST has."""

    body: bytes
    headers: dict[str, str]


class Outgoing(NamedTuple):
    """An event on its way. ``options`` and ``secret`` are the outlet's; ``event`` is 0 for what is none."""

    bot: int
    outlet: int
    secret: str
    options: dict[str, object]
    event: int
    frame: bytes


class Proposed(NamedTuple):
    """An outlet that somebody wants to make."""

    kind: str
    url: str
    secret: str
    options: dict[str, object]


class Porter(Protocol):
    """For outlets of one kind."""

    async def render(self, outgoing: Outgoing) -> Consignment | None:
        """What is to be sent for an event; None where it means nothing at the other end."""

    async def answered(self, outgoing: Outgoing, body: bytes) -> None:
        """The other end has taken it, and answered this: some ask for something to be done."""

    async def prove(self, proposed: Proposed, number: int) -> None:
        """Asks the other end whether it is what it seems, before an outlet is made. Raises ``BadOutlet``."""

    def kept(self, secret: str) -> str:
        """What of a secret is kept, once the other end has been asked: no more than is needed to write to it."""


class Webhooks:
    """Our own: the frame as the socket brings it, signed. ``now`` gives Unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    async def render(self, outgoing: Outgoing) -> Consignment | None:
        timestamp = int(self._now())
        return Consignment(
            outgoing.frame,
            {
                "Hutong-Bot": str(outgoing.bot),
                "Hutong-Event": str(outgoing.event),
                "Hutong-Timestamp": str(timestamp),
                "Hutong-Signature": signature_of(outgoing.secret, timestamp, outgoing.frame),
            },
        )

    async def answered(self, outgoing: Outgoing, body: bytes) -> None:
        """What a webhook answers asks for nothing."""

    async def prove(self, proposed: Proposed, number: int) -> None:
        """Whoever names an address is believed: events are signed, and the other end may refuse them."""

    def kept(self, secret: str) -> str:
        return secret


class Porters:
    """All that there are, by the kind of outlet."""

    def __init__(self, by_kind: Mapping[str, Porter]) -> None:
        self._by_kind = by_kind

    def find(self, kind: str) -> Porter | None:
        return self._by_kind.get(kind)

    async def prove(self, proposed: Proposed, number: int) -> None:
        """See ``Porter.prove``."""
        porter = self.find(proposed.kind)
        if porter is not None:
            await porter.prove(proposed, number)

    def kept(self, kind: str, secret: str) -> str:
        """See ``Porter.kept``. One that is to be made up is empty, and stays so."""
        porter = self.find(kind)
        return secret if porter is None or not secret else porter.kept(secret)
