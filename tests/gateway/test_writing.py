"""Frames go to the socket itself; what it does not take goes through the transport, and nothing to a closed one."""

import asyncio
import os
import socket

import msgspec
import pytest

from hutong.gateway import connection as connection_room
from hutong.gateway import edge
from hutong.gateway.connection import Connection
from hutong.gateway.frames import framed
from hutong.settings import Settings

from .conftest import SocketClient, Town

LARGE = b"x" * 20_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = msgspec.structs.replace(settings.limits, slow_reader_bytes_max=50_000)
    return msgspec.structs.replace(settings, limits=limits)


def narrow(connection: Connection) -> None:
    """Lets the system keep little of what the peer does not read, so that it soon waits in the transport."""
    with socket.socket(fileno=os.dup(connection._direct)) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)


async def hears(client: SocketClient, seq: int) -> None:
    await client.until(lambda frame: frame.get("seq") == seq)


def large(number: int) -> bytes:
    return framed(b'{"on":"pong","ref":%d,"text":"%b"}' % (number, LARGE))


async def test_what_a_full_socket_does_not_take_comes_later_and_in_order(town: Town) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()
    fanout = town.parts.gateway.fanout
    (connection,) = fanout.online[alice.number].connections
    client.transport.underlying_transport.pause_reading()

    sent = 1_000
    while not connection.paused:
        connection.write(large(sent))
        sent += 1
        await asyncio.sleep(0)
    for number in range(sent, sent + 20):
        fanout.queue(connection, large(number))
        fanout.flush()
    assert connection in fanout.slow
    client.transport.underlying_transport.resume_reading()
    await client.until(lambda frame: frame.get("ref") == sent + 19)
    connection.write(large(sent + 20))

    await client.until(lambda frame: frame.get("ref") == sent + 20)
    assert [frame["ref"] for frame in client.frames[1:]] == list(range(1_000, sent + 21))
    assert not connection.paused
    assert connection not in fanout.slow


async def test_the_number_of_a_socket_is_forgotten_before_it_is_somebody_elses(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()
    (connection,) = town.parts.gateway.fanout.online[alice.number].connections
    number = connection._direct
    departed: asyncio.Future[tuple[bool, int]] = asyncio.get_running_loop().create_future()

    def depart(gateway: edge.Gateway, gone: Connection) -> None:
        departed.set_result((os.fstat(number).st_ino == inode, gone._direct))

    inode = os.fstat(number).st_ino
    monkeypatch.setattr(edge.Gateway, "depart", depart)
    client.transport.underlying_transport.abort()

    assert await departed == (True, -1)
    connection.write(large(1))


async def test_nothing_follows_the_farewell(town: Town) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()
    (connection,) = town.parts.gateway.fanout.online[alice.number].connections

    connection.close(1012, "restarting")
    connection.write(large(1))

    assert await client.until_closed() == 1012
    assert [frame["on"] for frame in client.frames] == ["welcome"]


async def test_who_does_not_keep_up_is_told_what_is_missing_and_holds_up_nobody(town: Town) -> None:
    alice, bob, slow = await town.people("Alice", "Bob", "Slow")
    chat = await alice.create_group()
    await bob.join(chat)
    await slow.join(chat)
    speaker, listener, client = await alice.online(), await bob.online(), await slow.online()
    (connection,) = town.parts.gateway.fanout.online[slow.number].connections
    narrow(connection)
    client.transport.underlying_transport.pause_reading()

    told = 0
    while not connection.missed:
        told += 1
        await speaker.say(chat, "x" * 4_000)
        await hears(listener, told)
    assert connection.wire.get_write_buffer_size() < town.parts.house.settings.limits.slow_reader_bytes_max + 10_000
    client.transport.underlying_transport.resume_reading()

    gap = await client.until(lambda frame: frame["on"] == "gap")
    heard = [frame["seq"] for frame in client.frames if frame["on"] == "message"]
    assert gap == {"on": "gap", "chat": chat, "from": len(heard) + 1, "to": told}
    await speaker.say(chat, "Now you are with us again.")
    await hears(client, told + 1)


def test_what_must_be_encrypted_is_left_to_the_transport() -> None:
    class Encrypting:
        def get_extra_info(self, name: str) -> object:
            return {"sslcontext": object(), "socket": None}[name]

    assert connection_room._socket_of(Encrypting()) == connection_room._NO_SOCKET
