"""``kill -9`` of hutong itself in the middle of 2,000 sends from 50 connections: started again it finds its engines,
the clients come back by themselves, and what was acknowledged is there once, in order and without holes."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import msgspec
import pytest

from hutong.infra.engines import use_engines
from hutong.settings import Settings
from tests.serving import Server, a_server

from .stubborn import Stubborn

CONNECTIONS = 50
SENDS = 2_000
PASSWORD = "seven green lanterns"


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
