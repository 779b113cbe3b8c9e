"""What every test may ask for: real engines, a database of its own, a bus, a clock that stands still.

A test gets a database of its own, copied from a migrated one, because what is tested commits for real; so numbers
begin at the beginning in every test. The engines are shared by the whole run: a test that kills one starts its own.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest
from litestar import Litestar

from hutong.api import House, create_app, refurnish
from hutong.bridges import Desk, porters_at
from hutong.domains.chat import MessageWriter
from hutong.infra.blobs import Blobs, open_blobs
from hutong.infra.bus import Bus
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.infra.engines import Engines, start_engines
from hutong.infra.migrations import migrate
from hutong.settings import Limits, Settings
from tests.cast import Cast, assemble, visitor

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run in the background ignores SIGINT, and every command that a test starts would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

TEMPLATE = "hutong_template"
FOLDER_PREFIX = "hutong-test-"
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - the folders made in it have names that nobody can guess and are private

FreshDatabase = Callable[[], Awaitable[str]]


class HandClock:
    """A clock that moves only by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture(scope="session")
def data_folders() -> Generator[Callable[[], Path]]:
    """Makes folders for engines: short, and open to the engines' own user where the tests run as root, as pytest's own
    are not. They are removed at the end."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=SHORT_FOLDER)))
        made[-1].chmod(0o711)
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_folder(data_folders: Callable[[], Path]) -> Path:
    """A data folder of the test's own, for tests that start a hutong or engines themselves (and stop them)."""
    return data_folders()


@pytest.fixture(scope="session")
async def engines(data_folders: Callable[[], Path]) -> AsyncGenerator[Engines]:
    """PostgreSQL and NATS for the whole run."""
    _clear_away_killed_runs()
    folder = data_folders()
    # The machine does not lose its power in a test; a process that is killed loses nothing by this.
    (folder / "postgresql.conf").write_text("fsync = off\nsynchronous_commit = off\nmax_connections = 200\n")
    (folder / "postgresql.conf").chmod(0o644)
    running = await start_engines(Settings(data=folder), lambda sentence: None)
    try:
        await migrate(await _create_database(running, TEMPLATE))
        yield running
    finally:
        await running.stop()


@pytest.fixture
async def fresh_database(engines: Engines) -> AsyncGenerator[FreshDatabase]:
    """Makes databases, migrated and empty; each call another one, and its address."""
    made: list[str] = []

    async def make() -> str:
        made.append(f"hutong_test_{os.urandom(6).hex()}")
        return await _create_database(engines, made[-1], template=TEMPLATE)

    yield make
    for name in made:
        await _drop(engines, name)


@pytest.fixture
async def empty_database(engines: Engines) -> AsyncGenerator[str]:
    """The address of a database with no table in it."""
    name = f"hutong_test_{os.urandom(6).hex()}"
    yield await _create_database(engines, name)
    await _drop(engines, name)


@pytest.fixture
async def settings(engines: Engines, fresh_database: FreshDatabase, tmp_path: Path) -> Settings:
    """Settings with the run's engines and a database of the test's own."""
    return Settings(data=tmp_path, database_url=await fresh_database(), nats_url=engines.nats_url)


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    opened = Database(settings.database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def bus(settings: Settings) -> AsyncGenerator[Bus]:
    """A connection to the run's NATS. The streams that the test has made are deleted after it."""
    connected = Bus(settings.nats_url)
    await connected.connect()
    # A whole process that another test ran has left its stream, which would take this test's facts for repetitions.
    await _delete_streams(connected)
    yield connected
    await _delete_streams(connected)
    await connected.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def writer(settings: Settings, bus: Bus, clock: HandClock) -> AsyncGenerator[MessageWriter]:
    """The message writer of a process without a gateway."""
    limits = settings.limits
    writing = MessageWriter(
        settings.database_url,
        clock=clock,
        say=bus.say,
        batch_max=limits.write_batch_max,
        queue_max=limits.write_queue_max,
        messages_per_10_s_max=limits.messages_per_10_s_max,
    )
    running = asyncio.create_task(writing.run())
    yield writing
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    """A folder for files of the test's own."""
    return open_blobs(settings.files_url, settings.data)


@pytest.fixture(scope="session")
async def darkroom() -> AsyncGenerator[Darkroom]:
    """Its processes take a moment to start, so the whole run shares them."""
    opened = Darkroom(Limits())
    yield opened
    await opened.close()


@pytest.fixture
def house(
    settings: Settings,
    database: Database,
    bus: Bus,
    clock: HandClock,
    writer: MessageWriter,
    blobs: Blobs,
    darkroom: Darkroom,
) -> House:
    """The parts of the application, with the test's own database and clock."""
    desk = Desk(
        settings=settings, database=database, bus=bus, writer=writer, blobs=blobs, darkroom=darkroom, clock=clock
    )
    return House(
        settings=settings,
        database=database,
        bus=bus,
        clock=clock,
        writer=writer,
        blobs=blobs,
        darkroom=darkroom,
        desk=desk,
        porters=porters_at(desk),
    )


@pytest.fixture(scope="session")
def applications() -> dict[tuple[str, int], Litestar]:
    """Those of the whole run: to put one together takes longer than most tests."""
    return {}


@pytest.fixture
def app(house: House, applications: dict[tuple[str, int], Litestar]) -> Litestar:
    """An application of the test's own house."""
    kind = (house.settings.public_url, house.settings.limits.body_bytes_max)
    if kind in applications:
        refurnish(applications[kind], house)
    else:
        applications[kind] = create_app(house)
    return applications[kind]


@pytest.fixture
async def client(app: Litestar) -> AsyncGenerator[httpx.AsyncClient]:
    """A visitor: speaks to the application, and nobody is signed in. Cookies are kept as a browser would."""
    async with visitor(app) as speaking:
        yield speaking


@pytest.fixture
async def cast(app: Litestar, house: House) -> AsyncGenerator[Cast]:
    """Alice, Bob, Chen and Mo, signed in by bearer token."""
    async with contextlib.AsyncExitStack() as stack:
        yield await assemble(app, house, stack)


async def _delete_streams(bus: Bus) -> None:
    for stream in await bus.jetstream.streams_info():
        await bus.jetstream.delete_stream(str(stream.config.name))


async def _create_database(engines: Engines, name: str, template: str = "template0") -> str:
    await _as_owner(engines, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return urlsplit(engines.database_url)._replace(path=f"/{name}").geturl()


async def _drop(engines: Engines, name: str) -> None:
    """PostgreSQL's own vacuum may be at work on it just then, which only its superuser may end; it is soon done."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
                await _as_owner(engines, f'DROP DATABASE "{name}" WITH (FORCE)')
                return
            await asyncio.sleep(0.2)


async def _as_owner(engines: Engines, statement: str) -> None:
    connection = await asyncpg.connect(engines.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _clear_away_killed_runs() -> None:
    """Ends and removes what runs that were killed have left behind."""
    deserted = _deserted_folders()
    for process in psutil.process_iter(["name", "cmdline"]) if deserted else ():
        words = " ".join(process.info["cmdline"] or ())
        if process.info["name"] in ("postgres", "nats-server") and any(f"{folder}/" in words for folder in deserted):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    for folder in deserted:
        shutil.rmtree(folder, ignore_errors=True)


def _deserted_folders() -> list[Path]:
    """The folders of runs whose process is no more."""
    found = [(folder, folder.name.split("-")) for folder in SHORT_FOLDER.glob(f"{FOLDER_PREFIX}*-*")]
    return [folder for folder, (_, _, pid, *_) in found if pid.isdigit() and not psutil.pid_exists(int(pid))]
