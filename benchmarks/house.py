"""A real hutong with a data folder of its own, its server on one core and its engines on the other."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from .machine import OTHER_CORE, SERVER_CORE, cpu_seconds, pin

ENGINES = ("postgres", "nats-server")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _names_of(processes: list[psutil.Process]) -> dict[int, str]:
    """By their numbers, without those that have just ended: PostgreSQL has some for a moment only."""
    names: dict[int, str] = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            names[process.pid] = process.name()
    return names


class Hutong:
    """``python -m hutong serve`` on an empty data folder (or on ``data``, to start a second time)."""

    def __init__(self, *, workers: int = 1, data: Path | None = None, **environment: str) -> None:
        self.owns_data = data is None
        self.data = data or Path(tempfile.mkdtemp(prefix="hutong-bench-", dir="/var/tmp"))
        self.port = free_port()
        self.log = (self.data.parent / f"{self.data.name}.log").open("a")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "hutong",
                "serve",
                "--data",
                str(self.data),
                "--port",
                str(self.port),
                "--workers",
                str(workers),
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HUTONG_SIGN_UP": "open"} | environment,
        )
        self._wait_until_ready()
        self.ready_s = time.monotonic() - began

    def _wait_until_ready(self, timeout_s: float = 90) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self.process.poll() is None:
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(self.url("/readyz"), timeout=2),
            ):
                return
            time.sleep(0.02)
        # The block that would stop it is not entered, so it is stopped here, and its engines with it.
        if self.process.poll() is None:
            self.stop()
        raise RuntimeError(f"hutong did not become ready; its words are in {self.log.name}.")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def processes(self) -> tuple[list[int], list[int]]:
        """The numbers of hutong's own processes, and of its engines' processes."""
        tree = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        named = _names_of(tree)
        for process in psutil.process_iter(["pid", "name", "cmdline"]):
            if process.info["name"] in ENGINES and str(self.data) in " ".join(process.info["cmdline"] or []):
                named |= _names_of([process, *process.children(recursive=True)])
        engines = [pid for pid, name in named.items() if name.startswith(ENGINES)]
        return [pid for pid in named if pid not in engines], engines

    def pin(self) -> Self:
        """The server on its core, PostgreSQL and NATS on the other."""
        own, engines = self.processes()
        for pids, core in ((own, SERVER_CORE), (engines, OTHER_CORE)):
            for pid in pids:
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    pin(pid, core)
        return self

    def cpu_seconds(self) -> tuple[float, float]:
        """So far: of the server, of its engines."""
        own, engines = self.processes()
        return cpu_seconds(own), cpu_seconds(engines)

    def metrics(self) -> dict[str, float]:
        """Every metric by its name, summed over its labels."""
        with urllib.request.urlopen(self.url("/metrics"), timeout=10) as answer:
            text = answer.read().decode()
        totals: dict[str, float] = {}
        for name, value in re.findall(r"^([a-z_]+)(?:\{[^}]*\})? ([0-9.e+-]+)$", text, re.MULTILINE):
            totals[name] = totals.get(name, 0) + float(value)
        return totals

    def stop(self) -> float:
        """Seconds from SIGTERM to the end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()
        self.log.close()
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)
        if kind is None:
            Path(self.log.name).unlink(missing_ok=True)
