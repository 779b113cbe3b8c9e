"""What is live of an app: put there when a version is approved, rolled back and forward, taken out."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import release_media
from hutong.domains.notifications import notify
from hutong.domains.openplatform import (
    AppCard,
    AppSuspended,
    acting_app,
    count_groups,
    describe_app,
    publish_app,
)
from hutong.infra.limits import Allowance, spend_within
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.finding import terms_of
from hutong.settings import Limits

from ..errors import NoSuchListing, NotApproved, NothingToUse, NotListed, ReviewTakenBack
from ..models import Grant, GrantDay, Listing, Offer, Rating, Version
from ..queries import get_app_version
from .grants import end_running_grant

__all__ = [
    "check_usable",
    "drop_listing",
    "go_live",
    "known_listing",
    "let_pictures_go",
    "locked_listing",
    "put_live",
    "take_out",
]

_DAY_S = 86_400
_ROLLED_BACK = "Rolled back by whoever runs this hutong."


async def locked_listing(session: AsyncSession, app_id: int) -> Listing:
    """What the directory knows of an app, which nobody else changes before the transaction ends. An app's first is made
    here."""
    await session.execute(upsert(Listing).values(app_id=app_id).on_conflict_do_nothing())
    wanted = select(Listing).where(Listing.app_id == app_id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).one()


async def known_listing(session: AsyncSession, app_id: int) -> Listing:
    """What the directory knows of an app, locked; none is made, as the app may be given up at this moment. Raises
    ``NoSuchListing``."""
    wanted = select(Listing).where(Listing.app_id == app_id).with_for_update()
    listing = (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()
    if listing is None:
        raise NoSuchListing
    return listing


def check_usable(app: AppCard) -> None:
    """Whether somebody who finds the app could do anything with it: also a mini app is opened from a bot. Raises
    ``NothingToUse``."""
    if not app.bots:
        raise NothingToUse


async def put_live(
    session: AsyncSession, actor: Actor | None, app_id: int, number: int, *, clock: Clock, limits: Limits
) -> None:
    """An approved version is what people see from now on, whether it is older or newer than the one before, or the app
    was out of the directory; by the app's owner, or without an actor by whoever runs the hutong, of which the owner is
    told; they do not put the version back that was live then, as it is a rejected one from there on. Raises
    ``NoSuchApp``, ``NoSuchVersion``, ``NotApproved``, ``AppSuspended``, ``ReviewTakenBack``, ``NothingToUse``,
    ``TooMany``."""
    if actor is not None:
        await acting_app(session, actor, app_id)
    app = await describe_app(session, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    version = await get_app_version(session, app_id, number)
    if version.state != "approved":
        raise NotApproved
    if app.state == "suspended":
        raise AppSuspended
    if app.state != "reviewed":
        raise ReviewTakenBack
    if listing.live_version == number:
        return
    if actor is not None:
        daily = Allowance("directory.put_live", limits.versions_put_live_per_day_max, _DAY_S)
        await spend_within(session, daily, str(actor.number), clock=clock)
    elif listing.live_version is not None:
        before = await get_app_version(session, app_id, listing.live_version)
        before.state, before.decided_at, before.reasons = "rejected", clock(), _ROLLED_BACK
    await go_live(session, app, listing, version, clock=clock, limits=limits)
    if actor is None:
        about, told = f"app:{app_id}", {"app": app_id, "name": version.name, "version": number}
        await notify(session, app.owner, "directory.rolled_back", about, clock=clock, limits=limits, **told)


async def go_live(
    session: AsyncSession,
    app: AppCard,
    listing: Listing,
    version: Version,
    *,
    clock: Clock,
    limits: Limits,
) -> None:
    """The version is the app from now on. The app and its listing are locked. Raises ``NothingToUse``."""
    check_usable(app)
    await publish_app(
        session,
        app.app,
        name=version.name,
        about=version.about,
        scopes=version.scopes,
        mini_url=version.mini_url,
        limits=limits,
    )
    now = clock()
    version.live_at = listing.live_since = now
    listing.first_live_at = listing.first_live_at or now
    listing.live_version, listing.category = version.version, version.category
    listing.terms = terms_of(version.name, version.tagline)
    listing.groups = await count_groups(session, app.app)
    await session.flush()


async def take_out(session: AsyncSession, actor: Actor, app_id: int, *, clock: Clock, limits: Limits) -> None:
    """The app is not in the directory any more, until one of its versions is put live again; its ratings are kept, its
    grant ends, and what was looked at is changed by versions only, as before. Raises ``NoSuchApp``, ``NotListed``."""
    await acting_app(session, actor, app_id)
    await describe_app(session, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    if listing.live_version is None:
        raise NotListed
    listing.live_version = listing.live_since = None
    await session.flush()
    await end_running_grant(session, app_id, clock=clock, limits=limits)


async def drop_listing(session: AsyncSession, app_id: int, *, clock: Clock) -> None:
    """Forgets everything of an app that is no more. Twice is harmless."""
    await locked_listing(session, app_id)
    versions = (await session.scalars(select(Version).where(Version.app_id == app_id))).all()
    await let_pictures_go(session, {picture for version in versions for picture in version.pictures}, clock=clock)
    for rows in (Grant, GrantDay, Offer, Rating, Version, Listing):
        await session.execute(delete(rows).where(rows.app_id == app_id))


async def let_pictures_go(session: AsyncSession, pictures: Collection[str], *, clock: Clock) -> None:
    """A version has these no more; what no other one has goes after some days."""
    if pictures:
        await release_media(session, pictures, clock=clock)
