"""``hutong demo`` fills its folder once, and finds it as it was left."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from hutong.cli.demo.plan import LEADS
from hutong.cli.demo.seed import PASSWORD

UP_WITHIN_S = 240


@asynccontextmanager
async def the_demo(folder: Path, port: int) -> AsyncGenerator[list[str]]:
    """The lines that it prints, as they come; it is stopped at the end."""
    words = ["demo", "--members", "700", "--data", str(folder), "--port", str(port)]
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hutong", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert running.stdout is not None
    lines: list[str] = []
    try:
        async with asyncio.timeout(UP_WITHIN_S):
            while not lines or "Ctrl-C" not in lines[-1]:
                line = await running.stdout.readline()
                assert line, "\n".join(lines)
                lines.append(line.decode())
        yield lines
    finally:
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0


async def sign_in(port: int) -> list[dict[str, object]]:
    """The conversations of the first of those whom the demo names."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=30) as http:
        answer = await http.post("sessions", json={"login": LEADS[0].handle, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        rows = await http.get("chats", headers={"authorization": f"Bearer {answer.json()['token']}"})
    items: list[dict[str, object]] = rows.json()["items"]
    return items


async def test_it_is_filled_once_and_found_again(data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async with the_demo(data_folder, port) as first:
        rows = await sign_in(port)
    async with the_demo(data_folder, port) as second:
        again = await sign_in(port)

    assert any("700 people" in line for line in first)
    assert any(str(LEADS[0].handle) in line for line in first)
    assert any("there already" in line for line in second)
    assert {row["chat"] for row in rows} == {row["chat"] for row in again} != set()
