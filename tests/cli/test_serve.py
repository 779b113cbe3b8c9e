"""The whole command as an operator meets it: started, asked, killed, told to stop."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from hutong.cli.console import BadSettings
from hutong.cli.process import assembled
from hutong.infra.engines import start_engines
from hutong.settings import Settings

STARTS_WITHIN_S = 60
STOPS_WITHIN_S = 5


class Command:
    """A running ``hutong``, and what it has said so far."""

    def __init__(self, *words: object, environment: dict[str, str] | None = None) -> None:
        self.process = psutil.Popen(
            [sys.executable, "-m", "hutong", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | (environment or {}),
        )
        self.said: list[str] = []

    async def until(self, beginning: str) -> str:
        """The next line that begins so. Fails where the command ends before it."""
        async with asyncio.timeout(STARTS_WITHIN_S):
            while line := await asyncio.to_thread(self.process.stdout.readline):
                self.said.append(line.rstrip())
                if line.startswith(beginning):
                    return self.said[-1]
        raise AssertionError("\n".join(self.said))

    async def ready(self) -> str:
        """Its address, once it serves."""
        found = re.match(r"Ready at (http://127\.0\.0\.1:\d+) \(\d+\.\d s\)", await self.until("Ready at "))
        assert found is not None
        return found[1]

    async def end(self) -> int:
        rest, _ = await asyncio.to_thread(self.process.communicate)
        self.said += rest.splitlines()
        return int(self.process.returncode)

    async def told(self, number: signal.Signals) -> float:
        """How many seconds it took to end after the signal."""
        began = time.monotonic()
        self.process.send_signal(number)
        assert await self.end() == 0, self.said
        return time.monotonic() - began


@asynccontextmanager
async def hutong(*words: object, environment: dict[str, str] | None = None) -> AsyncGenerator[Command]:
    """The command, which does not outlive the test; nor do its engines, see ``engines_of``."""
    command = Command(*words, environment=environment)
    try:
        yield command
    finally:
        if command.process.is_running():
            command.process.kill()
            await asyncio.to_thread(command.process.communicate)


@pytest.fixture
async def data(data_folder: Path) -> AsyncGenerator[Path]:
    """A data folder whose engines are stopped at the end, also where the test has killed their hutong."""
    yield data_folder / "data"
    if (data_folder / "data" / "engines.json").exists():
        left = await start_engines(Settings(data=data_folder / "data"), lambda sentence: None)
        await left.stop()


def is_there(path: Path) -> bool:
    return path.exists()


def inside(folder: Path) -> set[Path]:
    return set(folder.iterdir())


def below(process: psutil.Process) -> list[psutil.Process]:
    return alive(process.children(recursive=True))


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def engine(command: Command, name: str) -> psutil.Process:
    (found,) = [one for one in command.process.children() if one.name() == name]
    return found


async def until_ready(client: httpx.AsyncClient, *, ready: bool = True) -> None:
    async with asyncio.timeout(STARTS_WITHIN_S):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if ((await client.get("/readyz")).status_code == 200) == ready:
                    return
            await asyncio.sleep(0.05)


class Listener(WSListener):
    """A client that waits to be told why the connection closes."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE and not self.closed.done():
            self.closed.set_result(frame.get_close_code().value)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def listen(address: str) -> Listener:
    _, listener = await ws_connect(Listener, address.replace("http", "ws") + "/socket", use_aiofastnet=False)
    assert isinstance(listener, Listener)
    return listener


@pytest.mark.parametrize("workers", [1, 2])
async def test_it_starts_serves_and_stops_when_told(data: Path, workers: int) -> None:
    async with hutong("serve", "--data", data, "--port", 0, "--workers", workers) as command:
        address = await command.ready()
        assert command.said[1:4] == ["Starting PostgreSQL", "Starting NATS", "Making the database"]
        assert re.match(r"Bringing the database up to revision \d{4}$", command.said[4])
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            assert (await client.get("/readyz")).json() == {
                "ready": True, "database": True, "migrations": True, "bus": True
            }  # fmt: skip
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            assert "hutong_loop_lag_seconds_count" in (await client.get("/metrics")).text
        listener = await listen(address)
        processes = below(command.process)
        assert len(processes) >= 2 + (workers if workers > 1 else 0)

        seconds = await command.told(signal.SIGTERM if workers == 1 else signal.SIGINT)

        assert seconds < STOPS_WITHIN_S
        assert await asyncio.wait_for(listener.closed, 5) == 1012
        assert alive(processes) == []
        assert command.said[-2:] == ["Stopping", "Stopped"]


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_a_killed_one_put_aside_goes_with_the_next(data: Path, tmp_path: Path, workers: int) -> None:
    words = ["serve", "--data", data, "--port", 0, "--workers", workers]
    async with hutong(*words, environment={"TMPDIR": str(tmp_path)}) as first:
        await first.ready()
        left = inside(tmp_path)
        assert len(left) == workers
        for process in [
            *(one for one in below(first.process) if "hutong.cli.children" in one.cmdline()),
            first.process,
        ]:
            process.kill()
        await first.end()
    assert inside(tmp_path) == left

    async with hutong(*words, environment={"TMPDIR": str(tmp_path)}) as second:
        await second.ready()
        assert len(inside(tmp_path) - left) == workers
        assert left.isdisjoint(inside(tmp_path))
        await second.told(signal.SIGTERM)
    assert inside(tmp_path) == set()


