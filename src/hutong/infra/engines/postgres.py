"""PostgreSQL under our own roof: made on the first start, reached through a Unix socket that is ours alone."""

import asyncio
import contextlib
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from .errors import CannotStart
from .folder import POSTGRES_PORT, DataFolder, EngineNotes, write_private
from .owner import Owner
from .process import EngineProcess, Say, every_few_seconds, is_alive, stop_orphans
from .programs import reachable_postgres

__all__ = ["Postgres", "postgres_url"]

ROLE = "hutong"
SUPERUSER = "postgres"
STOP_PATIENCE_S = 2.0
WAL_SEGMENT_MB = 4

# PostgreSQL's own C.UTF-8 sorts the same on every system. What still asks the system's locale (pg_trgm does, to tell
# Chinese letters from signs) needs C.UTF-8 there too; older systems lack it, and PostgreSQL 16 lacks the first.
LOCALES = [
    ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-ctype=C.UTF-8"],
    ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    ["--lc-ctype=C.UTF-8"],
]

CONFIGURATION = """\
# Written by hutong at every start. Your own settings belong into {local}, which is read last.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
cluster_name = '{name}'
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '{shared_buffers_mb}MB'
dynamic_shared_memory_type = posix
fsync = on
synchronous_commit = on
wal_level = replica
max_wal_senders = 4
min_wal_size = '128MB'
max_wal_size = '1GB'
checkpoint_timeout = '5min'
jit = off
idle_in_transaction_session_timeout = '5min'
log_min_messages = error
log_min_error_statement = panic
log_checkpoints = off
log_timezone = 'UTC'
timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'
include_if_exists = '{local}'
"""

HOST_RULES = """\
# Written by hutong at every start. Only through the Unix socket, and only with a password.
local all all scram-sha-256
"""


def postgres_url(folder: DataFolder, notes: EngineNotes, *, superuser: bool = False) -> str:
    """The address of a data folder's own PostgreSQL, with its password."""
    role, password, name = (
        (SUPERUSER, notes.superuser_password, "postgres") if superuser else (ROLE, notes.password, ROLE)
    )
    place = quote(notes.socket_folder or str(folder.root / "socket"), safe="/")
    return f"postgresql://{role}:{password}@/{name}?host={place}&port={POSTGRES_PORT}"


