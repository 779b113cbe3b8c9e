"""The outlets that bots keep themselves, with the calls of a protocol in which it is the bot that says where its events
go, or that fetches them and says how far it has come."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock

from ..errors import NoSuchBot
from ..models import Bot, Outlet, OutletKind
from ..queries import find_outlet_of_kind
from .outlets import checked_url

__all__ = ["confirm_events", "keep_outlet"]


async def keep_outlet(
    session: AsyncSession,
    number: int,
    kind: OutletKind,
    *,
    url: str | None = None,
    secret: str | None = None,
    options: dict[str, Any] | None = None,
    clock: Clock,
) -> Outlet:
    """The bot's outlet of this kind, made where there is none, with what is given; it is tried at once. With an empty
    ``url`` nothing is sent, and the bot fetches its events. Raises ``NoSuchBot``, ``BadOutlet``."""
    # Two of its programs may say so at once, and there is one outlet.
    if await session.get(Bot, number, with_for_update=True) is None:
        raise NoSuchBot
    now = clock()
    outlet = await find_outlet_of_kind(session, number, kind)
    if outlet is None:
        outlet = Outlet(
            bot_number=number,
            kind=kind,
            url="",
            secret="",
            options={},
            state="on",
            position=0,
            tries=0,
            last_error="",
            next_at=now,
            made_at=now,
        )
        session.add(outlet)
    if url is not None:
        outlet.url = checked_url(kind, url) if url else ""
        outlet.state = "on"
        outlet.begin_anew(now)
    outlet.secret = outlet.secret if secret is None else secret
    outlet.options = outlet.options if options is None else outlet.options | options
    await session.flush()
    return outlet


async def confirm_events(session: AsyncSession, number: int, kind: OutletKind, position: int, *, clock: Clock) -> None:
    """The bot need not be told the events up to this one again; that never goes back. Raises ``NoSuchBot``."""
    outlet = await keep_outlet(session, number, kind, clock=clock)
    outlet.position = max(outlet.position, position)
    await session.flush()
