"""The worker role of a process: everything that runs without anybody asking."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.bridges import ReverseLines
from hutong.domains.chat import carried_media
from hutong.domains.chat.jobs import SAMPLED_EVERY_S, link_previews, sample_accounts_online
from hutong.domains.cloud.jobs import app_holdings, sweep_holdings
from hutong.domains.directory import pictures_in_use
from hutong.domains.directory.jobs import GRANTS_LOOKED_AT_EVERY_S, app_listings, sweep_grants
from hutong.domains.identity.jobs import sweep_sessions
from hutong.domains.media.jobs import sweep_media
from hutong.domains.notifications.jobs import sweep_notices
from hutong.domains.openplatform import Porters
from hutong.domains.openplatform.jobs import (
    RECALLED_EMPTIED_EVERY_S,
    SEATS_COMPARED_EVERY_S,
    SWEPT_EVERY_S,
    bot_seats,
    bring_bot_events,
    compare_bot_seats,
    empty_recalled,
    sweep_bot_events,
    sweep_given,
)
from hutong.infra.blobs import Blobs
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.http_client import GuardedClient
from hutong.infra.jobs import Subscriber, count_dead_letters, sweep_handled
from hutong.infra.limits import sweep_counters
from hutong.kit.clock import Clock
from hutong.settings import Settings

from .courier import Courier
from .relay import FACTS_KEPT_S, relay_facts
from .subscribers import attend

__all__ = ["Worker", "media_in_use"]

log = structlog.get_logger()

_SWEEP_EVERY_S = 600
_SWEEP_SESSIONS_EVERY_S = 21_600
_SWEEP_MEDIA_EVERY_S = 60
_LETTERS_COUNTED_EVERY_S = 60
_AFTER_FAILURE_S = 1
_ATTEND_AGAIN_S = 1
_HANDLED_KEPT = timedelta(seconds=2 * FACTS_KEPT_S)

DEAD_LETTERS = Gauge("hutong_dead_letters", "Facts that a subscriber could not handle.", ("subscriber",))
ONLINE = Gauge("hutong_online_accounts", "Accounts online in the last minute that was sampled.", ("client",))


async def media_in_use(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those of these files that something uses, whichever domain it is of: a ``media.InUse``."""
    return await carried_media(session, ids) | await pictures_in_use(session, ids)


class Worker:
    """Relays facts and sweeps. Several processes may run one: a lock lets one of them relay, and a sweep that two
    make at once does no harm."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        blobs: Blobs,
        porters: Porters,
        lines: ReverseLines,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._bus = bus
        self._blobs = blobs
        self._settings = settings
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._lines = lines
        self._courier = Courier(database=database, porters=porters, settings=settings, clock=clock)

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(relay_facts(self._database.url, self._bus)),
            asyncio.create_task(self._every(_SWEEP_EVERY_S, lambda: sweep_counters(self._database))),
            asyncio.create_task(self._every(_SWEEP_SESSIONS_EVERY_S, self._sweep_sessions)),
            asyncio.create_task(self._every(_SWEEP_MEDIA_EVERY_S, self._sweep_media)),
            asyncio.create_task(self._every(_SWEEP_MEDIA_EVERY_S, self._sweep_holdings)),
            asyncio.create_task(self._every(_SWEEP_SESSIONS_EVERY_S, self._sweep_handled)),
            asyncio.create_task(self._every(_SWEEP_SESSIONS_EVERY_S, self._sweep_notices)),
            asyncio.create_task(self._every(GRANTS_LOOKED_AT_EVERY_S, self._sweep_grants)),
            asyncio.create_task(self._every(_LETTERS_COUNTED_EVERY_S, self._count_dead_letters)),
            asyncio.create_task(self._every(SAMPLED_EVERY_S, self._sample_accounts_online)),
            asyncio.create_task(self._every(RECALLED_EMPTIED_EVERY_S, self._empty_recalled)),
            asyncio.create_task(self._every(SWEPT_EVERY_S, self._sweep_bot_events)),
            asyncio.create_task(self._every(SEATS_COMPARED_EVERY_S, self._compare_bot_seats)),
            asyncio.create_task(self._every(0, self._bring_bot_events)),
            asyncio.create_task(self._every(_SWEEP_EVERY_S, self._sweep_given)),
            asyncio.create_task(self._every(0, self._courier.look)),
            asyncio.create_task(self._every(0, self._lines.look)),
            *[asyncio.create_task(self._attend(subscriber)) for subscriber in self._subscribers()],
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self._courier.stop(), self._lines.stop())

    async def _sweep_sessions(self) -> None:
        await sweep_sessions(self._database, idle_days_max=self._settings.limits.session_idle_days)

    def _subscribers(self) -> list[Subscriber]:
        subscribers = [
            bot_seats(self._database, clock=self._clock, limits=self._settings.limits),
            app_holdings(self._database, clock=self._clock),
            app_listings(self._database, clock=self._clock, limits=self._settings.limits),
        ]
        if self._settings.link_previews:
            client = GuardedClient(private_allowed=self._settings.private_addresses_allowed)
            at_once_max = self._settings.limits.previews_at_once_max
            subscribers.append(link_previews(self._database, client, at_once_max=at_once_max, clock=self._clock))
        return subscribers

    async def _attend(self, subscriber: Subscriber) -> None:
        await self._every(_ATTEND_AGAIN_S, lambda: attend(subscriber, self._bus, self._database))

    async def _bring_bot_events(self) -> None:
        pause_s = await bring_bot_events(self._database, clock=self._clock, limits=self._settings.limits)
        await asyncio.sleep(pause_s)

    async def _empty_recalled(self) -> None:
        await empty_recalled(self._database, clock=self._clock)

    async def _sweep_bot_events(self) -> None:
        await sweep_bot_events(self._database, clock=self._clock, limits=self._settings.limits)

    async def _compare_bot_seats(self) -> None:
        await compare_bot_seats(self._database, clock=self._clock)

    async def _sweep_notices(self) -> None:
        await sweep_notices(self._database, clock=self._clock, limits=self._settings.limits)

    async def _sweep_grants(self) -> None:
        await sweep_grants(self._database, clock=self._clock, limits=self._settings.limits)

    async def _sweep_given(self) -> None:
        await sweep_given(self._database, clock=self._clock)

    async def _sweep_handled(self) -> None:
        async with self._database.transaction() as session:
            await sweep_handled(session, older_than=_HANDLED_KEPT, clock=self._clock)

    async def _count_dead_letters(self) -> None:
        async with self._database.transaction() as session:
            counts = await count_dead_letters(session)
        DEAD_LETTERS.clear()
        for subscriber, count in counts.items():
            DEAD_LETTERS.labels(subscriber).set(count)

    async def _sweep_media(self) -> None:
        await sweep_media(
            self._database, self._blobs, in_use=media_in_use, limits=self._settings.limits, clock=self._clock
        )

    async def _sweep_holdings(self) -> None:
        await sweep_holdings(self._database, self._blobs, clock=self._clock)

    async def _sample_accounts_online(self) -> None:
        kept_days = self._settings.limits.online_samples_kept_days
        counts = await sample_accounts_online(self._database, kept_days=kept_days, clock=self._clock)
        ONLINE.clear()
        for client, accounts in counts.items():
            ONLINE.labels(client).set(accounts)

    async def _every(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await job()
            except Exception:
                # The edge of a job: it will be tried again, and the others go on.
                log.exception("worker.job_failed")
                await asyncio.sleep(_AFTER_FAILURE_S)
            await asyncio.sleep(seconds)
