"""Reads of versions: for the app's owner, and for whoever looks at them before they go live."""

from typing import NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.openplatform import SCOPES, AppCard, active_apps, describe_app
from hutong.kit.clock import iso_utc

from ..averages import NO_STARS, average
from ..categories import Category
from ..errors import NoSuchVersion
from ..models import Listing, Version
from ..schemas import StandingView, VersionView
from ..snapshots import Difference, differences, fingerprint

__all__ = [
    "Submission",
    "find_version_under_way",
    "get_app_version",
    "list_submissions",
    "list_versions",
    "version_view",
    "view_standing",
    "view_submission",
]


async def get_app_version(session: AsyncSession, app_id: int, version: int) -> Version:
    """Without a gate. Raises ``NoSuchVersion``."""
    found = await session.get(Version, (app_id, version), populate_existing=True)
    if found is None:
        raise NoSuchVersion
    return found


async def find_version_under_way(session: AsyncSession, app_id: int) -> Version | None:
    """The draft of an app, or the version that waits to be looked at."""
    under_way = select(Version).where(Version.app_id == app_id, Version.state.in_(("draft", "submitted")))
    return (await session.scalars(under_way.execution_options(populate_existing=True))).one_or_none()


def version_view(version: Version, live: int | None) -> VersionView:
    is_draft = version.state == "draft"
    return VersionView(
        version=version.version,
        state=version.state,
        live=version.version == live,
        name=version.name,
        tagline=version.tagline,
        about=version.about,
        category=cast("Category | None", version.category),
        icon=version.icon,
        screenshots=version.screenshots,
        scopes=[scope for scope in SCOPES if scope in version.scopes],
        mini_app=version.mini_url or None,
        news=version.news,
        reasons=version.reasons,
        made_at=iso_utc(version.made_at),
        submitted_at=iso_utc(version.submitted_at) if version.submitted_at and not is_draft else None,
        decided_at=iso_utc(version.decided_at) if version.decided_at and not is_draft else None,
    )


async def list_versions(session: AsyncSession, app_id: int) -> list[VersionView]:
    """All versions of an app, the newest first, for who has passed the gate of its owner."""
    live = await session.scalar(select(Listing.live_version).where(Listing.app_id == app_id))
    versions = await session.scalars(select(Version).where(Version.app_id == app_id).order_by(Version.version.desc()))
    return [version_view(version, live) for version in versions]


async def view_standing(session: AsyncSession, app_id: int) -> StandingView:
    """How the app stands, for who has passed the gate of its owner. One that is suspended is not listed."""
    listing = await session.get(Listing, app_id)
    state = (await describe_app(session, app_id)).state
    listed = listing is not None and listing.live_version is not None and state == "reviewed"
    spread = listing.spread if listing else NO_STARS
    return StandingView(
        listed=listed,
        version=listing.live_version if listing else None,
        groups=listing.groups if listing else 0,
        stars=average(spread),
        ratings=sum(spread),
    )


class Submission(NamedTuple):
    """A version that waits to be looked at: of which app, what it changes, and how what was seen is named."""

    app: AppCard
    version: Version
    live: int | None
    changes: list[Difference]
    fingerprint: str


async def list_submissions(session: AsyncSession, *, limit: int = 100) -> list[Version]:
    """The versions that have waited longest to be looked at, the longest waiting first; those of apps that are
    suspended or given up wait for nothing."""
    waiting = select(Version).where(Version.state == "submitted", Version.app_id.in_(active_apps()))
    return list(await session.scalars(waiting.order_by(Version.submitted_at, Version.app_id).limit(limit)))


async def view_submission(session: AsyncSession, app_id: int) -> Submission:
    """What waits to be looked at of an app. Raises ``NoSuchApp``, ``NoSuchVersion``."""
    app = await describe_app(session, app_id)
    waiting = await find_version_under_way(session, app_id)
    if waiting is None or waiting.state != "submitted":
        raise NoSuchVersion
    listing = await session.get_one(Listing, app_id)
    live = listing.live_version
    before = (await get_app_version(session, app_id, live)).snapshot if live else None
    after = waiting.snapshot
    return Submission(app, waiting, live, differences(before, after), fingerprint(after))