class Postgres:
    """The database of one data folder."""

    name = "PostgreSQL"

    def __init__(self, folder: DataFolder, notes: EngineNotes, owner: Owner, say: Say) -> None:
        self.folder = folder
        self.notes = notes
        self.owner = owner
        self.say = say
        self.process: EngineProcess | None = None
        self.closing = False
        self._bin = Path()

    @property
    def url(self) -> str:
        return postgres_url(self.folder, self.notes)

    async def prepare(self) -> None:
        """Once before the first ``start``: stops an orphan, makes the database where there is none."""
        self._bin = await asyncio.to_thread(reachable_postgres, self.folder, self.owner)
        await self._stop_orphans()
        await asyncio.to_thread(self._lay_out)

    async def start(self) -> None:
        """Starts it and waits until it answers, through a recovery as long as it takes. Raises ``CannotStart``."""
        await self._stop_orphans()
        if self.closing:
            return
        self.process = EngineProcess(
            self.name,
            [str(self._bin / "postgres"), "-D", str(self.folder.postgres)],
            cwd=self.folder.postgres,
            log=self.folder.logs / "postgres.log",
            owner=self.owner,
        )
        await self._answers(self.process)

    async def stop(self) -> None:
        self.closing = True
        if self.process is not None:
            await self.process.stop(signal.SIGINT, signal.SIGQUIT, STOP_PATIENCE_S)
        if not self._socket_folder.is_relative_to(self.folder.root):
            with contextlib.suppress(OSError):
                self._socket_folder.rmdir()

    async def _answers(self, process: EngineProcess) -> None:
        progress = every_few_seconds(self.say, "Waiting for PostgreSQL to recover; this takes as long as it takes")
        while not process.has_ended:
            try:
                connection = await asyncpg.connect(self.url, timeout=10)
            except (asyncpg.InvalidPasswordError, asyncpg.InvalidCatalogNameError):
                await self._furnish()
            except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                progress.tick()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.ended(), progress.pause_s)
            except asyncpg.TooManyConnectionsError:
                return  # It answers: the clients of a restarted server are only quicker than we are.
            except asyncpg.PostgresError as error:
                raise CannotStart(reason=f"PostgreSQL does not let hutong in: {error}.") from error
            else:
                await connection.close()
                return
        raise process.failed()

    async def _furnish(self) -> None:
        """The role and the database of hutong, neither of which may do what the superuser may."""
        connection = await asyncpg.connect(postgres_url(self.folder, self.notes, superuser=True), timeout=10)
        try:
            verb = "ALTER" if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE) else "CREATE"
            # The password is our own invention, of letters, digits, dashes and underscores.
            await connection.execute(f"{verb} ROLE {ROLE} LOGIN CREATEDB PASSWORD '{self.notes.password}'")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", ROLE):
                await connection.execute(f"CREATE DATABASE {ROLE} OWNER {ROLE}")
        finally:
            await connection.close()

    def _lay_out(self) -> None:
        place = self.folder.postgres
        if (place / "PG_VERSION").exists():
            self._check_version(place)
            self.owner.give_all(place)
        else:
            self.say("Making the database")
            self._init(place)
        socket_folder = self.folder.socket_folder(self.notes, self.owner)
        local = self.folder.root / "postgresql.conf"
        configuration = CONFIGURATION.format(
            local=_quoted(local),
            port=POSTGRES_PORT,
            socket_folder=_quoted(socket_folder),
            name=self.notes.name,
            shared_buffers_mb=_shared_buffers_mb(),
        )
        for name, content in (("postgresql.conf", configuration), ("pg_hba.conf", HOST_RULES)):
            write_private(place / name, content.encode(), self.owner)

    def _check_version(self, place: Path) -> None:
        written = (place / "PG_VERSION").read_text().strip()
        program = subprocess.run(
            [str(self._bin / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[2]
        if program.partition(".")[0] != written:
            raise CannotStart(
                reason=f"The data folder was written by PostgreSQL {written}, and this hutong brings {program}. "
                "Back it up with the hutong that wrote it (hutong backup), and restore it into a new data folder."
            )

    def _init(self, place: Path) -> None:
        """Makes the cluster beside its place and moves it there, so that an abrupt end leaves nothing half done."""
        for left in place.parent.glob("postgres.*.new"):
            shutil.rmtree(left, ignore_errors=True)
        # Another name each time: what a hutong that was killed here has started may still be writing to its own.
        fresh = place.with_name(f"postgres.{secrets.token_hex(4)}.new")
        self.folder.open_to_owner(fresh, self.owner)
        write_private(fresh / "password", self.notes.superuser_password.encode(), self.owner)
        for locale in LOCALES:
            done = self._initdb(fresh, locale)
            if done.returncode == 0:
                break
        else:
            raise CannotStart(reason=f"The database cannot be made: {' '.join(done.stderr.split())}")
        (fresh / "data").rename(place)
        shutil.rmtree(fresh)

    def _initdb(self, fresh: Path, locale: list[str]) -> subprocess.CompletedProcess[str]:
        options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--data-checksums", "--no-instructions"]
        # The commit that first needs a new segment of the log fills it with zeros, and everybody waits for that: 16 MB,
        # as is the default, took 11 to 36 ms here.
        options += [f"--wal-segsize={WAL_SEGMENT_MB}"]
        return subprocess.run(
            [
                *(str(self._bin / "initdb"), "-D", str(fresh / "data"), "-U", SUPERUSER),
                *(f"--pwfile={fresh / 'password'}", *options, *locale),
            ],
            cwd=fresh,
            env={"PATH": "/usr/bin:/bin", "LANG": "C"},
            capture_output=True,
            text=True,
            check=False,
            **self.owner.popen_options(),
        )

    async def _stop_orphans(self) -> None:
        # A fast shutdown ends transactions that nobody will commit any more; the harsher ways need a recovery.
        steps = [(signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)]
        await stop_orphans(self._orphaned_server, steps, self.say, "PostgreSQL")
        # Backends outlive a killed server only as long as their statement runs.
        await stop_orphans(self._orphaned_backends, [(signal.SIGQUIT, 5.0)], self.say, "PostgreSQL's backends")
        # With nobody left these are stale, but PostgreSQL would heed them where the number that they name is another
        # process's by now, or where nobody has buried the killed server (in a container without an init).
        self._note_of_process.unlink(missing_ok=True)
        (self._socket_folder / f".s.PGSQL.{POSTGRES_PORT}.lock").unlink(missing_ok=True)

    @property
    def _socket_folder(self) -> Path:
        return Path(self.notes.socket_folder or self.folder.root / "socket")

    @property
    def _note_of_process(self) -> Path:
        return self.folder.postgres / "postmaster.pid"

    def _orphaned_server(self) -> Iterator[psutil.Process]:
        try:
            process = psutil.Process(int(self._note_of_process.read_text().partition("\n")[0]))
            if str(self.folder.postgres) in process.cmdline() and is_alive(process):
                yield process
        except (OSError, ValueError, psutil.NoSuchProcess):
            return

    def _orphaned_backends(self) -> Iterator[psutil.Process]:
        if not self._note_of_process.exists():
            return
        # They bear the cluster's name in their titles, which is another one in every data folder.
        title = f"postgres: {self.notes.name}: "
        for process in psutil.process_iter(["name", "cmdline"]):
            if process.info["name"] == "postgres" and " ".join(process.info["cmdline"] or ()).startswith(title):
                yield process


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _shared_buffers_mb() -> int:
    """A sixteenth of the memory, between 128 MB and 1 GB: the system's own cache holds the rest."""
    memory_mb = int(psutil.virtual_memory().total) // 2**20
    return min(1024, max(128, memory_mb // 16))
