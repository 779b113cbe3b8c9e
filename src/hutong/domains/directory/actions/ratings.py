"""Ratings, counted under the lock of the app's listing; and what the developer says to them."""

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.notifications import notify
from hutong.domains.openplatform import acting_app, describe_app, uses_app
from hutong.infra.limits import Allowance, spend_within
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.text import clean_text
from hutong.settings import Limits

from ..averages import moved, score
from ..errors import NoSuchRating, NotUsed, OwnApp, ReplyEmpty, TextTooLong
from ..models import Listing, Rating
from ..queries import visible_listing
from ..schemas import RatingDraft, ReplyDraft
from .listings import known_listing

__all__ = ["drop_rating", "rate_app", "reply_to_rating", "take_rating_back", "take_reply_back"]

_DAY_S = 86_400


async def rate_app(
    session: AsyncSession, actor: Actor, app_id: int, draft: RatingDraft, *, clock: Clock, limits: Limits
) -> None:
    """The actor's one rating of an app, in the place of the one before; what the developer has said to that stays. The
    app's owner is told. Raises ``NoSuchListing``, ``OwnApp``, ``NotUsed``, ``TextTooLong``, ``TooMany``."""
    _, live = await visible_listing(session, app_id)
    app = await describe_app(session, app_id)
    if app.owner == actor.number:
        raise OwnApp
    if not await uses_app(session, actor.number, app_id):
        raise NotUsed
    words = _checked(draft.text, limits)
    daily = Allowance("directory.ratings", limits.ratings_per_day_max, _DAY_S)
    await spend_within(session, daily, str(actor.number), clock=clock)
    listing = await known_listing(session, app_id)
    rating = await session.get(Rating, (app_id, actor.number), populate_existing=True)
    if rating is not None and (rating.stars, rating.text) == (draft.stars, words):
        return
    _count(listing, rating.stars if rating else None, draft.stars)
    if rating is None:
        rating = Rating(app_id=app_id, number=actor.number)
        session.add(rating)
    rating.stars, rating.text, rating.at = draft.stars, words, clock()
    await session.flush()
    about, told = f"app:{app_id}", {"app": app_id, "name": live.name, "stars": draft.stars}
    await notify(session, app.owner, "directory.rated", about, clock=clock, limits=limits, **told)


def _checked(text: str, limits: Limits) -> str:
    kept = clean_text(text)
    if len(kept) > limits.rating_chars_max:
        raise TextTooLong(field="text", chars_max=limits.rating_chars_max)
    return kept


def _count(listing: Listing, old: int | None, new: int | None) -> None:
    listing.spread = moved(listing.spread, old=old, new=new)
    listing.score = score(listing.spread)


async def take_rating_back(session: AsyncSession, actor: Actor, app_id: int) -> None:
    """The actor's rating counts no more, whether the app is in the directory or not. Raises ``NoSuchRating``,
    ``NoSuchListing``."""
    await drop_rating(session, app_id, actor.number)


async def drop_rating(session: AsyncSession, app_id: int, number: int) -> None:
    """Somebody's rating counts no more. Raises ``NoSuchRating``, ``NoSuchListing``."""
    if await session.get(Rating, (app_id, number)) is None:
        raise NoSuchRating
    listing = await known_listing(session, app_id)
    rating = await session.get(Rating, (app_id, number), populate_existing=True)
    if rating is None:
        raise NoSuchRating
    _count(listing, rating.stars, None)
    await session.delete(rating)
    await session.flush()


async def reply_to_rating(
    session: AsyncSession, actor: Actor, app_id: int, number: int, draft: ReplyDraft, *, clock: Clock, limits: Limits
) -> None:
    """What the app's owner says to a rating, in the place of what they said before. The first time whoever has rated is
    told. Raises ``NoSuchApp``, ``NoSuchRating``, ``ReplyEmpty``, ``TextTooLong``, ``TooMany``."""
    await acting_app(session, actor, app_id)
    words = _checked(draft.text, limits)
    if not words:
        raise ReplyEmpty(chars_max=limits.rating_chars_max)
    rating = await _locked_rating(session, app_id, number)
    daily = Allowance("directory.replies", limits.replies_per_day_max, _DAY_S)
    await spend_within(session, daily, str(actor.number), clock=clock)
    is_first = rating.reply is None
    rating.reply, rating.reply_at = words, clock()
    await session.flush()
    if is_first:
        app = await describe_app(session, app_id)
        about, told = f"app:{app_id}", {"app": app_id, "name": app.name}
        await notify(session, number, "directory.replied", about, clock=clock, limits=limits, **told)


async def take_reply_back(session: AsyncSession, actor: Actor, app_id: int, number: int) -> None:
    """The app's owner has said nothing to this rating. Raises ``NoSuchApp``, ``NoSuchRating``."""
    await acting_app(session, actor, app_id)
    rating = await _locked_rating(session, app_id, number)
    rating.reply = rating.reply_at = None
    await session.flush()


async def _locked_rating(session: AsyncSession, app_id: int, number: int) -> Rating:
    rating = await session.get(Rating, (app_id, number), with_for_update=True, populate_existing=True)
    if rating is None:
        raise NoSuchRating
    return rating
