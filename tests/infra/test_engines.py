"""The engines under our own roof: they answer, they come back, and nobody else gets at them."""

import asyncio
import json
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest
from nats.errors import Error as NatsError

from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.engines import AlreadyRunning, CannotStart, Engines, programs, start_engines, use_engines
from hutong.infra.engines.folder import DataFolder
from hutong.infra.engines.owner import Owner
from hutong.infra.engines.programs import reachable_nats, reachable_postgres
from hutong.settings import Settings

LONG_NAME = "a-folder-whose-name-is-much-too-long-for-the-path-of-a-unix-socket"
IS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")


def silently(sentence: str) -> None:
    pass


@asynccontextmanager
async def running(folder: Path, say: Callable[[str], None] = silently) -> AsyncGenerator[Engines]:
    """Engines on the folder, watched, and stopped at the end."""
    engines = await start_engines(Settings(data=folder), say)
    watching = asyncio.create_task(engines.watch())
    try:
        yield engines
    finally:
        await engines.stop()
        await watching


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def python(code: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def write_open(path: Path, content: str) -> None:
    """A file that the engines' user may read."""
    path.write_text(content)
    path.chmod(0o644)


@pytest.mark.parametrize("name", ["data", f"{LONG_NAME}/{LONG_NAME}", "with spaces & 100% more + 胡同"])
async def test_they_answer_in_any_folder(data_folder: Path, name: str) -> None:
    async with running(data_folder / name) as engines:
        database = Database(engines.database_url)
        async with database.engine.connect() as connection:
            answer = await connection.exec_driver_sql(
                "SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
                "current_setting('listen_addresses'), current_setting('is_superuser'), upper('ä胡')"
            )
            assert answer.one() == ("on", "on", "", "off", "Ä胡")
        await database.close()
        bus = Bus(engines.nats_url)
        await bus.connect()
        assert (await bus.jetstream.account_info()).memory == 0
        await bus.close()


async def test_a_second_start_on_the_folder_is_refused(data_folder: Path) -> None:
    async with running(data_folder):
        with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\) already runs on {data_folder}"):
            await start_engines(Settings(data=data_folder), silently)


async def test_a_command_uses_the_engines_of_the_server_that_runs(data_folder: Path) -> None:
    async with running(data_folder) as engines, use_engines(Settings(data=data_folder), silently) as borrowed:
        assert borrowed.pids == {}
        assert (borrowed.database_url, borrowed.nats_url) == (engines.database_url, engines.nats_url)
    async with use_engines(Settings(data=data_folder), silently) as own:
        assert set(own.pids) == {"PostgreSQL", "NATS"}
        assert await ask(own.database_url, "SELECT 1") == 1
    assert not any(is_running(pid) for pid in own.pids.values())


async def test_engines_that_are_given_are_not_started(engines: Engines, data_folder: Path) -> None:
    given = Settings(data=data_folder, database_url=engines.database_url, nats_url=engines.nats_url)
    mine = await start_engines(given, silently)
    await mine.stop()

    assert mine.pids == {}
    assert (mine.database_url, mine.nats_url) == (engines.database_url, engines.nats_url)
    assert not (data_folder / "postgres").exists()


