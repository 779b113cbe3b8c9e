"""The notes that lie in the store of the app."""

from ..conftest import Town, text_of
from .running import example


async def test_notes_outlive_the_program_and_the_server(town: Town) -> None:
    async with example("notes.py", town):
        await town.bob.say(town.chat, "/notes")
        await town.bob.hear(town.chat, "no notes yet")
        await town.bob.say(town.chat, "/note keys under the third pot")
        last = await town.alice.say(town.chat, "/note tea at four")
        await town.alice.say(town.chat, "/notes")
        await town.alice.hear(town.chat, "tea at four", after=last)
    await town.restart()
    async with example("notes.py", town):
        asked = await town.bob.say(town.chat, "/notes")
        kept = await town.bob.hear(town.chat, "keys", after=asked)
        assert text_of(kept) == "1. keys under the third pot (Bob)\n2. tea at four (Alice)"
