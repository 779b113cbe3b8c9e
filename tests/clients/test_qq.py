"""Bots that were written for the official protocol, unchanged."""

import asyncio
import contextlib
import socket
import uuid
from typing import Any

import pytest

from .conftest import Town
from .programs import Program, python_program

BASE = "/bridges/qqbot"
STARTS_WITHIN_S = 120


async def to_bot(town: Town, words: str) -> int:
    """Bob names the bot in the group."""
    return await town.bob.say(
        town.chat, [{"type": "mention", "number": town.bot.number}, {"type": "text", "text": f" {words}"}]
    )


@pytest.fixture
def town_settings() -> dict[str, str]:
    """The bot's address is on this machine."""
    return {"HUTONG_PRIVATE_ADDRESSES_ALLOWED": "true"}


def about(town: Town) -> tuple[Any, ...]:
    """Where the calls are, and who the bot is."""
    return f"{town.server.address}{BASE}", town.bot.number, town.bot.token


async def test_nonebot_by_the_gateway(town: Town) -> None:
    async with python_program("nonebot", "qq.py", *about(town)) as bot:
        await bot.until(f"connected {town.bot.number}")
        seq = await to_bot(town, "ping")
        await bot.until("heard GroupAtMessageCreateEvent ping")
        await town.bob.hear(town.chat, "pong", after=seq)

        await town.bob.say(town.chat, "just talk")
        await bot.until("heard GroupMessageCreateEvent just talk")

        seq = await to_bot(town, "twice")
        await town.bob.hear(town.chat, "again", after=seq)

        seq = await to_bot(town, "picture")
        look = await town.bob.hear(town.chat, "look", after=seq)
        assert [part["type"] for part in look["segments"]] == ["text", "image"]

        seq = await to_bot(town, "who")
        told = await town.bob.hear(town.chat, "is it", after=seq)
        assert told["segments"][0]["number"] == town.bob.number

        await to_bot(town, "recall")
        await bot.until("recalled")
        await to_bot(town, "same")
        assert await bot.until("refused") == "refused 400 40054005"
        await to_bot(town, "group")
        assert await bot.until("group Lane") == "group Lane 3 ['Alice', 'Bob', 'Librarian'] member"

        await presses_the_button(town, bot, "noticed INTERACTION_CREATE")
        await town.bob.hear(town.chat, "pressed sun")

        await town.restart()
        await town.bob.say(town.chat, "meanwhile")
        await bot.until("heard GroupMessageCreateEvent meanwhile")
        seq = await to_bot(town, "ping")
        await town.bob.hear(town.chat, "pong", after=seq)

        direct = await town.direct(town.bob)
        await town.bob.say(direct, "ping")
        await bot.until("noticed FRIEND_ADD")
        await town.bob.hear(direct, "pong")

        await town.grant("read_mentions", "send")
        await to_bot(town, "forbidden")
        assert await bot.until("refused") == "refused 403 11253"


async def presses_the_button(town: Town, bot: Program, told: str) -> None:
    """Bob asks for a button and presses it, and the bot tells so."""
    seq = await to_bot(town, "buttons")
    choose = await town.bob.hear(town.chat, "# Choose", after=seq)
    (button,) = choose["segments"][-1]["rows"][0]
    assert (button["label"], button["style"]) == ("Sun", "primary")
    press = {"key": str(uuid.uuid4()), "button": button["data"]}
    await town.bob.ask("POST", f"chats/{town.chat}/messages/{choose['seq']}/presses", press)
    await bot.until(told)


async def is_listening(port: int) -> None:
    """Returns once somebody does on that port of this machine."""
    async with asyncio.timeout(STARTS_WITHIN_S):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


async def test_nonebot_by_webhooks(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outlets = f"apps/{town.app}/bots/{town.bot.number}/outlets"
    outlet = {"kind": "qqbot", "url": f"http://127.0.0.1:{port}/qq/webhook", "secret": town.bot.token}
    async with python_program("nonebot", "qq.py", *about(town), port) as bot:
        await is_listening(port)
        await town.alice.ask("POST", outlets, outlet)
        seq = await to_bot(town, "ping")
        await bot.until("heard GroupAtMessageCreateEvent ping")
        await town.bob.hear(town.chat, "pong", after=seq)
        await presses_the_button(town, bot, "noticed INTERACTION_CREATE")
        await town.bob.hear(town.chat, "pressed sun")

        await town.restart()
        await town.bob.say(town.chat, "meanwhile")
        await bot.until("heard GroupMessageCreateEvent meanwhile")
