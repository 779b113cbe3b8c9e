"""Bots that hutong goes to: reverse WebSocket and HTTP POST."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from hutong.bridges import ReverseLines
from hutong.infra.engines import Engines
from hutong.settings import Settings
from tests.conftest import FreshDatabase

from .conftest import WAIT_S, Caller, Wired

SECRET = "an-open-secret"


@pytest.fixture
async def settings(engines: Engines, fresh_database: FreshDatabase, tmp_path: Path) -> Settings:
    """Of a hutong whose operator allows bots on private addresses, as those of the tests are."""
    return Settings(
        data=tmp_path, database_url=await fresh_database(), nats_url=engines.nats_url, private_addresses_allowed=True
    )


class Host:
    """A bot that is come to by WebSocket."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came: list[tuple[ServerConnection, Caller]] = []
        self._news = asyncio.Event()

    async def take(self, socket: ServerConnection) -> None:
        self.came.append((socket, Caller(socket)))
        self._news.set()
        await socket.wait_closed()

    async def until_came(self, count: int) -> Caller:
        """The connection that came as the ``count``-th."""
        async with asyncio.timeout(WAIT_S):
            while len(self.came) < count:
                self._news.clear()
                await self._news.wait()
        return self.came[count - 1][1]


@asynccontextmanager
async def a_host(port: int = 0) -> AsyncGenerator[Host]:
    host = Host(port)
    async with serve(host.take, "127.0.0.1", port) as server:
        host.port = next(iter(server.sockets)).getsockname()[1]
        yield host


async def outlet(wired: Wired, kind: str, url: str, **options: Any) -> str:
    """Where the outlet is to be found under ``/api/v1``."""
    app = (await wired.alice.http.get("apps")).json()[0]["app"]
    path = f"apps/{app}/bots/{wired.bot.number}/outlets"
    body = {"kind": kind, "url": url, "secret": SECRET, "options": options}
    made = (await wired.alice.http.post(path, json=body)).raise_for_status().json()
    return f"{path}/{made['outlet']}"


async def test_hutong_comes_to_a_bot_and_says_who_it_is(wired: Wired) -> None:
    async with a_host() as host:
        await outlet(wired, "onebot11_ws", f"ws://127.0.0.1:{host.port}/onebot/v11/ws")
        bot = await host.until_came(1)
        request = host.came[0][0].request
        assert request is not None
        assert request.path == "/onebot/v11/ws"
        assert request.headers["X-Self-ID"] == str(wired.bot.number)
        assert request.headers["X-Client-Role"] == "Universal"
        assert request.headers["Authorization"] == f"Bearer {SECRET}"
        first = await bot.until(lambda one: True)
        assert (first["meta_event_type"], first["sub_type"]) == ("lifecycle", "connect")
        await wired.say(wired.bob, "Good morning.")
        heard = await bot.hears(raw_message="Good morning.")
        sent = await bot.do("send_msg", group_id=wired.chat, message="Good morning, Bob.")
        assert sent["message_id"] != heard["message_id"]


async def test_hutong_comes_back_and_tells_what_was_missed(wired: Wired) -> None:
    async with a_host() as host:
        await outlet(wired, "onebot11_ws", f"ws://127.0.0.1:{host.port}/", message_format="string")
        bot = await host.until_came(1)
        await wired.say(wired.bob, "One.")
        assert (await bot.hears(post_type="message"))["message"] == "One."
        port = host.port
    await wired.say(wired.bob, "Two.")
    async with a_host(port) as host:
        bot = await host.until_came(1)
        await bot.hears(message="Two.")
        assert [one["message"] for one in bot.told if one["post_type"] == "message"] == ["Two."]


async def test_one_process_goes_to_a_bot_and_no_other(wired: Wired) -> None:
    async with a_host() as host:
        await outlet(wired, "onebot11_ws", f"ws://127.0.0.1:{host.port}/")
        bot = await host.until_came(1)
        others = ReverseLines(wired.town.parts.house.desk, every_s=0)
        for _ in range(3):
            await others.look()
        assert others.held == []
        await wired.say(wired.bob, "Good morning.")
        await bot.hears(raw_message="Good morning.")
        assert len(host.came) == 1


async def test_hutong_stays_away_where_it_is_told_to(wired: Wired) -> None:
    async with a_host() as host:
        path = await outlet(wired, "onebot11_ws", f"ws://127.0.0.1:{host.port}/")
        bot = await host.until_came(1)
        await bot.hears(meta_event_type="lifecycle")
        (await wired.alice.http.patch(path, json={"state": "off"})).raise_for_status()
        await bot.until_closed()


async def test_an_address_for_half_of_it(wired: Wired) -> None:
    async with a_host() as host:
        await outlet(wired, "onebot11_ws", f"ws://127.0.0.1:{host.port}/ws/api/", role="api")
        bot = await host.until_came(1)
        assert host.came[0][0].request is not None
        assert host.came[0][0].request.headers["X-Client-Role"] == "API"
        await bot.do("get_status")
        assert [one for one in bot.told if "post_type" in one] == []


class Posted:
    """A bot that is sent POSTs: what came, and what it answers to each."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answers: dict[str, bytes] = {}
        self.news = asyncio.Event()
        self._lines: list[asyncio.StreamWriter] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.append(writer)
        while head := await reader.readline():
            assert head.startswith(b"POST ")
            headers: dict[str, str] = {}
            while (line := (await reader.readline()).decode().strip()) != "":
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = await reader.readexactly(int(headers["content-length"]))
            self.came.append((headers, body))
            self.news.set()
            told = msgspec.json.decode(body)
            answer = self.answers.get(told.get("raw_message", ""), b"")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))
            await writer.drain()

    def hang_up(self) -> None:
        for line in self._lines:
            line.close()

    async def until(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        async with asyncio.timeout(WAIT_S):
            while len(self.came) < count:
                self.news.clear()
                await self.news.wait()
        return self.came


async def test_events_are_posted_signed_and_answered_with_quick_operations(wired: Wired) -> None:
    posted = Posted()
    posted.answers["!rules"] = msgspec.json.encode({"reply": "Be kind.", "at_sender": False})
    server = await asyncio.start_server(posted.take, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await outlet(wired, "onebot11_http", f"http://127.0.0.1:{port}/", message_format="string")
        await wired.say(wired.bob, "你好")
        await wired.say(wired.bob, "!rules")
        (first, body), (second, _) = await posted.until(2)
        hears = await wired.bob.online(resume={str(wired.chat): 0})
        await hears.until(lambda frame: "Be kind." in str(frame.get("segments")))
        posted.hang_up()
    assert first["x-self-id"] == second["x-self-id"] == str(wired.bot.number)
    assert first["x-signature"] == "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    assert "你好".encode() in body
    assert msgspec.json.decode(body)["message"] == "你好"
