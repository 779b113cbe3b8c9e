"""What a process puts aside while it works: files that are looked at, what libraries write on the way.

Each process has a folder of its own for it, in the system's folder for such things, and holds a lock on that as long as
it lives. A process that is killed cannot clear away; the lock goes with it, and so the next one that starts knows what
nobody needs any more.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

__all__ = ["scratch_folder"]

_PREFIX = "hutong-scratch-"


@asynccontextmanager
async def scratch_folder() -> AsyncGenerator[Path]:
    """As long as the block runs, whoever asks ``tempfile`` for a place gets it in a folder of this process, which goes
    at the end. What killed processes of the same user have left goes at the beginning."""
    before = tempfile.tempdir
    await asyncio.to_thread(_clear_away)
    folder, lock = _make()
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        os.close(lock)


def _make() -> tuple[Path, int]:
    """A new folder and the lock on it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        if os.geteuid() == 0:
            # The darkroom's processes are other users then, who pass through to what they are lent.
            folder.chmod(0o711)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Before it was locked, another process may have taken it for one that was left.
        if folder.exists():
            return folder, lock
        os.close(lock)


def _clear_away() -> None:
    """Removes the folders that nobody holds. The system's folder is everybody's: what is not ours stays."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
