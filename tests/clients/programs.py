"""A client's script as a process of its own: what it says, line by line, and its end."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from .environments import CLIENTS, NODE, node_environment, python_environment

__all__ = ["Program", "node_program", "program", "python_program"]

SAYS_WITHIN_S = 120
ENDS_WITHIN_S = 10


class Program:
    """A process and everything that it has said so far, on both of its outputs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self._heard = 0
        self._news = asyncio.Condition()
        self._listening = asyncio.create_task(self._listen())

    async def until(self, part: str) -> str:
        """The next line with ``part`` in it, after the one that was asked for before. Fails with everything that was
        said where the program ends without it, or is silent for too long."""
        try:
            async with asyncio.timeout(SAYS_WITHIN_S), self._news:
                while True:
                    while self._heard < len(self.said):
                        self._heard += 1
                        if part in self.said[self._heard - 1]:
                            return self.said[self._heard - 1]
                    if self._listening.done():
                        break
                    await self._news.wait()
        except TimeoutError:
            pass
        raise AssertionError(f"It did not say {part!r}:\n" + "\n".join(self.said))

    async def say(self, line: str) -> None:
        """Writes a line to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    async def stop(self) -> None:
        """Ends it with everything that it has started: asked first, then killed. Stopping twice is harmless."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), ENDS_WITHIN_S)
        await self._listening

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            async with self._news:
                self.said.append(line.decode(errors="replace").rstrip())
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def program(
    *words: object, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> AsyncGenerator[Program]:
    """Starts a command, in a process group of its own, and stops it at the end."""
    process = await asyncio.create_subprocess_exec(
        *map(str, words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_without_ours() | dict(environment or {}),
        cwd=folder,
        start_new_session=True,
        limit=16 * 1024 * 1024,
    )
    running = Program(process)
    try:
        yield running
    finally:
        await running.stop()


@asynccontextmanager
async def python_program(
    client: str, script: str, *words: object, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Program]:
    """``tests/clients/<client>/<script>`` in the client's own Python."""
    python = await asyncio.to_thread(python_environment, client)
    unbuffered = {"PYTHONUNBUFFERED": "1", **(environment or {})}
    async with program(python, CLIENTS / client / script, *words, environment=unbuffered) as running:
        yield running


@asynccontextmanager
async def node_program(
    client: str, script: str, *words: object, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Program]:
    """``tests/clients/<client>/<script>``, a CommonJS file, in Node with the client's own packages."""
    modules = await asyncio.to_thread(node_environment, client)
    found = {"NODE_PATH": str(modules), **(environment or {})}
    async with program(NODE, CLIENTS / client / script, *words, environment=found) as running:
        yield running


def _without_ours() -> dict[str, str]:
    """Our environment, less what would lead another Python back to our packages, or past our own machine."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUTONG_", "PYTHON", "VIRTUAL")) and not name.lower().endswith("_proxy")
    }
