"""Bots on the socket: they hear their events as they come and those that they missed, and say what they may."""

from typing import Any

import pytest

from hutong.domains.openplatform import set_app_state
from hutong.infra.bus import LOOK, Bus
from hutong.kit.clock import system_clock
from hutong.settings import Limits

from .conftest import Citizen, OpenTown, SocketClient, Town

REVOKED = 4401


@pytest.fixture(autouse=True)
async def no_facts_of_others(bus: Bus) -> None:
    """Facts count from 1 in every test, so JetStream would take them for those of the test before."""


async def a_bot(town: Town, owner: Citizen, name: str = "Librarian") -> Citizen:
    app = (await owner.http.post("apps", json={"name": "Library card"})).raise_for_status().json()["app"]
    card = (await owner.http.post(f"apps/{app}/bots", json={"nickname": name})).raise_for_status().json()
    tokens = f"apps/{app}/bots/{card['number']}/tokens"
    token = (await owner.http.post(tokens, json={})).raise_for_status().json()["token"]
    return Citizen(town, card["number"], name, token)


async def install(owner: Citizen, chat: int, bot: Citizen, *scopes: str) -> None:
    (await owner.http.put(f"groups/{chat}/bots/{bot.number}", json={"scopes": scopes})).raise_for_status()


async def hears(client: SocketClient, event: int) -> dict[str, Any]:
    return await client.until(lambda frame: frame.get("event") == event)


def heard_by(client: SocketClient) -> list[int]:
    return [frame["event"] for frame in client.frames if "event" in frame]


async def test_a_bot_hears_what_is_said_and_answers(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "read_all", "send")
    robot = await town.connect(authorization=f"Bearer {bot.token}")
    welcome = await robot.hello()
    assert welcome["account"] == {"number": bot.number, "nickname": "Librarian", "avatar": None, "bot": True}
    assert [row["chat"] for row in welcome["chats"]] == [chat]
    speaker = await bob.online()

    await speaker.say(chat, "What have I lent?")
    heard = await hears(robot, welcome["events"] + 1)
    assert heard["segments"] == [{"type": "text", "text": "What have I lent?"}]
    assert (await robot.say(chat, "Three books."))["on"] == "sent"

    answer = await speaker.until(lambda frame: frame["on"] == "message")
    assert answer["from"] == {"number": bot.number, "name": "Librarian", "bot": True}
    await speaker.say(chat, "Thank you.")
    await hears(robot, welcome["events"] + 2)
    assert robot.texts(chat) == ["What have I lent?", "Thank you."]


async def test_a_bot_that_was_away_gets_what_it_missed_and_then_what_comes(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "read_all")
    first = await bot.online()
    speaker = await alice.online()
    await speaker.say(chat, "0")
    await hears(first, 2)
    first.close()

    for number in range(1, 450):
        await speaker.say(chat, f"{number}")
    again = await bot.online(events=2)
    await speaker.say(chat, "450")

    await hears(again, 452)
    assert heard_by(again) == list(range(3, 453))
    assert again.texts(chat) == [f"{number}" for number in range(1, 451)]


async def test_a_bot_says_nothing_without_the_scope(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat, other = await alice.create_group(), await alice.create_group()
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "read_all")
    robot = await bot.online()
    assert (await robot.say(chat, "Hear me!"))["code"] == "openplatform.scope_missing"
    assert (await robot.say(other, "Hear me!"))["code"] == "hutong.not_found"
    await install(alice, chat, bot, "send")
    assert (await robot.say(chat, "Hear me!"))["on"] == "sent"


async def test_a_bot_whose_tokens_are_revoked_is_out(town: Town) -> None:
    (alice,) = await town.people("Alice")
    bot = await a_bot(town, alice)
    robot = await bot.online()
    app = (await alice.http.get("apps")).json()[0]["app"]
    (await alice.http.delete(f"apps/{app}/bots/{bot.number}/tokens")).raise_for_status()
    assert await robot.until_closed() == REVOKED


