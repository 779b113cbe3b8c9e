"""A bot of Alice's in her group, and what its program calls."""

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
from tests.cast import Cast, visitor

TellBots = Callable[[], Awaitable[None]]
SCOPES = ("read_all", "send", "members", "moderate")
_KEYS = iter(range(1, 10**9))


class Refused(AssertionError):
    """A call was answered with ``ok: false``; ``args`` are the status and what was said."""


@dataclass(frozen=True)
class Program:
    """The program of a bot that knows the Bot API."""

    app: int
    number: int
    token: str
    http: httpx.AsyncClient

    def path(self, method: str) -> str:
        return f"/bridges/telegram/bot{self.token}/{method}"

    async def ask(self, method: str, **values: Any) -> Any:
        """The result of a call with JSON. Raises ``Refused``."""
        return result_of(await self.http.post(self.path(method), json=values))

    async def refusal(self, method: str, **values: Any) -> tuple[int, str]:
        """The status of a call that must be refused, and what was said."""
        with pytest.raises(Refused) as refused:
            await self.ask(method, **values)
        return int(refused.value.args[0]), str(refused.value.args[1])

    async def updates(self, **values: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.ask("getUpdates", **values)
        return found


def result_of(answer: httpx.Response) -> Any:
    body = answer.json()
    assert answer.headers["content-type"].startswith("application/json")
    if not body["ok"]:
        assert body["error_code"] == answer.status_code
        raise Refused(answer.status_code, body["description"], body.get("parameters"))
    assert answer.status_code == 200
    return body["result"]


@pytest.fixture
async def program(app: Litestar, cast: Cast) -> AsyncGenerator[Program]:
    """Of a bot that is installed nowhere yet."""
    owner = cast.alice.http
    of_app = (await owner.post("apps", json={"name": "Library card"})).raise_for_status().json()["app"]
    draft = {"nickname": "Librarian", "handle": "librarian_bot"}
    card = (await owner.post(f"apps/{of_app}/bots", json=draft)).raise_for_status().json()
    tokens = f"apps/{of_app}/bots/{card['number']}/tokens"
    token = (await owner.post(tokens, json={})).raise_for_status().json()["token"]
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(visitor(app))
        yield Program(of_app, card["number"], token.replace(".", ":", 1), http)


@pytest.fixture
async def chat(cast: Cast, program: Program) -> int:
    """Alice's group, with Bob and the bot in it, which has heard of that."""
    made: int = (await cast.alice.http.post("groups", json={"name": "Readers"})).raise_for_status().json()["chat"]
    (await cast.bob.http.put(f"groups/{made}/members/me")).raise_for_status()
    await grant(cast, made, program, *SCOPES)
    await program.ask("deleteWebhook", drop_pending_updates=True)
    return made


async def grant(cast: Cast, chat: int, program: Program, *scopes: str) -> None:
    path = f"groups/{chat}/bots/{program.number}"
    (await cast.alice.http.put(path, json={"scopes": scopes})).raise_for_status()


async def say(http: httpx.AsyncClient, chat: int, *segments: dict[str, Any] | str) -> int:
    """Says something, and returns its seq."""
    parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in segments]
    sent = await http.post(f"chats/{chat}/messages", json={"key": f"key-{next(_KEYS)}", "segments": parts})
    seq: int = sent.raise_for_status().json()["seq"]
    return seq


async def said(http: httpx.AsyncClient, chat: int, seq: int) -> list[dict[str, Any]]:
    """The segments of a message, as a person sees it."""
    found: list[dict[str, Any]] = (await http.get(f"chats/{chat}/messages/{seq}")).raise_for_status().json()["segments"]
    return found


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
