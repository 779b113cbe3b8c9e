"""The examples of the SDK as processes of their own, against a running hutong."""

import asyncio
import os
import re
import signal
from pathlib import Path

from ..conftest import Speaker, Town, text_of
from ..environments import ROOT
from .running import example


async def said_by(bot: Speaker, reader: Speaker, chat: int) -> list[str]:
    return [text_of(one) for one in await reader.messages(chat) if one["from"]["number"] == bot.number]


def first_bot(folder: Path) -> Path:
    """The first program in the README, as a file."""
    found = re.search(r"```python\n(.*?)```", (ROOT / "sdk" / "README.md").read_text(), re.DOTALL)
    assert found is not None
    script = folder / "echo.py"
    script.write_text(found[1])
    return script


async def test_the_bot_of_the_readme_answers_everywhere_and_after_a_restart_too(town: Town, tmp_path: Path) -> None:
    async with example(first_bot(tmp_path), town):
        await town.bob.say(town.chat, "Anybody here?")
        assert (await town.bob.hear(town.chat, "Anybody"))["from"]["number"] == town.bot.number
        direct = await town.direct(town.alice)
        await town.alice.say(direct, "Only us.")
        await town.alice.hear(direct, "Only us.")
        await town.restart()
        await town.bob.say(town.chat, "Back again?")
        await town.bob.hear(town.chat, "Back again?")
        assert await said_by(town.bot, town.bob, town.chat) == ["Anybody here?", "Back again?"]


async def test_echo_misses_nothing_while_it_is_away_and_says_nothing_twice(town: Town, tmp_path: Path) -> None:
    remember = tmp_path / "last"
    async with example("echo.py", town, REMEMBER=str(remember)) as first:
        await town.bob.say(town.chat, "0")
        await town.bob.hear(town.chat, "0")
        os.kill(first.process.pid, signal.SIGKILL)
        await first.process.wait()
    said = [str(number) for number in range(1, 60)]
    for number in said:
        await town.bob.say(town.chat, number)
    await town.restart()
    async with example("echo.py", town, REMEMBER=str(remember)) as second:
        await town.bob.say(town.chat, "the last one")
        await town.bob.hear(town.chat, "the last one")
        assert await said_by(town.bot, town.bob, town.chat) == ["0", *said, "the last one"]
        os.kill(second.process.pid, signal.SIGTERM)
        assert await asyncio.wait_for(second.process.wait(), 60) == 0
    last = (await town.bot.ask("GET", "bots/me"))["last_event"]
    assert await asyncio.to_thread(remember.read_text) == f"{last}\n"


async def test_a_bot_whose_token_is_revoked_ends_and_says_why(town: Town) -> None:
    async with example("echo.py", town) as running:
        await town.alice.ask("DELETE", f"apps/{town.app}/bots/{town.bot.number}/tokens")
        await running.until("SignInNeeded")
        assert await asyncio.wait_for(running.process.wait(), 60) == 1


async def test_welcome_greets_who_joins_and_counts_the_members(town: Town) -> None:
    async with example("welcome.py", town):
        await town.bob.ask("DELETE", f"groups/{town.chat}/members/me")
        assert text_of(await town.alice.hear(town.chat, "Good-bye")) == "Good-bye, Bob."
        await town.bob.ask("PUT", f"groups/{town.chat}/members/me")
        greeting = await town.alice.hear(town.chat, "Welcome")
        assert {"type": "mention", "number": town.bob.number} in [
            {name: part.get(name) for name in ("type", "number")} for part in greeting["segments"]
        ]
        asked = await town.bob.say(town.chat, "/members")
        answer = await town.bob.hear(town.chat, "members;")
        assert answer["segments"][0] == {"type": "reply", "seq": asked}
        assert text_of(answer) == "Lane has 3 members; Alice look after it."


async def test_moderation_warns_twice_and_then_mutes(town: Town) -> None:
    async with example("moderation.py", town, UNWANTED="turnip beet"):
        await town.bob.say(town.chat, "You turnip")
        await town.bob.hear(town.chat, "I cannot keep order here")
        await town.alice.ask("PATCH", f"groups/{town.chat}/members/{town.bot.number}", {"role": "admin"})
        after = 0
        for warned in range(2):
            after = await town.bob.say(town.chat, "You turnip")
            await town.bob.hear(town.chat, "mind your words", after=after)
            assert warned < 2
        await town.bob.say(town.chat, "Beet")
        await until_muted(town)
        await town.alice.say(town.chat, "/history")
        assert text_of(await town.alice.hear(town.chat, "taken back")) == "Of the last 20 messages 3 were taken back."


async def until_muted(town: Town) -> None:
    async with asyncio.timeout(60):
        while True:
            page = await town.alice.ask("GET", f"groups/{town.chat}/members", query="Bob")
            if page["items"][0]["muted_until"] is not None:
                return
            await asyncio.sleep(0.05)
