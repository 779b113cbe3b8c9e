"""What the tests of the open platform share: a group of Alice's, and a bot in it."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import delete, select

from hutong.api import House
from hutong.domains.openplatform.jobs import bot_seats, bring_bot_events
from hutong.infra.jobs import Task
from hutong.infra.outbox import OutboxEntry
from tests.cast import Cast, Person, speaker

from .signing_in import Shop, open_shop, set_state

TellBots = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Robot:
    """A bot of Alice's app. ``http`` speaks for it."""

    app: int
    number: int
    token: str
    http: httpx.AsyncClient

    async def heard(self, after: int = 0) -> list[dict[str, Any]]:
        """What it has heard beside where it was let in."""
        return [one for one in await self.all_heard(after) if one["on"] != "installed"]

    async def all_heard(self, after: int = 0) -> list[dict[str, Any]]:
        answer = (await self.http.get("bots/me/events", params={"after": after})).raise_for_status().json()
        found: list[dict[str, Any]] = answer["events"]
        return found


@pytest.fixture
async def robot(app: Litestar, cast: Cast) -> AsyncGenerator[Robot]:
    """Not installed anywhere yet."""
    async with contextlib.AsyncExitStack() as stack:
        yield await make_robot(app, cast.alice, stack)


async def make_robot(app: Litestar, owner: Person, stack: contextlib.AsyncExitStack) -> Robot:
    draft = {"name": "Library card", "scopes": ["read_mentions", "send"]}
    of_app = (await owner.http.post("apps", json=draft)).raise_for_status().json()["app"]
    card = (await owner.http.post(f"apps/{of_app}/bots", json={"nickname": "Librarian"})).raise_for_status().json()
    path = f"apps/{of_app}/bots/{card['number']}/tokens"
    token = (await owner.http.post(path, json={})).raise_for_status().json()["token"]
    return Robot(of_app, card["number"], token, await stack.enter_async_context(speaker(app, token)))


@pytest.fixture
async def chat(cast: Cast) -> int:
    """Alice's group, which Bob has joined."""
    made: int = (await cast.alice.http.post("groups", json={"name": "Readers"})).raise_for_status().json()["chat"]
    (await cast.bob.http.put(f"groups/{made}/members/me")).raise_for_status()
    return made


async def install(owner: Person, chat: int, robot: Robot | Person, *scopes: str) -> None:
    (await owner.http.put(f"groups/{chat}/bots/{robot.number}", json={"scopes": scopes})).raise_for_status()


_KEYS = iter(range(1, 10**9))


async def say(http: httpx.AsyncClient, chat: int, *segments: dict[str, Any] | str) -> int:
    """Says something, and returns its seq."""
    parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in segments]
    sent = await http.post(f"chats/{chat}/messages", json={"key": f"key-{next(_KEYS)}", "segments": parts})
    seq: int = sent.raise_for_status().json()["seq"]
    return seq


@pytest.fixture
def tell_bots(house: House) -> TellBots:
    """Brings every fact in the outbox to the open platform, and looks at its conversations, as the worker does."""
    limits = house.settings.limits
    subscriber = bot_seats(house.database, clock=house.clock, limits=limits)

    async def tell() -> None:
        async with house.database.transaction() as session:
            entries = (await session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))).all()
            await session.execute(delete(OutboxEntry))
        for entry in entries:
            if entry.topic in subscriber.topics:
                payload = msgspec.json.encode(entry.payload)
                await subscriber.handle(Task(subscriber.name, entry.id, entry.topic, payload, 1))
        await bring_bot_events(house.database, clock=house.clock, limits=limits)

    return tell


@pytest.fixture
async def shop(cast: Cast, house: House, client: httpx.AsyncClient) -> Shop:
    """Alice's app, reviewed, which keeps a secret."""
    opened = await open_shop(cast.alice, client)
    await set_state(house, opened, "reviewed")
    return opened


@pytest.fixture
async def public(cast: Cast, house: House, client: httpx.AsyncClient) -> Shop:
    """The same as a page or a program on people's own machines."""
    opened = await open_shop(cast.alice, client, public=True)
    await set_state(house, opened, "reviewed")
    return opened
