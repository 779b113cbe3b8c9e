"""How a bot gets its updates: how far it has come, which ones it wants, and where they are sent to, if they are. All of
that is kept in its outlet of the kind ``telegram``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hutong.bridges.desk import Desk
from hutong.domains import openplatform

from .hearing import DEFAULT_KINDS, KINDS

__all__ = ["Mailbox", "confirm", "get_mailbox", "kinds_in", "send_to", "want"]

_KIND: openplatform.OutletKind = "telegram"
_WANTED = "allowed_updates"


class Mailbox(NamedTuple):
    """``position`` is the last event that the bot has confirmed or was sent, ``kinds`` the updates that it wants;
    ``url`` is where they are sent to, if they are, and ``error`` why that fails since ``failing_since``."""

    position: int
    kinds: frozenset[str]
    url: str = ""
    error: str = ""
    failing_since: datetime | None = None


async def get_mailbox(desk: Desk, number: int) -> Mailbox:
    async with desk.database.transaction() as session:
        outlet = await openplatform.find_outlet_of_kind(session, number, _KIND)
    if outlet is None:
        return Mailbox(0, DEFAULT_KINDS)
    return Mailbox(outlet.position, kinds_in(outlet.options), outlet.url, outlet.last_error, outlet.failing_since)


def kinds_in(options: dict[str, Any]) -> frozenset[str]:
    """The kinds of updates that an outlet brings."""
    wanted = options.get(_WANTED)
    return frozenset(wanted) & set(KINDS) if isinstance(wanted, list) and wanted else DEFAULT_KINDS


async def confirm(desk: Desk, number: int, position: int) -> Mailbox:
    """The bot has what came up to this event. Writes only where that is something new."""
    mailbox = await get_mailbox(desk, number)
    if position <= mailbox.position:
        return mailbox
    async with desk.database.transaction() as session:
        await openplatform.confirm_events(session, number, _KIND, position, clock=desk.clock)
    return mailbox._replace(position=position)


async def want(desk: Desk, number: int, kinds: Sequence[Any]) -> Mailbox:
    """From here on the bot gets updates of these kinds; where there are none, the usual ones."""
    mailbox = await get_mailbox(desk, number)
    options = {_WANTED: [kind for kind in KINDS if kind in kinds]}
    if kinds_in(options) == mailbox.kinds:
        return mailbox
    async with desk.database.transaction() as session:
        await openplatform.keep_outlet(session, number, _KIND, options=options, clock=desk.clock)
    return mailbox._replace(kinds=kinds_in(options))


async def send_to(desk: Desk, number: int, url: str, secret: str) -> None:
    """From here on the bot's updates are sent to this address; with an empty one the bot fetches them. Raises
    ``BadOutlet``."""
    async with desk.database.transaction() as session:
        await openplatform.keep_outlet(session, number, _KIND, url=url, secret=secret, clock=desk.clock)
