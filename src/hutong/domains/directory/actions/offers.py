"""Apps that groups are offered by grants: counted as they are shown, looked at, let in.

Whoever counts locks the grant first, so that nothing is counted twice and no grant is shown more often than it may be;
of several grants the lower number is locked first.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import KeptGroup, NoSuchChat, is_member, kept_groups
from hutong.domains.openplatform import apps_in
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..choosing import Chosen, Met, Place, Running, chosen
from ..errors import NoSuchOffer
from ..models import Grant, GrantDay, Offer
from ..queries import list_running, listing_cards
from ..schemas import KeptOfferView

__all__ = ["count_install", "dismiss_offer", "offer_in_chat", "offer_to_keeper", "open_offer"]

_GROUPS_LOOKED_AT_MAX = 200

_Counted = Literal["showings", "opened", "installed"]


async def offer_in_chat(
    session: AsyncSession, viewer: Actor, chat_id: int, *, clock: Clock, limits: Limits
) -> list[KeptOfferView]:
    """What a group is offered, to those who keep it; nothing to other members. It counts as shown. Raises
    ``NoSuchChat``."""
    if not await is_member(session, chat_id, viewer.number):
        raise NoSuchChat
    groups = await kept_groups(session, viewer.number, [chat_id], limit=1)
    return await _offer(session, groups, clock, limits)


async def offer_to_keeper(session: AsyncSession, viewer: Actor, *, clock: Clock, limits: Limits) -> list[KeptOfferView]:
    """What the groups that the viewer keeps are offered, each app for one of them. It counts as shown."""
    groups = await kept_groups(session, viewer.number, limit=_GROUPS_LOOKED_AT_MAX)
    return await _offer(session, groups, clock, limits)


async def _offer(
    session: AsyncSession, groups: Sequence[KeptGroup], clock: Clock, limits: Limits
) -> list[KeptOfferView]:
    grants = await list_running(session, clock=clock) if groups else []
    cards = await listing_cards(session, {grant.app_id for grant in grants}) if grants else {}
    running = [_running(grant) for grant in grants if grant.app_id in cards]
    if not running:
        return []
    now = clock()
    chats = [group.chat for group in groups]
    there: dict[int, set[int]] = {chat: set() for chat in chats}
    for chat, app in await apps_in(session, chats):
        there[chat].add(app)
    places = [
        Place(chat=group.chat, kind=group.kind, members=group.members, apps=frozenset(there[group.chat]))
        for group in groups
    ]
    met = await _met(session, chats, [grant.grant for grant in running], now)
    picked = chosen(running, places, met, count_max=limits.offers_at_once_max)
    shown = {one.grant.grant for one in sorted(picked, key=_by_number) if await _show(session, one, now)}
    names = {group.chat: group.name for group in groups}
    return [
        KeptOfferView(grant=one.grant.grant, chat=one.chat, group_name=names[one.chat], listing=cards[one.grant.app])
        for one in picked
        if one.grant.grant in shown
    ]


def _running(grant: Grant) -> Running:
    return Running(
        grant=grant.grant_id,
        app=grant.app_id,
        kinds=tuple(grant.kinds),
        members_min=grant.members_min,
        showings=grant.showings,
        showings_max=grant.showings_max,
    )


def _by_number(one: Chosen) -> int:
    return one.grant.grant


async def _met(
    session: AsyncSession, chats: Sequence[int], grants: Sequence[int], now: datetime
) -> dict[tuple[int, int], Met]:
    rows = await session.scalars(select(Offer).where(Offer.chat_id.in_(chats), Offer.grant_id.in_(grants)))
    today = now.astimezone(UTC).date()
    return {
        (row.chat_id, row.grant_id): Met(shown_today=row.shown_on >= today, dismissed=row.dismissed_at is not None)
        for row in rows
    }


async def _show(session: AsyncSession, one: Chosen, now: datetime) -> bool:
    """Counts a showing where it is the first of the day there. Returns whether it may be shown."""
    if not one.is_new:
        return True
    grant = await _locked(session, one.grant.app, one.grant.grant)
    if grant is None or grant.ended_at is not None:
        return False
    today = now.astimezone(UTC).date()
    offer = await session.get(Offer, (one.chat, one.grant.grant), populate_existing=True)
    if offer is not None and offer.shown_on >= today:
        return True
    if grant.showings >= grant.showings_max:
        return False
    if offer is None:
        offer = Offer(chat_id=one.chat, grant_id=grant.grant_id, app_id=grant.app_id)
        session.add(offer)
    offer.shown_on, offer.shown_at = today, now
    await _count(session, grant, "showings", now)
    return True


async def _locked(session: AsyncSession, app_id: int, grant_id: int) -> Grant | None:
    return await session.get(Grant, (app_id, grant_id), with_for_update=True, populate_existing=True)


async def _count(session: AsyncSession, grant: Grant, what: _Counted, now: datetime) -> None:
    """One more, in all and of the day. The grant is locked."""
    setattr(grant, what, getattr(grant, what) + 1)
    await session.flush()
    day = {"app_id": grant.app_id, "grant_id": grant.grant_id, "day": now.astimezone(UTC).date()}
    row = upsert(GrantDay).values(**day, **{what: 1})
    counted = getattr(GrantDay, what) + 1
    await session.execute(row.on_conflict_do_update(index_elements=["app_id", "grant_id", "day"], set_={what: counted}))


async def open_offer(session: AsyncSession, actor: Actor, chat_id: int, grant_id: int, *, clock: Clock) -> None:
    """Somebody who keeps the group has looked at what it was offered; counted once for each group, while the grant
    runs. Raises ``NoSuchChat``, ``NoSuchOffer``."""
    offer = await _kept_offer(session, actor, chat_id, grant_id)
    grant = await _locked(session, offer.app_id, grant_id)
    if grant is None:
        raise NoSuchOffer
    await session.refresh(offer)
    now = clock()
    if offer.opened_at is None and grant.ended_at is None and grant.ends_at > now:
        offer.opened_at = now
        await _count(session, grant, "opened", now)


async def dismiss_offer(session: AsyncSession, actor: Actor, chat_id: int, grant_id: int, *, clock: Clock) -> None:
    """The group is not offered this any more. Twice is harmless. Raises ``NoSuchChat``, ``NoSuchOffer``."""
    offer = await _kept_offer(session, actor, chat_id, grant_id)
    if offer.dismissed_at is None:
        offer.dismissed_at = clock()
    await session.flush()


async def _kept_offer(session: AsyncSession, actor: Actor, chat_id: int, grant_id: int) -> Offer:
    """An offer that was shown in a group, for those who keep it."""
    if not await is_member(session, chat_id, actor.number):
        raise NoSuchChat
    offer = await session.get(Offer, (chat_id, grant_id))
    if offer is None or not await kept_groups(session, actor.number, [chat_id], limit=1):
        raise NoSuchOffer
    return offer


async def count_install(session: AsyncSession, app_id: int, chat_id: int, *, clock: Clock, limits: Limits) -> None:
    """A group has let a bot of the app in: that counts for the grant that was shown there last, where that was not too
    long ago. Twice is counted once."""
    now = clock()
    since = now - timedelta(days=limits.installs_counted_days)
    shown = select(Offer).where(Offer.chat_id == chat_id, Offer.app_id == app_id, Offer.shown_at >= since)
    offer = (await session.scalars(shown.order_by(Offer.shown_at.desc()).limit(1))).one_or_none()
    if offer is None:
        return
    grant = await _locked(session, app_id, offer.grant_id)
    if grant is None:
        return
    await session.refresh(offer)
    if offer.installed_at is None:
        offer.installed_at = now
        await _count(session, grant, "installed", now)
