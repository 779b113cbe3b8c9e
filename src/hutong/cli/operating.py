"""Work on the database of a hutong from the command line, beside a server that runs or without one."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra import migrations
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.engines import use_engines
from hutong.settings import Settings

from .console import say, settings_from

__all__ = ["work_within"]


def work_within(data: Path | None, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Does the work in one transaction. A server that runs hears what it must know, such as devices signed out."""

    async def run() -> None:
        async with _opened(settings_from(data)) as (database, bus):
            async with database.transaction() as session:
                await work(session)
            await bus.flush()

    asyncio.run(run())


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[tuple[Database, Bus]]:
    async with use_engines(settings, lambda sentence: None) as engines:
        await migrations.migrate(engines.database_url, say)
        database, bus = Database(engines.database_url), Bus(engines.nats_url)
        try:
            await bus.connect()
            database.say = bus.say
            yield database, bus
        finally:
            await bus.close()
            await database.close()
