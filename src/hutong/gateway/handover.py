"""One port for HTTP and sockets: uvicorn reads the upgrade, picows takes the connection.

That is so for our own socket; an upgrade to any other path is left to the application, which speaks through
``websockets`` as uvicorn has it.

uvicorn builds its ``ws`` class for every upgrade request, calls ``connection_made`` and ``data_received`` with the
request written out anew, and then makes it the transport's protocol. This class feeds the request to a
picows protocol and, on the next turn of the loop, leaves the transport to it. ``accept`` decides by the path; where it
says None, picows answers 404. ``WSProtocol`` is not picows' public face: its version is pinned exactly, and
tests/gateway/test_handover.py holds on to what is used of it.
"""

import asyncio
import weakref
from collections.abc import Callable
from typing import Any

import structlog
from picows import WSAutoPingStrategy, WSCloseCode, WSListener, WSUpgradeRequest
from picows.api import WSProtocol  # type: ignore[attr-defined]  # not picows' public face: see above
from picows.common import WSUpgradeResponseWithListener
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from .connection import Connection

__all__ = ["Accept", "socket_protocol"]

log = structlog.get_logger()

Accept = Callable[[WSUpgradeRequest], WSListener | WSUpgradeResponseWithListener | None]
"""Decides about an upgrade: a listener, an answer with or without one, or None for 404."""

_READ_BUFFER_BYTES = 512
_LITTLE_IS_SAID_UNDER = b"/bridges/qqbot"
_LITTLE_BYTES = 65_536
"""A socket of this bridge is open to strangers until they have said who they are, and carries small frames only."""


class _Door:
    """Lets one connection in, and is the log that picows is given for it. picows says what it cannot read to its log
    alone, and then closes: that is the moment to tell the peer why. It would also make a logger for each connection,
    and log it at several levels. The listener is held weakly, as it holds its transport, which holds its log."""

    __slots__ = ("_accept", "_bytes_max", "_listener")

    def __init__(self, accept: Accept, bytes_max: int) -> None:
        self._accept = accept
        self._bytes_max = bytes_max
        self._listener: weakref.ref[Connection] | None = None

    def __call__(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener | None:
        answer = self._accept(request)
        listener = answer.listener if isinstance(answer, WSUpgradeResponseWithListener) else answer
        if isinstance(listener, Connection):
            self._listener = weakref.ref(listener)
        return answer

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  # logging's own spelling
        return False

    def log(self, *args: Any) -> None: ...

    def debug(self, *args: Any) -> None: ...

    def info(self, *args: Any) -> None: ...

    def warning(self, *args: Any) -> None: ...

    def error(self, message: str, *args: Any) -> None:
        log.info("socket.refused", reason=message % args if args else message)
        # The one argument is that of a WSProtocolError: the code with which the connection is going to be closed, and
        # why.
        connection = self._listener() if self._listener is not None else None
        if connection is not None and args and args[0][:1] == (WSCloseCode.MESSAGE_TOO_BIG,):
            connection.on_frame_too_large(self._bytes_max)

    def exception(self, message: str, *args: Any) -> None:
        log.exception("socket.failed", reason=message % args if args else message)


def socket_protocol(accept: Accept, *, path: bytes, frame_bytes_max: int, idle_ping_s: int) -> type[asyncio.Protocol]:
    """The class for uvicorn's ``ws`` setting. ``path`` is that of our own socket."""

    def new_picows_protocol() -> Any:
        door = _Door(accept, frame_bytes_max)
        return WSProtocol(
            None, None, False, door, door, True, 5, True, idle_ping_s, idle_ping_s // 2,
            WSAutoPingStrategy.PING_WHEN_IDLE, True, frame_bytes_max, None, _READ_BUFFER_BYTES,
        )  # fmt: skip

    class HandOver(asyncio.Protocol):
        """Stands between uvicorn and picows for one turn of the loop."""

        def __init__(
            self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None
        ) -> None:
            self._for_application = (config, server_state, app_state)
            self._protocol: Any = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            if self._protocol is None:
                if _path_of(data) == path:
                    data = _for_picows(data)
                    self._protocol = new_picows_protocol()
                else:
                    self._protocol = WebSocketsSansIOProtocol(*self._for_application)
                    if _path_of(data).startswith(_LITTLE_IS_SAID_UNDER):
                        self._protocol.conn.max_message_size = _LITTLE_BYTES
                self._protocol.connection_made(self._transport)
                asyncio.get_running_loop().call_soon(self._leave)
            if isinstance(self._protocol, WebSocketsSansIOProtocol):
                self._protocol.data_received(data)
            else:
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


def _path_of(request: bytes) -> bytes:
    """The path in the first line of a request, without what it asks."""
    target = request.split(b"\r\n", 1)[0].split(b" ")[1:2]
    return target[0].split(b"?", 1)[0] if target else b""


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
