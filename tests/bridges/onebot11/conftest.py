"""A hutong that bots of OneBot come to, and a bot that keeps all it is told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from hutong.infra.bus import Bus
from tests.gateway.conftest import Citizen, Town, open_town, town
from tests.gateway.test_bots import a_bot, install

__all__ = ["Caller", "Wired", "a_bot", "install", "open_town", "town", "wired"]

WAIT_S = 30.0


@pytest.fixture(autouse=True)
async def no_facts_of_others(bus: Bus) -> None:
    """Facts count from 1 in every test, so JetStream would take them for those of the test before."""


class Caller:
    """A bot's program at one end of a WebSocket; ``told`` is all that it has heard, in order."""

    def __init__(self, socket: ClientConnection | ServerConnection) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []
        self.closed: int | None = None
        self._news = asyncio.Event()
        self._echoes = 0
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for frame in self.socket:
                self.told.append(msgspec.json.decode(frame))
                self._news.set()
        except ConnectionClosed:
            pass
        self.closed = self.socket.close_code
        self._news.set()

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            while True:
                for one in self.told:
                    if wanted(one):
                        return one
                self._news.clear()
                await self._news.wait()

    async def until_closed(self) -> int:
        async with asyncio.timeout(WAIT_S):
            while self.closed is None:
                self._news.clear()
                await self._news.wait()
        return self.closed

    async def ask(self, action: str, **params: Any) -> dict[str, Any]:
        self._echoes += 1
        echo = f"{self._echoes}"
        await self.socket.send(msgspec.json.encode({"action": action, "params": params, "echo": echo}).decode())
        return await self.until(lambda one: one.get("echo") == echo)

    async def do(self, action: str, **params: Any) -> Any:
        """The data of an action that succeeds."""
        answer = await self.ask(action, **params)
        assert (answer["status"], answer["retcode"]) == ("ok", 0), answer
        return answer["data"]

    async def hears(self, **fields: Any) -> dict[str, Any]:
        """The first event with these fields."""
        return await self.until(lambda one: "post_type" in one and fields.items() <= one.items())

    async def close(self) -> None:
        await self.socket.close()
        await self._reading


class Wired:
    """A group of Alice's with Bob in it, and a bot with every scope there."""

    def __init__(self, town: Town, alice: Citizen, bob: Citizen, bot: Citizen, chat: int) -> None:
        self.town = town
        self.alice = alice
        self.bob = bob
        self.bot = bot
        self.chat = chat
        self.http = httpx.AsyncClient(base_url=f"{town.origin}/bridges/onebot11/", timeout=60)
        self._stack = contextlib.AsyncExitStack()

    async def call(self, path: str = "/", *, token: str | None = None, query: str = "") -> Caller:
        """The bot's program comes, to one of the paths of forward WebSocket."""
        url = f"ws://127.0.0.1:{self.town.port}/bridges/onebot11{path}{query}"
        headers = {"authorization": f"Bearer {self.bot.token if token is None else token}"}
        socket = await connect(url, additional_headers=headers, max_size=None, proxy=None)
        caller = Caller(socket)
        self._stack.push_async_callback(caller.close)
        return caller

    async def say(self, who: Citizen, *segments: dict[str, Any] | str, chat: int | None = None) -> int:
        parts = [{"type": "text", "text": one} if isinstance(one, str) else one for one in segments]
        self._said = getattr(self, "_said", 0) + 1
        body = {"key": f"said-{who.number}-{self._said}", "segments": parts}
        sent = await who.http.post(f"chats/{chat or self.chat}/messages", json=body)
        return int(sent.raise_for_status().json()["seq"])

    async def said(self, who: Citizen, seq: int, chat: int | None = None) -> dict[str, Any]:
        answer = await who.http.get(f"chats/{chat or self.chat}/messages/{seq}")
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def promote(self, who: Citizen) -> None:
        path = f"groups/{self.chat}/members/{who.number}"
        (await self.alice.http.patch(path, json={"role": "admin"})).raise_for_status()

    async def close(self) -> None:
        await self._stack.aclose()
        await self.http.aclose()


@pytest.fixture
async def wired(town: Town) -> AsyncGenerator[Wired]:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "read_all", "send", "members", "moderate")
    made = Wired(town, alice, bob, bot, chat)
    yield made
    await made.close()
