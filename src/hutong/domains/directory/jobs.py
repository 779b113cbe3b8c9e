"""What happens in the directory without anybody asking."""

from hutong.domains.chat import sizes_of
from hutong.domains.openplatform import AppDropped, BotInstalled, BotUninstalled
from hutong.infra.db import Database
from hutong.infra.jobs import Subscriber, Task
from hutong.kit.clock import Clock
from hutong.settings import Limits

from .actions import count_install, drop_listing, end_grants_due, forget_offers, recount_groups

__all__ = ["GRANTS_LOOKED_AT_EVERY_S", "app_listings", "sweep_grants"]

GRANTS_LOOKED_AT_EVERY_S = 60


def app_listings(database: Database, *, clock: Clock, limits: Limits) -> Subscriber:
    """Counts the groups of apps whose bots come and go, and what grants have brought; forgets apps that are given up.
    Twice is harmless."""

    async def handle(task: Task) -> None:
        match task.topic:
            case "openplatform.BotInstalled":
                came = task.read(BotInstalled)
                async with database.transaction() as session:
                    await count_install(session, came.app, came.chat, clock=clock, limits=limits)
                await _recount(database, came.app, came.chat)
            case "openplatform.BotUninstalled":
                went = task.read(BotUninstalled)
                await _recount(database, went.app, went.chat)
            case "openplatform.AppDropped":
                async with database.transaction() as session:
                    await drop_listing(session, task.read(AppDropped).app, clock=clock)

    topics = ("openplatform.BotInstalled", "openplatform.BotUninstalled", "openplatform.AppDropped")
    return Subscriber("directory-listings", topics, handle)


async def _recount(database: Database, app_id: int, chat_id: int) -> None:
    """Conversations of two, of which a bot may have very many, change nothing."""
    async with database.transaction() as session:
        if await sizes_of(session, [chat_id]):
            await recount_groups(session, app_id)


async def sweep_grants(database: Database, *, clock: Clock, limits: Limits) -> None:
    """Ends the grants that are used up, whose time is over, or whose app is not in the directory any more, and tells
    whose apps they were for; forgets what groups were shown of those that ended long ago."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await end_grants_due(session, clock=clock, limits=limits)
    more = True
    while more:
        async with database.transaction() as session:
            more = await forget_offers(session, clock=clock, limits=limits)
