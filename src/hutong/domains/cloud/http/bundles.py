"""Routes of a mini app's pages: sent as a zip, put live, rolled back; and the pages themselves, for everybody."""

import asyncio
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post, put, route
from litestar.params import FromPath, FromQuery, PathParameter
from litestar.response import Redirect
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.domains.openplatform import acting_app
from hutong.infra.blobs import Blobs, FilesUnavailable
from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Needs, Number, Session, Signed, TakesBytes
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import drop_bundle, keep_bundle, put_live, set_aside
from ..bundles import unpack
from ..queries import get_page, list_bundles
from ..schemas import BundleView
from .bodies import read_body
from .files import answer_file

__all__ = ["bundle_routes", "page_routes"]

_DAY_S = 86_400
_Version = Annotated[int, PathParameter(ge=1, le=2**31 - 1)]

_PAGE_POLICY = "; ".join(
    (
        # Without an origin of its own a page reaches neither our cookies nor our API, nor the pages of other apps.
        "sandbox allow-scripts allow-forms",
        "default-src 'self' 'unsafe-inline' data: blob:",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
        "img-src 'self' https: data: blob:",
        "media-src 'self' https: data: blob:",
        "connect-src 'self' https: wss: data: blob:",
        "form-action https:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)


@get("/apps/{app:int}/bundles", tags=["Cloud"], summary="The versions of a mini app's pages")
async def get_bundles(app: Number, session: Session, actor: Signed) -> list[BundleView]:
    """Those that are kept, the newest first. For the app's owner."""
    return await list_bundles(session, await acting_app(session, actor, app))


@post(
    "/apps/{app:int}/bundles",
    tags=["Cloud"],
    summary="Send a mini app's pages",
    operation_class=TakesBytes,
    request_max_body_size=None,
)
async def post_bundle(
    request: Request[Any, Any, Any],
    app: Number,
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
    settings: Needs[Settings],
    clock: Needs[Clock],
    live: FromQuery[bool] = False,
) -> BundleView:
    """A zip, with `index.html` at its top, becomes the next version. It is served once it is put live, or at once with
    `live=true`. Some versions are kept, to roll back to."""
    limits = settings.limits
    await spend(
        database, Allowance("cloud.bundles", limits.bundles_per_day_max, _DAY_S), str(actor.number), clock=clock
    )
    async with database.transaction() as session:
        await acting_app(session, actor, app)
    zipped = await read_body(request, limits.bundle_zip_bytes_max)
    unpacked = await asyncio.to_thread(
        unpack,
        zipped,
        files_max=limits.bundle_files_max,
        bytes_max=limits.bundle_bytes_max,
        depth_max=limits.bundle_depth_max,
    )
    async with database.transaction() as session:
        await acting_app(session, actor, app, hold=True)
        blob = await set_aside(session, app, clock=clock)
    size_bytes = len(unpacked.content)
    if not await blobs.has_room(size_bytes + limits.disk_free_bytes_min):
        raise FilesUnavailable(log="the disk is nearly full")
    await blobs.put(blob, unpacked.content)
    async with database.transaction() as session:
        await acting_app(session, actor, app, hold=True)
        version = await keep_bundle(
            session, app, unpacked.files, blob=blob, size_bytes=size_bytes, clock=clock, limits=limits
        )
        if live:
            await put_live(session, app, version)
        return next(view for view in await list_bundles(session, app) if view.version == version)


@put(
    "/apps/{app:int}/bundles/{version:int}/live",
    tags=["Cloud"],
    summary="Put a version live",
    status_code=HTTP_204_NO_CONTENT,
)
async def put_live_bundle(app: Number, version: _Version, session: Session, actor: Signed) -> None:
    """It is what people get from now on; an older one to roll back. For the app's owner."""
    await put_live(session, await acting_app(session, actor, app, hold=True), version)


@delete("/apps/{app:int}/bundles/{version:int}", tags=["Cloud"], summary="Delete a version")
async def delete_bundle(app: Number, version: _Version, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Where it was live, nothing is. For the app's owner."""
    await drop_bundle(session, await acting_app(session, actor, app, hold=True), version, clock=clock)


@route(["/{app:int}/", "/{app:int}/{path:path}"], http_method=["GET", "HEAD"], include_in_schema=False)
async def get_mini_page(
    request: Request[Any, Any, Any],
    app: Number,
    database: Needs[Database],
    blobs: Needs[Blobs],
    path: FromPath[str] = "",
) -> Response[Any]:
    """A file of the pages that are live. They open in a frame beside a conversation: by themselves, under the address
    of this hutong, they could pass for it."""
    if request.headers.get("sec-fetch-dest") == "document":
        return Redirect("/")
    wanted = path.lstrip("/")
    if wanted and request.url.path.endswith("/"):
        wanted += "/"
    async with database.transaction() as session:
        file = await get_page(session, app, wanted)
    answer = await answer_file(request, file, blobs)
    answer.headers["Content-Security-Policy"] = _PAGE_POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


bundle_routes = [get_bundles, post_bundle, put_live_bundle, delete_bundle]
page_routes = [get_mini_page]
