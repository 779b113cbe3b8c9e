"""One process of hutong: its parts put together, started and stopped in the right order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from prometheus_client import REGISTRY, CollectorRegistry

from hutong.api import House, create_app
from hutong.domains.chat import MessageWriter
from hutong.gateway import Gateway, GatewayMeasures, accept_with, socket_protocol
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.kit.clock import Clock, system_clock
from hutong.settings import Settings
from hutong.worker import Worker

__all__ = ["ROLES", "Parts", "assembled", "serve_on"]

ROLES = frozenset({"api", "gateway", "worker"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs in this process."""

    house: House
    gateway: Gateway
    roles: frozenset[str]


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
    database = Database(settings.database_url)
    bus = Bus(settings.nats_url)
    await bus.connect()
    limits = settings.limits
    writer = MessageWriter(
        settings.database_url,
        clock=clock,
        say=bus.say,
        batch_max=limits.write_batch_max,
        queue_max=limits.write_queue_max,
    )
    gateway = Gateway(database=database, bus=bus, writer=writer, limits=limits, clock=clock)
    writer.deliver = gateway.deliver_runs

    def say(subject: str, payload: bytes) -> None:
        gateway.hear(subject, payload)
        bus.say(subject, payload)

    database.say = say
    worker = Worker(database=database, bus=bus)
    measures = GatewayMeasures(gateway)
    registry.register(measures)
    writing = asyncio.create_task(writer.run())
    if "gateway" in roles:
        await gateway.start()
    if "worker" in roles:
        await worker.start()
    try:
        yield Parts(House(settings=settings, database=database, bus=bus, writer=writer, clock=clock), gateway, roles)
    finally:
        registry.unregister(measures)
        await gateway.stop()
        await worker.stop()
        await writer.drain()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await bus.close()
        await database.close()


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve_on(parts: Parts, sockets: list[socket.socket], stopping: asyncio.Event) -> None:
    """Serves HTTP and sockets until ``stopping`` is set; requests under way are answered first."""
    limits = parts.house.settings.limits
    protocol = socket_protocol(
        accept_with(parts.gateway, public_url=parts.house.settings.public_url),
        frame_bytes_max=limits.frame_read_bytes_max,
        idle_ping_s=limits.idle_ping_s,
    )
    config = uvicorn.Config(
        create_app(parts.house),
        loop="none",
        http="httptools",
        ws=protocol if "gateway" in parts.roles else "none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
        backlog=4096,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not serving.done():
        await parts.gateway.stop()
        server.should_exit = True
    await serving
