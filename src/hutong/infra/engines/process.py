"""One engine's process: started with its output in a file, waited for, stopped; and what a killed hutong left."""

import asyncio
import contextlib
import math
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from .errors import CannotStart
from .owner import Owner

__all__ = ["EngineProcess", "Say", "every_few_seconds", "is_alive", "rotate_log", "stop_orphans"]

Say = Callable[[str], None]
"""Tells the person at the console one sentence."""

LOG_BYTES_MAX = 10_000_000
POLL_S = 0.02
POLL_S_MAX = 0.5
SAY_EVERY_S = 3.0


class EngineProcess:
    """A child process. It is started once; a restart makes a new one."""

    def __init__(self, name: str, command: list[str], *, cwd: Path, log: Path, owner: Owner) -> None:
        self.name = name
        self.log = log
        rotate_log(log)
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        with log.open("ab") as output:
            output.write(b"\n")
            self._log_start = output.tell()
            # A session of its own keeps the terminal's Ctrl-C from the engines: hutong stops them after its clients.
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": "/usr/bin:/bin", "LANG": "C", "TZ": "UTC", "HOME": str(cwd)},
                start_new_session=True,
                umask=0o077,
                **owner.popen_options(),
            )
        # A thread, because not every event loop can wait for a process that it has not started.
        threading.Thread(target=self._wait, name=f"wait-{name}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._ended.done()

    async def ended(self) -> int:
        """Waits for the end; the exit code, or minus the signal's number."""
        return await asyncio.shield(self._ended)

    async def stop(self, gentle: signal.Signals, harsh: signal.Signals, patience_s: float) -> None:
        """Asks it to stop with ``gentle``, after ``patience_s`` with ``harsh``, after as long again with SIGKILL."""
        for number in (gentle, harsh, signal.SIGKILL):
            if self.has_ended:
                return
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), patience_s)
        await self.ended()

    def last_words(self) -> str:
        """The end of what it has written since it was started, on one line."""
        with self.log.open("rb") as file:
            file.seek(max(self._log_start, os.fstat(file.fileno()).st_size - 2_000))
            lines = file.read().decode(errors="replace").split("\n")
        return " / ".join(line.strip() for line in lines[-6:] if line.strip())

    def failed(self) -> CannotStart:
        """The error for a process that ended when it should have started."""
        return CannotStart(
            reason=f"{self.name} did not start: {self.last_words() or 'it said nothing'} (see {self.log})."
        )

    def _wait(self) -> None:
        code = self._process.wait()
        # The loop may be closed by then, and nobody waits any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._note_end, code)

    def _note_end(self, code: int) -> None:
        if not self._ended.done():
            self._ended.set_result(code)


def rotate_log(log: Path) -> None:
    """Keeps a log below a bound. It is emptied in place, because the engine goes on writing to the same file."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        shutil.copyfile(log, log.with_suffix(".log.old"))
        os.truncate(log, 0)


class every_few_seconds:  # noqa: N801 - it reads as a phrase where it is used
    """Says a sentence with the seconds that have passed, at most every few of them."""

    def __init__(self, say: Say, sentence: str) -> None:
        self._say = say
        self._sentence = sentence
        self._began = asyncio.get_running_loop().time()
        self._said = self._began

    @property
    def passed_s(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    @property
    def pause_s(self) -> float:
        """How long to wait before looking again: short at first, longer the longer it has taken."""
        return min(POLL_S_MAX, max(POLL_S, self.passed_s / 20))

    def tick(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._said >= SAY_EVERY_S:
            self._said = now
            self._say(f"{self._sentence} ({round(now - self._began)} s)")


async def stop_orphans(
    find: Callable[[], Iterable[psutil.Process]], steps: list[tuple[signal.Signals, float]], say: Say, name: str
) -> None:
    """Stops what an earlier hutong has left behind: sends each signal of ``steps`` and waits so many seconds for the
    end; after them SIGKILL, and then waits as long as it takes, saying so."""
    left = list(find())
    if not left:
        return
    say(f"Stopping {name}, left behind by an earlier hutong")
    progress = every_few_seconds(say, f"Waiting for {name} to stop")
    for number, patience_s in [*steps, (signal.SIGKILL, math.inf)]:
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        until_s = progress.passed_s + patience_s
        while left and progress.passed_s < until_s:
            await asyncio.sleep(progress.pause_s)
            progress.tick()
            left = [process for process in left if is_alive(process)]
        if not left:
            return


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
