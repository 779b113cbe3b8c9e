"""Several processes that serve on one socket: children of the one that holds it, started again when they die.

A child is told its settings through a private pair of sockets, because they hold passwords. The same pair tells it
that its parent is gone, and the parent that it is ready. This module is also what a child runs.
"""

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvloop

from hutong.infra.telemetry import set_up_logging, share_measures
from hutong.kit.errors import Unavailable
from hutong.settings import Settings

from .console import say
from .process import run_process

__all__ = ["ChildFailed", "Children"]

log = structlog.get_logger()

STOPS_WITHIN_S = 2.8
RESTART_PAUSE_S = 0.2
RESTART_PAUSE_S_MAX = 5.0
_READY = b"ready\n"


class ChildFailed(Unavailable):
    """A process died before it was ever ready, so starting it again would not help."""

    code = "cli.child_failed"
    text = "A server process ended before it was ready (exit code {status}); its log lines above say why."


class _Orders(msgspec.Struct):
    """What a child is told."""

    settings: Settings
    roles: frozenset[str]
    listening: int
    measures: Path
    name: str


class Children:
    """The processes of one ``hutong serve``. They are started at once, so that they load their programs while the
    engines start; what to do they are told by ``keep``."""

    def __init__(self, count: int, listening: socket.socket) -> None:
        self._listening = listening
        self._unready = set(range(count))
        self._first = [self._new() for _ in range(count)]

    async def keep(
        self, settings: Settings, roles: frozenset[str], stopping: asyncio.Event, ready: Callable[[], None]
    ) -> None:
        """Keeps them serving until ``stopping`` is set; calls ``ready`` once, when all of them answer. Raises
        ``ChildFailed`` when one of them never does."""
        self._listening.listen(4096)
        measures = settings.data / "measures"
        await asyncio.to_thread(_empty, measures)

        def orders(number: int) -> _Orders:
            return _Orders(settings, roles, self._listening.fileno(), measures, str(number))

        def is_ready(number: int) -> None:
            if number in self._unready:
                self._unready.discard(number)
                if not self._unready:
                    ready()

        keeping = [
            asyncio.create_task(self._keep(child, orders(number), stopping, partial(is_ready, number), number))
            for number, child in enumerate(self._first)
        ]
        try:
            await asyncio.gather(*keeping)
        finally:
            stopping.set()
            await asyncio.wait(keeping)

    def dismiss(self) -> None:
        """Lets those go who were never told what to do; the others have ended by then."""
        for child in self._first:
            child.let_go()

    def _new(self) -> "_Child":
        return _Child(self._listening.fileno())

    async def _keep(
        self, child: "_Child", orders: _Orders, stopping: asyncio.Event, is_ready: Callable[[], None], number: int
    ) -> None:
        pause_s = RESTART_PAUSE_S
        while True:
            status = await child.serve_until(stopping, orders, is_ready)
            if stopping.is_set():
                return
            if number in self._unready:
                raise ChildFailed(status=status)
            say(f"Server process {child.pid} has ended ({status}); starting another one")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause_s)
                return
            pause_s = RESTART_PAUSE_S if child.was_ready else min(pause_s * 2, RESTART_PAUSE_S_MAX)
            child = self._new()


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)


class _Child:
    """One process, seen from its parent."""

    def __init__(self, listening: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._ours, theirs = socket.socketpair()
        with theirs:
            # A session of its own keeps the terminal's Ctrl-C from it: it is told to stop by its parent alone.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hutong.cli.children", str(theirs.fileno())],
                pass_fds=(theirs.fileno(), listening),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._ours.setblocking(False)
        self.was_ready = False
        threading.Thread(target=self._wait, name="wait-child", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def let_go(self) -> None:
        """The end of the stream ends a child that was not told anything yet."""
        self._ours.close()

    async def serve_until(self, stopping: asyncio.Event, orders: _Orders, ready: Callable[[], None]) -> int:
        """Tells it what to do, and waits for its end, for which it is asked when ``stopping`` is set. Returns its exit
        code, or minus the number of the signal that killed it."""
        giving = asyncio.create_task(self._give(orders, ready))
        waiting = asyncio.create_task(stopping.wait())
        either: list[asyncio.Future[Any]] = [waiting, self._ended]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not self._ended.done():
            await self._stop()
        giving.cancel()
        self._ours.close()
        return await self._ended

    async def _give(self, orders: _Orders, ready: Callable[[], None]) -> None:
        # A child that dies early breaks the pair; its end is noticed by itself.
        with contextlib.suppress(OSError):
            await self._loop.sock_sendall(self._ours, msgspec.json.encode(orders, enc_hook=str) + b"\n")
            if await self._loop.sock_recv(self._ours, len(_READY)) == _READY:
                self.was_ready = True
                ready()

    async def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._ended), STOPS_WITHIN_S)
                return

    def _wait(self) -> None:
        status = self._process.wait()
        # The loop may be closed by then, and nobody waits any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._note_end, status)

    def _note_end(self, status: int) -> None:
        if not self._ended.done():
            self._ended.set_result(status)


def _to_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise TypeError(kind)


async def _run_child(parent: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = b""
    while not told.endswith(b"\n"):
        piece = await loop.sock_recv(parent, 65_536)
        if not piece:
            return
        told += piece
    orders = msgspec.json.decode(told, type=_Orders, dec_hook=_to_path)

    def ready() -> None:
        parent.send(_READY)

    async def outlive_nobody() -> None:
        # The parent says nothing more; the end of the stream is its end.
        await loop.sock_recv(parent, 1)
        log.warning("child.parent_is_gone")
        stopping.set()

    watching = asyncio.create_task(outlive_nobody())
    sharing = asyncio.create_task(share_measures(orders.measures, orders.name).keep())
    await run_process(orders.settings, orders.roles, socket.socket(fileno=orders.listening), stopping, ready)
    watching.cancel()
    sharing.cancel()


if __name__ == "__main__":
    set_up_logging()
    parent = socket.socket(fileno=int(sys.argv[1]))
    parent.setblocking(False)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run_child(parent))
