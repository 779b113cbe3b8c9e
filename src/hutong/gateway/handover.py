"""One port for HTTP and sockets: uvicorn reads the upgrade, picows takes the connection.

uvicorn builds its ``ws`` class for every upgrade request, calls ``connection_made`` and ``data_received`` with the
request written out anew, and then makes it the transport's protocol. This class feeds the request to a
picows protocol and, on the next turn of the loop, leaves the transport to it. ``accept`` decides by the path; where it
says None, picows answers 404. ``WSProtocol`` is not picows' public face: its version is pinned exactly, and
tests/gateway/test_handover.py holds on to what is used of it.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from picows import WSAutoPingStrategy, WSListener, WSUpgradeRequest
from picows.api import WSProtocol  # type: ignore[attr-defined]  # not picows' public face: see above
from picows.common import WSUpgradeResponseWithListener
from uvicorn.config import Config
from uvicorn.server import ServerState

__all__ = ["Accept", "socket_protocol"]

log = structlog.get_logger()

Accept = Callable[[WSUpgradeRequest], WSListener | WSUpgradeResponseWithListener | None]
"""Decides about an upgrade: a listener, an answer with or without one, or None for 404."""

_READ_BUFFER_BYTES = 512


class _QuietLog:
    """picows logs each connection at several levels and would make a logger for each; parser errors are the peer's
    and are told to the peer, so one silent log serves all."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's own spelling
        return False

    def log(self, *args: Any) -> None: ...

    def debug(self, *args: Any) -> None: ...

    def info(self, *args: Any) -> None: ...

    def warning(self, *args: Any) -> None: ...

    def error(self, message: str, *args: Any) -> None:
        log.info("socket.refused", reason=message % args if args else message)

    def exception(self, message: str, *args: Any) -> None:
        log.exception("socket.failed", reason=message % args if args else message)


def socket_protocol(accept: Accept, *, frame_bytes_max: int, idle_ping_s: int) -> type[asyncio.Protocol]:
    """The class for uvicorn's ``ws`` setting."""
    quiet = _QuietLog()

    def new_picows_protocol() -> Any:
        return WSProtocol(
            None, None, False, accept, quiet, True, 5, True, idle_ping_s, idle_ping_s // 2,
            WSAutoPingStrategy.PING_WHEN_IDLE, True, frame_bytes_max, None, _READ_BUFFER_BYTES,
        )  # fmt: skip

    class HandOver(asyncio.Protocol):
        """Stands between uvicorn and picows for one turn of the loop."""

        def __init__(
            self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None
        ) -> None:
            self._protocol: Any = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            if self._protocol is None:
                data = _for_picows(data)
                self._protocol = new_picows_protocol()
                self._protocol.connection_made(self._transport)
                asyncio.get_running_loop().call_soon(self._leave)
            _feed(self._protocol, data)

        def eof_received(self) -> bool | None:
            return False

        def connection_lost(self, exc: Exception | None) -> None:
            if self._protocol is not None:
                self._protocol.connection_lost(exc)

        def _leave(self) -> None:
            if not self._transport.is_closing():
                self._transport.set_protocol(self._protocol)

    return HandOver


def _feed(protocol: Any, data: bytes) -> None:
    """Hands bytes to a picows protocol, whose buffer may be smaller than the data."""
    view = memoryview(data)
    while view:
        buffer = protocol.get_buffer(len(view))
        size = min(len(buffer), len(view))
        buffer[:size] = view[:size]
        protocol.buffer_updated(size)
        view = view[size:]


def _for_picows(request: bytes) -> bytes:
    """picows wants ``Connection: upgrade`` to stand alone, where Firefox sends ``keep-alive, Upgrade``."""
    lines = request.split(b"\r\n")
    return b"\r\n".join(b"connection: upgrade" if line.lower().startswith(b"connection:") else line for line in lines)
