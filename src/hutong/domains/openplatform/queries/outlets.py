"""Reads of outlets: for those whose bots they are, and for who delivers."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import iso_utc
from hutong.kit.page import Page, decode_cursor, encode_cursor

from ..errors import NoSuchOutlet
from ..models import BotEvent, Delivery, DeliveryState, Outlet, OutletKind
from ..schemas import DeliveryView, OutletView
from .apps import bot_of_app, own_app

__all__ = [
    "Letter",
    "find_outlet_of_kind",
    "list_deliveries",
    "list_outlets",
    "outlet_of",
    "own_outlet",
    "view_outlet",
]


class Letter(NamedTuple):
    """An event that is to be delivered. ``at`` is when it was written down; ``delivery`` is there where it was tried
    before."""

    event: int
    frame: bytes
    at: datetime
    delivery: int | None = None


async def outlet_of(session: AsyncSession, number: int, outlet_id: int, *, for_update: bool = False) -> Outlet:
    """An outlet of this bot. Raises ``NoSuchOutlet``."""
    outlet: Outlet | None = await session.get(Outlet, (number, outlet_id), with_for_update=for_update or None)
    if outlet is None or outlet.dropped_at is not None:
        raise NoSuchOutlet
    return outlet


async def own_outlet(
    session: AsyncSession, viewer: int, app_id: int, number: int, outlet_id: int, *, for_update: bool = False
) -> Outlet:
    """An outlet of a bot of the viewer's. Raises ``NoSuchApp``, ``NoSuchBot``, ``NoSuchOutlet``."""
    await own_app(session, viewer, app_id)
    await bot_of_app(session, app_id, number)
    return await outlet_of(session, number, outlet_id, for_update=for_update)


async def list_outlets(session: AsyncSession, viewer: int, app_id: int, number: int) -> list[OutletView]:
    """The outlets of a bot, the oldest first, for the app's owner."""
    await own_app(session, viewer, app_id)
    bot = await bot_of_app(session, app_id, number)
    rows = select(Outlet).where(Outlet.bot_number == number, Outlet.dropped_at.is_(None))
    outlets = await session.scalars(rows.order_by(Outlet.outlet_id))
    return [view_outlet(outlet, bot.last_event) for outlet in outlets]


def view_outlet(outlet: Outlet, last_event: int, *, secret: str | None = None) -> OutletView:
    """An outlet as its owner sees it; the secret only when it is made or changed."""
    return OutletView(
        outlet=outlet.outlet_id,
        kind=outlet.kind,
        url=outlet.url,
        options=outlet.options,
        state=outlet.state,
        position=outlet.position,
        waiting=max(0, last_event - outlet.position),
        tries=outlet.tries,
        failing_since=iso_utc(outlet.failing_since) if outlet.failing_since else None,
        last_error=outlet.last_error,
        made_at=iso_utc(outlet.made_at),
        secret=secret,
    )


async def list_deliveries(
    session: AsyncSession,
    outlet: Outlet,
    *,
    state: DeliveryState | None,
    cursor: str | None,
    limit: int,
) -> Page[DeliveryView]:
    """What became of the events that went through an outlet, the newest first."""
    rows = (
        select(Delivery, BotEvent.frame)
        .outerjoin(BotEvent, (BotEvent.bot_number == Delivery.bot_number) & (BotEvent.event == Delivery.event))
        .where(Delivery.bot_number == outlet.bot_number, Delivery.outlet_id == outlet.outlet_id)
        .order_by(Delivery.delivery_id.desc())
        .limit(limit + 1)
    )
    if state is not None:
        rows = rows.where(Delivery.state == state)
    if cursor is not None:
        rows = rows.where(Delivery.delivery_id < decode_cursor(cursor, tuple[int])[0])
    found = (await session.execute(rows)).all()
    after = encode_cursor(found[limit - 1][0].delivery_id) if len(found) > limit else None
    return Page([_view(one, frame) for one, frame in found[:limit]], after)


def _view(delivery: Delivery, frame: str | None) -> DeliveryView:
    return DeliveryView(
        delivery=delivery.delivery_id,
        event=delivery.event,
        state=delivery.state,
        status=delivery.status,
        error=delivery.error,
        took_ms=delivery.took_ms,
        tries=delivery.tries,
        at=iso_utc(delivery.at),
        next_at=iso_utc(delivery.next_at) if delivery.next_at else None,
        frame=frame,
    )


async def find_outlet_of_kind(session: AsyncSession, number: int, kind: OutletKind) -> Outlet | None:
    """The oldest outlet of a kind that a bot has."""
    rows = select(Outlet).where(Outlet.bot_number == number, Outlet.kind == kind, Outlet.dropped_at.is_(None))
    outlet: Outlet | None = await session.scalar(rows.order_by(Outlet.outlet_id).limit(1))
    return outlet
