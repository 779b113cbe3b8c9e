"""``kill -9`` of an engine in the middle of 2,000 sends from 50 connections to two processes: what was acknowledged is
stored once, in order and without holes, everybody sees all of it, and the clients stay connected."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from hutong.cli.process import Parts, assembled, serve_on
from hutong.domains import identity
from hutong.infra.engines import Engines, start_engines
from hutong.infra.migrations import migrate
from hutong.kit.clock import system_clock
from hutong.settings import Settings

from .stubborn import Stubborn

CONNECTIONS = 50
SENDS = 2_000


class Site:
    """Two processes over engines of their own, and a group of fifty whose members are spread over both."""

    def __init__(self, engines: Engines, parts: list[Parts], ports: list[int]) -> None:
        self.engines = engines
        self.parts = parts
        self.ports = ports
        self.chat = 0
        self.tokens: list[str] = []

    async def settle(self) -> None:
        house = self.parts[0].house
        async with house.database.transaction() as session:
            new = [identity.NewPerson(nickname=f"Person {n}") for n in range(CONNECTIONS)]
            numbers = await identity.bulk_create(session, new)
            self.tokens = await identity.open_sessions(session, numbers)
        async with self.speaker(0) as owner:
            self.chat = (await owner.post("groups", json={"name": "Fifty"})).json()["chat"]
        for index in range(1, CONNECTIONS):
            async with self.speaker(index) as member:
                assert (await member.put(f"groups/{self.chat}/members/me")).status_code == 200

    def speaker(self, index: int) -> httpx.AsyncClient:
        origin = f"http://127.0.0.1:{self.ports[index % 2]}"
        headers = {"authorization": f"Bearer {self.tokens[index]}"}
        return httpx.AsyncClient(base_url=f"{origin}/api/v1/", headers=headers, timeout=120)

    def client(self, index: int) -> Stubborn:
        return Stubborn(self.ports[index % 2], self.tokens[index], self.chat)

    async def kill(self, engine: str) -> None:
        os.kill(self.engines.pids[engine], signal.SIGKILL)

    async def stored(self) -> list[tuple[int, str, str]]:
        """Seq, key and segments of every message, in order."""
        connection = await asyncpg.connect(self.engines.database_url)
        try:
            rows = await connection.fetch(
                "SELECT seq, key, segments FROM chat_message WHERE chat_id = $1 ORDER BY seq", self.chat
            )
        finally:
            await connection.close()
        return [tuple(row) for row in rows]


@asynccontextmanager
async def open_site(folder: Path) -> AsyncGenerator[Site]:
    async with contextlib.AsyncExitStack() as stack:
        engines = await start_engines(Settings(data=folder), lambda sentence: None)
        stack.push_async_callback(engines.stop)
        watching = asyncio.create_task(engines.watch())
        await migrate(engines.database_url)
        settings = Settings(data=folder, database_url=engines.database_url, nats_url=engines.nats_url)
        parts: list[Parts] = []
        ports: list[int] = []
        for _ in range(2):
            part = await stack.enter_async_context(
                assembled(settings, clock=system_clock, registry=CollectorRegistry())
            )
            listening = socket.create_server(("127.0.0.1", 0))
            stopping = asyncio.Event()
            serving = asyncio.create_task(serve_on(part, [listening], stopping))
            stack.push_async_callback(_stop, stopping, serving)
            parts.append(part)
            ports.append(listening.getsockname()[1])
        site = Site(engines, parts, ports)
        await site.settle()
        yield site
    await asyncio.gather(watching, return_exceptions=True)


async def _stop(stopping: asyncio.Event, serving: asyncio.Task[None]) -> None:
    stopping.set()
    await serving


async def send_share(client: Stubborn, index: int) -> None:
    for number in range(SENDS // CONNECTIONS):
        await client.say(f"{index}/{number}")


async def everybody_talks(site: Site, stack: contextlib.AsyncExitStack, engine: str) -> list[Stubborn]:
    """All fifty send their share while the engine is killed in the middle. Returns when everything is acknowledged."""
    clients = list(await asyncio.gather(*[stack.enter_async_context(site.client(i)) for i in range(CONNECTIONS)]))
    talking = [asyncio.create_task(send_share(client, index)) for index, client in enumerate(clients)]
    async with asyncio.timeout(120):
        await clients[0].until_acknowledged(SENDS // CONNECTIONS // 2)
    await site.kill(engine)
    async with asyncio.timeout(240):
        await asyncio.gather(*talking)
    return clients


def assert_nothing_is_lost(stored: list[tuple[int, str, str]], clients: list[Stubborn]) -> None:
    assert [seq for seq, _, _ in stored] == list(range(1, SENDS + 1))
    by_key = {key: (seq, msgspec.json.decode(segments)[0]["text"]) for seq, key, segments in stored}
    assert len(by_key) == SENDS
    for client in clients:
        assert {key: by_key[key][0] for key in client.keys} == client.acknowledged
        assert {key: by_key[key][1] for key in client.keys} == client.keys


@pytest.mark.parametrize("engine", ["PostgreSQL", "NATS"])
async def test_nothing_acknowledged_is_lost(data_folder: Path, engine: str) -> None:
    async with open_site(data_folder) as site, contextlib.AsyncExitStack() as stack:
        clients = await everybody_talks(site, stack, engine)
        async with asyncio.timeout(120):
            await asyncio.gather(*[client.until_seq(SENDS) for client in clients])
        assert_nothing_is_lost(await site.stored(), clients)
        for client in clients:
            assert client.connections == 1
            assert client.repeated == []
            assert client.holes == []


async def test_the_last_message_and_the_last_recall_of_a_break_of_the_bus_arrive(data_folder: Path) -> None:
    async with open_site(data_folder) as site, contextlib.AsyncExitStack() as stack:
        here = await stack.enter_async_context(site.client(0))
        there = await stack.enter_async_context(site.client(1))
        first = await here.say("before the break")
        await there.until_seq(first)
        for part in site.parts:
            assert part.house.bus.is_up
        stopped = site.engines.pids["NATS"]
        os.kill(stopped, signal.SIGSTOP)
        last = await here.say("during the break")
        async with site.speaker(0) as speaker:
            assert (await speaker.put(f"chats/{site.chat}/messages/{first}/recall")).status_code == 204
        os.kill(stopped, signal.SIGKILL)

        async with asyncio.timeout(120):
            await there.until_seq(last)
            await there.until_recalled(first)
        assert here.connections == there.connections == 1
