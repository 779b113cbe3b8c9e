"""Bots come into conversations and leave them, with the scopes that are granted there."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import bring_in, chat_places, is_member, remove_member, sizes_of, unseated_among
from hutong.domains.identity import names_of
from hutong.domains.notifications import notify
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.settings import Limits

from ..errors import AppSuspended, BotsInGroupFull, GroupsOfBotFull, NoSuchBot, SandboxIsFull
from ..facts import BotInstalled, BotUninstalled
from ..models import App, Bot, Followed, Install
from ..queries import bot_with_app
from ..schemas import GrantDraft
from ..scopes import IN_DIRECTS, Scope, in_order
from .hearing import bring_events, follow_chat, hold_bots, tell_bot, unfollow_empty

__all__ = ["compare_seats", "follow_direct", "forget_bots_of", "forget_install", "install_bot", "uninstall_bot"]


async def install_bot(
    session: AsyncSession,
    actor: Actor,
    chat_id: int,
    number: int,
    draft: GrantDraft,
    *,
    clock: Clock,
    limits: Limits,
) -> None:
    """Lets a bot into a group with these scopes, or changes the scopes of one that is there; by the group's owner. What
    was said before goes by the scopes of before. Raises ``NoSuchBot``, ``AppSuspended``, ``SandboxIsFull``,
    ``BotsInGroupFull``, ``GroupsOfBotFull`` and what ``bring_in`` raises."""
    # The bot is held on to, so that nobody gives it up meanwhile.
    _, app = await bot_with_app(session, number, held=True)
    if app.state == "suspended":
        raise AppSuspended
    await bring_in(session, actor, chat_id, number, clock=clock)
    size = (await sizes_of(session, [chat_id])).get(chat_id, 0)
    if app.state == "sandbox" and size > limits.sandbox_members_max:
        raise SandboxIsFull(members_max=limits.sandbox_members_max)
    await follow_chat(session, chat_id)
    here = await session.scalars(select(Install.bot_number).where(Install.chat_id == chat_id))
    await hold_bots(session, {number, *here})
    # The chat is locked, so this comes to an end, and nothing is said before the commit.
    while await bring_events(session, [chat_id], clock=clock, limits=limits):
        pass
    there = await session.get(Install, (chat_id, number), populate_existing=True)
    if there is None:
        await _check_room(session, chat_id, number, limits)
    await _let_in(session, app, chat_id, number, in_order(draft.scopes), actor, clock, is_new=there is None)
    if there is None and app.owner_number != actor.number:
        bot = (await names_of(session, [number]))[number]
        told = {"app": app.app_id, "bot": number, "name": bot.nickname}
        about, kind = f"bot:{number}", "openplatform.bot_installed"
        await notify(session, app.owner_number, kind, about, clock=clock, limits=limits, **told)


async def _check_room(session: AsyncSession, chat_id: int, number: int, limits: Limits) -> None:
    here = select(func.count()).select_from(Install).where(Install.chat_id == chat_id)
    if (await session.scalar(here) or 0) >= limits.bots_per_group_max:
        raise BotsInGroupFull(count_max=limits.bots_per_group_max)
    elsewhere = select(func.count()).select_from(Install).where(Install.bot_number == number)
    if (await session.scalar(elsewhere) or 0) >= limits.groups_per_bot_max:
        raise GroupsOfBotFull(count_max=limits.groups_per_bot_max)


async def _let_in(
    session: AsyncSession,
    app: App,
    chat_id: int,
    number: int,
    scopes: list[Scope],
    by: Actor,
    clock: Clock,
    *,
    is_new: bool,
) -> None:
    now = clock()
    granted = {"app_id": app.app_id, "scopes": list(scopes), "granted_by": by.number, "granted_at": now}
    row = upsert(Install).values(chat_id=chat_id, bot_number=number, **granted)
    await session.execute(row.on_conflict_do_update(index_elements=["chat_id", "bot_number"], set_=granted))
    if app.state != "suspended":
        who = {"number": by.number, "name": by.nickname}
        frame = {"on": "installed", "chat": chat_id, "new": is_new, "scopes": list(scopes), "by": who}
        await tell_bot(session, number, chat_id, frame | {"at": iso_utc(now)}, now)
    publish(session, BotInstalled(chat=chat_id, bot=number, app=app.app_id, scopes=list(scopes), by=by.number))


async def uninstall_bot(session: AsyncSession, actor: Actor, chat_id: int, number: int, *, clock: Clock) -> None:
    """Takes a bot out of a group, by somebody who may remove it: it hears nothing more but that. Raises ``NotFound``
    to whom the group does not exist, ``NoSuchBot`` where it is not installed."""
    if not await is_member(session, chat_id, actor.number):
        raise NoSuchBot
    if await session.get(Install, (chat_id, number)) is None:
        raise NoSuchBot
    await remove_member(session, actor, chat_id, number, clock=clock)


async def follow_direct(session: AsyncSession, chat_id: int, opened_by: int, to: int, *, clock: Clock) -> None:
    """Lets a bot into a conversation that somebody has opened with it, or that it has opened itself; it is told so
    unless its app is suspended. Nothing happens where it is in already."""
    rows = select(Bot.bot_number, App).join(App, App.app_id == Bot.app_id)
    rows = rows.where(Bot.bot_number.in_([opened_by, to]), Bot.dropped_at.is_(None)).order_by(Bot.bot_number)
    for number, app in (await session.execute(rows)).all():
        await follow_chat(session, chat_id, from_the_beginning=True)
        if await session.get(Install, (chat_id, number), populate_existing=True) is None:
            opener = (await names_of(session, [opened_by]))[opened_by]
            by = Actor(opened_by, opener.nickname)
            await _let_in(session, app, chat_id, number, in_order(IN_DIRECTS), by, clock, is_new=True)


async def forget_bots_of(session: AsyncSession, chat_id: int) -> None:
    """A chat is no more."""
    for number in (await session.scalars(select(Install.bot_number).where(Install.chat_id == chat_id))).all():
        await forget_install(session, chat_id, number)


async def forget_install(session: AsyncSession, chat_id: int, number: int, *, seated: bool = False) -> None:
    """A bot has no seat in a chat any more. Nothing happens where it has one again, or where that is known already.
    With ``seated`` it is forgotten all the same: nobody leaves a conversation of two."""
    # Whoever lets it in again holds this row until that is committed.
    await session.get(Followed, chat_id, with_for_update=True, populate_existing=True)
    if not seated and not await unseated_among(session, [(chat_id, number)]):
        return
    gone = await session.scalar(
        delete(Install).where(Install.chat_id == chat_id, Install.bot_number == number).returning(Install.app_id)
    )
    await unfollow_empty(session, chat_id)
    if gone is not None:
        publish(session, BotUninstalled(chat=chat_id, bot=number, app=gone))


async def compare_seats(session: AsyncSession, number: int, *, clock: Clock) -> None:
    """Makes up for word of seats that got lost: lets the bot into conversations of two that it does not know of, and
    forgets it where it has no seat."""
    places = {place.chat: place for place in await chat_places(session, number)}
    known = set(await session.scalars(select(Install.chat_id).where(Install.bot_number == number)))
    for chat_id in sorted(known - set(places)):
        await forget_install(session, chat_id, number)
    for chat_id in sorted(set(places) - known):
        peer = places[chat_id].peer
        if peer is not None:
            await follow_direct(session, chat_id, peer.number, number, clock=clock)
