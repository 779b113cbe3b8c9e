"""Rates are counted beside the transaction that is under way, and never wait for it."""

import asyncio

from sqlalchemy import text

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.settings import Settings


async def test_requests_that_hold_every_connection_can_still_count(settings: Settings) -> None:
    database = Database(settings.database_url, connections_max=2)
    everybody_is_in = asyncio.Barrier(4)

    async def request(who: str) -> None:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
            await everybody_is_in.wait()
            await spend(database, Allowance("test", 10, 60), who)

    async with asyncio.timeout(10):
        await asyncio.gather(*[request(str(who)) for who in range(4)])
    await database.close()
