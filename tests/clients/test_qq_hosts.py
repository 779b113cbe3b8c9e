"""A bot whose hosts are fixed in its program: led to a hutong by a hosts file of its own and a certificate that it is
told to trust. Mounting one and listening on port 443 is for root."""

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hutong.bridges import HOSTS
from tests.files import png, send_file

from .conftest import Town
from .environments import CLIENTS, python_environment
from .programs import Program, program
from .test_qq import presses_the_button, to_bot

IN_ITS_OWN_ROOM = 'mount --bind "$0" /etc/hosts && exec "$@"'


@pytest.fixture
def town_settings(data_folder: Path) -> dict[str, str]:
    """There is a certificate, and it is shown on the port that such programs go to."""
    command = [sys.executable, "-m", "hutong", "bridge", "certificate", "--data", str(data_folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "authority.pem" in told
    return {"HUTONG_BRIDGE_TLS_PORT": "443"}


@asynccontextmanager
async def a_frog(town: Town, folder: Path) -> AsyncGenerator[Program]:
    hosts = folder / "hosts"
    hosts.write_text("".join(f"127.0.0.1 {host}\n" for host in HOSTS))
    trusted = {"SSL_CERT_FILE": str(town.server.folder / "certificates" / "authority.pem"), "PYTHONUNBUFFERED": "1"}
    python, script = python_environment("qqbotpy"), CLIENTS / "qqbotpy" / "bot.py"
    words = ("unshare", "-m", "sh", "-c", IN_ITS_OWN_ROOM, hosts, python, script, town.bot.number, town.bot.token)
    async with program(*words, environment=trusted, folder=folder) as running:
        yield running


async def test_qq_botpy(town: Town, tmp_path: Path) -> None:
    async with a_frog(town, tmp_path) as frog:
        assert await frog.until("ready") == f"ready Librarian {town.bot.number}"
        seq = await to_bot(town, "ping")
        await town.bob.hear(town.chat, "pong", after=seq)

        async with town.server.speaker(town.bob.token) as http:
            image = {"type": "image", "media": await send_file(http, png())}
        named: list[dict[str, Any]] = [
            {"type": "mention", "number": town.bot.number},
            {"type": "text", "text": " picture"},
        ]
        seq = await town.bob.say(town.chat, [*named, image])
        await frog.until("heard picture ['image/png']")
        yours = await town.bob.hear(town.chat, "yours", after=seq)
        assert [part["type"] for part in yours["segments"]] == ["text", "image"]

        await presses_the_button(town, frog, "pressed sun")

        await town.restart()
        seq = await to_bot(town, "ping")
        await frog.until("resumed")
        await town.bob.hear(town.chat, "pong", after=seq)

        direct = await town.direct(town.bob)
        await town.bob.say(direct, "Hello")
        await frog.until("friend")
        await town.bob.hear(direct, "pong, too")
