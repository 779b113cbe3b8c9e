"""One process of hutong: its parts put together, started and stopped in the right order."""

import asyncio
import contextlib
import gc
import resource
import socket
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
import uvicorn
from prometheus_client import REGISTRY, CollectorRegistry

from hutong.api import House, create_app, create_health_app
from hutong.bridges import HOSTS, Desk, ReverseLines, porters_at
from hutong.domains.chat import MessageWriter
from hutong.gateway import SOCKET_PATH, Gateway, GatewayMeasures, accept_with, socket_protocol
from hutong.infra.bus import STOPPING, Bus
from hutong.infra.certificates import tls_files
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.infra.scratch import scratch_folder
from hutong.infra.telemetry import LoopLag
from hutong.infra.web import by_host
from hutong.kit.clock import Clock, system_clock
from hutong.settings import Settings
from hutong.worker import Worker

from .files import blobs_from
from .listening import bind_tls, certificates_in

__all__ = ["ROLES", "Beside", "Parts", "assembled", "run_process", "serve_on"]

log = structlog.get_logger()

Beside = Callable[[House], Coroutine[Any, Any, None]]
"""Something that goes on while a process serves, with the parts of that process."""

ROLES = frozenset({"api", "gateway", "worker"})

# Who is told to stop has 5 seconds, of which the engines, which stop last, need two.
GATEWAY_STOPS_WITHIN_S = 0.7
REQUESTS_END_WITHIN_S = 1
STOPPING_SAID_AFTER_S = 0.1
PARTS_STOP_WITHIN_S = 1.0

