"""``hutong serve``: the engines, the migration, and the processes that serve."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import psutil
import structlog
import uvloop
from cyclopts import Parameter

from hutong import __version__
from hutong.infra.engines import Engines, start_engines
from hutong.infra.migrations import migrate
from hutong.infra.telemetry import set_up_logging
from hutong.settings import Settings

from .children import Children
from .console import BadSettings, say, settings_from
from .listening import bind, check_tls
from .process import ROLES, Beside, run_process

__all__ = ["serve", "serve_alone"]

log = structlog.get_logger()

T = TypeVar("T")

Prepare = Callable[[Settings], Coroutine[Any, Any, None]]
_Run = Callable[[Settings, asyncio.Event], Coroutine[Any, Any, None]]


class _Stopped(Exception):
    """Hutong was told to stop before it was up."""


def serve(
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    roles: Annotated[str, Parameter(env_var="HUTONG_ROLES")] = "api,gateway,worker",
    workers: Annotated[int, Parameter(env_var="HUTONG_WORKERS")] = 1,
) -> None:
    """Start hutong: its engines, then the server.

    The database is brought up to date in between.

    Parameters
    ----------
    data
        The data folder. Its default is /var/lib/hutong for root, else ~/.local/share/hutong.
    host
        The address to listen on; 0.0.0.0 for all.
    port
        The port for everything: pages, HTTP and sockets.
    roles
        What this machine does, where several share the work: api, gateway, worker, separated by commas.
    workers
        How many processes serve. One is enough for thousands of people; more use more cores.
    """
    set_up_logging()
    chosen = _roles_from(roles)
    if workers < 1:
        raise BadSettings(reason="--workers must be at least 1")
    settings = settings_from(data, host=host, port=port)
    listening = bind(settings.host, settings.port)
    check_tls(settings)
    say(f"hutong {__version__} with its data in {settings.data}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, chosen, workers, listening))


def serve_alone(settings: Settings, prepare: Prepare, ready: Callable[[], None], beside: Beside) -> None:
    """Serves in one process: ``prepare`` is called when the database is migrated, ``ready`` when requests are
    answered, and ``beside`` goes on meanwhile."""
    listening = bind(settings.host, settings.port)

    async def run(settings: Settings, stopping: asyncio.Event) -> None:
        await _unless(stopping, prepare(settings))
        await run_process(settings, ROLES, listening, stopping, ready, beside)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_over_engines(settings, listening, run))


async def _run(settings: Settings, roles: frozenset[str], workers: int, listening: socket.socket) -> None:
    children = Children(workers, listening) if workers > 1 else None

    async def run(settings: Settings, stopping: asyncio.Event) -> None:
        if children is None:
            await run_process(settings, roles, listening, stopping, lambda: _ready(listening))
        else:
            await children.keep(settings, roles, stopping, lambda: _ready(listening))

    try:
        await _over_engines(settings, listening, run)
    finally:
        if children is not None:
            children.dismiss()


async def _over_engines(settings: Settings, listening: socket.socket, run: _Run) -> None:
    """Engines and migrations first, then ``run`` until hutong is told to stop, and everything down again after it."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # nohup has hutong ignore the end of the terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stopping.set)
    engines: Engines | None = None
    try:
        engines = await _unless(stopping, start_engines(settings, say))
        settings = msgspec.structs.replace(settings, database_url=engines.database_url, nats_url=engines.nats_url)
        watching = asyncio.create_task(engines.watch())
        await _unless(stopping, migrate(settings.database_url, say))
        await run(settings, stopping)
        say("Stopping")
    except _Stopped:
        say("Stopping before it was up")
    finally:
        listening.close()
        _tell_systemd("STOPPING=1")
        if engines is not None:
            await engines.stop()
            await watching
    say("Stopped")


async def _unless(stopping: asyncio.Event, step: Coroutine[Any, Any, T]) -> T:
    """What the step returns. Raises ``_Stopped`` when hutong is told to stop before that; the step is cancelled then,
    and has cleaned up after itself when this returns."""
    doing = asyncio.create_task(step)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not doing.done():
        doing.cancel()
        await asyncio.wait({doing})
        raise _Stopped
    return doing.result()


def _roles_from(text: str) -> frozenset[str]:
    chosen = frozenset(role.strip() for role in text.split(",")) - {""}
    if unknown := sorted(chosen - ROLES):
        raise BadSettings(reason=f"There is no role {unknown[0]}; there are {', '.join(sorted(ROLES))}")
    if not chosen:
        raise BadSettings(reason="--roles names no role")
    return chosen


def _ready(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    everywhere = host in ("0.0.0.0", "::")  # noqa: S104 - it is recognised here, not chosen
    shown = "localhost" if everywhere else f"[{host}]" if ":" in host else host
    say(f"Ready at http://{shown}:{port} ({time.time() - psutil.Process().create_time():.1f} s)")
    _tell_systemd("READY=1")


def _tell_systemd(state: str) -> None:
    """For units of ``Type=notify``. Does nothing elsewhere."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.connect("\0" + address[1:] if address.startswith("@") else address)
            told.send(state.encode())
