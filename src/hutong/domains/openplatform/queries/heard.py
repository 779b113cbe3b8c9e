"""Reads of what bots hear."""

from collections.abc import Collection

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import NoSuchMessage, chats_ahead, message_frames, senders_among

from ..models import Bookmark, Bot, BotEvent, Followed, Install
from ..schemas import EventsView
from .apps import bot_with_app

__all__ = [
    "bots_after",
    "events_after",
    "events_view",
    "find_bookmark",
    "followed_ahead",
    "last_events_of",
    "readable_message",
]


async def followed_ahead(session: AsyncSession) -> list[int] | None:
    """The conversations with bots in which something has happened that no bot was told; None where there are none with
    bots at all."""
    rows = (await session.execute(select(Followed.chat_id, Followed.last_seq, Followed.last_rev))).all()
    if not rows:
        return None
    return await chats_ahead(session, [(chat_id, seq, rev) for chat_id, seq, rev in rows])


_BOTS_AT_ONCE_MAX = 500


async def bots_after(session: AsyncSession, number: int) -> list[int]:
    """Some bots with higher numbers than this, rising; none when there are no more."""
    rows = select(Bot.bot_number).where(Bot.bot_number > number, Bot.dropped_at.is_(None)).order_by(Bot.bot_number)
    return list(await session.scalars(rows.limit(_BOTS_AT_ONCE_MAX)))


async def last_events_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, int]:
    """The numbers of the newest events of these bots; 0 for one that has none yet."""
    rows = await session.execute(select(Bot.bot_number, Bot.last_event).where(Bot.bot_number.in_(numbers)))
    return {row[0]: row[1] for row in rows}


async def events_after(session: AsyncSession, number: int, *, event: int, limit: int) -> list[tuple[int, bytes]]:
    """``(number, frame)`` of the bot's events after one, rising."""
    rows = await session.execute(
        select(BotEvent.event, BotEvent.frame)
        .where(BotEvent.bot_number == number, BotEvent.event > event)
        .order_by(BotEvent.event)
        .limit(limit)
    )
    return [(row.event, row.frame.encode()) for row in rows]


async def events_view(session: AsyncSession, number: int, *, after: int, limit: int) -> EventsView:
    """The bot's events after one, as it reads them itself."""
    bot, _ = await bot_with_app(session, number)
    found = await events_after(session, number, event=after, limit=limit)
    first = found[0][0] if found else bot.last_event + 1
    return EventsView(
        events=[msgspec.Raw(frame) for _, frame in found],
        last_event=bot.last_event,
        missed=after < bot.last_event and first > after + 1,
    )


async def find_bookmark(session: AsyncSession, number: int, name: str) -> tuple[int, int] | None:
    """The event up to which a bot's session has heard, and how many things that was for it, as far as it was noted."""
    kept = await session.get(Bookmark, (number, name))
    return None if kept is None else (kept.event, kept.place)


async def readable_message(session: AsyncSession, number: int, chat_id: int, seq: int) -> bytes:
    """A message as a bot may read it: as it heard it, or what it said itself, or with ``read_all`` any. What was
    recalled is still there for as long as events tell of it. Raises ``NoSuchMessage``."""
    heard = await session.scalar(
        select(BotEvent.frame).where(
            BotEvent.chat_id == chat_id,
            BotEvent.seq == seq,
            BotEvent.bot_number == number,
            BotEvent.told == "message",
        )
    )
    if heard is not None:
        return heard.encode()
    install = await session.get(Install, (chat_id, number))
    reads_all = install is not None and "read_all" in install.scopes
    if not reads_all and (await senders_among(session, [(chat_id, seq)])).get((chat_id, seq)) != number:
        raise NoSuchMessage
    frames = await message_frames(session, chat_id, after=seq - 1, limit=1)
    if not frames or frames[0][0] != seq:
        raise NoSuchMessage
    return frames[0][1]
