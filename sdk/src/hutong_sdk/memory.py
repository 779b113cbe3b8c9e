"""Where a bot takes down how far it has heard, so that it goes on there when it is started again."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["Memory"]

_EVERY_S = 0.2


class Memory:
    """A number in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: int | None = None

    def recall(self) -> int | None:
        """The number that was kept last. Raises ``ValueError`` where the file holds something else."""
        with contextlib.suppress(FileNotFoundError):
            self._kept = int(self.path.read_text())
        return self._kept

    def keep(self, number: int) -> None:
        """Replaces the file as a whole, so that it is never read half written."""
        if number != self._kept:
            beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
            beside.write_text(f"{number}\n")
            beside.replace(self.path)
            self._kept = number

    async def follow(self, number: Callable[[], int]) -> None:
        """Keeps the number whenever it has grown. After a crash what happened since then is heard again."""
        while True:
            await asyncio.to_thread(self.keep, number())
            await asyncio.sleep(_EVERY_S)
