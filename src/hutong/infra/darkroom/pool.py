"""The processes of the darkroom: a few, started when they are needed, ended when they idle or take too long."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import structlog

from hutong.kit.errors import Unavailable
from hutong.settings import Limits

from .lending import lend, stranger, take_back
from .report import READY, Developed, Order, Refusal

__all__ = ["Darkroom", "DarkroomBusy", "Look"]

log = structlog.get_logger()

_CHILD = "hutong.infra.darkroom.child"
_IDLE_S = 60.0
_START_S = 30.0
_PRINT_BYTES_MAX = 16 * 2**20
_decoder = msgspec.json.Decoder(Developed | Refusal)

Look = Callable[[Order], Awaitable[Developed | Refusal]]
"""Carries out an order. Raises ``DarkroomBusy``."""


class DarkroomBusy(Unavailable):
    """More files wait to be looked at than is sensible."""

    code = "hutong.darkroom_busy"
    text = "Too many files are being looked at just now. Try again in a moment."


class Darkroom:
    """Looks at files, a few at a time. It starts nothing before the first order, and nothing of it outlives ``close``
    or the process that made it."""

    def __init__(self, limits: Limits, *, idle_s: float = _IDLE_S) -> None:
        self._places = asyncio.Semaphore(limits.darkroom_processes_max)
        self._waiting = 0
        self._waiting_max = limits.darkroom_waiting_max
        self._timeout_s = limits.darkroom_timeout_s
        self._memory_bytes_max = limits.darkroom_memory_bytes_max
        self._file_bytes_max = limits.upload_bytes_max + _PRINT_BYTES_MAX
        self._idle_s = idle_s
        self._closed = False
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()

    async def develop(self, order: Order) -> Developed | Refusal:
        """What the file is, and in the order's folder what is to be kept of it. A file over which the process dies or
        takes too long counts as damaged. Raises ``DarkroomBusy``."""
        async with self.place() as look:
            return await look(order)

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[Look]:
        """One of the few places, to look at a file in as ``develop`` does. What takes room itself, such as a file that
        must be put together first, is done in it. Raises ``DarkroomBusy``."""
        if self._closed or self._waiting >= self._waiting_max:
            raise DarkroomBusy
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield self._develop
        finally:
            self._places.release()

    async def close(self) -> None:
        """Ends every process. Who waits for an answer gets ``DarkroomBusy``: nothing was found out about their file."""
        self._closed = True
        for child in [*self._idle, *self._busy]:
            await child.end()
        self._idle.clear()

    async def _develop(self, order: Order) -> Developed | Refusal:
        child = self._idle.pop() if self._idle else await _Child.start(self._memory_bytes_max, self._file_bytes_max)
        child.stay_awake()
        self._busy.add(child)
        answer: Developed | Refusal | None = None
        try:
            # While a process starts, the darkroom may close.
            if not self._closed:
                answer = await child.ask(order, self._timeout_s)
        finally:
            self._busy.discard(child)
            if answer is None:
                await child.end()
        if answer is None:
            if self._closed:
                raise DarkroomBusy
            return Refusal("damaged")
        self._idle.append(child)
        child.doze(self._idle_s, self._idle)
        return answer


class _Child:
    """One process, with a folder for what libraries put aside while they work."""

    def __init__(
        self, process: Process, orders: StreamWriter, answers: StreamReader, folder: Path, user: int | None
    ) -> None:
        self._process = process
        self._orders = orders
        self._answers = answers
        self._folder = folder
        self._user = user
        self._bedtime: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, memory_bytes: int, file_bytes: int) -> "_Child":
        folder = Path(tempfile.mkdtemp(prefix="hutong-darkroom-"))
        user = await asyncio.to_thread(stranger)
        if user is not None:
            try:
                os.chown(folder, user, user)
            except OSError as error:
                # Root without the right to be somebody else, as in a container that was given no capabilities.
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                raise DarkroomBusy(log=f"it cannot become another user: {error}") from error
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            _CHILD,
            str(memory_bytes),
            str(file_bytes),
            str(user if user is not None else os.geteuid()),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=folder,
            # Nothing of the server's environment: it holds addresses and passwords.
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "LC_ALL": "C.UTF-8",
                "TMPDIR": str(folder),
                "VIPS_CONCURRENCY": "1",
                "MALLOC_ARENA_MAX": "2",
            },
            start_new_session=True,
        )
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without the pipes that it was given")
        child = cls(process, process.stdin, process.stdout, folder, user)
        if not await child.is_ready():
            await child.end()
            raise DarkroomBusy(log="its process does not start")
        return child

    async def is_ready(self) -> bool:
        """Returns when the process has said that it is ready, so that its start is not taken for slow work."""
        try:
            async with asyncio.timeout(_START_S):
                return await self._answers.readline() == READY
        except TimeoutError:
            return False

    async def ask(self, order: Order, timeout_s: float) -> Developed | Refusal | None:
        """The answer, or None where there is none in time, the process died, or left what must not be read."""
        if self._user is not None:
            lend(order, self._user)
        try:
            async with asyncio.timeout(timeout_s):
                self._orders.write(msgspec.json.encode(order) + b"\n")
                await self._orders.drain()
                line = await self._answers.readline()
        except (TimeoutError, ConnectionError) as error:
            log.warning("darkroom.gave_up", reason=type(error).__name__)
            return None
        if not line.endswith(b"\n"):
            log.warning("darkroom.died", status=await self._process.wait())
            return None
        if self._user is not None and not take_back(order, self._user):
            log.warning("darkroom.left_a_link")
            return None
        answer: Developed | Refusal = _decoder.decode(line)
        return answer

    def doze(self, idle_s: float, idle: "list[_Child]") -> None:
        """Ends the process when nobody has needed it for a while."""

        def end() -> None:
            if self in idle:
                idle.remove(self)
                self._ending = asyncio.get_running_loop().create_task(self.end())

        self._bedtime = asyncio.get_running_loop().call_later(idle_s, end)

    def stay_awake(self) -> None:
        if self._bedtime is not None:
            self._bedtime.cancel()

    async def end(self) -> None:
        self.stay_awake()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
