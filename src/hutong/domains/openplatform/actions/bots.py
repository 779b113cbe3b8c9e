"""Bots of an app, and the tokens that let them in."""

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import chat_places, leave_group
from hutong.domains.identity import change_bot as change_account
from hutong.domains.identity import count_bot_tokens, create_bot, issue_bot_token, retire_bot, revoke_bot_tokens
from hutong.domains.media import wear_avatar
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits, Settings

from ..errors import BotsFull, TokensFull
from ..init_data import init_data_key, telegram_token
from ..models import App, Bot, BotEvent, Command, Install, Press
from ..queries import bot_of_app, own_app
from ..schemas import BotDraft, BotPatch, TokenDraft
from .delivering import forget_outlets, forget_told_addresses
from .installs import forget_install

__all__ = ["change_bot", "clear_away", "drop_bot", "make_bot", "make_token", "revoke_tokens"]

_INSTALLS_AT_ONCE_MAX = 50
_EVENTS_AT_ONCE_MAX = 10_000


async def make_bot(
    session: AsyncSession, actor: Actor, app_id: int, draft: BotDraft, *, clock: Clock, limits: Limits
) -> int:
    """A new bot of the actor's app; returns its number. Raises ``NoSuchApp``, ``BotsFull``, and what ``create_bot``
    raises."""
    await own_app(session, actor.number, app_id, for_update=True)
    of_app = select(func.count()).select_from(Bot).where(Bot.app_id == app_id, Bot.dropped_at.is_(None))
    if (await session.scalar(of_app) or 0) >= limits.bots_per_app_max:
        raise BotsFull(count_max=limits.bots_per_app_max)
    number = await create_bot(session, draft.nickname, handle=draft.handle, clock=clock, limits=limits)
    session.add(Bot(bot_number=number, app_id=app_id, last_event=0))
    await session.flush()
    return number


async def change_bot(
    session: AsyncSession,
    actor: Actor,
    app_id: int,
    number: int,
    patch: BotPatch,
    *,
    clock: Clock,
    settings: Settings,
) -> None:
    """Changes what is given. Raises ``NoSuchApp``, ``NoSuchBot``, and what ``identity.change_bot`` and
    ``media.wear_avatar`` raise."""
    await own_app(session, actor.number, app_id)
    await bot_of_app(session, app_id, number)

    async def wear_mine(session: AsyncSession, owner: int, *, new: str | None, old: str | None) -> None:
        # The picture was sent by whoever owns the app: a bot sends none for itself.
        await wear_avatar(session, actor.number, new=new, old=old, clock=clock)

    await change_account(
        session,
        number,
        nickname=patch.nickname,
        handle=patch.handle,
        avatar=patch.avatar,
        wear_avatar=wear_mine,
        settings=settings,
    )


async def make_token(
    session: AsyncSession, actor: Actor, app_id: int, number: int, draft: TokenDraft, *, clock: Clock, limits: Limits
) -> str:
    """A token with which the bot comes in. Raises ``NoSuchApp``, ``NoSuchBot``, ``TokensFull``."""
    await own_app(session, actor.number, app_id)
    bot = await bot_of_app(session, app_id, number, for_update=True)
    if draft.rotate:
        await revoke_bot_tokens(session, number)
        await forget_told_addresses(session, number)
    elif await count_bot_tokens(session, number) >= limits.tokens_per_bot_max:
        raise TokensFull(count_max=limits.tokens_per_bot_max)
    token = await issue_bot_token(session, number, note=draft.note, clock=clock)
    bot.launch_secret = init_data_key(telegram_token(token))
    return token


async def revoke_tokens(session: AsyncSession, actor: Actor, app_id: int, number: int) -> None:
    """The bot is out at once, wherever it is connected, until it gets another token. Raises ``NoSuchApp``,
    ``NoSuchBot``."""
    await own_app(session, actor.number, app_id)
    await bot_of_app(session, app_id, number)
    await revoke_bot_tokens(session, number)
    await forget_told_addresses(session, number)


async def drop_bot(session: AsyncSession, actor: Actor, app_id: int, number: int, *, clock: Clock) -> None:
    """The bot is no more, and leaves its groups soon (``clear_away``); what it has said stays. Raises ``NoSuchApp``,
    ``NoSuchBot``."""
    await own_app(session, actor.number, app_id)
    bot = await bot_of_app(session, app_id, number, for_update=True)
    bot.dropped_at = clock()
    await retire_bot(session, number)
    await session.flush()


async def clear_away(session: AsyncSession, *, clock: Clock) -> bool:
    """Takes a bot that was given up out of some of the groups it is still in, and forgets it when that is done; and
    forgets apps without bots that were given up. Returns whether there may be more to do."""
    bot = await session.scalar(
        select(Bot)
        .where(Bot.dropped_at.is_not(None))
        .order_by(Bot.dropped_at)
        .limit(1)
        .with_for_update(read=True, key_share=True, skip_locked=True)
    )
    if bot is None:
        with_bots = select(Bot.app_id)
        gone = App.state == "dropped", App.app_id.not_in(with_bots)
        await session.execute(delete(App).where(*gone))
        return False
    number = bot.bot_number
    wanted = select(Install.chat_id).where(Install.bot_number == number).order_by(Install.chat_id)
    installed = (await session.scalars(wanted.limit(_INSTALLS_AT_ONCE_MAX))).all()
    groups = {place.chat for place in await chat_places(session, number, installed) if place.kind == "group"}
    for chat_id in installed:
        if chat_id in groups:
            await leave_group(session, Actor(number, "", is_bot=True), chat_id, clock=clock)
        await forget_install(session, chat_id, number, seated=chat_id not in groups)
    if installed:
        return True
    some = select(BotEvent.event).where(BotEvent.bot_number == number).limit(_EVENTS_AT_ONCE_MAX)
    swept = await session.execute(
        delete(BotEvent).where(BotEvent.bot_number == number, BotEvent.event.in_(some)).returning(BotEvent.event)
    )
    if not swept.first() and not await forget_outlets(session, number):
        for table in (Command, Press):
            await session.execute(delete(table).where(table.bot_number == number))
        await session.delete(bot)
        await session.flush()
    return True
