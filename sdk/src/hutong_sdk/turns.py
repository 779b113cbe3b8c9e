"""Who comes when: what happens in one chat is handled in its order, several chats at a time.

``done`` is the number up to which everything has been handled; a bot that starts again goes on there.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from .heard import Heard

__all__ = ["Turns"]


class Turns:
    """Hands each thing to ``handle``, which raises nothing. Not more than ``at_once_max`` wait or are in work."""

    def __init__(self, handle: Callable[[Heard], Awaitable[None]], *, at_once_max: int = 500) -> None:
        self.done = 0
        self._handle = handle
        self._room = asyncio.Semaphore(at_once_max)
        self._waiting: dict[int, deque[tuple[Heard, asyncio.Event]]] = {}
        self._under_way: dict[int, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._newest = 0

    def begin_after(self, event: int) -> None:
        """Everything up to there counts as handled."""
        self._newest = max(self._newest, event)
        self._count()

    async def take(self, heard: Heard) -> asyncio.Event:
        """Waits while there is no room. What is returned is set once this has been handled."""
        await self._room.acquire()
        self._newest = max(self._newest, heard.event)
        self._under_way[heard.event] = None
        finished = asyncio.Event()
        if heard.chat in self._waiting:
            self._waiting[heard.chat].append((heard, finished))
        else:
            self._waiting[heard.chat] = deque([(heard, finished)])
            task = asyncio.create_task(self._work(heard.chat))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return finished

    async def finish(self, within_s: float) -> None:
        """Waits for what is in work; what takes longer is broken off, and does not count as handled."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, chat: int) -> None:
        waiting = self._waiting[chat]
        while waiting:
            heard, finished = waiting.popleft()
            await self._handle(heard)
            self._under_way.pop(heard.event, None)
            self._count()
            finished.set()
            self._room.release()
        del self._waiting[chat]

    def _count(self) -> None:
        oldest = min(self._under_way, default=self._newest + 1)
        self.done = max(self.done, oldest - 1)
