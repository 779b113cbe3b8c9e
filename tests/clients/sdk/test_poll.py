"""The poll with buttons, pressed by people."""

import asyncio
import uuid
from typing import Any

from ..conftest import Speaker, Town, text_of
from .running import example


async def test_everybody_has_one_vote_and_may_change_it_whatever_was_restarted(town: Town) -> None:
    await town.grant("read_mentions", "send")
    async with example("poll.py", town):
        shown = await town.bob.ask("GET", f"chats/{town.chat}/commands")
        assert [(one["name"], one["bot"]) for one in shown] == [("poll", town.bot.number)]
        await town.bob.say(town.chat, "/poll Tea?")
        assert "Like this" in text_of(await town.bob.hear(town.chat, "Like this"))
        asked = await town.bob.say(town.chat, "/poll What shall we drink? | Tea | Coffee")
        poll = (await town.bob.hear(town.chat, "What shall we drink?", after=asked))["seq"]
        assert await labels(town.bob, town.chat, poll) == ["Tea", "Coffee"]
        for person, choice, wanted in [
            (town.bob, 0, ["Tea: 1", "Coffee"]),
            (town.alice, 1, ["Tea: 1", "Coffee: 1"]),
            (town.bob, 1, ["Tea", "Coffee: 2"]),
        ]:
            await press(person, town.chat, poll, f"vote:{asked}:{choice}")
            await until_labels(person, town.chat, poll, wanted)
    await town.restart()
    async with example("poll.py", town):
        await press(town.bob, town.chat, poll, f"vote:{asked}:0")
        await until_labels(town.bob, town.chat, poll, ["Tea: 1", "Coffee: 1"])


async def press(person: Speaker, chat: int, seq: int, data: str) -> None:
    await person.ask("POST", f"chats/{chat}/messages/{seq}/presses", {"key": str(uuid.uuid4()), "button": data})


async def labels(person: Speaker, chat: int, seq: int) -> list[str]:
    message: dict[str, Any] = await person.ask("GET", f"chats/{chat}/messages/{seq}")
    (found,) = [part for part in message["segments"] if part["type"] == "buttons"]
    return [button["label"] for row in found["rows"] for button in row]


async def until_labels(person: Speaker, chat: int, seq: int, wanted: list[str]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await labels(person, chat, seq) == wanted:
                return
            await asyncio.sleep(0.05)
