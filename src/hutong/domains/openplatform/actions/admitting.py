"""The door for bots: whether one may do what it asks for, and whether its app has done that too often today."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import chat_places, groups_in_common, sizes_of
from hutong.infra.db import Database
from hutong.infra.limits import spend
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import NotFound, TooMany
from hutong.settings import Limits

from ..errors import AppSuspended, NotForBots, QuotaUsedUp, SandboxIsForTesters, SandboxIsFull, ScopeMissing
from ..models import App, Bot, Install, Tester
from ..queries import allowance_of, bot_with_app
from ..scopes import IN_DIRECTS
from .installs import follow_direct

__all__ = ["admit_bot", "check_sandbox", "check_state", "check_talk"]

_READS = {"read_mentions", "read_all"}


async def admit_bot(
    session: AsyncSession,
    actor: Actor,
    method: str,
    scope: str | None,
    chat_id: int | None,
    *,
    database: Database,
    clock: Clock,
    limits: Limits,
) -> None:
    """Lets a bot call ``method``, which wants ``scope`` in the chat, or raises: ``NotForBots`` where that is None,
    ``NotFound`` where the bot is not in the chat, ``ScopeMissing``, ``AppSuspended``, ``SandboxIsFull``,
    ``QuotaUsedUp``. What is refused for its scope counts, too."""
    if scope is None:
        raise NotForBots
    _, app = await bot_with_app(session, actor.number)
    check_state(app)
    allowance = allowance_of(method, limits)
    try:
        await spend(database, allowance, str(app.app_id), clock=clock)
    except TooMany as error:
        left_s = error.params["retry_after_s"]
        raise QuotaUsedUp(method=method, count_max=allowance.count_max, retry_after_s=left_s) from error
    if chat_id is not None:
        await _check_scope(session, app, actor.number, scope, chat_id, clock=clock, limits=limits)


async def _check_scope(
    session: AsyncSession, app: App, number: int, scope: str, chat_id: int, *, clock: Clock, limits: Limits
) -> None:
    install = await session.get(Install, (chat_id, number))
    granted = set(install.scopes) if install is not None else await _take_up(session, number, chat_id, clock)
    enough = _READS if scope == "read_mentions" else {scope}
    if scope and not enough & granted:
        raise ScopeMissing(scope=scope)
    await check_sandbox(session, app, chat_id, limits)


def check_state(app: App) -> None:
    """Raises ``AppSuspended``."""
    if app.state == "suspended":
        raise AppSuspended


async def check_sandbox(session: AsyncSession, app: App, chat_id: int, limits: Limits) -> None:
    """Raises ``SandboxIsFull`` where the app was not reviewed yet and the chat is too large for it."""
    if app.state == "sandbox" and (await sizes_of(session, [chat_id])).get(chat_id, 0) > limits.sandbox_members_max:
        raise SandboxIsFull(members_max=limits.sandbox_members_max)


async def check_talk(session: AsyncSession, one: int, other: int) -> None:
    """Raises ``SandboxIsForTesters`` where one of the two is a bot of an app that was not reviewed yet, and the other
    neither its owner, nor one of its test users, nor in a group with the bot."""
    bots = select(Bot.bot_number, App).join(App, App.app_id == Bot.app_id)
    bots = bots.where(Bot.bot_number.in_([one, other]), App.state == "sandbox")
    for number, app in (await session.execute(bots)).all():
        who = other if number == one else one
        if who == app.owner_number or await session.get(Tester, (app.app_id, who)) is not None:
            continue
        if not await groups_in_common(session, number, who):
            raise SandboxIsForTesters


async def _take_up(session: AsyncSession, number: int, chat_id: int, clock: Clock) -> set[str]:
    """What the bot may do in a conversation of two that was only just opened, so that nobody has told of it yet. Raises
    ``NotFound`` for any other."""
    places = await chat_places(session, number, [chat_id])
    peer = places[0].peer if places else None
    if peer is None:
        raise NotFound
    await follow_direct(session, chat_id, number, peer.number, clock=clock)
    return set(IN_DIRECTS)
