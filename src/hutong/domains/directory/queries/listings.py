"""What everybody who is signed in may see of the directory: apps that are live, and were neither suspended nor given
up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from hutong.domains.identity import names_of
from hutong.domains.media import NoSuchMedia
from hutong.domains.openplatform import SCOPES, NoSuchApp, acting_app, describe_app, reviewed_apps, uses_app
from hutong.kit.actor import Actor
from hutong.kit.clock import iso_utc
from hutong.kit.finding import terms_of_query
from hutong.kit.page import Page, decode_cursor, encode_cursor

from ..averages import average
from ..categories import CATEGORIES, Category
from ..errors import NoSuchListing
from ..models import Listing, Rating, Version
from ..schemas import AccountView, CategoryView, ListingCard, ListingView, PastVersion
from .ratings import rating_views

__all__ = [
    "Order",
    "list_apps",
    "list_categories",
    "listed_apps",
    "listing_cards",
    "pictures_in_use",
    "view_listing",
    "visible_listing",
    "visible_picture",
]

Order = Literal["rated", "newest", "installed"]

_PAST_SHOWN_MAX = 50
_BY: dict[Order, tuple[InstrumentedAttribute[Any], type[tuple[Any, int]]]] = {
    "rated": (Listing.score, tuple[int, int]),
    "newest": (Listing.first_live_at, tuple[datetime, int]),
    "installed": (Listing.groups, tuple[int, int]),
}


def _live() -> Select[Listing, Version]:
    return (
        select(Listing, Version)
        .join(Version, (Version.app_id == Listing.app_id) & (Version.version == Listing.live_version))
        .where(Listing.live_version.is_not(None), Listing.app_id.in_(reviewed_apps()))
    )


def listed_apps() -> Select[int]:
    """The apps that are in the directory, to be put into a ``WHERE … IN``."""
    return select(Listing.app_id).where(Listing.live_version.is_not(None), Listing.app_id.in_(reviewed_apps()))


async def visible_listing(session: AsyncSession, app_id: int) -> tuple[Listing, Version]:
    """An app in the directory, and what is live of it. Raises ``NoSuchListing``."""
    row = (await session.execute(_live().where(Listing.app_id == app_id))).one_or_none()
    if row is None:
        raise NoSuchListing
    return row[0], row[1]


async def list_apps(
    session: AsyncSession,
    *,
    query: str = "",
    category: Category | None = None,
    order: Order = "rated",
    cursor: str | None = None,
    limit: int,
) -> Page[ListingCard]:
    """Apps whose name and tagline have everything in ``query``: the best rated first, those that came into the
    directory last, or those that are in most groups."""
    found = _live()
    if query.strip():
        terms = terms_of_query(query)
        if not terms:
            return Page([])
        found = found.where(Listing.terms.contains(terms))
    if category is not None:
        found = found.where(Listing.category == category)
    by, parts = _BY[order]
    if cursor is not None:
        found = found.where(tuple_(by, Listing.app_id) < decode_cursor(cursor, parts))
    rows = (await session.execute(found.order_by(by.desc(), Listing.app_id.desc()).limit(limit + 1))).all()
    cards = [_card(row[0], row[1]) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(cards)
    last = rows[limit - 1][0]
    place = getattr(last, by.key)
    return Page(cards, encode_cursor(place.isoformat() if isinstance(place, datetime) else place, last.app_id))


async def listing_cards(session: AsyncSession, app_ids: Collection[int]) -> dict[int, ListingCard]:
    """Those of these apps that are in the directory."""
    rows = await session.execute(_live().where(Listing.app_id.in_(app_ids)))
    return {row[0].app_id: _card(row[0], row[1]) for row in rows}


def _card(listing: Listing, version: Version) -> ListingCard:
    return ListingCard(**_card_fields(listing, version))


def _card_fields(listing: Listing, version: Version) -> dict[str, Any]:
    return {
        "app": listing.app_id,
        "name": version.name,
        "tagline": version.tagline,
        "category": version.category,
        "icon": version.icon,
        "stars": average(listing.spread),
        "ratings": sum(listing.spread),
        "groups": listing.groups,
        "version": version.version,
        "live_since": iso_utc(listing.live_since or version.made_at),
    }


async def list_categories(session: AsyncSession) -> list[CategoryView]:
    """Every category in its order, with how many apps it has."""
    rows = await session.execute(
        select(Listing.category, func.count())
        .where(Listing.live_version.is_not(None), Listing.app_id.in_(reviewed_apps()))
        .group_by(Listing.category)
    )
    counts = {cast("Category", row[0]): row[1] for row in rows}
    return [CategoryView(category=category, apps=counts.get(category, 0)) for category in CATEGORIES]


async def view_listing(session: AsyncSession, viewer: Actor, app_id: int) -> ListingView:
    """All that the viewer may know of an app in the directory. Raises ``NoSuchListing``."""
    listing, version = await visible_listing(session, app_id)
    app = await describe_app(session, app_id)
    mine = await session.get(Rating, (app_id, viewer.number))
    developer = (await names_of(session, [app.owner]))[app.owner]
    return ListingView(
        **_card_fields(listing, version),
        about=version.about,
        news=version.news,
        scopes=[scope for scope in SCOPES if scope in version.scopes],
        screenshots=version.screenshots,
        developer=AccountView(number=developer.number, nickname=developer.nickname, avatar=developer.avatar),
        bots=[AccountView(number=bot.number, nickname=bot.nickname, avatar=bot.avatar) for bot in app.bots],
        mini_app=version.mini_url != "",
        spread=listing.spread,
        may_rate=app.owner != viewer.number and await uses_app(session, viewer.number, app_id),
        my_rating=(await rating_views(session, [mine]))[0] if mine else None,
        versions=await _past_versions(session, app_id),
    )


async def _past_versions(session: AsyncSession, app_id: int) -> list[PastVersion]:
    past = select(Version).where(Version.app_id == app_id, Version.live_at.is_not(None), Version.state == "approved")
    versions: Sequence[Version] = (
        await session.scalars(past.order_by(Version.version.desc()).limit(_PAST_SHOWN_MAX))
    ).all()
    return [
        PastVersion(version=one.version, news=one.news, live_at=iso_utc(one.live_at or one.made_at)) for one in versions
    ]


async def visible_picture(session: AsyncSession, viewer: Actor, media_id: str) -> None:
    """Whether somebody may see a picture of a version: everybody while it is live, the app's owner always. Raises
    ``NoSuchMedia``."""
    has_it = or_(Version.icon == media_id, Version.screenshots.contains([media_id]))
    if await session.scalar(_live().where(has_it).with_only_columns(Version.app_id).limit(1)) is not None:
        return
    for app_id in await session.scalars(select(Version.app_id).where(has_it).distinct()):
        try:
            await acting_app(session, viewer, app_id)
        except NoSuchApp:
            continue
        return
    raise NoSuchMedia


async def pictures_in_use(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those of these pictures that a version of any app has: a ``media.InUse``."""
    wanted = list(ids)
    has_one = or_(Version.icon.in_(wanted), Version.screenshots.overlap(wanted))
    versions = await session.scalars(select(Version).where(has_one))
    return {picture for version in versions for picture in version.pictures} & set(wanted)
