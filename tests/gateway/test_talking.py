"""What somebody says in a group reaches everybody who is there, once and in order."""

import asyncio
from typing import Any
from unittest.mock import AsyncMock

import pytest

from hutong.gateway import follow, recovery

from .conftest import Town


async def test_a_message_reaches_the_other_members_and_is_acknowledged_to_its_sender(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice, at_bob = await alice.online(), await bob.online()

    sent = await at_alice.say(chat, "hello, lane")
    heard = await at_bob.until(lambda frame: frame["on"] == "message")

    assert sent["on"] == "sent"
    assert sent["seq"] == 1
    assert heard == {
        "on": "message",
        "chat": chat,
        "seq": 1,
        "id": sent["id"],
        "from": {"number": alice.number, "name": "Alice"},
        "segments": [{"type": "text", "text": "hello, lane"}],
        "at": sent["at"],
    }


async def test_the_senders_other_device_hears_it_and_the_sending_one_does_not(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    phone, desk = await alice.online(), await alice.online()

    await phone.say(chat, "from the phone")
    await desk.until(lambda frame: frame["on"] == "message")
    phone.do("ping")
    await phone.until(lambda frame: frame["on"] == "pong")

    assert desk.texts(chat) == ["from the phone"]
    assert phone.texts(chat) == []


async def test_who_joins_hears_what_is_said_from_then_on_without_connecting_again(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    at_alice, at_bob = await alice.online(), await bob.online()
    await at_alice.say(chat, "before")

    await bob.join(chat)
    await at_alice.say(chat, "after")
    answer = await at_bob.say(chat, "here I am")
    await at_bob.until(lambda frame: frame["on"] == "message")

    assert answer["on"] == "sent"
    assert at_bob.texts(chat) == ["after"]
    await at_alice.until(lambda frame: frame["on"] == "message" and frame["from"]["name"] == "Bob")


async def test_many_at_once_are_dense_and_in_the_same_order_for_everybody(town: Town) -> None:
    people = await town.people(*[f"Person {n}" for n in range(8)])
    chat = await people[0].create_group()
    for person in people[1:]:
        await person.join(chat)
    online = [await person.online() for person in people]

    answers = await asyncio.gather(*[c.say(chat, f"{n}-{i}") for n, c in enumerate(online) for i in range(20)])
    assert sorted(answer["seq"] for answer in answers) == list(range(1, 161))

    for number, client in enumerate(online):
        await client.until(lambda frame: frame["on"] in ("message", "sent") and frame["seq"] == 160)
        seqs = [frame["seq"] for frame in client.frames if frame["on"] == "message"]
        own = [a["seq"] for n, a in zip((n for n in range(8) for _ in range(20)), answers, strict=True) if n == number]
        assert seqs == sorted(set(range(1, 161)) - set(own))


async def test_the_same_key_gives_the_same_answer_and_no_second_message(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice, at_bob = await alice.online(), await bob.online()

    first = await at_alice.say(chat, "once", key="the-key")
    again = await at_alice.say(chat, "once", key="the-key")
    by_http = await alice.http.post(
        f"chats/{chat}/messages", json={"key": "the-key", "segments": [{"type": "text", "text": "once"}]}
    )
    both = await asyncio.gather(at_alice.say(chat, "two", key="k2"), at_alice.say(chat, "two", key="k2"))
    await at_bob.until(lambda frame: frame.get("seq") == 2)

    assert {**first, "ref": 0} == {**again, "ref": 0}
    assert by_http.status_code == 201, by_http.text
    assert by_http.json() == {name: first[name] for name in ("chat", "seq", "id", "at")}
    assert both[0]["seq"] == both[1]["seq"] == 2
    assert at_bob.texts(chat) == ["once", "two"]


async def test_what_somebody_says_before_their_joining_is_known_here_does_not_come_back_to_them(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = asyncio.Event()
    look = follow._fresh_seat

    async def look_late(*args: Any) -> Any:
        await known.wait()
        return await look(*args)

    monkeypatch.setattr(follow, "_fresh_seat", look_late)
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    at_alice, at_bob = await alice.online(), await bob.online()
    await bob.join(chat)
    await at_alice.say(chat, "after")
    await at_bob.say(chat, "here I am")
    known.set()
    await at_bob.until(lambda frame: frame["on"] == "message")
    await at_bob.say(chat, "and here")
    await at_alice.say(chat, "good")
    await at_bob.until(lambda frame: frame["on"] == "message" and frame["segments"][0]["text"] == "good")

    assert at_bob.texts(chat) == ["after", "good"]


class _Halting:
    """The writer's connection to the database, whose answers wait while ``on`` is not set."""

    def __init__(self, connection: Any) -> None:
        self.asked, self.on = asyncio.Event(), asyncio.Event()
        self._connection = connection

    async def fetch(self, *args: Any) -> Any:
        rows = await self._connection.fetch(*args)
        self.asked.set()
        await self.on.wait()
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_catching_up_does_not_overtake_a_commit_and_bring_people_their_own_words(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    at_alice, at_bob = await alice.online(), await bob.online()
    books, writer = town.parts.gateway.books, town.parts.house.writer
    await at_alice.say(chat, "one")
    halting = _Halting(await writer._connected())
    monkeypatch.setattr(writer, "_connected", AsyncMock(return_value=halting))

    saying = asyncio.create_task(at_alice.say(chat, "two"))
    await halting.asked.wait()
    catching_up = asyncio.create_task(recovery.catch_up(books, books.fanout.rooms[chat]))
    await asyncio.wait([catching_up], timeout=0.5)
    halting.on.set()
    await asyncio.gather(saying, catching_up)
    await at_bob.until(lambda frame: frame["on"] == "message" and frame["seq"] == 2)

    assert at_alice.texts(chat) == []
    assert at_bob.texts(chat) == ["one", "two"]
