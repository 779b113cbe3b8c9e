"""What tests of outlets have in common: another end, and a courier that looks when the test says so."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from hutong.api import House
from hutong.settings import Settings
from hutong.worker.courier import Courier
from tests.cast import Cast

from ..conftest import Robot

Answer = Callable[[int], bytes]

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
NEVER = b""
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


@dataclass
class OtherEnd:
    """An HTTP server of the test's own: ``answer`` says what the n-th request gets."""

    answer: Answer = lambda nth: OK
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, count: int) -> None:
        """Returns when so many requests have come."""
        async with asyncio.timeout(30):
            while len(self.bodies) < count:
                self.news.clear()
                await self.news.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def told(self) -> list[Any]:
        frames = [msgspec.json.decode(body) for body in self.bodies]
        return [one["segments"][0]["text"] if one["on"] == "message" else one["on"] for one in frames]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                self.bodies.append(await reader.readexactly(int(fields["content-length"])))
                self.heads.append(fields)
                self.news.set()
                writer.write(self.answer(len(self.bodies)))
                await writer.drain()
        writer.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, private_addresses_allowed=True)


@pytest.fixture
async def other_end() -> AsyncGenerator[OtherEnd]:
    end = OtherEnd()
    server = await asyncio.start_server(end.serve, "127.0.0.1", 0)
    end.port = server.sockets[0].getsockname()[1]
    yield end
    server.close()


class Post:
    """The courier, looking when the test says so."""

    def __init__(self, house: House) -> None:
        self.courier = Courier(
            database=house.database, porters=house.porters, settings=house.settings, clock=house.clock
        )

    async def goes_out(self) -> None:
        await self.courier.look()
        await self.courier.settle()


@pytest.fixture
def post(house: House) -> Post:
    return Post(house)


async def an_outlet(cast: Cast, robot: Robot, url: str, **fields: Any) -> dict[str, Any]:
    answer = await cast.alice.http.post(outlets_of(robot), json={"url": url, **fields})
    made: dict[str, Any] = answer.raise_for_status().json()
    return made


def outlets_of(robot: Robot) -> str:
    return f"apps/{robot.app}/bots/{robot.number}/outlets"


async def log_of(cast: Cast, robot: Robot, outlet: dict[str, Any]) -> list[dict[str, Any]]:
    found = (
        (await cast.alice.http.get(f"{outlets_of(robot)}/{outlet['outlet']}/log")).raise_for_status().json()["items"]
    )
    return list(found)
