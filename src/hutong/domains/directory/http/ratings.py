"""Routes of ratings, and of what developers say to them."""

from typing import Annotated

from litestar import delete, get, put
from litestar.params import JSONBody, QueryParameter

from hutong.infra.web import Cursor, Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions import rate_app, reply_to_rating, take_rating_back, take_reply_back
from ..queries import list_ratings, view_rating, visible_listing
from ..schemas import RatingDraft, RatingView, ReplyDraft

__all__ = ["rating_routes"]

_Limit = Annotated[int, QueryParameter(ge=1, le=50)]


@get("/directory/{app:int}/ratings", tags=["Directory"], summary="What people think of an app")
async def get_ratings(
    app: Number, session: Session, actor: Signed, after: Cursor = None, limit: _Limit = 20
) -> Page[RatingView]:
    """The newest first, with what the developer says to them."""
    await visible_listing(session, app)
    return await list_ratings(session, app, cursor=after, limit=limit)


@put("/directory/{app:int}/ratings/me", tags=["Directory"], summary="Rate an app")
async def put_my_rating(
    app: Number,
    data: JSONBody[RatingDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> RatingView:
    """One rating each, by those who use the app and do not own it; another one takes its place."""
    await rate_app(session, actor, app, data, clock=clock, limits=settings.limits)
    return await view_rating(session, app, actor.number)


@delete("/directory/{app:int}/ratings/me", tags=["Directory"], summary="Take my rating back")
async def delete_my_rating(app: Number, session: Session, actor: Signed) -> None:
    """It counts no more, and what the developer said to it is gone."""
    await take_rating_back(session, actor, app)


@put("/directory/{app:int}/ratings/{number:int}/reply", tags=["Directory"], summary="Reply to a rating")
async def put_reply(
    app: Number,
    number: Number,
    data: JSONBody[ReplyDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> RatingView:
    """By the app's owner, once each; another reply takes its place."""
    await reply_to_rating(session, actor, app, number, data, clock=clock, limits=settings.limits)
    return await view_rating(session, app, number)


@delete("/directory/{app:int}/ratings/{number:int}/reply", tags=["Directory"], summary="Take a reply back")
async def delete_reply(app: Number, number: Number, session: Session, actor: Signed) -> None:
    """By the app's owner."""
    await take_reply_back(session, actor, app, number)


rating_routes = [get_ratings, put_my_rating, delete_my_rating, put_reply, delete_reply]
