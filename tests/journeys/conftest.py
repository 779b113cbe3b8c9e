"""A hutong as it is served, a browser, and visitors who come with it. Whether the journeys are walked at all is decided
outside: see ``tests.chromium``."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, async_playwright

from tests.chromium import find_chromium

from .visitor import LANGUAGES, VIEWPORTS, WAIT_MS, Size, Visitor

READY_WITHIN_S = 240
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

Come = Callable[[str, Size], Awaitable[Visitor]]
Operate = Callable[..., Awaitable[str]]


async def ready(address: str, process: Process) -> None:
    async with asyncio.timeout(READY_WITHIN_S), httpx.AsyncClient() as http:
        while True:
            assert process.returncode is None, "hutong ended by itself; its console tells why"
            try:
                if (await http.get(f"{address}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.2)


@pytest.fixture(scope="session")
def household(data_folders: Callable[[], Path]) -> Path:
    """Where the hutong of all journeys keeps its things."""
    return data_folders() / "data"


@pytest.fixture(scope="session")
async def address(household: Path) -> AsyncGenerator[str]:
    """Where a hutong serves, with engines of its own, for all journeys: by a name, because passkeys are for names and
    never for addresses."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["-m", "hutong", "serve", "--data", str(household), "--port", str(port)]
    # Where bots have their events sent to is this machine.
    surroundings = os.environ | {"HUTONG_PRIVATE_ADDRESSES_ALLOWED": "true"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.DEVNULL, env=surroundings
    )
    try:
        await ready(f"http://127.0.0.1:{port}", process)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


@pytest.fixture
def operate(household: Path, address: str) -> Operate:
    """Does what the operator does at the console: ``await operate("approve-version", app, 1)``. Returns what is
    printed."""

    async def operate(*words: object) -> str:
        command = [sys.executable, "-m", "hutong", "admin", *map(str, words), "--data", str(household)]
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)
        said = (await process.communicate())[0].decode()
        assert process.returncode == 0, said
        return said

    return operate


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    chromium = find_chromium(os.environ)
    assert chromium, "The journeys need a Chromium: name one by HUTONG_CHROMIUM."
    async with async_playwright() as playwright:
        # The microphone is one that beeps.
        words = ["--no-sandbox", "--use-fake-device-for-media-stream"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=words)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    return AXE.read_text()


@pytest.fixture
async def come(browser: Browser, address: str) -> AsyncGenerator[Come]:
    """Lets somebody come, with a browser of their own: ``await come("Alice", "phone")``. No page may have thrown."""
    visitors: list[Visitor] = []

    async def come(name: str, size: Size) -> Visitor:
        width, height = VIEWPORTS[size]
        context = await browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            locale=LOCALES[LANGUAGES[size]],
            color_scheme="light" if size == "phone" else "dark",
            has_touch=size == "phone",
            is_mobile=size == "phone",
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(WAIT_MS)
        page = await context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        visitors.append(Visitor(name, size, context, page, troubles))
        return visitors[-1]

    yield come
    for visitor in visitors:
        await visitor.context.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []
