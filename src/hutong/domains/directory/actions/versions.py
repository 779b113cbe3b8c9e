"""Versions of what people see of an app: written, handed in to be looked at, taken back."""

from msgspec import UNSET, UnsetType
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import NotAPicture, take_media
from hutong.domains.openplatform import (
    SCOPES,
    AppCard,
    AppSuspended,
    BadMiniUrl,
    acting_app,
    describe_app,
    is_mini_address,
)
from hutong.infra.limits import Allowance, spend_within
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.text import clean_line, clean_text
from hutong.settings import Limits

from ..errors import (
    CategoryMissing,
    NameMissing,
    NotSubmitted,
    TaglineMissing,
    TextTooLong,
    TooManyScreenshots,
    VersionClosed,
    VersionUnderWay,
)
from ..models import Listing, Version
from ..queries import find_version_under_way, get_app_version
from ..schemas import VersionPatch
from .listings import check_usable, let_pictures_go, locked_listing

__all__ = ["begin_version", "change_version", "drop_version", "submit_version", "withdraw_version"]

_DAY_S = 86_400


async def begin_version(
    session: AsyncSession, actor: Actor, app_id: int, *, clock: Clock, limits: Limits
) -> tuple[Version, Listing]:
    """A draft of the next version, which begins as what is live, else as the newest approved one, else as the app
    itself. The oldest version beyond those that are kept goes, but never the one that is live. Raises ``NoSuchApp``,
    ``VersionUnderWay``."""
    await acting_app(session, actor, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    under_way = await find_version_under_way(session, app_id)
    if under_way is not None:
        raise VersionUnderWay(version=under_way.version)
    app = await describe_app(session, app_id)
    past = await _last_word(session, listing)
    listing.last_version += 1
    draft = Version(
        app_id=app_id,
        version=listing.last_version,
        state="draft",
        name=past.name if past else app.name,
        tagline=past.tagline if past else "",
        about=past.about if past else app.about,
        category=past.category if past else None,
        icon=past.icon if past else None,
        screenshots=list(past.screenshots) if past else [],
        scopes=list(past.scopes if past else app.scopes),
        mini_url=past.mini_url if past else app.mini_url,
        news="",
        reasons="",
        made_at=clock(),
    )
    session.add(draft)
    await session.flush()
    await _forget_oldest(session, listing, clock, limits)
    return draft, listing


async def _last_word(session: AsyncSession, listing: Listing) -> Version | None:
    """What is live, else, of an app that was taken out, its newest approved version."""
    if listing.live_version is not None:
        return await get_app_version(session, listing.app_id, listing.live_version)
    approved = select(Version).where(Version.app_id == listing.app_id, Version.state == "approved")
    return (await session.scalars(approved.order_by(Version.version.desc()).limit(1))).one_or_none()


async def _forget_oldest(session: AsyncSession, listing: Listing, clock: Clock, limits: Limits) -> None:
    kept = (await session.scalars(select(Version).where(Version.app_id == listing.app_id))).all()
    too_many = len(kept) - limits.versions_per_app_max
    if too_many <= 0:
        return
    old = [one for one in sorted(kept, key=lambda one: one.version)[:-1] if one.version != listing.live_version]
    for version in old[:too_many]:
        await _forget(session, version, clock)


async def _forget(session: AsyncSession, version: Version, clock: Clock) -> None:
    await let_pictures_go(session, version.pictures, clock=clock)
    await session.delete(version)
    await session.flush()


async def change_version(
    session: AsyncSession,
    actor: Actor,
    app_id: int,
    number: int,
    patch: VersionPatch,
    *,
    clock: Clock,
    limits: Limits,
) -> tuple[Version, Listing]:
    """Changes what is given of a draft; a rejected version becomes one by that. Raises ``NoSuchApp``,
    ``NoSuchVersion``, ``VersionClosed``, ``VersionUnderWay``, ``TextTooLong``, ``TooManyScreenshots``, ``BadMiniUrl``,
    ``NoSuchMedia``, ``NotAPicture``."""
    await acting_app(session, actor, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    version = await _open_version(session, app_id, number)
    if version.state == "rejected":
        under_way = await find_version_under_way(session, app_id)
        if under_way is not None:
            raise VersionUnderWay(version=under_way.version)
        version.state = "draft"
    before = version.pictures
    _write(version, patch, limits)
    await _take_pictures(session, actor, before, version.pictures, clock)
    await session.flush()
    return version, listing


async def _open_version(session: AsyncSession, app_id: int, number: int) -> Version:
    version = await get_app_version(session, app_id, number)
    if version.state not in ("draft", "rejected"):
        raise VersionClosed
    return version


def _write(version: Version, patch: VersionPatch, limits: Limits) -> None:
    version.name = _within("name", _line(patch.name, version.name), limits.name_chars_max)
    version.tagline = _within("tagline", _line(patch.tagline, version.tagline), limits.tagline_chars_max)
    version.about = _within("about", _text(patch.about, version.about), limits.listing_about_chars_max)
    version.news = _within("news", _text(patch.news, version.news), limits.news_chars_max)
    if patch.category is not UNSET:
        version.category = patch.category
    if patch.icon is not UNSET:
        version.icon = patch.icon
    if patch.screenshots is not UNSET:
        if len(patch.screenshots) > limits.screenshots_per_version_max:
            raise TooManyScreenshots(count_max=limits.screenshots_per_version_max)
        version.screenshots = list(dict.fromkeys(patch.screenshots))
    if patch.scopes is not UNSET:
        version.scopes = [scope for scope in SCOPES if scope in patch.scopes]
    if patch.mini_app is not UNSET:
        if patch.mini_app and not is_mini_address(version.app_id, patch.mini_app):
            raise BadMiniUrl
        version.mini_url = patch.mini_app or ""


def _line(new: str | UnsetType, old: str) -> str:
    return old if new is UNSET else clean_line(new)


def _text(new: str | UnsetType, old: str) -> str:
    return old if new is UNSET else clean_text(new)


def _within(field: str, text: str, chars_max: int) -> str:
    if len(text) > chars_max:
        raise TextTooLong(field=field, chars_max=chars_max)
    return text


async def _take_pictures(session: AsyncSession, actor: Actor, before: set[str], after: set[str], clock: Clock) -> None:
    taken = await take_media(session, actor.number, after - before, clock=clock)
    if any(view.kind != "image" for view in taken.values()):
        raise NotAPicture
    await let_pictures_go(session, before - after, clock=clock)


async def drop_version(session: AsyncSession, actor: Actor, app_id: int, number: int, *, clock: Clock) -> None:
    """A draft or a rejected version is no more; the number of a draft that nobody else has seen is free again. Raises
    ``NoSuchApp``, ``NoSuchVersion``, ``VersionClosed``."""
    await acting_app(session, actor, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    version = await _open_version(session, app_id, number)
    if number == listing.last_version and version.submitted_at is None:
        listing.last_version -= 1
    await _forget(session, version, clock)


async def submit_version(
    session: AsyncSession, actor: Actor, app_id: int, number: int, *, clock: Clock, limits: Limits
) -> tuple[Version, Listing]:
    """Hands a draft in to whoever runs the hutong. Raises ``NoSuchApp``, ``NoSuchVersion``, ``VersionClosed``,
    ``AppSuspended``, ``NameMissing``, ``TaglineMissing``, ``CategoryMissing``, ``NothingToUse``, ``TooMany``."""
    await acting_app(session, actor, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    version = await get_app_version(session, app_id, number)
    if version.state != "draft":
        raise VersionClosed
    _check_complete(await describe_app(session, app_id), version)
    daily = Allowance("directory.submissions", limits.submissions_per_day_max, _DAY_S)
    await spend_within(session, daily, str(actor.number), clock=clock)
    version.state, version.submitted_at = "submitted", clock()
    await session.flush()
    return version, listing


def _check_complete(app: AppCard, version: Version) -> None:
    if app.state == "suspended":
        raise AppSuspended
    if not version.name:
        raise NameMissing
    if not version.tagline:
        raise TaglineMissing
    if version.category is None:
        raise CategoryMissing
    check_usable(app)


async def withdraw_version(session: AsyncSession, actor: Actor, app_id: int, number: int) -> tuple[Version, Listing]:
    """A version that waits to be looked at is a draft again. Raises ``NoSuchApp``, ``NoSuchVersion``,
    ``NotSubmitted``."""
    await acting_app(session, actor, app_id, hold=True)
    listing = await locked_listing(session, app_id)
    version = await get_app_version(session, app_id, number)
    if version.state != "submitted":
        raise NotSubmitted
    version.state = "draft"
    await session.flush()
    return version, listing