@pytest.mark.parametrize("lost", [True, False])
async def test_what_the_bus_has_lost_comes_from_the_table(
    open_town: OpenTown, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    here, there = await open_town(), await open_town()
    (alice,) = await here.people("Alice")
    chat = await alice.create_group()
    bot = await a_bot(there, alice)
    await install(alice, chat, bot, "read_all")
    robot, speaker = await bot.online(), await alice.online()
    bus = there.parts.house.bus
    (ear,) = bus.followings(f"bot.{bot.number}")
    with monkeypatch.context() as deaf:
        if lost:
            deaf.setattr(ear, "hear", lambda payload: None)
        for number in range(5):
            await speaker.say(chat, f"{number}")
        while (await bot.http.get("bots/me")).json()["last_event"] < 6:
            pass
    bus.say_here(f"bot.{bot.number}", LOOK)
    await hears(robot, 6)
    await speaker.say(chat, "5")
    await hears(robot, 7)
    assert heard_by(robot) == [2, 3, 4, 5, 6, 7]


async def test_a_bot_that_does_not_read_for_a_while_misses_nothing(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "read_all")
    robot, speaker = await bot.online(), await alice.online()
    (connection,) = town.parts.gateway.fanout.online[bot.number].connections
    robot.transport.underlying_transport.pause_reading()
    told = 0
    while not connection.is_too_slow:
        told += 1
        await speaker.say(chat, "x" * 4_900)
    robot.transport.underlying_transport.resume_reading()
    await speaker.say(chat, "The last one.")
    await hears(robot, told + 2)
    assert heard_by(robot) == list(range(2, told + 3))


async def test_a_bot_is_answered_in_the_order_in_which_it_spoke(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "send")
    robot, reader = await bot.online(), await alice.online()
    waiting_max = town.parts.gateway.limits.bot_frames_waiting_max
    refs = [
        robot.do("send", chat=chat, key=f"{number}", segments=[{"type": "text", "text": f"{number}"}])
        for number in range(waiting_max + 50)
    ]
    answers = [await robot.answer(ref) for ref in refs]
    refused = [answer["code"] for answer in answers if answer["on"] == "error"]
    assert set(refused) == {"socket.too_much_waiting"}
    said = [f"{number}" for number, answer in enumerate(answers) if answer["on"] == "sent"]
    assert len(said) >= waiting_max
    await reader.until(lambda frame: frame["on"] == "message" and frame["segments"][0]["text"] == said[-1])
    assert reader.texts(chat) == said


async def test_a_bot_of_an_app_that_is_suspended_is_put_out_and_told_why(town: Town) -> None:
    (alice,) = await town.people("Alice")
    bot = await a_bot(town, alice)
    robot = await bot.online()
    app = (await alice.http.get("apps")).json()[0]["app"]
    async with town.parts.house.database.transaction() as session:
        await set_app_state(session, app, "suspended", clock=system_clock, limits=Limits())
    assert await robot.until_closed() == REVOKED
    again = await bot.online()
    assert [frame["code"] for frame in again.frames] == ["openplatform.app_suspended"]
    assert await again.until_closed() == REVOKED


async def test_who_may_not_try_a_bot_out_is_told_so_on_the_socket(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    bot = await a_bot(town, alice)
    app = (await alice.http.get("apps")).json()[0]["app"]
    tester = f"apps/{app}/testers/{bob.number}"
    (await alice.http.put(tester)).raise_for_status()
    chat = (await bob.http.post("directs", json={"number": bot.number})).raise_for_status().json()["chat"]
    speaker = await bob.online()
    for text in ("Hello.", "Are you there?"):
        assert (await speaker.say(chat, text))["on"] == "sent"

    (await alice.http.delete(tester)).raise_for_status()

    refusal = await speaker.say(chat, "Hello?")
    assert (refusal["on"], refusal["code"]) == ("error", "openplatform.sandbox_is_for_testers")
