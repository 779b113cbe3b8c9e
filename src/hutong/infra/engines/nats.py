"""nats-server under our own roof: on 127.0.0.1, with a password, its streams in the data folder."""

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil

from .errors import CannotStart
from .folder import DataFolder, EngineNotes, write_private
from .owner import Owner
from .process import EngineProcess, Say, every_few_seconds, is_alive, stop_orphans
from .programs import reachable_nats

__all__ = ["Nats", "nats_url"]

USER = "hutong"
STOP_PATIENCE_S = 1.5
PORT_TRIALS = 5


def nats_url(notes: EngineNotes) -> str:
    """The address of a data folder's own NATS, with its password."""
    return f"nats://{USER}:{notes.nats_password}@127.0.0.1:{notes.nats_port}"


class Nats:
    """The bus of one data folder."""

    name = "NATS"

    def __init__(self, folder: DataFolder, notes: EngineNotes, owner: Owner, say: Say) -> None:
        self.folder = folder
        self.notes = notes
        self.owner = owner
        self.say = say
        self.process: EngineProcess | None = None
        self.closing = False
        self._program = Path()
        self._configuration = folder.nats / "nats.conf"

    @property
    def url(self) -> str:
        return nats_url(self.notes)

    async def prepare(self) -> None:
        """Once before the first ``start``: stops an orphan, and settles the port for as long as hutong runs."""
        self._program = await asyncio.to_thread(reachable_nats, self.folder, self.owner)
        self.folder.open_to_owner(self.folder.nats, self.owner)
        await self._stop_orphans()
        if not _is_free(self.notes.nats_port):
            self._take_another_port()

    async def start(self) -> None:
        """Starts it and waits until it answers. Raises ``CannotStart``."""
        for trial in range(PORT_TRIALS):
            await self._stop_orphans()
            if self.closing:
                return
            first = self.process is None
            write_private(self._configuration, self._settings(), self.owner)
            self.process = EngineProcess(
                self.name,
                [str(self._program), "-c", str(self._configuration)],
                cwd=self.folder.nats,
                log=self.folder.logs / "nats.log",
                owner=self.owner,
            )
            try:
                await self._answers(self.process)
            except CannotStart:
                # Before anybody knows the address, another one does as well.
                if trial == PORT_TRIALS - 1 or not first or _is_free(self.notes.nats_port):
                    raise
                self._take_another_port()
                self.process = None
            else:
                return

    async def stop(self) -> None:
        self.closing = True
        if self.process is not None:
            await self.process.stop(signal.SIGTERM, signal.SIGTERM, STOP_PATIENCE_S)

    def _take_another_port(self) -> None:
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.notes.nats_port = trial.getsockname()[1]
        self.folder.keep_notes(self.notes)

    def _settings(self) -> bytes:
        """The configuration; NATS reads JSON. Every write to a stream is on the disk before it is acknowledged."""
        settings = {
            "host": "127.0.0.1",
            "port": self.notes.nats_port,
            "server_name": self.notes.name,
            "pid_file": str(self.folder.nats / "nats.pid"),
            "authorization": {"user": USER, "password": self.notes.nats_password, "timeout": 5},
            "jetstream": {
                "store_dir": str(self.folder.nats / "streams"),
                "max_memory_store": 64 * 2**20,
                "max_file_store": 16 * 2**30,
                "sync_interval": "always",
            },
            "max_payload": 2**20,
            "write_deadline": "5s",
        }
        return json.dumps(settings, ensure_ascii=False, indent=2).encode()

    async def _answers(self, process: EngineProcess) -> None:
        progress = every_few_seconds(self.say, "Waiting for NATS to read its streams")
        while not process.has_ended:
            if await _greeted_by(self.notes.nats_port) == self.notes.name:
                return
            progress.tick()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.ended(), progress.pause_s)
        raise process.failed()

    async def _stop_orphans(self) -> None:
        await stop_orphans(self._orphans, [(signal.SIGTERM, 10.0)], self.say, "NATS")

    def _orphans(self) -> Iterator[psutil.Process]:
        try:
            pid = int((self.folder.nats / "nats.pid").read_text())
            process = psutil.Process(pid)
            if str(self._configuration) in process.cmdline() and is_alive(process):
                yield process
        except (OSError, ValueError, psutil.NoSuchProcess):
            return


def _is_free(port: int) -> bool:
    if port == 0:
        return False
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def _greeted_by(port: int) -> str:
    """The name of the NATS server that greets on the port, or nothing."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                greeting = await reader.readline()
            finally:
                writer.close()
        return str(json.loads(greeting.removeprefix(b"INFO "))["server_name"])
    except (OSError, TimeoutError, ValueError, KeyError):
        return ""
