"""``kill -9`` of hutong itself in the middle of 2,000 sends from 50 connections: started again it finds its engines,
the clients come back by themselves, and what was acknowledged is there once, in order and without holes."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from hutong.infra.engines import use_engines
from hutong.settings import Settings

from .stubborn import Stubborn

CONNECTIONS = 50
SENDS = 2_000
PASSWORD = "seven green lanterns"
READY_WITHIN_S = 240


class Server:
    """``hutong serve`` as a process of its own, on one data folder and port, started as often as needed."""

    def __init__(self, folder: Path, port: int, workers: int) -> None:
        self.folder = folder
        self.port = port
        self.workers = workers
        self.process: subprocess.Popen[bytes]

    def launch(self) -> None:
        words = ["serve", "--data", str(self.folder), "--port", str(self.port), "--workers", str(self.workers)]
        with (self.folder / "console.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "hutong", *words], stdout=log, stderr=log)

    async def start(self) -> None:
        self.launch()
        async with asyncio.timeout(READY_WITHIN_S), httpx.AsyncClient() as http:
            while not await self._is_ready(http):
                assert self.process.poll() is None, (self.folder / "console.log").read_text()
                await asyncio.sleep(0.1)

    async def _is_ready(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, 120)

    def speaker(self, token: str = "") -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1/", headers=headers, timeout=120)


@asynccontextmanager
async def a_server(folder: Path, workers: int) -> AsyncGenerator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(folder, port, workers)
    await server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            await server.stop()


async def settle(server: Server) -> tuple[int, list[str]]:
    """A group of five people, each with ten devices: its chat and the tokens of all the devices."""
    tokens: list[str] = []
    chat = 0
    async with server.speaker() as visitor:
        for name in range(CONNECTIONS // 10):
            account = (await visitor.post("accounts", json={"nickname": f"P{name}", "password": PASSWORD})).json()
            login = {"login": str(account["number"]), "password": PASSWORD}
            devices = [(await visitor.post("sessions", json=login)).json()["token"] for _ in range(2)]
            async with server.speaker(devices[0]) as person:
                if not chat:
                    chat = (await person.post("groups", json={"name": "Fifty"})).json()["chat"]
                else:
                    assert (await person.put(f"groups/{chat}/members/me")).status_code == 200
            tokens += devices * 5
    return chat, tokens


async def send_share(client: Stubborn, index: int) -> None:
    for number in range(SENDS // CONNECTIONS):
        await client.say(f"{index}/{number}")


@pytest.mark.parametrize("workers", [1, 2])
async def test_nothing_acknowledged_is_lost(data_folder: Path, workers: int) -> None:
    async with a_server(data_folder, workers) as server, AsyncExitStack() as stack:
        chat, tokens = await settle(server)
        opened = [Stubborn(server.port, token, chat) for token in tokens]
        clients = list(await asyncio.gather(*[stack.enter_async_context(client) for client in opened]))
        talking = [asyncio.create_task(send_share(client, index)) for index, client in enumerate(clients)]
        async with asyncio.timeout(120):
            await clients[0].until_acknowledged(SENDS // CONNECTIONS // 2)

        server.kill()
        await server.start()

        async with asyncio.timeout(240):
            await asyncio.gather(*talking)
            await asyncio.gather(*[client.until_seq(SENDS) for client in clients])
        stored = await what_is_stored(data_folder, chat)
        assert [seq for seq, _, _ in stored] == list(range(1, SENDS + 1))
        by_key = {key: (seq, text) for seq, key, text in stored}
        for client in clients:
            assert {key: by_key[key] for key in client.keys} == {
                key: (client.acknowledged[key], text) for key, text in client.keys.items()
            }
            assert client.connections == 2
            assert client.repeated == []
            assert client.holes == []


async def what_is_stored(folder: Path, chat: int) -> list[tuple[int, str, str]]:
    """Seq, key and text of every message, in order."""
    async with use_engines(Settings(data=folder), lambda sentence: None) as engines:
        connection = await asyncpg.connect(engines.database_url)
        try:
            rows = await connection.fetch(
                "SELECT seq, key, segments FROM chat_message WHERE chat_id = $1 ORDER BY seq", chat
            )
        finally:
            await connection.close()
    return [(row[0], row[1], msgspec.json.decode(row[2])[0]["text"]) for row in rows]


async def test_clients_are_told_1012_when_it_stops(data_folder: Path) -> None:
    async with a_server(data_folder, 1) as server:
        chat, tokens = await settle(server)
        async with Stubborn(server.port, tokens[0], chat) as client:
            code = await server.stop()
            assert client.closed_with == 1012
    assert code == 0
