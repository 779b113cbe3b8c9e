"""The worker role of a process: everything that runs without anybody asking."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hutong.domains.identity.jobs import sweep_sessions
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.limits import sweep_counters
from hutong.settings import Limits

from .relay import relay_facts

__all__ = ["Worker"]

log = structlog.get_logger()

_SWEEP_EVERY_S = 600
_SWEEP_SESSIONS_EVERY_S = 21_600


class Worker:
    """Relays facts and sweeps. Several processes may run one: locks make sure that each thing is done once."""

    def __init__(self, *, database: Database, bus: Bus, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._bus = bus
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(relay_facts(self._database.url, self._bus)),
            asyncio.create_task(self._every(_SWEEP_EVERY_S, lambda: sweep_counters(self._database))),
            asyncio.create_task(self._every(_SWEEP_SESSIONS_EVERY_S, self._sweep_sessions)),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _sweep_sessions(self) -> None:
        await sweep_sessions(self._database, idle_days_max=self._limits.session_idle_days)

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await job()
            except Exception:
                # The edge of a job: it will be tried again, and the others go on.
                log.exception("worker.job_failed")
            await asyncio.sleep(seconds)
