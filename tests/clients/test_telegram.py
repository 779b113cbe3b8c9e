"""Bots written for Telegram, with the libraries that most of them use: each answers, lets a button be pressed, changes
what it has said, sends a picture and reads it back, looks people up, and is there again after the server was away."""

import asyncio
import socket
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.files import png

from .conftest import HEARD_WITHIN_S, Town, text_of
from .programs import Program, node_program, python_program

LIBRARIES = {
    "ptb": ("bot.py", python_program),
    "aiogram": ("bot.py", python_program),
    "grammy": ("bot.cjs", node_program),
    "telegraf": ("bot.cjs", node_program),
}


@pytest.fixture
def town_settings() -> dict[str, str]:
    """The bot of a webhook is on this machine."""
    return {"HUTONG_PRIVATE_ADDRESSES_ALLOWED": "true"}


def base_of(town: Town) -> str:
    return f"{town.server.address}/bridges/telegram"


def token_of(town: Town) -> str:
    return town.bot.token.replace(".", ":", 1)


@asynccontextmanager
async def bot_of(town: Town, library: str, tmp_path: Path, *more: object) -> AsyncGenerator[Program]:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png(64, 48))
    script, start = LIBRARIES[library]
    async with start(library, script, base_of(town), token_of(town), picture, *more) as running:
        await running.until("ready")
        yield running


async def votes(town: Town) -> None:
    """Bob calls the bot, presses its button, and sees what it makes of that."""
    seq = await town.bob.say(town.chat, "/start")
    asked = await town.bob.hear(town.chat, "Welcome", after=seq)
    assert "**Welcome**" in text_of(asked)
    (buttons,) = [part for part in asked["segments"] if part["type"] == "buttons"]
    assert buttons["rows"] == [[{"label": "Yes", "data": "vote:yes"}]]
    press = {"key": str(uuid.uuid4()), "button": "vote:yes"}
    await town.bob.ask("POST", f"chats/{town.chat}/messages/{asked['seq']}/presses", press)
    edited = await becomes(town, asked["seq"], "Thanks, Bob")
    assert "buttons" not in [part["type"] for part in edited["segments"]]


async def becomes(town: Town, seq: int, text: str) -> dict[str, Any]:
    async with asyncio.timeout(HEARD_WITHIN_S):
        while text_of(message := await town.bob.ask("GET", f"chats/{town.chat}/messages/{seq}")) != text:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return dict(message)


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_bot_of_telegrams_works_here(town: Town, library: str, tmp_path: Path) -> None:
    async with bot_of(town, library, tmp_path):
        await plays(town)


async def test_a_bot_is_called_at_its_webhook(town: Town, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with bot_of(town, "ptb", tmp_path, port, "a-secret-of-its-own"):
        await votes(town)
        info = await asked(town, "getWebhookInfo")
        assert info["result"]["url"] == f"http://127.0.0.1:{port}/hook"
        assert (await asked(town, "getUpdates"))["error_code"] == 409
        await town.restart()
        await votes(town)


async def asked(town: Town, method: str, **values: Any) -> Any:
    async with httpx.AsyncClient() as http:
        return (await http.post(f"{base_of(town)}/bot{token_of(town)}/{method}", json=values)).json()


async def plays(town: Town) -> None:
    await votes(town)
    await shows_a_picture(town)
    seq = await town.alice.say(town.chat, "/who")
    assert text_of(await town.alice.hear(town.chat, "You are", after=seq)).startswith("You are creator")
    await town.restart()
    await votes(town)


async def shows_a_picture(town: Town) -> None:
    seq = await town.bob.say(town.chat, "/photo")
    shown = await town.bob.hear(town.chat, "A picture", after=seq)
    (picture,) = [part for part in shown["segments"] if part["type"] == "image"]
    assert (picture["width"], picture["height"]) == (64, 48)
    told = text_of(await town.bob.hear(town.chat, "It has", after=seq))
    has, should_have = [word for word in told.split() if word.isdigit()]
    assert has == should_have == str(picture["size"])
