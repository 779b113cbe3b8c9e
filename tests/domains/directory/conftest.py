"""What the tests of the directory share: an app of Alice's with a bot, versions of it, and the worker's subscribers."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import delete, select

from hutong.api import House
from hutong.domains.directory import approve_version
from hutong.domains.directory.jobs import app_listings
from hutong.domains.openplatform.jobs import bot_seats
from hutong.infra.jobs import Task
from hutong.infra.outbox import OutboxEntry
from tests.cast import Person
from tests.domains.openplatform.conftest import Robot, chat, install, make_robot, robot

__all__ = ["Robot", "Tell", "approve", "box", "chat", "draft", "install", "listed", "make_robot", "robot", "shelf"]

Tell = Callable[[], Awaitable[None]]

GOOD = {"tagline": "Tells what is lent and until when", "category": "study"}


@pytest.fixture
def tell(house: House) -> Tell:
    """Brings every fact in the outbox to whoever hears of apps, as the worker does, until there are no more."""
    subscribers = [
        app_listings(house.database, clock=house.clock, limits=house.settings.limits),
        bot_seats(house.database, clock=house.clock, limits=house.settings.limits),
    ]

    async def bring() -> bool:
        async with house.database.transaction() as session:
            entries = (await session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))).all()
            await session.execute(delete(OutboxEntry))
        for entry in entries:
            for subscriber in subscribers:
                if entry.topic in subscriber.topics:
                    payload = msgspec.json.encode(entry.payload)
                    await subscriber.handle(Task(subscriber.name, entry.id, entry.topic, payload, 1))
        return bool(entries)

    async def work() -> None:
        while await bring():
            pass

    return work


async def draft(owner: Person, app: int, **more: Any) -> int:
    """A draft that could be handed in; returns its number."""
    version: int = (await owner.http.post(f"apps/{app}/versions")).raise_for_status().json()["version"]
    (await owner.http.patch(f"apps/{app}/versions/{version}", json=GOOD | more)).raise_for_status()
    return version


async def submit(owner: Person, app: int, version: int) -> httpx.Response:
    return await owner.http.post(f"apps/{app}/versions/{version}/submit")


async def approve(house: House, app: int, version: int, **seen: str) -> None:
    async with house.database.transaction() as session:
        await approve_version(session, app, version, clock=house.clock, limits=house.settings.limits, **seen)


async def listed(house: House, owner: Person, app: int, **more: Any) -> int:
    """Puts a version of an app into the directory, and returns its number."""
    version = await draft(owner, app, **more)
    (await submit(owner, app, version)).raise_for_status()
    await approve(house, app, version)
    return version


async def shelf(who: Person, **query: Any) -> list[int]:
    """The apps that somebody finds, in their order."""
    found = (await who.http.get("directory", params=query)).raise_for_status().json()
    return [one["app"] for one in found["items"]]


async def box(who: Person) -> list[tuple[str, int, dict[str, Any]]]:
    """Kind, count and parameters of somebody's notices of the directory, the newest first."""
    found = (await who.http.get("notices")).raise_for_status().json()["items"]
    return [(one["kind"], one["count"], one["params"]) for one in found if one["kind"].startswith("directory.")]
