"""Routes of the directory as everybody sees it. That of pictures opens its own transaction, as files are sent after."""

from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, get, route
from litestar.params import FromQuery, PathParameter, QueryParameter

from hutong.domains.media import Variant, get_version
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.infra.web import FILE_ANSWERS, Code, Cursor, Needs, Number, Session, Signed, send_file
from hutong.kit.page import Page

from ..categories import Category
from ..queries import Order, list_apps, list_categories, view_listing, visible_picture
from ..schemas import CategoryView, ListingCard, ListingView

__all__ = ["listing_routes"]

_Query = Annotated[str, QueryParameter(max_length=100, description="Beginnings of words of the name or the tagline.")]
_Category = Annotated[Category | None, QueryParameter(description="Only of this kind.")]
_Limit = Annotated[int, QueryParameter(ge=1, le=50)]


@get("/directory", tags=["Directory"], summary="Apps that are here for everybody")
async def get_directory(
    session: Session,
    actor: Signed,
    q: _Query = "",
    category: _Category = None,
    order: FromQuery[Order] = "rated",
    after: Cursor = None,
    limit: _Limit = 20,
) -> Page[ListingCard]:
    """The best rated first, or those that came last, or those that are in most groups."""
    return await list_apps(session, query=q, category=category, order=order, cursor=after, limit=limit)


@get("/directory/categories", tags=["Directory"], summary="What kinds of apps there are")
async def get_categories(session: Session, actor: Signed) -> list[CategoryView]:
    """All of them, with how many apps each has."""
    return await list_categories(session)


@get("/directory/{app:int}", tags=["Directory"], summary="An app in the directory")
async def get_listing(app: Number, session: Session, actor: Signed) -> ListingView:
    """Everything that people are told of it, and whether I may rate it."""
    return await view_listing(session, actor, app)


@route(
    "/directory/pictures/{media:str}/{size:str}",
    http_method=["GET", "HEAD"],
    tags=["Directory"],
    summary="A picture of an app",
    responses=FILE_ANSWERS,
)
async def get_picture(
    request: Request[Any, Any, Any],
    media: Code,
    size: Annotated[Variant, PathParameter(description="`small`, `large` or `original`.")],
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
) -> Response[Any]:
    """An icon or a screenshot of a live version, for everybody who is signed in; of other versions for the app's
    owner."""
    async with database.transaction() as session:
        await visible_picture(session, actor, media)
        version = await get_version(session, media, size)
    return await send_file(request, version, partial(blobs.read, version.key))


listing_routes = [get_directory, get_categories, get_listing, get_picture]
