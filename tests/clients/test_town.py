"""The town of the other tests here stands, and is still there after a restart."""

import sys

import pytest

from .conftest import Town, text_of
from .programs import program


async def test_what_was_said_before_a_restart_is_there_after_it(town: Town) -> None:
    seq = await town.bob.say(town.chat, "Good morning.")
    await town.restart()
    assert text_of(await town.bot.hear(town.chat, "morning")) == "Good morning."
    assert await town.bot.say(town.chat, "Good morning, Bob.") > seq
    assert (await town.bob.hear(town.chat, "Bob"))["from"]["number"] == town.bot.number


async def test_a_program_is_read_told_and_ended_with_its_children() -> None:
    parent = "import subprocess; subprocess.Popen(['sleep', '600']); print('up'); print(input() + '!'); input()"
    async with program(sys.executable, "-u", "-c", parent) as running:
        assert await running.until("up") == "up"
        await running.say("hello")
        assert await running.until("hello") == "hello!"
        await running.stop()
        with pytest.raises(AssertionError, match="It did not say 'hello'"):
            await running.until("hello")
    assert running.process.returncode is not None
