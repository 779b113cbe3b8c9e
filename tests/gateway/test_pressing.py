"""Over the socket: bots say more than people, edits and answers come as they happen, and nothing that was missed."""

import uuid
from functools import partial
from typing import Any

import pytest

from .conftest import SocketClient, Town
from .test_bots import a_bot, install

pytestmark = pytest.mark.usefixtures("bus")
"""Facts count from 1 in every test, so JetStream would take them for those of the test before."""

BUTTONS: dict[str, Any] = {"type": "buttons", "rows": [[{"label": "Yes", "data": "yes"}]]}


def _is_change(rev: int, frame: dict[str, Any]) -> bool:
    return bool(frame.get("rev") == rev)


async def say(client: SocketClient, chat: int, *segments: dict[str, Any]) -> dict[str, Any]:
    return await client.answer(client.do("send", chat=chat, key=str(uuid.uuid4()), segments=list(segments)))


async def test_one_presses_and_hears_the_answer_on_every_device(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "send")
    robot, phone, desk, other = await bot.online(), await bob.online(), await bob.online(), await alice.online()
    asked = await say(robot, chat, {"type": "markdown", "text": "**Shall we?**"}, BUTTONS)
    shown = await phone.until(lambda frame: frame["on"] == "message")
    assert [part["type"] for part in shown["segments"]] == ["markdown", "buttons"]

    path = f"chats/{chat}/messages/{asked['seq']}/presses"
    pressed = (await bob.http.post(path, json={"key": "k", "button": "yes"})).raise_for_status().json()["press"]
    heard = await robot.until(lambda frame: frame["on"] == "pressed")
    assert (heard["on"], heard["press"], heard["by"]["number"]) == ("pressed", pressed, bob.number)
    (await bot.http.put(f"presses/{pressed}", json={"text": "Noted."})).raise_for_status()
    for device in (phone, desk):
        answer = await device.until(lambda frame: frame["on"] == "answered")
        assert (answer["press"], answer["text"]) == (pressed, "Noted.")
    await say(phone, chat, {"type": "text", "text": "Done."})
    await other.until(lambda frame: frame["on"] == "message" and frame["from"]["number"] == bob.number)
    assert [frame for frame in other.frames if frame["on"] == "answered"] == []


async def test_people_do_not_say_what_bots_say(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    refused = await say(await alice.online(), chat, {"type": "text", "text": "Shall we?"}, BUTTONS)
    assert (refused["on"], refused["code"]) == ("error", "chat.only_bots_say")


async def test_who_was_away_hears_of_an_edit_what_the_message_says_now(town: Town) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    bot = await a_bot(town, alice)
    await install(alice, chat, bot, "send")
    robot, there = await bot.online(), await alice.online()
    seq = (await robot.say(chat, "One."))["seq"]
    row = (await bob.http.get(f"chats/{chat}")).json()
    for words in ("Two.", "Three."):
        body = {"segments": [{"type": "text", "text": words}]}
        (await bot.http.patch(f"chats/{chat}/messages/{seq}", json=body)).raise_for_status()

    revs = [row["last_rev"] + 1, row["last_rev"] + 2]
    for rev, words in zip(revs, ("Two.", "Three."), strict=True):
        live = await there.until(partial(_is_change, rev))
        assert (live["on"], live["segments"]) == ("edited", [{"type": "text", "text": words}])
    back = await bob.online(resume={chat: seq}, revs={chat: row["last_rev"]})
    for rev in revs:
        missed = await back.until(partial(_is_change, rev))
        assert missed["segments"] == [{"type": "text", "text": "Three."}]
