"""Who is online: seen across processes, told seldom and to members alone, forgotten when a process dies."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from hutong.domains.chat.jobs import sample_accounts_online
from hutong.infra.db import Database
from hutong.settings import Settings
from tests.conftest import HandClock

from .conftest import Citizen, OpenTown, SocketClient, Town

Wanted = Callable[[dict[str, Any]], bool]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Chats are told at once."""
    return msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, presence_told_every_s=0))


def _count(chat: int, online: int) -> Wanted:
    return lambda frame: frame == {"on": "presence", "chat": chat, "online": online}


def _person(chat: int, number: int, *, online: bool) -> Wanted:
    return lambda frame: frame == {"on": "presence", "chat": chat, "number": number, "online": online}


def _counts(client: SocketClient, chat: int) -> list[int]:
    return [frame["online"] for frame in client.frames if frame["on"] == "presence" and frame["chat"] == chat]


async def _keep(*towns: Town) -> None:
    """What happens by itself once a second."""
    for town in towns:
        await town.parts.gateway.books.presence.keep()


async def _snapshot(person: Citizen, chat: int) -> dict[str, Any]:
    snapshot: dict[str, Any] = (await person.http.get(f"chats/{chat}")).json()
    return snapshot


async def _rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    async with database.transaction() as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def _run(database: Database, statement: str, **values: Any) -> None:
    async with database.transaction() as session:
        await session.execute(text(statement), values)


async def _written(town: Town) -> list[tuple[Any, ...]]:
    await _keep(town)
    return await _rows(town.parts.house.database, "SELECT account_number, client FROM chat_online ORDER BY 1, 2")


async def _gone(town: Town, *clients: SocketClient) -> None:
    """Closes connections and waits until the process knows."""
    gateway = town.parts.gateway
    left = len(gateway.connections) - len(clients)
    for client in clients:
        client.close()
    for client in clients:
        await client.transport.wait_disconnected()
    probe = await town.connect()
    while len(gateway.connections) > left + 1:
        await probe.answer(probe.do("ping"))


async def _group_of(alice: Citizen, *others: Citizen) -> int:
    chat = await alice.create_group()
    for person in others:
        await person.join(chat)
    return chat