OPEN_FILES_WANTED = 2**20
_NEW_OBJECTS_BEFORE_A_LOOK = 20_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs in this process."""

    house: House
    gateway: Gateway
    roles: frozenset[str]


async def _connected(settings: Settings, clock: Clock) -> tuple[House, Gateway]:
    """What works together in a process, connected to its engines; nothing is at work yet."""
    blobs = blobs_from(settings)
    database = Database(settings.database_url)
    limits = settings.limits
    bus = Bus(settings.nats_url, replicas=settings.nats_replicas, facts_bytes_max=limits.facts_bytes_max)
    await bus.connect()
    writer = MessageWriter(
        settings.database_url,
        clock=clock,
        say=bus.say,
        batch_max=limits.write_batch_max,
        queue_max=limits.write_queue_max,
        messages_per_10_s_max=limits.messages_per_10_s_max,
    )
    gateway = Gateway(database=database, bus=bus, writer=writer, limits=limits, clock=clock)
    writer.deliver = gateway.deliver_runs

    def say(subject: str, payload: bytes) -> None:
        gateway.hear(subject, payload)
        bus.say_here(subject, payload)
        bus.say(subject, payload)

    database.say = say
    darkroom = Darkroom(limits)
    desk = Desk(
        settings=settings, database=database, bus=bus, writer=writer, blobs=blobs, darkroom=darkroom, clock=clock
    )
    porters = porters_at(desk)
    house = House(
        settings=settings,
        database=database,
        bus=bus,
        writer=writer,
        blobs=blobs,
        darkroom=darkroom,
        desk=desk,
        porters=porters,
        clock=clock,
    )
    return house, gateway


@asynccontextmanager
async def assembled(
    settings: Settings,
    roles: frozenset[str] = ROLES,
    *,
    clock: Clock = system_clock,
    registry: CollectorRegistry = REGISTRY,
) -> AsyncGenerator[Parts]:
    """The parts of a process, connected to their engines and at work. When the block ends the clients are told to come
    back, what was taken from them is stored, and everything is closed."""
    house, gateway = await _connected(settings, clock)
    worker = Worker(
        database=house.database,
        bus=house.bus,
        blobs=house.blobs,
        porters=house.porters,
        lines=ReverseLines(house.desk),
        settings=settings,
        clock=clock,
    )
    measures = GatewayMeasures(gateway)
    registry.register(measures)
    writing = asyncio.create_task(house.writer.run())
    if "gateway" in roles:
        await gateway.start()
    if "worker" in roles:
        await worker.start()
    watching = asyncio.create_task(LoopLag().watch())
    try:
        yield Parts(house, gateway, roles)
    finally:
        registry.unregister(measures)
        watching.cancel()
        ends_at = asyncio.get_running_loop().time() + PARTS_STOP_WITHIN_S
        await _by(ends_at, "gateway", gateway.stop())
        await _by(ends_at, "worker", worker.stop())
        await _by(ends_at, "darkroom", house.darkroom.close())
        # What has not been stored by then has not been acknowledged either.
        await _by(ends_at, "writer", house.writer.drain())
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await _by(ends_at, "bus", house.bus.close())
        await _by(ends_at, "database", house.database.close())


async def _by(ends_at: float, part: str, step: Coroutine[Any, Any, None]) -> None:
    """Takes one step of the way down, until a time of the loop's clock. Neither an error nor an engine that is gone
    holds up the steps after it."""
    task = asyncio.create_task(step)
    done, _ = await asyncio.wait({task}, timeout=max(0.05, ends_at - asyncio.get_running_loop().time()))
    if not done:
        task.cancel()
        log.warning("process.part_did_not_stop_in_time", part=part)
    elif (error := task.exception()) is not None:
        log.warning("process.part_failed_to_stop", part=part, error=repr(error))


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the process, and says when it answers and when it takes no more."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Once it has closed its doors: who is answered now cannot ask again.
        asyncio.get_running_loop().call_later(STOPPING_SAID_AFTER_S, self._stopping)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _nobody_waits() -> None:
    """For those who need not know when requests are answered: the socket takes connections before that."""


async def serve_on(
    parts: Parts,
    sockets: list[socket.socket],
    stopping: asyncio.Event,
    ready: Callable[[], None] = _nobody_waits,
    tls_sockets: Sequence[socket.socket] = (),
) -> None:
    """Serves HTTP and sockets until ``stopping`` is set; requests under way are answered first. Health and measures
    are served in every role. On ``tls_sockets`` the same is served with the certificate for the hosts of others."""
    configure = _configured(parts)
    stopping_said = partial(parts.house.bus.say_here, STOPPING, b"")
    servers = [(_Server(configure(), ready, stopping_said), sockets)]
    if tls_sockets:
        shown = tls_files(certificates_in(parts.house.settings)) or {}
        servers.append((_Server(configure(**shown), _nobody_waits, stopping_said), list(tls_sockets)))

    async def serve_all() -> None:
        await asyncio.gather(*(server.serve(sockets=taken) for server, taken in servers))

    serving = asyncio.create_task(serve_all())
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not serving.done():
        ends_at = asyncio.get_running_loop().time() + GATEWAY_STOPS_WITHIN_S
        parts.house.leaving.set()
        await _by(ends_at, "gateway", parts.gateway.stop())
        for server, _ in servers:
            server.should_exit = True
    await serving


def _configured(parts: Parts) -> Callable[..., uvicorn.Config]:
    """How a process serves, whatever it listens on."""
    limits = parts.house.settings.limits
    protocol = socket_protocol(
        accept_with(parts.gateway, public_url=parts.house.settings.public_url),
        path=SOCKET_PATH,
        frame_bytes_max=limits.frame_read_bytes_max,
        idle_ping_s=limits.idle_ping_s,
    )
    application = create_app(parts.house) if "api" in parts.roles else create_health_app(parts.house)
    return partial(
        uvicorn.Config,
        by_host(application, HOSTS),
        loop="none",
        http="httptools",
        ws=protocol if "gateway" in parts.roles else "none",
        ws_max_size=limits.bridge_frame_bytes_max,
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=REQUESTS_END_WITHIN_S,
        backlog=4096,
    )


async def run_process(
    settings: Settings,
    roles: frozenset[str],
    listening: socket.socket,
    stopping: asyncio.Event,
    ready: Callable[[], None],
    beside: Beside | None = None,
) -> None:
    """A whole process in the given roles, until ``stopping`` is set. The settings name a database that is migrated and
    a bus; both may go away and come back. ``beside`` runs as long as the process serves."""
    _allow_many_files()
    async with scratch_folder(), assembled(settings, roles) as parts:
        going_on = asyncio.create_task(beside(parts.house)) if beside is not None else None

        def settled() -> None:
            _spare_the_collector()
            ready()

        with_tls = "api" in roles and settings.bridge_tls_port
        await serve_on(parts, [listening], stopping, settled, [bind_tls(settings)] if with_tls else [])
        if going_on is not None:
            going_on.cancel()
            await asyncio.wait({going_on})


def _spare_the_collector() -> None:
    """What is there when a process is ready stays to its end. To look through all of it takes a tenth of a second, in
    which nobody is served, so the collector of cycles is told to look at what comes later only. Rows and frames come by
    the thousand and go without it, so it need not look at every seven hundred of them: that was a seventh of the work
    where a thousand bots listen."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_BEFORE_A_LOOK)


def _allow_many_files() -> None:
    """Every connection is an open file, and the usual bound of 1,024 is too low for a community."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some systems name a hard bound that they then refuse.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
