"""What the tests of the cloud basics share: an app of Alice's with a bot, and the worker's sweeps."""

from collections.abc import Awaitable, Callable

import msgspec
import pytest
from sqlalchemy import delete, select

from hutong.api import House
from hutong.domains.cloud.jobs import app_holdings, sweep_holdings
from hutong.infra.jobs import Task
from hutong.infra.outbox import OutboxEntry
from tests.domains.openplatform.conftest import Robot, chat, make_robot, robot

__all__ = ["Robot", "Sweep", "chat", "make_robot", "robot"]

Sweep = Callable[[], Awaitable[None]]


@pytest.fixture
def sweep(house: House) -> Sweep:
    """Handles the facts in the outbox and sweeps, as the worker does."""
    subscriber = app_holdings(house.database, clock=house.clock)

    async def work() -> None:
        async with house.database.transaction() as session:
            entries = (await session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))).all()
            await session.execute(delete(OutboxEntry))
        for entry in entries:
            if entry.topic in subscriber.topics:
                payload = msgspec.json.encode(entry.payload)
                await subscriber.handle(Task(subscriber.name, entry.id, entry.topic, payload, 1))
        await sweep_holdings(house.database, house.blobs, clock=house.clock)

    return work
