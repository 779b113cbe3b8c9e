"""Reads of apps and bots, and their gates. What is not the viewer's does not exist."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.infra.limits import Allowance, used_of
from hutong.kit.clock import Clock, iso_utc
from hutong.settings import Limits

from ..errors import NoSuchApp, NoSuchBot
from ..models import App, Bot, Install
from ..quotas import DAY_S, METHODS
from ..schemas import AppCard, AppView, BotCard, BotView, QuotaView
from ..scopes import in_order

__all__ = [
    "active_apps",
    "allowance_of",
    "app_names",
    "app_secret",
    "bot_card",
    "bot_of_app",
    "bot_with_app",
    "calls_of",
    "changes_allowed",
    "describe_app",
    "list_apps",
    "own_app",
    "reviewed_apps",
    "view_app",
    "view_quotas",
]

_MINUTE_S = 60


async def own_app(session: AsyncSession, viewer: int, app_id: int, *, for_update: bool = False) -> App:
    """An app, for its owner alone."""
    app = await session.get(App, app_id, with_for_update=for_update or None)
    if app is None or app.owner_number != viewer or app.state == "dropped":
        raise NoSuchApp
    return app


async def bot_of_app(session: AsyncSession, app_id: int, number: int, *, for_update: bool = False) -> Bot:
    bot: Bot | None = await session.get(Bot, number, with_for_update=for_update or None)
    if bot is None or bot.app_id != app_id or bot.dropped_at is not None:
        raise NoSuchBot
    return bot


async def bot_with_app(session: AsyncSession, number: int, *, held: bool = False) -> tuple[Bot, App]:
    """A bot and the app that it is of; ``held`` it is not given up before the transaction ends."""
    wanted = select(Bot, App).join(App, App.app_id == Bot.app_id)
    wanted = wanted.where(Bot.bot_number == number, Bot.dropped_at.is_(None))
    if held:
        wanted = wanted.with_for_update(read=True, key_share=True, of=Bot)
    row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise NoSuchBot
    return row[0], row[1]


async def app_secret(session: AsyncSession, number: int) -> bytes:
    """The secret of the app that a bot is of: for what the bot is given to hand in again. Raises ``NoSuchBot``."""
    _, app = await bot_with_app(session, number)
    return app.secret


async def list_apps(session: AsyncSession, viewer: int) -> list[AppView]:
    """The viewer's apps, the oldest first."""
    apps = (
        await session.scalars(
            select(App).where(App.owner_number == viewer, App.state != "dropped").order_by(App.app_id)
        )
    ).all()
    bots = await _bots_of(session, [app.app_id for app in apps])
    return [_app_view(app, bots.get(app.app_id, [])) for app in apps]


async def view_app(session: AsyncSession, viewer: int, app_id: int) -> AppView:
    app = await own_app(session, viewer, app_id)
    return _app_view(app, (await _bots_of(session, [app_id])).get(app_id, []))


def _app_view(app: App, bots: list[BotView]) -> AppView:
    return AppView(
        app=app.app_id,
        name=app.name,
        about=app.about,
        scopes=in_order(app.scopes),
        state=app.state,
        made_at=iso_utc(app.made_at),
        bots=bots,
        mini_app=app.mini_url or None,
        published=app.is_published,
    )


async def describe_app(session: AsyncSession, app_id: int, *, hold: bool = False) -> AppCard:
    """An app, whoever asks, for a domain that has a gate of its own. With ``hold`` nobody else changes it, gives it up
    or acts for it before the transaction ends. Raises ``NoSuchApp``."""
    app = await session.get(App, app_id, with_for_update=hold or None)
    if app is None or app.state == "dropped":
        raise NoSuchApp
    return AppCard(
        app=app_id,
        owner=app.owner_number,
        state=app.state,
        name=app.name,
        about=app.about,
        scopes=in_order(app.scopes),
        mini_url=app.mini_url,
        bots=(await _bots_of(session, [app_id])).get(app_id, []),
    )


async def app_names(session: AsyncSession, app_ids: Collection[int]) -> dict[int, str]:
    """How these apps are called; one that was given up is left out."""
    rows = await session.execute(select(App.app_id, App.name).where(App.app_id.in_(app_ids), App.state != "dropped"))
    return {row.app_id: row.name for row in rows}


def reviewed_apps() -> Select[int]:
    """The apps that were reviewed and are neither suspended nor given up, to be put into a ``WHERE … IN``."""
    return select(App.app_id).where(App.state == "reviewed")


def active_apps() -> Select[int]:
    """The apps that are neither suspended nor given up, reviewed or not, to be put into a ``WHERE … IN``."""
    return select(App.app_id).where(App.state.in_(("sandbox", "reviewed")))


async def _bots_of(session: AsyncSession, app_ids: Sequence[int]) -> dict[int, list[BotView]]:
    bots = (
        await session.scalars(
            select(Bot).where(Bot.app_id.in_(app_ids), Bot.dropped_at.is_(None)).order_by(Bot.bot_number)
        )
    ).all()
    numbers = [bot.bot_number for bot in bots]
    cards = await names_of(session, numbers)
    counted = await session.execute(
        select(Install.bot_number, func.count()).where(Install.bot_number.in_(numbers)).group_by(Install.bot_number)
    )
    groups = {row[0]: row[1] for row in counted}
    views: dict[int, list[BotView]] = {}
    for bot in bots:
        card = cards[bot.bot_number]
        view = BotView(
            number=card.number, nickname=card.nickname, avatar=card.avatar, groups=groups.get(card.number, 0)
        )
        views.setdefault(bot.app_id, []).append(view)
    return views


async def bot_card(session: AsyncSession, number: int) -> BotCard:
    """What everybody may know of a bot."""
    _, app = await bot_with_app(session, number)
    card = (await names_of(session, [number]))[number]
    return BotCard(
        number=number,
        nickname=card.nickname,
        avatar=card.avatar,
        app=app.app_id,
        app_name=app.name,
        about=app.about,
        scopes=in_order(app.scopes),
        reviewed=app.state == "reviewed",
        mini_app=app.mini_url != "",
    )


def allowance_of(method: str, limits: Limits) -> Allowance:
    """The daily allowance of an app for one method."""
    return Allowance(f"openplatform.{method}", limits.app_calls_per_method_day_max, DAY_S)


def changes_allowed(limits: Limits) -> Allowance:
    """How often somebody may make or change what is their apps'."""
    return Allowance("openplatform.changes", limits.app_changes_per_minute_max, _MINUTE_S)


async def view_quotas(
    session: AsyncSession, viewer: int, app_id: int, *, clock: Clock, limits: Limits
) -> list[QuotaView]:
    """How often each method was called today, the most used first."""
    await own_app(session, viewer, app_id)
    return await calls_of(session, app_id, clock=clock, limits=limits)


async def calls_of(session: AsyncSession, app_id: int, *, clock: Clock, limits: Limits) -> list[QuotaView]:
    """How often the bots of an app have called each method today, the most used first."""
    allowances = [allowance_of(method, limits) for method in METHODS]
    used = await used_of(session, allowances, str(app_id), clock=clock)
    views = [
        QuotaView(method=method, used=count, count_max=one.count_max)
        for method, one, count in zip(METHODS, allowances, used, strict=True)
    ]
    return sorted(views, key=lambda view: (-view.used, view.method))