async def test_a_second_one_on_the_same_folder_is_refused(data: Path) -> None:
    async with hutong("serve", "--data", data, "--port", 0) as first:
        await first.ready()
        async with hutong("serve", "--data", data, "--port", 0) as second:
            assert await second.end() == 1
        assert second.said[-1] == (
            f"hutong: Another hutong (process {first.process.pid}) already runs on {data}. "
            "Stop it first, or choose another folder with --data."
        )
        # A command that needs the engines uses those of the server.
        async with hutong("migrate", "--data", data) as migrating:
            assert await migrating.end() == 0
        assert migrating.said == ["The database is up to date"]
        await first.told(signal.SIGTERM)


@pytest.mark.parametrize("workers", [1, 2])
async def test_after_a_kill_the_next_start_goes_on(data: Path, workers: int) -> None:
    words = ("serve", "--data", data, "--port", 0, "--workers", workers)
    async with hutong(*words) as killed:
        address = await killed.ready()
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            person = {"nickname": "Alice", "password": "correct horse battery"}
            number = (await client.post("/api/v1/accounts", json=person)).json()["number"]
        engines = [engine(killed, "postgres"), engine(killed, "nats-server")]
        servers = [one for one in below(killed.process) if "hutong.cli.children" in one.cmdline()]
        assert len(servers) == (workers if workers > 1 else 0)
        killed.process.kill()
        await killed.end()
    async with hutong(*words) as again:
        address = await again.ready()
        assert "Stopping PostgreSQL, left behind by an earlier hutong" in again.said
        assert alive(engines) == []
        assert alive(servers) == []
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            signed_in = await client.post(
                "/api/v1/sessions", json={"login": str(number), "password": person["password"]}
            )
            assert signed_in.status_code == 201
        await again.told(signal.SIGTERM)


async def test_what_dies_under_it_comes_back(data: Path) -> None:
    async with hutong("serve", "--data", data, "--port", 0, "--workers", 2) as command:
        address = await command.ready()
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            for name in ("postgres", "nats-server"):
                before = engine(command, name)
                before.kill()
                await command.until(f"{'PostgreSQL' if name == 'postgres' else 'NATS'} is back")
                assert engine(command, name).pid != before.pid
                await until_ready(client)
            servers = [one for one in below(command.process) if "hutong.cli.children" in one.cmdline()]
            servers[0].kill()
            await command.until(f"Server process {servers[0].pid} has ended (-9); starting another one")
            await until_ready(client)
            assert processes_shown((await client.get("/metrics")).text) == {"0", "1"}
        assert await command.told(signal.SIGTERM) < STOPS_WITHIN_S


def processes_shown(measures: str) -> set[str]:
    """The processes whose measures are shown, by the numbers that they keep when they are started again."""
    return set(re.findall(r'hutong_loop_lag_worst_seconds\{process="(\d)"\}', measures))


async def test_each_role_serves_what_is_its_own(data: Path) -> None:
    async with hutong("serve", "--data", data, "--port", 0, "--roles", "worker") as command:
        address = await command.ready()
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            assert (await client.get("/readyz")).status_code == 200
            assert (await client.get("/metrics")).status_code == 200
            assert (await client.get("/api/v1/site")).status_code == 404
            upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
            key = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="}
            assert (await client.get("/socket", headers=upgrade | key)).status_code == 404
        await command.told(signal.SIGTERM)


async def test_it_stops_while_it_waits_for_a_recovery(data: Path) -> None:
    async with hutong("serve", "--data", data, "--port", 0) as first:
        await first.ready()
        await first.told(signal.SIGTERM)
    local = data / "postgresql.conf"
    local.write_text("restore_command = 'sleep 600; false'\nhot_standby = off\n")
    local.chmod(0o644)
    wanted = data / "postgres" / "recovery.signal"
    wanted.touch()
    os.chown(wanted, wanted.parent.stat().st_uid, wanted.parent.stat().st_gid)
    async with hutong("serve", "--data", data, "--port", 0) as command:
        await command.until("Waiting for PostgreSQL to recover; this takes as long as it takes")
        processes = below(command.process)
        assert await command.told(signal.SIGTERM) < STOPS_WITHIN_S
        assert command.said[-2:] == ["Stopping before it was up", "Stopped"]
        assert alive(processes) == []
    local.unlink()
    wanted.unlink()


async def test_what_cannot_be_is_refused_with_a_sentence(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refusals = {
            ("serve", "--port", port): f"Cannot listen on 127.0.0.1, port {port}: Address already in use",
            ("serve", "--roles", "api,cook"): "There is no role cook; there are api, gateway, worker",
            ("serve", "--roles", ","): "--roles names no role",
            ("serve", "--workers", 0): "--workers must be at least 1",
        }
        for words, sentence in refusals.items():
            async with hutong(*words, "--data", data) as command:
                assert await command.end() == 1
            assert command.said[-1].startswith(f"hutong: {sentence}")
    async with hutong("serve", "--data", data, environment={"HUTONG_SIGN_UP": "perhaps"}) as command:
        assert await command.end() == 1
    assert command.said[-1].startswith("hutong: HUTONG_SIGN_UP cannot be used: Invalid enum value 'perhaps'")
    assert not is_there(data)


async def test_a_store_of_files_that_cannot_be_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="HUTONG_FILES_URL must begin with"):
        async with assembled(Settings(data=tmp_path, files_url="ftp://files")):
            raise AssertionError("it began")
