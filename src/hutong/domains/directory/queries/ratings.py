"""Reads of ratings, for who has passed the gate of the app in the directory."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.kit.clock import iso_utc
from hutong.kit.page import Page, decode_cursor, encode_cursor

from ..errors import NoSuchRating
from ..models import Rating
from ..schemas import RatingView

__all__ = ["list_ratings", "rating_views", "view_rating"]


async def rating_views(session: AsyncSession, ratings: Sequence[Rating]) -> list[RatingView]:
    cards = await names_of(session, [rating.number for rating in ratings])
    return [
        RatingView(
            number=rating.number,
            nickname=cards[rating.number].nickname,
            avatar=cards[rating.number].avatar,
            stars=rating.stars,
            text=rating.text,
            at=iso_utc(rating.at),
            reply=rating.reply,
            reply_at=iso_utc(rating.reply_at) if rating.reply_at else None,
        )
        for rating in ratings
    ]


async def view_rating(session: AsyncSession, app_id: int, number: int) -> RatingView:
    """Somebody's rating. Raises ``NoSuchRating``."""
    rating = await session.get(Rating, (app_id, number))
    if rating is None:
        raise NoSuchRating
    return (await rating_views(session, [rating]))[0]


async def list_ratings(session: AsyncSession, app_id: int, *, cursor: str | None, limit: int) -> Page[RatingView]:
    """What people think of an app, the newest first."""
    wanted = select(Rating).where(Rating.app_id == app_id)
    if cursor is not None:
        wanted = wanted.where(tuple_(Rating.at, Rating.number) < decode_cursor(cursor, tuple[datetime, int]))
    rows = await session.scalars(wanted.order_by(Rating.at.desc(), Rating.number.desc()).limit(limit + 1))
    ratings = rows.all()
    views = await rating_views(session, ratings[:limit])
    last = ratings[limit - 1] if len(ratings) > limit else None
    return Page(views, encode_cursor(last.at.isoformat(), last.number) if last else None)
