"""Reads of where bots are, and what they may do there."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import all_groups, chats_of, has_spoken, is_member, owned_groups, seats_in, seats_of, sizes_of
from hutong.domains.identity import names_of
from hutong.kit.clock import iso_utc
from hutong.kit.errors import NotFound

from ..models import App, Consent, Install, Permission
from ..schemas import GroupChoice, InstallView, MyBotView
from ..scopes import in_order
from .apps import bot_with_app

__all__ = ["apps_in", "count_groups", "group_choices", "list_bots", "list_installs", "uses_app", "view_me"]

_CHOICES_MAX = 200


async def list_bots(session: AsyncSession, viewer: int, chat_id: int) -> list[InstallView]:
    """The bots of a group and what they may do there, for its members. One that was sent away is gone at once, though
    its install is cleared away a little later."""
    if not await is_member(session, chat_id, viewer) or not await sizes_of(session, [chat_id]):
        raise NotFound
    rows = await session.execute(
        select(Install, App)
        .join(App, App.app_id == Install.app_id)
        .where(Install.chat_id == chat_id)
        .order_by(Install.granted_at, Install.bot_number)
    )
    found = [(row[0], row[1]) for row in rows]
    seats = await seats_in(session, chat_id, [install.bot_number for install, _ in found])
    seated = {seat.number for seat in seats}
    return await _install_views(session, [one for one in found if one[0].bot_number in seated])


async def group_choices(session: AsyncSession, viewer: int, number: int) -> list[GroupChoice]:
    """The groups into which the viewer may let a bot. Raises ``NoSuchBot``."""
    await bot_with_app(session, number)
    groups = await owned_groups(session, viewer, limit=_CHOICES_MAX)
    there = {seat.chat for seat in await seats_of(session, number)}
    return [
        GroupChoice(
            chat=group.chat,
            name=group.name,
            avatar=group.avatar,
            members=group.members,
            installed=group.chat in there,
        )
        for group in groups
    ]


async def list_installs(session: AsyncSession, bot_number: int) -> list[InstallView]:
    """Where a bot is, and what it may do there."""
    rows = await session.execute(
        select(Install, App)
        .join(App, App.app_id == Install.app_id)
        .where(Install.bot_number == bot_number)
        .order_by(Install.chat_id)
    )
    return await _install_views(session, [(row[0], row[1]) for row in rows])


async def _install_views(session: AsyncSession, found: Sequence[tuple[Install, App]]) -> list[InstallView]:
    cards = await names_of(session, [install.bot_number for install, _ in found])
    return [
        InstallView(
            chat=install.chat_id,
            number=install.bot_number,
            nickname=cards[install.bot_number].nickname,
            avatar=cards[install.bot_number].avatar,
            app=install.app_id,
            app_name=app.name,
            scopes=in_order(install.scopes),
            granted_by=install.granted_by,
            granted_at=iso_utc(install.granted_at),
            mini_app=app.mini_url != "",
        )
        for install, app in found
    ]


async def view_me(session: AsyncSession, number: int) -> MyBotView:
    """What a bot may know of itself."""
    bot, app = await bot_with_app(session, number)
    card = (await names_of(session, [number]))[number]
    return MyBotView(
        number=number,
        nickname=card.nickname,
        app=app.app_id,
        last_event=bot.last_event,
        installs=await list_installs(session, number),
    )


async def apps_in(session: AsyncSession, chats: Collection[int]) -> set[tuple[int, int]]:
    """``(chat, app)`` for each of these chats and the apps that have a bot there."""
    rows = await session.execute(select(Install.chat_id, Install.app_id).where(Install.chat_id.in_(chats)).distinct())
    return {(row.chat_id, row.app_id) for row in rows}


async def count_groups(session: AsyncSession, app_id: int) -> int:
    """In how many groups an app has a bot; conversations of two are none."""
    groups = select(func.count(Install.chat_id.distinct())).where(
        Install.app_id == app_id, Install.chat_id.in_(all_groups())
    )
    return await session.scalar(groups) or 0


async def uses_app(session: AsyncSession, number: int, app_id: int) -> bool:
    """Whether an account is in a group with one of the app's bots, has said something to one, lets the app know
    something, or signs in with it. A conversation of two alone is no use: a bot may open one, too."""
    known = or_(
        exists().where(Permission.account_number == number, Permission.app_id == app_id),
        exists().where(Consent.number == number, Consent.app_id == app_id),
    )
    if await session.scalar(select(known)):
        return True
    chats = await chats_of(session, [number])
    shared = select(Install.chat_id).where(Install.app_id == app_id, Install.chat_id.in_(chats)).distinct()
    with_bot = (await session.scalars(shared)).all()
    return bool(await sizes_of(session, with_bot)) or await has_spoken(session, number, with_bot)
