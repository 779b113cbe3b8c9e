"""A whole process, and a bot that speaks the group-bot protocol to it as any outside program would."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from hutong.infra.bus import Bus
from tests.gateway.conftest import Citizen, Town, open_town, town

__all__ = ["ALL", "Robot", "Socket", "open_town", "robot", "town"]

ALL = 1 << 24 | 1 << 25 | 1 << 26
WAIT_S = 30.0
SCOPES = ("read_all", "send", "members", "moderate")


@pytest.fixture
async def no_facts_of_others(bus: Bus) -> None:
    """Facts count from 1 in every test, so JetStream would take them for those of the test before."""


class Socket:
    """A connection to the gateway, and every frame that came on it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[dict[str, Any]] = []

    async def say(self, op: int, d: Any = None) -> None:
        await self.connection.send(msgspec.json.encode({"op": op, "d": d}).decode())

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            self.frames.append(msgspec.json.decode(await self.connection.recv()))
        return self.frames[-1]

    async def until(self, name: str) -> dict[str, Any]:
        """The next dispatch of this name."""
        while (frame := await self.next()).get("t") != name:
            pass
        return frame

    async def until_closed(self) -> int:
        """The code with which the server closed."""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await self.next()
        assert self.connection.close_code is not None
        return self.connection.close_code


class Robot:
    """A bot of Alice's: ``http`` calls with its access token."""

    def __init__(self, town: Town, alice: Citizen, app: int, number: int, token: str) -> None:
        self.town = town
        self.alice = alice
        self.app = app
        self.number = number
        self.token = token
        self.http = httpx.AsyncClient(base_url=f"{town.origin}/bridges/qqbot/", timeout=60)

    async def come_in(self) -> str:
        """Gets an access token and calls with it from now on."""
        answer = await self.ask_for_token()
        self.http.headers["authorization"] = f"QQBot {answer['access_token']}"
        return str(answer["access_token"])

    async def ask_for_token(self, **other: str) -> dict[str, Any]:
        body = {"appId": str(self.number), "clientSecret": self.token} | other
        answer = await self.http.post("app/getAppAccessToken", json=body)
        return dict(answer.raise_for_status().json())

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncGenerator[Socket]:
        """A connection that was greeted."""
        url = (await self.http.get("gateway/bot")).raise_for_status().json()["url"]
        async with connect(url) as connection:
            opened = Socket(connection)
            assert (await opened.next())["op"] == 10
            yield opened

    @property
    def authorization(self) -> str:
        return self.http.headers["authorization"]

    @contextlib.asynccontextmanager
    async def session(self, intents: int = ALL, shard: tuple[int, int] = (0, 1)) -> AsyncGenerator[Socket]:
        """A connection that has identified and was welcomed."""
        async with self.socket() as opened:
            await opened.say(2, {"token": self.authorization, "intents": intents, "shard": shard})
            assert (await opened.next())["t"] == "READY"
            yield opened

    async def install(self, chat: int, *scopes: str) -> None:
        body = {"scopes": scopes or SCOPES}
        (await self.alice.http.put(f"groups/{chat}/bots/{self.number}", json=body)).raise_for_status()


@pytest.fixture
async def robot(town: Town) -> Robot:
    """A bot that has come in, in no group yet."""
    (alice,) = await town.people("Alice")
    app = (await alice.http.post("apps", json={"name": "Weather"})).raise_for_status().json()["app"]
    number = (await alice.http.post(f"apps/{app}/bots", json={"nickname": "Frog"})).raise_for_status().json()["number"]
    token = (await alice.http.post(f"apps/{app}/bots/{number}/tokens", json={})).raise_for_status().json()["token"]
    made = Robot(town, alice, app, number, token)
    await made.come_in()
    return made
