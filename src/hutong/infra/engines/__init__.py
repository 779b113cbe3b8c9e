"""The engines that hutong brings along: PostgreSQL and NATS from their wheels, run in the data folder.

Nobody else on the machine reaches them: PostgreSQL has only a Unix socket in a folder of its own and asks for a
password, NATS listens on 127.0.0.1 and asks for one. They keep their addresses for as long as hutong runs, also when
one of them dies and is started again. An engine whose address the settings give is not started.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

import psutil
import structlog

from hutong.kit.errors import HutongError
from hutong.settings import Settings

from .errors import AlreadyRunning, CannotStart
from .folder import DataFolder
from .given import nats_answers, postgres_answers, those_that_answer
from .nats import Nats
from .nats import nats_url as nats_url_of
from .owner import engine_owner
from .postgres import Postgres, postgres_url
from .process import EngineProcess, Say, rotate_log
from .programs import check_reachable, nats_program, postgres_bin

__all__ = [
    "AlreadyRunning",
    "CannotStart",
    "DataFolder",
    "Engines",
    "Say",
    "nats_answers",
    "nats_program",
    "postgres_answers",
    "postgres_bin",
    "start_engines",
    "use_engines",
]

log = structlog.get_logger()

T = TypeVar("T")

RESTART_PAUSE_S = 0.1
RESTART_PAUSE_S_MAX = 5.0
LOG_CHECK_S = 3600.0


class _Engine(Protocol):
    name: str
    process: EngineProcess | None
    closing: bool

    @property
    def url(self) -> str: ...
    async def prepare(self) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Engines:
    """Running engines and their addresses. Whoever has them stops them."""

    def __init__(self, database_url: str, nats_url: str, *, ours: list[_Engine], folder: DataFolder, say: Say) -> None:
        self.database_url = database_url
        self.nats_url = nats_url
        self._ours = ours
        self._stopping = asyncio.Event()
        self._folder = folder
        self._say = say

    @property
    def pids(self) -> dict[str, int]:
        """The processes of the engines that were started here, by name."""
        return {engine.name: engine.process.pid for engine in self._ours if engine.process is not None}

    async def watch(self) -> None:
        """Starts again what dies, until cancelled or stopped."""
        async with asyncio.TaskGroup() as group:
            for engine in self._ours:
                group.create_task(self._keep(engine))

    async def stop(self) -> None:
        """Stops the engines that were started here, and lets go of the data folder. Calling it again does nothing."""
        self._stopping.set()
        try:
            await asyncio.gather(*(engine.stop() for engine in self._ours))
        finally:
            self._folder.unlock()

    async def _keep(self, engine: _Engine) -> None:
        pause_s = RESTART_PAUSE_S
        while not self._stopping.is_set() and (process := engine.process) is not None:
            try:
                code = await asyncio.wait_for(process.ended(), LOG_CHECK_S)
            except TimeoutError:
                rotate_log(process.log)
                continue
            if self._stopping.is_set():
                return
            self._say(f"{engine.name} has ended ({_manner(code)}); starting it again")
            try:
                await engine.start()
                self._say(f"{engine.name} is back")
                pause_s = RESTART_PAUSE_S
            except (HutongError, OSError, psutil.Error) as error:
                log.error("engines.restart_failed", engine=engine.name, error=str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause_s)
                pause_s = min(pause_s * 2, RESTART_PAUSE_S_MAX)


async def start_engines(settings: Settings, say: Say) -> Engines:
    """Takes the data folder and starts the engines whose address the settings do not give.

    All of them answer when this returns, however long that takes. Raises ``AlreadyRunning`` or ``CannotStart`` with a
    sentence for the person at the console.
    """
    folder = DataFolder(settings.data)
    await asyncio.to_thread(folder.prepare)
    folder.lock()
    ours: list[_Engine] = []
    try:
        if not (settings.database_url and settings.nats_url):
            owner = await asyncio.to_thread(engine_owner)
            await asyncio.to_thread(check_reachable, folder, owner)
            notes = folder.notes()
            if not settings.database_url:
                ours.append(Postgres(folder, notes, owner, say))
            if not settings.nats_url:
                ours.append(Nats(folder, notes, owner, say))
        steps = [
            *(_started(engine, say) for engine in ours),
            *those_that_answer(settings.database_url, settings.nats_url, say),
        ]
        addresses = dict(await _all_or_none(steps))
    except BaseException:
        # An engine whose companion failed, or whose start was cancelled, must not stay behind.
        await asyncio.gather(*(engine.stop() for engine in ours), return_exceptions=True)
        folder.unlock()
        raise
    return Engines(addresses[Postgres.name], addresses[Nats.name], ours=ours, folder=folder, say=say)


@asynccontextmanager
async def use_engines(settings: Settings, say: Say) -> AsyncGenerator[Engines]:
    """The engines of a hutong that runs on the data folder, or engines of our own for as long as the block runs."""
    try:
        engines = await start_engines(settings, say)
    except AlreadyRunning:
        engines = await _borrowed(settings, say)
    try:
        yield engines
    finally:
        await engines.stop()


async def _borrowed(settings: Settings, say: Say) -> Engines:
    """The engines of the hutong that has the folder; it may still be starting them."""
    folder = DataFolder(settings.data)
    database_url, nats_url = settings.database_url, settings.nats_url
    if not (database_url and nats_url):
        notes = folder.read_notes()
        if notes is None:
            raise CannotStart(reason=f"The hutong that runs on {folder.root} is still starting; try again in a moment.")
        database_url = database_url or postgres_url(folder, notes)
        nats_url = nats_url or nats_url_of(notes)
    await _all_or_none(those_that_answer(database_url, nats_url, say))
    return Engines(database_url, nats_url, ours=[], folder=folder, say=say)


async def _all_or_none(steps: list[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all steps, taken at once. When one fails, the others are cancelled, and have ended, before its
    error is raised."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _started(engine: _Engine, say: Say) -> tuple[str, str]:
    say(f"Starting {engine.name}")
    await engine.prepare()
    await engine.start()
    return engine.name, engine.url


def _manner(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
