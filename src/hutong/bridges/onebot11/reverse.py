"""Reverse WebSocket: we go to the bots whose owners have named an address, and come again whenever we lose them.

One process goes to one address: it holds the outlet by a lease, which it renews. How far a bot has heard is noted with
it, so one that was away hears what it has missed.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from hutong import __version__
from hutong.bridges.desk import Desk
from hutong.domains.openplatform import LINE_LEASED_FOR_S, Outlet, OutletKind, hold_line, let_line_go, take_lines
from hutong.infra.http_client import CannotFetch, open_socket
from hutong.kit.errors import HutongError

from .clerk import Clerk
from .ear import Ear
from .line import Line, LineRole
from .robots import Robots, form_in

__all__ = ["ReverseLines"]

log = structlog.get_logger()

_KIND: OutletKind = "onebot11_ws"
_TAKEN_AT_ONCE_MAX = 50
_HANDSHAKE_WITHIN_S = 10
_PORTS = {"ws": 80, "wss": 443}
_ROLES: dict[object, tuple[LineRole, str]] = {
    "universal": ("universal", "Universal"),
    "api": ("api", "API"),
    "event": ("event", "Event"),
}
"""By what an outlet says, the role and how the other end is told it."""
_HEARTBEAT_MS_MIN = 1_000


class Held:
    """A line that this process holds. ``position`` is the last event that the bot was sent; ``error`` why it is not
    connected."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.position = outlet.position
        self.error = ""
        self.serving: asyncio.Task[None] | None = None

    async def note_passed(self, event: int) -> None:  # A line awaits it.
        self.position = event


class ReverseLines:
    """Of this process. ``look`` is called again and again; it comes back to a bot that it has lost after
    ``every_s``."""

    def __init__(self, desk: Desk, *, every_s: float = 3.0) -> None:
        self._desk = desk
        self._every_s = every_s
        self._robots = Robots(desk)
        self._ear = Ear()
        self._clerk = Clerk()
        self._held: dict[tuple[int, int], Held] = {}
        self._renewed_at = 0.0

    @property
    def held(self) -> list[tuple[int, int]]:
        """The bots and outlets whose lines are this process's."""
        return sorted(self._held)

    async def look(self) -> None:
        """Takes what nobody holds, and renews what it holds itself."""
        await self._renew()
        async with self._desk.database.transaction() as session:
            taken = await take_lines(
                session,
                _KIND,
                clock=self._desk.clock,
                limit=_TAKEN_AT_ONCE_MAX,
                of_app_max=self._desk.limits.lines_per_app_max,
            )
        for outlet in taken:
            held = self._held[outlet.bot_number, outlet.outlet_id] = Held(outlet)
            held.serving = asyncio.create_task(self._serve(held))
        await asyncio.sleep(self._every_s)

    async def stop(self) -> None:
        """Lets everything go, so that another process may go on at once."""
        for held in self._held.values():
            self._hang_up(held)
        async with self._desk.database.transaction() as session:
            for held in self._held.values():
                await let_line_go(session, held.outlet, position=held.position, clock=self._desk.clock)
        self._held.clear()

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._held or now - self._renewed_at < LINE_LEASED_FOR_S / 4:
            return
        kept: dict[tuple[int, int], Outlet] = {}
        async with self._desk.database.transaction() as session:
            for key, held in self._held.items():
                row = await hold_line(
                    session, held.outlet, position=held.position, error=held.error, clock=self._desk.clock
                )
                if row is not None:
                    kept[key] = row
        self._renewed_at = now
        for key, held in list(self._held.items()):
            if key in kept:
                held.outlet = kept[key]
            else:
                self._hang_up(self._held.pop(key))

    def _hang_up(self, held: Held) -> None:
        if held.serving is not None:
            held.serving.cancel()

    async def _serve(self, held: Held) -> None:
        while True:
            try:
                await self._connect(held)
                held.error = "The other end has closed the connection."
            except (CannotFetch, HutongError, OSError, TimeoutError, ValueError, WebSocketException) as error:
                held.error = (error.shown if isinstance(error, CannotFetch) else str(error)) or type(error).__name__
                log.info("onebot11.not_connected", bot=held.outlet.bot_number, reason=str(error) or held.error)
            except Exception:
                # The edge of a job: it goes to the bot again, whatever went wrong.
                held.error = "Something went wrong here."
                log.exception("onebot11.line_failed", bot=held.outlet.bot_number)
            await asyncio.sleep(self._every_s)

    async def _connect(self, held: Held) -> None:
        outlet = held.outlet
        role, told_role = _ROLES.get(outlet.options.get("role"), _ROLES["universal"])
        robot = await self._robots.robot(outlet.bot_number, form_in(outlet.options.get("message_format")))
        async with self._opened(outlet, told_role) as socket:
            held.error = ""
            line = Line(
                robot,
                self._ear,
                self._clerk,
                role=role,
                send=_sender(socket),
                receive=_receiver(socket),
                close=_closer(socket),
                after=held.position,
                passed=held.note_passed,
                heartbeat_ms=_heartbeat_ms(outlet.options.get("heartbeat")),
            )
            await line.run()

    @asynccontextmanager
    async def _opened(self, outlet: Outlet, role: str) -> AsyncGenerator[ClientConnection]:
        """A connection to the address, which must be one of the open internet unless the operator allows others. A
        redirect is not followed."""
        url = urlsplit(outlet.url)
        settings = self._desk.settings
        sock = await open_socket(
            url.hostname or "", url.port or _PORTS[url.scheme], private_allowed=settings.private_addresses_allowed
        )
        headers = {"X-Self-ID": str(outlet.bot_number), "X-Client-Role": role}
        if outlet.secret:
            if not (outlet.secret.isascii() and outlet.secret.isprintable()):
                raise ValueError("The secret of this outlet cannot stand in a header.")
            headers["Authorization"] = f"Bearer {outlet.secret}"
        async with connect(
            outlet.url,
            sock=sock,
            additional_headers=headers,
            user_agent_header=f"hutong/{__version__}",
            compression=None,
            open_timeout=_HANDSHAKE_WITHIN_S,
            max_size=settings.limits.bridge_frame_bytes_max,
        ) as socket:
            yield socket


def _heartbeat_ms(told: object) -> int:
    return max(_HEARTBEAT_MS_MIN, told) if isinstance(told, int) and told > 0 else 0


def _sender(socket: ClientConnection) -> Any:
    async def send(frame: bytes) -> None:
        try:
            await socket.send(frame, text=True)
        except ConnectionClosed as error:
            raise ConnectionResetError from error

    return send


def _receiver(socket: ClientConnection) -> Any:
    async def receive() -> str | bytes | None:
        try:
            return await socket.recv()
        except ConnectionClosed:
            return None

    return receive


def _closer(socket: ClientConnection) -> Any:
    async def close(reason: str) -> None:
        await socket.close(1008, reason[:100])

    return close
