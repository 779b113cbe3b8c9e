"""Every client installs from its lock file and can be imported; the locks name no host."""

import subprocess

import pytest

from .environments import CLIENTS, NODE, node_environment, python_environment

PYTHON_CLIENTS = {
    "nonebot": "nonebot, nonebot.drivers.fastapi, nonebot.adapters.onebot.v11, nonebot.adapters.qq",
    "aiocqhttp": "aiocqhttp",
    "qqbotpy": "botpy",
    "ptb": "telegram.ext, tornado",
    "aiogram": "aiogram",
    "requests": "requests_oauthlib",
}
NODE_CLIENTS = {
    "koishi": "require('koishi'); require('@koishijs/plugin-server'); require('koishi-plugin-adapter-onebot')",
    "grammy": "require('grammy')",
    "openid": "require('openid-client')",
    "telegraf": "require('telegraf')",
}


@pytest.mark.parametrize("client", PYTHON_CLIENTS)
def test_a_client_in_python_imports(client: str) -> None:
    words = [str(python_environment(client)), "-I", "-c", f"import {PYTHON_CLIENTS[client]}"]
    assert subprocess.run(words, check=False, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("client", NODE_CLIENTS)
def test_a_client_in_javascript_imports(client: str) -> None:
    words = [str(NODE), "-e", f"{NODE_CLIENTS[client]}; process.exit(0)"]
    found = {"NODE_PATH": str(node_environment(client))}
    assert subprocess.run(words, check=False, capture_output=True, text=True, env=found).returncode == 0


def test_every_client_is_tried_and_no_lock_names_a_host() -> None:
    locks = [*CLIENTS.glob("*/requirements.lock"), *CLIENTS.glob("*/package-lock.json")]
    assert {lock.parent.name for lock in locks} == PYTHON_CLIENTS.keys() | NODE_CLIENTS.keys()
    for lock in locks:
        text = lock.read_text()
        assert '"resolved"' not in text
        assert "--index-url" not in text
        assert "--find-links" not in text
