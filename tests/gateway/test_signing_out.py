"""A session that is revoked closes its sockets, also where the word of it got lost; a new name is taken over."""

from functools import partial
from typing import Any

from hutong.domains import identity
from hutong.infra.bus import LOOK

from .conftest import Citizen, OpenTown, SocketClient, Town

REVOKED = 4401


async def session_of(town: Town, who: Citizen) -> int:
    async with town.parts.house.database.transaction() as session:
        actor = await identity.find_actor(session, who.token)
    assert actor is not None
    return actor.session_id


async def second_device(town: Town, who: Citizen) -> SocketClient:
    async with town.parts.house.database.transaction() as session:
        [token] = await identity.open_sessions(session, [who.number])
    client = await town.connect(authorization=f"Bearer {token}")
    await client.hello()
    return client


async def stays(client: SocketClient) -> bool:
    answer = await client.answer(client.do("ping"))
    return bool(answer["on"] == "pong")


async def revoke_unheard(town: Town, who: Citizen) -> None:
    """Ends the first device's session, and nobody is told."""
    revoked = await session_of(town, who)
    database = town.parts.house.database
    say, database.say = database.say, lambda subject, payload: None
    async with database.transaction() as session:
        await identity.revoke_session(session, who.number, revoked)
    database.say = say


async def test_signing_out_closes_the_sockets_of_that_device_alone(town: Town) -> None:
    [alice] = await town.people("Alice")
    first, other = await alice.online(), await second_device(town, alice)

    assert (await alice.http.delete("sessions/current")).status_code == 204

    assert await first.until_closed() == REVOKED
    assert await stays(other)


async def test_another_process_closes_them_too(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    [alice] = await here.people("Alice")
    elsewhere = Citizen(there, alice.number, alice.nickname, alice.token)
    first, other = await elsewhere.online(), await second_device(there, alice)

    assert (await alice.http.delete("sessions/current")).status_code == 204

    assert await first.until_closed() == REVOKED
    assert await stays(other)


async def test_word_that_may_have_got_lost_makes_the_gateway_look(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    first, other, bobs = await alice.online(), await second_device(here, alice), await bob.online()
    await revoke_unheard(here, alice)

    there.parts.house.bus.say(f"account.{alice.number}", LOOK)

    assert await first.until_closed() == REVOKED
    assert await stays(other)
    assert await stays(bobs)


async def test_after_a_break_of_the_bus_every_session_is_looked_at(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    first, other, bobs = await alice.online(), await second_device(town, alice), await bob.online()
    await revoke_unheard(town, alice)

    for step in town.parts.house.bus.on_return:
        await step()

    assert await first.until_closed() == REVOKED
    assert await stays(other)
    assert await stays(bobs)


async def test_a_seat_that_was_given_unheard_is_taken_when_the_gateway_looks(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    chat = await alice.create_group()
    bobs = await bob.online()
    database = here.parts.house.database
    say, database.say = database.say, lambda subject, payload: None
    await bob.join(chat)
    database.say = say

    there.parts.house.bus.say(f"account.{bob.number}", LOOK)

    await bobs.until(lambda frame: frame.get("chat") == chat or frame["on"] == "joined")
    await (await alice.online()).say(chat, "Welcome, Bob.")
    await bobs.until(lambda frame: frame["on"] == "message" and frame["chat"] == chat)


async def test_what_is_said_next_bears_the_new_name(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    elsewhere = Citizen(there, alice.number, alice.nickname, alice.token)
    alices, bobs = await elsewhere.online(), await bob.online()

    changed = await alice.http.patch("accounts/me", json={"nickname": "Ali"})
    assert changed.status_code == 200
    names = []
    for number in range(20):  # Word of it takes a moment to get to the other process.
        await alices.say(chat, str(number))
        frame = await bobs.until(partial(says, str(number)))
        names.append(frame["from"]["name"])
        if names[-1] == "Ali":
            break

    assert names == sorted(names, reverse=True)
    assert names[-1] == "Ali"


def says(text: str, frame: dict[str, Any]) -> bool:
    return frame["on"] == "message" and bool(frame["segments"][0]["text"] == text)