async def test_an_engine_of_somebody_else_is_waited_for(engines: Engines, data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    said: list[str] = []
    waiting = asyncio.Event()

    def say(sentence: str) -> None:
        said.append(sentence)
        waiting.set()

    given = Settings(data=data_folder, database_url=engines.database_url, nats_url=f"nats://127.0.0.1:{port}")
    starting = asyncio.create_task(start_engines(given, say))
    await asyncio.wait_for(waiting.wait(), 10)
    assert re.fullmatch(r"Waiting for NATS to answer \(\d+ s\)", said[0])
    with socket.create_server(("127.0.0.1", port)):
        mine = await asyncio.wait_for(starting, 10)
    await mine.stop()

    wrong = engines.database_url.replace("hutong:", "hutong:not-")
    with pytest.raises(CannotStart, match="does not let hutong in: password authentication failed"):
        await start_engines(Settings(data=data_folder, database_url=wrong, nats_url=engines.nats_url), silently)


async def test_what_is_killed_comes_back_on_the_same_address(data_folder: Path) -> None:
    said: list[str] = []
    answering = asyncio.Event()

    def say(sentence: str) -> None:
        said.append(sentence)
        if sentence == "PostgreSQL is back":
            answering.set()

    async with running(data_folder, say) as engines:
        returned = asyncio.Event()
        bus = Bus(engines.nats_url)
        await bus.connect()

        async def on_return() -> None:
            returned.set()

        bus.on_return.append(on_return)
        await ask(engines.database_url, "CREATE TABLE kept (id int)")
        before = engines.pids
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        await asyncio.wait_for(asyncio.gather(returned.wait(), answering.wait()), 20)

        assert await ask(engines.database_url, "SELECT count(*) FROM kept") == 0
        assert set(before.values()).isdisjoint(engines.pids.values())
        await bus.close()
    assert "PostgreSQL has ended (killed by signal 9); starting it again" in said


async def test_what_cannot_come_back_is_tried_again_until_it_can(data_folder: Path) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    async with running(data_folder, said.put_nowait) as engines:
        local = data_folder / "postgresql.conf"
        write_open(local, "shared_buffers = 'plenty'\n")
        os.kill(engines.pids["PostgreSQL"], signal.SIGKILL)
        async with asyncio.timeout(20):
            while not (await said.get()).startswith("PostgreSQL has ended (exit code 1); starting it again"):
                pass
            write_open(local, "")
            while await said.get() != "PostgreSQL is back":
                pass
        assert await ask(engines.database_url, "SELECT 1") == 1
        write_open(local, "shared_buffers = 'plenty'\n")
        os.kill(engines.pids["PostgreSQL"], signal.SIGKILL)
        async with asyncio.timeout(20):
            for _ in range(6):
                while not (await said.get()).startswith("PostgreSQL has ended (exit code 1)"):
                    pass
        began = time.monotonic()
    assert time.monotonic() - began < 4


async def test_they_stop_quickly_though_somebody_is_connected(data_folder: Path) -> None:
    async with running(data_folder) as engines:
        connection = await asyncpg.connect(engines.database_url)
        await connection.execute("BEGIN")
        client = await nats.connect(engines.nats_url, allow_reconnect=False)
        began = time.monotonic()
        await engines.stop()
        assert time.monotonic() - began < 4
        assert not any(is_running(pid) for pid in engines.pids.values())
        connection.terminate()
        await client.close()


ORPHANING = """
import asyncio, json, sys
from pathlib import Path
from hutong.infra.engines import start_engines
from hutong.settings import Settings

async def main():
    engines = await start_engines(Settings(data=Path(sys.argv[1])), lambda sentence: None)
    print(json.dumps(engines.pids), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("server_too", [False, True])
async def test_orphans_of_a_killed_hutong_are_stopped_first(data_folder: Path, server_too: bool) -> None:
    killed = python(ORPHANING, data_folder)
    orphans = json.loads(await asyncio.to_thread(first_line, killed))
    async with use_engines(Settings(data=data_folder), silently) as engines:
        # A backend that goes on working is there still when the server is killed as well.
        busy = await asyncpg.connect(engines.database_url)
    working = asyncio.create_task(busy.execute("SELECT count(*) FROM generate_series(1, 1e10::bigint)"))
    await asyncio.sleep(0.2)
    killed.kill()
    killed.communicate()
    if server_too:
        os.kill(orphans["PostgreSQL"], signal.SIGKILL)
    said: list[str] = []

    async with running(data_folder, said.append) as engines:
        assert await ask(engines.database_url, "SELECT 1") == 1
        assert not any(is_running(pid) for pid in orphans.values())
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await asyncio.wait_for(working, 1)
    left_behind = "PostgreSQL's backends" if server_too else "PostgreSQL"
    assert f"Stopping {left_behind}, left behind by an earlier hutong" in said
    assert "Stopping NATS, left behind by an earlier hutong" in said


async def test_a_long_recovery_is_waited_for_and_talked_about(data_folder: Path) -> None:
    async with running(data_folder):
        pass
    # A recovery from an archive that answers slowly, and has nothing.
    write_open(data_folder / "postgresql.conf", "restore_command = 'sleep 2; false'\nhot_standby = off\n")
    signal_file = data_folder / "postgres" / "recovery.signal"
    signal_file.touch()
    if IS_ROOT:
        owner = signal_file.parent.stat()
        os.chown(signal_file, owner.st_uid, owner.st_gid)
    said: list[str] = []

    async with running(data_folder, said.append) as engines:
        assert await ask(engines.database_url, "SELECT pg_is_in_recovery()") is False
    assert [line for line in said if line.startswith("Waiting for PostgreSQL to recover")]


KNOCKING = """
import os, pwd, socket, sys
nobody = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
for path in sys.argv[1:]:
    try:
        if path.endswith("5432"):
            socket.socket(socket.AF_UNIX).connect(path)
        else:
            open(path).read()
        print("reached", path)
    except PermissionError:
        print("closed", path)
"""


@pytest.mark.parametrize("name", ["data", f"{LONG_NAME}/{LONG_NAME}"])
async def test_nobody_else_gets_at_them(data_folder: Path, name: str) -> None:
    """As root by trying it as the user nobody; as an ordinary user by the modes, which say the same."""
    root = data_folder / name
    async with running(root) as engines:
        notes = DataFolder(root).read_notes()
        assert notes is not None
        socket_path = Path(notes.socket_folder) / ".s.PGSQL.5432"
        assert stat.S_ISSOCK(socket_path.stat().st_mode)
        assert socket_path.is_relative_to(root) == (name == "data")
        for folder in (socket_path.parent, root / "postgres", root / "nats", root / "logs"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
        secrets = [root / "engines.json", root / "nats" / "nats.conf", root / "postgres" / "pg_hba.conf"]
        for file in secrets:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        if IS_ROOT:
            answers, trouble = python(KNOCKING, socket_path, *secrets).communicate()
            assert trouble == ""
            assert answers.splitlines() == [f"closed {path}" for path in [socket_path, *secrets]]

        # Who gets through to the door still needs the key.
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(engines.database_url, password="guessed")
        with pytest.raises(NatsError, match="Authorization Violation"):
            await nats.connect(f"nats://127.0.0.1:{notes.nats_port}", allow_reconnect=False)
        listening = {
            connection.laddr
            for pid in engines.pids.values()
            for process in [psutil.Process(pid), *psutil.Process(pid).children()]
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {("127.0.0.1", notes.nats_port)}
        commands = " ".join(word for pid in engines.pids.values() for word in psutil.Process(pid).cmdline())
        for secret in (notes.password, notes.superuser_password, notes.nats_password):
            assert secret not in commands
    assert socket_path.parent.exists() == (name == "data")


ORDINARY = """
import asyncio, os, pwd, sys
from pathlib import Path
from hutong.infra.engines import nats, postgres, start_engines
from hutong.settings import Settings
import concurrent.futures.thread, encodings.idna

folder, postgres_bin, nats_program = map(Path, sys.argv[1:])
nobody = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
postgres.reachable_postgres = lambda *_: postgres_bin
nats.reachable_nats = lambda *_: nats_program

async def main():
    for turn in range(2):
        engines = await start_engines(Settings(data=folder / "data"), lambda sentence: None)
        uids = {os.stat(f"/proc/{pid}").st_uid for pid in engines.pids.values()} if sys.platform == "linux" else set()
        await engines.stop()
        print(turn, sorted(uids))

asyncio.run(main())
"""


async def test_an_ordinary_user_runs_them_as_himself(data_folder: Path) -> None:
    """As root the user nobody is the ordinary one; otherwise every test here is run by one."""
    if not IS_ROOT:
        async with running(data_folder) as engines:
            assert {psutil.Process(pid).uids().real for pid in engines.pids.values()} == {os.geteuid()}
        return
    nobody = Owner(name="nobody", uid=NOBODY.pw_uid, gid=NOBODY.pw_gid, borrowed=True)
    shared = DataFolder(data_folder / "shared")
    shared.prepare()
    own = data_folder / "own"
    own.mkdir(mode=0o700)
    os.chown(own, nobody.uid, nobody.gid)

    answers, trouble = python(
        ORDINARY, own, reachable_postgres(shared, nobody), reachable_nats(shared, nobody)
    ).communicate()

    assert answers.splitlines() == [f"0 [{nobody.uid}]", f"1 [{nobody.uid}]"], trouble
    assert stat.S_IMODE((own / "data").stat().st_mode) == 0o700


async def test_a_folder_that_cannot_be_used_is_refused_with_a_sentence(data_folder: Path) -> None:
    if IS_ROOT:
        # Root's home stays closed, and so does a folder that somebody has closed to others.
        with pytest.raises(CannotStart, match="is in root's home"):
            await start_engines(Settings(data=Path(pwd.getpwuid(0).pw_dir) / "hutong"), silently)
        os.chmod(data_folder, 0o700)
        with pytest.raises(CannotStart, match=f"because {data_folder} is closed to others"):
            await start_engines(Settings(data=data_folder / "data"), silently)
    (data_folder / "file").touch()
    with pytest.raises(CannotStart, match="cannot be used: Not a directory"):
        await start_engines(Settings(data=data_folder / "file" / "data"), silently)


async def test_programs_out_of_reach_are_copied(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment in root's home is closed to the engines' own user."""
    folder = DataFolder(data_folder / "data")
    folder.prepare()
    nobody = Owner(name="nobody", uid=NOBODY.pw_uid, gid=NOBODY.pw_gid, borrowed=IS_ROOT)
    can_run = programs.can_run
    monkeypatch.setattr(
        programs, "can_run", lambda program, owner: "programs" in program.parts and can_run(program, owner)
    )

    assert (reachable_postgres(folder, nobody) / "postgres").is_relative_to(folder.programs)
    assert reachable_nats(folder, nobody).is_relative_to(folder.programs)


async def test_data_of_another_release_is_refused_with_a_sentence(data_folder: Path) -> None:
    async with running(data_folder):
        pass
    (data_folder / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(CannotStart, match="was written by PostgreSQL 12, and this hutong brings 1"):
        await start_engines(Settings(data=data_folder), silently)
    (data_folder / "engines.json").write_text("{")
    with pytest.raises(CannotStart, match=r"engines\.json is damaged"):
        await start_engines(Settings(data=data_folder), silently)
    (data_folder / "engines.json").unlink()
    with pytest.raises(CannotStart, match="and with it the database's password"):
        await start_engines(Settings(data=data_folder), silently)


async def test_an_engine_whose_companion_fails_does_not_stay_behind(data_folder: Path) -> None:
    async with running(data_folder):
        pass
    write_open(data_folder / "postgresql.conf", "shared_buffers = 'plenty'\n")
    with pytest.raises(CannotStart, match=r"PostgreSQL did not start: .*shared_buffers.*see .*postgres\.log"):
        await start_engines(Settings(data=data_folder), silently)
    assert not [
        process for process in psutil.process_iter(["cmdline"]) if str(data_folder) in str(process.info["cmdline"])
    ]
    (data_folder / "postgresql.conf").unlink()
    async with running(data_folder) as engines:
        assert await ask(engines.database_url, "SELECT 1") == 1
