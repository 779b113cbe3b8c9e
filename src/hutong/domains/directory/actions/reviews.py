"""The word of whoever runs the hutong on a version that waits to be looked at."""

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.notifications import notify
from hutong.domains.openplatform import AppSuspended, describe_app
from hutong.kit.clock import Clock
from hutong.kit.text import clean_text
from hutong.settings import Limits

from ..errors import NotAsSeen, NotSubmitted, ReasonsMissing
from ..models import Version
from ..queries import get_app_version
from ..snapshots import fingerprint
from .listings import go_live, locked_listing

__all__ = ["approve_version", "reject_version"]


async def approve_version(
    session: AsyncSession, app_id: int, number: int, *, seen: str | None = None, clock: Clock, limits: Limits
) -> None:
    """The version is what people see of the app from now on, and the app is a reviewed one; its owner is told. With
    ``seen``, the fingerprint of what was looked at, only if it still is that. Raises ``NoSuchApp``, ``AppSuspended``,
    ``NoSuchVersion``, ``NotSubmitted``, ``NotAsSeen``, ``NothingToUse``."""
    app = await describe_app(session, app_id, hold=True)
    if app.state == "suspended":
        raise AppSuspended
    listing = await locked_listing(session, app_id)
    version = await _submitted(session, app_id, number)
    there = fingerprint(version.snapshot)
    if seen is not None and seen != there:
        raise NotAsSeen(fingerprint=there)
    version.state, version.decided_at, version.reasons = "approved", clock(), ""
    await go_live(session, app, listing, version, clock=clock, limits=limits)
    about, told = f"app:{app_id}", {"app": app_id, "name": version.name, "version": number}
    await notify(session, app.owner, "directory.version_approved", about, clock=clock, limits=limits, **told)


async def reject_version(
    session: AsyncSession, app_id: int, number: int, reasons: str, *, clock: Clock, limits: Limits
) -> None:
    """The version is not what people get to see; its developer is told why, and may change it and hand it in again.
    Raises ``NoSuchApp``, ``NoSuchVersion``, ``NotSubmitted``, ``ReasonsMissing``."""
    kept = clean_text(reasons)
    if not 1 <= len(kept) <= limits.review_reasons_chars_max:
        raise ReasonsMissing(chars_max=limits.review_reasons_chars_max)
    app = await describe_app(session, app_id, hold=True)
    await locked_listing(session, app_id)
    version = await _submitted(session, app_id, number)
    version.state, version.decided_at, version.reasons = "rejected", clock(), kept
    await session.flush()
    told = {"app": app_id, "name": version.name, "version": number, "reasons": kept}
    about, kind = f"app:{app_id}", "directory.version_rejected"
    await notify(session, app.owner, kind, about, clock=clock, limits=limits, **told)


async def _submitted(session: AsyncSession, app_id: int, number: int) -> Version:
    version = await get_app_version(session, app_id, number)
    if version.state != "submitted":
        raise NotSubmitted
    return version
