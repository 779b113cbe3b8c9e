"""Traffic grants: begun by whoever runs the hutong, ended by them, by time, or when they are used up."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import GroupKind
from hutong.domains.notifications import notify
from hutong.domains.openplatform import NoSuchApp, describe_app
from hutong.kit.clock import Clock, iso_utc
from hutong.settings import Limits

from ..errors import BadGrant, GrantRunning, GrantsFull, NoSuchGrant, NoSuchListing, NotListed
from ..models import Grant, Offer
from ..queries import listed_apps, visible_listing

__all__ = ["begin_grant", "end_grant", "end_grants_due", "end_running_grant", "forget_offers"]

_ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(hashtextextended('directory_grant', 0))")
_ENDED_AT_ONCE_MAX = 50
_FORGOTTEN_AT_ONCE_MAX = 1_000


async def begin_grant(
    session: AsyncSession,
    app_id: int,
    *,
    showings_max: int,
    days: int,
    kinds: Sequence[GroupKind] = (),
    members_min: int = 0,
    clock: Clock,
    limits: Limits,
) -> Grant:
    """Puts an app in front of groups of these kinds (of all kinds where there are none) with at least so many members,
    so often and for so many days; its owner is told. Raises ``NoSuchApp``, ``NotListed``, ``BadGrant``,
    ``GrantRunning``, ``GrantsFull``."""
    if not (1 <= showings_max <= limits.grant_showings_max and 1 <= days <= limits.grant_days_max):
        raise BadGrant(showings_max=limits.grant_showings_max, days_max=limits.grant_days_max)
    # Two at once would both find that none is running.
    await session.execute(_ONE_AFTER_THE_OTHER)
    app = await describe_app(session, app_id, hold=True)
    try:
        _, live = await visible_listing(session, app_id)
    except NoSuchListing as error:
        raise NotListed from error
    running = set(await session.scalars(select(Grant.app_id).where(Grant.ended_at.is_(None))))
    if app_id in running:
        raise GrantRunning
    if len(running) >= limits.grants_running_max:
        raise GrantsFull(count_max=limits.grants_running_max)
    now = clock()
    grant = Grant(
        app_id=app_id,
        kinds=sorted(set(kinds)),
        members_min=max(0, members_min),
        showings_max=showings_max,
        showings=0,
        opened=0,
        installed=0,
        begun_at=now,
        ends_at=now + timedelta(days=days),
    )
    session.add(grant)
    await session.flush()
    told = {"app": app_id, "name": live.name, "showings_max": showings_max, "ends_at": iso_utc(grant.ends_at)}
    about, kind = f"app:{app_id}", "directory.grant_begun"
    await notify(session, app.owner, kind, about, clock=clock, limits=limits, **told)
    return grant


async def end_grant(session: AsyncSession, app_id: int, *, clock: Clock, limits: Limits) -> None:
    """Ends the grant of an app before its time. Raises ``NoSuchGrant``."""
    if not await end_running_grant(session, app_id, clock=clock, limits=limits):
        raise NoSuchGrant


async def end_running_grant(session: AsyncSession, app_id: int, *, clock: Clock, limits: Limits) -> bool:
    """Ends the grant of an app, where one runs; its owner is told what came of it. Returns whether one did."""
    running = select(Grant).where(Grant.app_id == app_id, Grant.ended_at.is_(None)).with_for_update()
    grant = (await session.scalars(running)).one_or_none()
    if grant is None:
        return False
    await _end(session, grant, clock, limits)
    return True


async def end_grants_due(session: AsyncSession, *, clock: Clock, limits: Limits) -> bool:
    """Ends grants that are used up, whose time is over, or whose app is not in the directory any more, some at a time.
    Returns whether there may be more."""
    is_over = or_(Grant.ends_at <= clock(), Grant.showings >= Grant.showings_max)
    is_due = or_(is_over, Grant.app_id.not_in(listed_apps()))
    due = select(Grant).where(Grant.ended_at.is_(None), is_due).order_by(Grant.grant_id).limit(_ENDED_AT_ONCE_MAX)
    grants = (await session.scalars(due.with_for_update(skip_locked=True))).all()
    for grant in grants:
        await _end(session, grant, clock, limits)
    return len(grants) == _ENDED_AT_ONCE_MAX


async def forget_offers(
    session: AsyncSession, *, clock: Clock, limits: Limits, at_once_max: int = _FORGOTTEN_AT_ONCE_MAX
) -> bool:
    """Forgets what groups were shown of grants that ended so long ago that nothing counts for them any more, some at a
    time; what came of the grants is kept. Returns whether there may be more."""
    until = clock() - timedelta(days=limits.installs_counted_days)
    row = tuple_(Offer.chat_id, Offer.grant_id)
    old = (
        select(Offer.chat_id, Offer.grant_id)
        .join(Grant, (Grant.app_id == Offer.app_id) & (Grant.grant_id == Offer.grant_id))
        .where(Grant.ended_at < until)
        .limit(at_once_max)
        .with_for_update(of=Offer, skip_locked=True)
    )
    rows = [tuple(found) for found in (await session.execute(old)).all()]
    if rows:
        await session.execute(delete(Offer).where(row.in_(rows)))
    return len(rows) == at_once_max


async def _end(session: AsyncSession, grant: Grant, clock: Clock, limits: Limits) -> None:
    """The owner is told what came of it."""
    grant.ended_at = clock()
    await session.flush()
    try:
        app = await describe_app(session, grant.app_id)
    except NoSuchApp:
        return
    counts = {"showings": grant.showings, "opened": grant.opened, "installed": grant.installed}
    told = {"app": grant.app_id, "name": app.name, **counts}
    about, kind = f"app:{grant.app_id}", "directory.grant_ended"
    await notify(session, app.owner, kind, about, clock=clock, limits=limits, **told)
