"""What is due to many leaves in several turns of the loop, and nobody loses anything by that."""

import asyncio

import msgspec
import pytest

from hutong.gateway.frames import framed
from hutong.settings import Settings

from .conftest import Town

A_TURN = 2


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = msgspec.structs.replace(settings.limits, writes_per_turn_max=A_TURN)
    return msgspec.structs.replace(settings, limits=limits)


async def test_a_turn_writes_to_so_many_and_the_next_ones_to_the_rest(town: Town) -> None:
    (alice,) = await town.people("Alice")
    clients = [await alice.online() for _ in range(5)]
    fanout = town.parts.gateway.fanout
    for connection in fanout.online[alice.number].connections:
        fanout.queue(connection, framed(b'{"on":"pong","ref":1000}'))
    before = fanout.writes_total

    fanout.flush()

    assert fanout.writes_total - before == A_TURN
    for client in clients:
        await client.until(lambda frame: frame.get("ref") == 1000)
    assert fanout.writes_total - before == len(clients)


async def test_what_is_written_at_once_does_not_overtake_what_is_pending(town: Town) -> None:
    (alice,) = await town.people("Alice")
    clients = [await alice.online() for _ in range(2 * A_TURN)]
    fanout = town.parts.gateway.fanout
    for connection in fanout.online[alice.number].connections:
        fanout.queue(connection, framed(b'{"on":"pong","ref":1000}'))
    fanout.flush()
    for connection in fanout.online[alice.number].connections:
        connection.write(framed(b'{"on":"left","ref":1001}'))

    for client in clients:
        await client.until(lambda frame: frame.get("ref") == 1001)
        assert [frame["ref"] for frame in client.frames[1:]] == [1000, 1001]


async def test_everybody_hears_everything_in_order_though_others_go_in_the_middle(town: Town) -> None:
    people = await town.people(*[f"Person {n}" for n in range(9)])
    chat = await people[0].create_group()
    for person in people[1:]:
        await person.join(chat)
    speaker, *listeners = [await person.online() for person in people]

    saying = asyncio.gather(*[speaker.say(chat, f"{number}") for number in range(60)])
    for leaver in listeners[::2]:
        leaver.transport.disconnect()
        await asyncio.sleep(0)
    await saying

    for listener in listeners[1::2]:
        await listener.until(lambda frame: frame["on"] == "message" and frame["seq"] == 60)
        assert listener.texts(chat) == [f"{number}" for number in range(60)]


async def test_what_is_pending_is_told_before_the_farewell(town: Town) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()
    fanout = town.parts.gateway.fanout
    (connection,) = fanout.online[alice.number].connections

    fanout.queue(connection, framed(b'{"on":"sent","ref":1000}'))
    connection.close(1012, "restarting")

    assert await client.until_closed() == 1012
    assert client.frames[-1] == {"on": "sent", "ref": 1000}
