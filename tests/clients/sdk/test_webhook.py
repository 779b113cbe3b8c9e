"""The example without a connection: hutong brings it what happens."""

import asyncio
import socket

import pytest

from ..conftest import Speaker, Town, text_of
from .running import example


@pytest.fixture
def town_settings() -> dict[str, str]:
    """The example listens on this machine."""
    return {"HUTONG_PRIVATE_ADDRESSES_ALLOWED": "true"}


async def test_it_answers_what_is_brought_and_what_waited_for_it_and_nothing_twice(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outlets = f"apps/{town.app}/bots/{town.bot.number}/outlets"
    outlet = await town.alice.ask("POST", outlets, {"url": f"http://127.0.0.1:{port}/"})
    settings = {"HUTONG_SECRET": outlet["secret"], "PORT": str(port)}

    async with example("webhook.py", town, **settings) as running:
        await running.until("Waiting for deliveries")
        await town.bob.say(town.chat, "Count me.")
        await town.bob.hear(town.chat, "9 letters.")
        await town.restart()
        await town.bob.say(town.chat, "And me.")
        await town.bob.hear(town.chat, "7 letters.")
    await town.bob.say(town.chat, "Nobody there?")
    async with example("webhook.py", town, **settings):
        await town.bob.hear(town.chat, "13 letters.")
        last = (await town.bot.ask("GET", "bots/me"))["last_event"]
        await town.alice.ask("POST", f"{outlets}/{outlet['outlet']}/resend", {"event": last})
        await until_delivered(town.alice, f"{outlets}/{outlet['outlet']}/log", last, times=2)
    answers = [text_of(one) for one in await town.bob.messages(town.chat) if one["from"]["number"] == town.bot.number]
    assert answers == ["9 letters.", "7 letters.", "13 letters."]


async def until_delivered(owner: Speaker, log: str, event: int, *, times: int) -> None:
    async with asyncio.timeout(60):
        while True:
            deliveries = (await owner.ask("GET", log))["items"]
            if [(one["event"], one["state"]) for one in deliveries].count((event, "delivered")) == times:
                return
            await asyncio.sleep(0.05)
