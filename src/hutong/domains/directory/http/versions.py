"""Routes of versions and of how an app stands, for its owner."""

from typing import Annotated

from litestar import delete, get, patch, post
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_200_OK

from hutong.domains.openplatform import acting_app
from hutong.infra.web import Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import (
    begin_version,
    change_version,
    drop_version,
    put_live,
    submit_version,
    take_out,
    withdraw_version,
)
from ..queries import get_app_version, list_versions, version_view, view_standing
from ..schemas import StandingView, VersionPatch, VersionView

__all__ = ["version_routes"]

_Version = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]


@get("/apps/{app:int}/versions", tags=["Directory"], summary="The versions of an app")
async def get_versions(app: Number, session: Session, actor: Signed) -> list[VersionView]:
    """The newest first. For the app's owner."""
    return await list_versions(session, await acting_app(session, actor, app))


@post("/apps/{app:int}/versions", tags=["Directory"], summary="Begin a version")
async def post_version(
    app: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> VersionView:
    """A draft, which begins as what is live, else as the newest approved version, else as the app itself. There is one
    draft or submitted version at a time."""
    version, listing = await begin_version(session, actor, app, clock=clock, limits=settings.limits)
    return version_view(version, listing.live_version)


@patch("/apps/{app:int}/versions/{version:int}", tags=["Directory"], summary="Change a version")
async def patch_version(
    app: Number,
    version: _Version,
    data: JSONBody[VersionPatch],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> VersionView:
    """A draft; a rejected one becomes a draft again by that. What is left out stays as it is."""
    limits = settings.limits
    changed, listing = await change_version(session, actor, app, version, data, clock=clock, limits=limits)
    return version_view(changed, listing.live_version)


@delete("/apps/{app:int}/versions/{version:int}", tags=["Directory"], summary="Delete a version")
async def delete_version(app: Number, version: _Version, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """A draft or a rejected one."""
    await drop_version(session, actor, app, version, clock=clock)


@post(
    "/apps/{app:int}/versions/{version:int}/submit",
    tags=["Directory"],
    summary="Hand a version in",
    status_code=HTTP_200_OK,
)
async def post_submit(
    app: Number, version: _Version, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> VersionView:
    """Whoever runs this hutong looks at it. It needs a name, a tagline and a category, and the app a bot or a mini
    app."""
    handed_in, listing = await submit_version(session, actor, app, version, clock=clock, limits=settings.limits)
    return version_view(handed_in, listing.live_version)


@post(
    "/apps/{app:int}/versions/{version:int}/withdraw",
    tags=["Directory"],
    summary="Take a version back",
    status_code=HTTP_200_OK,
)
async def post_withdraw(app: Number, version: _Version, session: Session, actor: Signed) -> VersionView:
    """One that waits to be looked at is a draft again."""
    taken_back, listing = await withdraw_version(session, actor, app, version)
    return version_view(taken_back, listing.live_version)


@post(
    "/apps/{app:int}/versions/{version:int}/live",
    tags=["Directory"],
    summary="Put a version live",
    status_code=HTTP_200_OK,
)
async def post_live(
    app: Number, version: _Version, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> VersionView:
    """An approved one: an older one to roll back, any to put the app back into the directory."""
    await put_live(session, actor, app, version, clock=clock, limits=settings.limits)
    return version_view(await get_app_version(session, app, version), version)


@get("/apps/{app:int}/listing", tags=["Directory"], summary="How an app stands in the directory")
async def get_standing(app: Number, session: Session, actor: Signed) -> StandingView:
    """For the app's owner."""
    return await view_standing(session, await acting_app(session, actor, app))


@delete("/apps/{app:int}/listing", tags=["Directory"], summary="Take an app out of the directory")
async def delete_listing(
    app: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> None:
    """Nobody finds it any more, and its traffic grant ends; where it is installed it stays. Put a version live to put
    it back."""
    await take_out(session, actor, app, clock=clock, limits=settings.limits)


version_routes = [
    get_versions,
    post_version,
    patch_version,
    delete_version,
    post_submit,
    post_withdraw,
    post_live,
    get_standing,
    delete_listing,
]
