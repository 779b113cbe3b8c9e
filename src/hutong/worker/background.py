"""The worker role of a process: everything that runs without anybody asking."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.limits import sweep_counters

from .relay import relay_facts

__all__ = ["Worker"]

log = structlog.get_logger()

_SWEEP_EVERY_S = 600


class Worker:
    """Relays facts and sweeps. Several processes may run one: locks make sure that each thing is done once."""

    def __init__(self, *, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(relay_facts(self._database.url, self._bus)),
            asyncio.create_task(self._every(_SWEEP_EVERY_S, lambda: sweep_counters(self._database))),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await job()
            except Exception:
                # The edge of a job: it will be tried again, and the others go on.
                log.exception("worker.job_failed")
            await asyncio.sleep(seconds)