async def test_a_peer_is_seen_to_come_and_go_through_another_process(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    bob_there = Citizen(there, bob.number, "Bob", bob.token)
    chat = int((await alice.http.post("directs", json={"number": bob.number})).json()["chat"])
    at_alice = await alice.online()
    await at_alice.say(chat, "hello")

    at_bob = await bob_there.online()
    await _keep(here, there)
    await at_alice.until(_person(chat, bob.number, online=True))
    seen = await _snapshot(alice, chat)
    again = await alice.online()
    await _gone(there, at_bob)
    await _keep(there)
    await at_alice.until(_person(chat, bob.number, online=False))

    assert seen["peer_online"] is True
    assert again.frames[0]["chats"][0]["peer_online"] is True
    assert (await _snapshot(alice, chat))["peer_online"] is False
    assert "online" not in seen
    assert not [frame for frame in at_bob.frames if frame.get("number") == bob.number and frame["on"] == "presence"]


async def test_a_group_is_counted_over_all_processes_and_an_account_once(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob, mo = await here.people("Alice", "Bob", "Mo")
    chat = await _group_of(alice, bob, mo)
    at_alice = await alice.online()
    await _keep(here)

    phone, desk = await bob.online(client="ios"), await Citizen(there, bob.number, "Bob", bob.token).online()
    await _keep(here, there)
    await at_alice.until(_count(chat, 2))
    await _gone(here, phone)
    await _keep(here, there)
    members = (await alice.http.get(f"groups/{chat}/members")).json()["items"]

    assert _counts(at_alice, chat) == [1, 2]
    assert (await _snapshot(alice, chat))["online"] == 2
    assert {one["number"]: one["online"] for one in members} == {alice.number: True, bob.number: True, mo.number: False}
    assert desk.closed is None


async def test_a_welcome_says_how_many_were_counted(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await _group_of(alice, bob)
    first = await alice.online()
    await _keep(town)
    await first.until(_count(chat, 1))
    second = await bob.online()
    await _keep(town)
    await second.until(_count(chat, 2))
    third = await bob.online()

    assert [client.frames[0]["chats"][0].get("online") for client in (second, third)] == [1, 2]


async def test_joining_and_leaving_change_the_count(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    at_alice, at_bob = await alice.online(), await bob.online()
    await _keep(town)
    await at_alice.until(_count(chat, 1))

    await bob.join(chat)
    await at_bob.until(lambda frame: frame["on"] == "chat")
    await _keep(town)
    await at_alice.until(_count(chat, 2))
    assert (await bob.http.delete(f"groups/{chat}/members/me")).is_success
    await at_bob.until(lambda frame: frame["on"] == "left")
    await _keep(town)
    await at_alice.until(lambda frame: _counts(at_alice, chat)[-1] == 1)

    assert _counts(at_bob, chat) == [2]


async def test_a_stranger_hears_nothing_and_finds_nothing(town: Town) -> None:
    alice, bob, chen = await town.people("Alice", "Bob", "Chen")
    chat = await _group_of(alice, bob)
    at_chen, at_alice = await chen.online(), await alice.online()
    at_bob = await bob.online()
    await _keep(town)
    await at_alice.until(_count(chat, 2))
    await at_chen.answer(at_chen.do("ping"))

    assert [frame["on"] for frame in at_chen.frames] == ["welcome", "pong"]
    assert (await chen.http.get(f"chats/{chat}")).status_code == 404
    assert at_bob.closed is None


async def test_opening_a_conversation_does_not_tell_whether_somebody_is_there(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    at_alice, at_bob = await alice.online(), await bob.online()
    chat = int((await alice.http.post("directs", json={"number": bob.number})).json()["chat"])
    await at_alice.until(lambda frame: frame["on"] == "chat")
    await _keep(town)
    silent = await _snapshot(alice, chat)
    await at_alice.say(chat, "hello")
    await at_bob.until(lambda frame: frame["on"] == "message")
    before = [frame for frame in at_alice.frames if frame["on"] == "presence"]
    await _keep(town)

    await at_alice.until(_person(chat, bob.number, online=True))
    assert silent["peer_online"] is None
    assert before == []


async def test_whom_a_dead_process_leaves_behind_is_away(town: Town) -> None:
    database = town.parts.house.database
    alice, bob, mo = await town.people("Alice", "Bob", "Mo")
    chat, elsewhere = await _group_of(alice, bob), await _group_of(bob, mo)
    await _run(database, "INSERT INTO chat_gateway VALUES ('killed', clock_timestamp() - interval '30 seconds')")
    await _run(database, "INSERT INTO chat_online VALUES (:number, 'killed', 'web')", number=bob.number)
    at_alice = await alice.online()
    await _keep(town)
    await at_alice.until(_count(chat, 2))

    await _run(database, "UPDATE chat_gateway SET beat_at = beat_at - interval '6 seconds' WHERE gateway = 'killed'")
    seen = await _snapshot(alice, chat)
    await town.parts.gateway.books.presence.beat()
    await _keep(town)
    await at_alice.until(_count(chat, 1))

    assert seen["online"] == 1
    assert await _written(town) == [(alice.number, "web")]
    assert elsewhere not in town.parts.gateway.fanout.rooms


async def test_a_dead_process_is_told_of_also_where_only_others_listen(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    database = here.parts.house.database
    alice, bob = await here.people("Alice", "Bob")
    at_alice = await alice.online()
    chat = int((await alice.http.post("directs", json={"number": bob.number})).json()["chat"])
    await at_alice.say(chat, "hello")
    await _run(database, "INSERT INTO chat_gateway VALUES ('killed', clock_timestamp())")
    await _run(database, "INSERT INTO chat_online VALUES (:number, 'killed', 'web')", number=bob.number)
    here.parts.gateway.books.presence.changed(chat)
    await _keep(here)
    await at_alice.until(_person(chat, bob.number, online=True))

    await _run(database, "UPDATE chat_gateway SET beat_at = beat_at - interval '36 seconds' WHERE gateway = 'killed'")
    await there.parts.gateway.books.presence.beat()
    await _keep(there)

    await at_alice.until(_person(chat, bob.number, online=False))


async def test_a_process_that_was_taken_for_dead_says_again_who_is_there(town: Town) -> None:
    database = town.parts.house.database
    (alice,) = await town.people("Alice")
    at_alice = await alice.online(client="desktop")
    assert await _written(town) == [(alice.number, "desktop")]
    await _run(database, "DELETE FROM chat_gateway")
    await _run(database, "DELETE FROM chat_online")

    await town.parts.gateway.books.presence.beat()

    assert await _written(town) == [(alice.number, "desktop")]
    await _gone(town, at_alice)
    assert await _written(town) == []


async def test_the_people_of_a_process_that_stops_are_away(open_town: OpenTown) -> None:
    here, there = await open_town(), await open_town()
    alice, bob = await here.people("Alice", "Bob")
    chat = await _group_of(alice, bob)
    at_alice = await alice.online()
    at_bob = await Citizen(there, bob.number, "Bob", bob.token).online()
    await _keep(there, here)
    await at_alice.until(_count(chat, 2))

    await there.parts.gateway.stop()
    away = await _snapshot(alice, chat)
    await here.parts.gateway.books.presence.beat()
    await _keep(here)

    await at_alice.until(_count(chat, 1))
    assert await at_bob.until_closed() == 1012
    assert away["online"] == 1


async def test_a_chat_is_told_once_in_a_while_and_only_what_has_changed(
    open_town: OpenTown, settings: Settings
) -> None:
    town = await open_town()
    gateway = town.parts.gateway
    gateway.fanout.limits = msgspec.structs.replace(settings.limits, presence_told_every_s=3)
    now = 1_000_000.0
    gateway.books.presence.monotonic = lambda: now
    people = await town.people("Alice", "Bob", "Chen", "Mo")
    chat = await _group_of(*people)
    at_alice = await people[0].online()
    now += 1
    await _keep(town)
    await at_alice.until(_count(chat, 1))

    rest = [await person.online() for person in people[1:]]
    now += 2.9
    await _keep(town)
    await at_alice.answer(at_alice.do("ping"))
    early = _counts(at_alice, chat)
    now += 0.2
    await _keep(town)
    await at_alice.until(_count(chat, 4))
    await _gone(town, rest[0])
    rest.append(await people[1].online())
    now += 4
    await _keep(town)
    await at_alice.answer(at_alice.do("ping"))

    assert early == [1]
    assert _counts(at_alice, chat) == [1, 4]


async def test_accounts_online_are_sampled_once_a_minute_by_client(town: Town, clock: HandClock) -> None:
    database = town.parts.house.database
    # Far from the minutes that the process samples by itself.
    clock.advance(days=2_000)
    alice, bob = await town.people("Alice", "Bob")
    clients = [await alice.online(), await alice.online(client="ios"), await bob.online()]
    await _keep(town)

    first = await sample_accounts_online(database, kept_days=1, clock=clock)
    await _gone(town, clients[2])
    await _keep(town)
    clock.advance(seconds=59)
    same = await sample_accounts_online(database, kept_days=1, clock=clock)
    clock.advance(seconds=1)
    second = await sample_accounts_online(database, kept_days=1, clock=clock)
    clock.advance(days=1)
    await _gone(town, *clients[:2])
    await _keep(town)
    third = await sample_accounts_online(database, kept_days=1, clock=clock)

    assert first == same == {"any": 2, "web": 2, "ios": 1}
    assert second == {"any": 1, "web": 1, "ios": 1}
    assert third == {"any": 0}
    kept = "SELECT count(*) FROM chat_online_sample WHERE sampled_at > '2030-01-01'"
    assert await _rows(database, kept) == [(4,)]
