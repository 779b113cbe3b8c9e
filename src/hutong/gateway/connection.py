"""One socket: reads what its client wants, writes what is due, and keeps little while it is idle."""

import asyncio
import os
import time
from typing import Any, Protocol, cast

import msgspec
from multidict import CIMultiDict
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from hutong.kit.errors import HutongError
from hutong.settings import Limits

from .errors import BadFrame, TooManyFrames
from .frames import Hello, Ping, Read, Send, Typing, decode_client_frame, error_frame, framed, gap_frame, ref_of

__all__ = ["CLOSE_GOING_AWAY", "CLOSE_RESTART", "CLOSE_REVOKED", "Connection", "Host", "Signed"]

CLOSE_GOING_AWAY = 1001
CLOSE_RESTART = 1012
CLOSE_REVOKED = 4401
CLOSE_POLICY = 1008

_NO_HEADERS: CIMultiDict[str] = CIMultiDict()
_NO_SOCKET = -1
_FLOOD_WINDOW_S = 10.0


class Signed(Protocol):
    """Whose connection it is."""

    number: int


class Host(Protocol):
    """What a connection needs of the gateway that it belongs to."""

    limits: Limits

    def expect_hello(self, connection: "Connection") -> asyncio.TimerHandle: ...

    def greet(self, connection: "Connection", hello: Hello) -> None: ...

    def take(self, connection: "Connection", frame: Send | Read | Typing) -> None: ...

    def depart(self, connection: "Connection") -> None: ...

    def slows_down(self, connection: "Connection") -> None: ...

    def catches_up(self, connection: "Connection") -> None: ...

    def missed(self, connection: "Connection", chat_id: int) -> tuple[int, int] | None: ...


class Connection(WSListener):
    """``online`` is None until the client has been welcomed. ``pending`` are framed bytes that leave together at the
    next flush; ``missed`` the first seq and rev of each chat that a slow reader was not sent; ``said`` the chat and seq
    of what it has said in chats that it does not hear of yet, because its account has only just joined.

    Frames go to the socket itself (``_direct`` is its number) as long as nothing waits in the transport, which spares
    an eighth of what a delivery costs. While something waits, and once the connection is closing, ``_direct`` is -1,
    which no socket is, and the transport takes them."""

    __slots__ = (
        "_direct", "_fragments", "_frames_in_window", "_window_ends_at", "client", "hello_timer", "host", "missed",
        "online", "paused", "pending", "said", "session_id", "token", "transport", "typed_at", "wire",
    )  # fmt: skip

    def __init__(self, host: Host, token: str | None) -> None:
        self.host = host
        self.token = token
        self.online: Signed | None = None
        self.session_id = 0
        self.client = "web"
        self.pending: bytes | None = None
        self.paused = False
        self._direct = _NO_SOCKET
        self.typed_at = 0.0
        self.missed: dict[int, tuple[int, int]] | None = None
        self.said: set[tuple[int, int]] | None = None
        self._fragments: bytearray | None = None
        self._frames_in_window = 0
        self._window_ends_at = 0.0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.wire: Any = transport.underlying_transport
        self._direct = _socket_of(self.wire)
        # The transport is to say when a first byte waits in it, and again when the last has left.
        self.wire.set_write_buffer_limits(high=0)
        # The headers of the upgrade are not needed any more, and a connection may stay for days.
        transport.request.headers = transport.response.headers = _NO_HEADERS
        self.hello_timer: Any = self.host.expect_hello(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == WSMsgType.TEXT and frame.fin:
            self._read(frame.get_payload_as_bytes())
        elif kind == WSMsgType.CLOSE:
            self._direct = _NO_SOCKET
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif kind in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._gather(frame)
        elif kind == WSMsgType.BINARY:
            self.refuse(0, BadFrame(reason="frames are JSON text, not binary"))

    def on_frame_too_large(self, bytes_max: int) -> None:
        """A frame has begun that is larger than may be read. picows closes the connection with 1009 after this."""
        self.refuse(0, _too_large(bytes_max))
        self._direct = _NO_SOCKET

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        # The number of the socket is somebody else's as soon as this returns.
        self._direct = _NO_SOCKET
        self.host.depart(self)

    def pause_writing(self) -> None:
        self.paused = True
        self._direct = _NO_SOCKET
        self.host.slows_down(self)

    def resume_writing(self) -> None:
        self.paused = False
        if not self._is_ending:
            self._direct = _socket_of(self.wire)
        self.host.catches_up(self)
        if self.missed:
            missed, self.missed = self.missed, None
            for chat_id, (seq, rev) in missed.items():
                self._tell_missed(chat_id, seq, rev)

    def refuse(self, ref: int, error: HutongError) -> None:
        self.write(error_frame(ref, error))

    def close(self, code: int, reason: str = "") -> None:
        """What is pending is told before the farewell."""
        if not self.transport.is_disconnected:
            self.write(b"")
            self._direct = _NO_SOCKET
            self.transport.send_close(cast("WSCloseCode", code), reason.encode())
            self.transport.disconnect()

    def write(self, frames: bytes) -> None:
        """Writes framed bytes at once, behind what was written before and what is pending."""
        due, self.pending = (self.pending or b"") + frames, None
        if due:
            self.put(due)

    def put(self, due: bytes) -> None:
        """Writes framed bytes behind what was written before, past what is pending."""
        if self._direct != _NO_SOCKET:
            try:
                sent = os.write(self._direct, due)
            except OSError:
                # The socket is full, or broken: the transport waits for room, or finds out.
                sent = 0
            if sent == len(due):
                return
            due = due[sent:]
        if not self._is_ending:
            self.wire.write(due)

    @property
    def _is_ending(self) -> bool:
        """Whether nothing may follow any more."""
        return bool(self.transport.is_close_frame_sent or self.transport.is_disconnected or self.wire.is_closing())

    @property
    def is_too_slow(self) -> bool:
        """Whether more than the backlog allows is waiting to be read by the other side."""
        return self.paused and self.wire.get_write_buffer_size() > self.host.limits.slow_reader_bytes_max

    def miss(self, chat_id: int, kind: str, first: int) -> None:
        """Notes that a frame was not sent; when the reader has caught up it is told ``gap``."""
        if kind == "e":
            return
        if self.missed is None:
            self.missed = {}
        seq, rev = self.missed.get(chat_id, (0, 0))
        if kind == "m":
            self.missed[chat_id] = (seq or first, rev)
        else:
            self.missed[chat_id] = (seq, rev or first)

    def _tell_missed(self, chat_id: int, seq: int, rev: int) -> None:
        now = self.host.missed(self, chat_id)
        if now is None:
            return
        if seq:
            self.write(gap_frame(chat_id, seq, now[0]))
        if rev:
            self.write(gap_frame(chat_id, rev, now[1], revs=True))

    def _gather(self, frame: WSFrame) -> None:
        """Puts a message together that came in several frames."""
        if frame.msg_type == WSMsgType.TEXT or self._fragments is None:
            self._fragments = bytearray()
        if len(self._fragments) <= self.host.limits.frame_bytes_max:
            self._fragments += frame.get_payload_as_memoryview()
        if frame.fin:
            payload, self._fragments = bytes(self._fragments), None
            self._read(payload)

    def _read(self, payload: bytes) -> None:
        if self._floods():
            self.refuse(0, TooManyFrames())
            self.close(CLOSE_POLICY, "too many frames")
            return
        frame_bytes_max = self.host.limits.frame_bytes_max
        if len(payload) > frame_bytes_max:
            self.refuse(0, _too_large(frame_bytes_max))
            return
        try:
            frame = decode_client_frame(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self.refuse(ref_of(payload), BadFrame(reason=str(error)))
            return
        if type(frame) is Ping:
            if self.online is None:
                self.refuse(frame.ref, BadFrame(reason="say hello first"))
            else:
                self.write(framed(b'{"on":"pong","ref":%d}' % frame.ref))
        elif type(frame) is Hello:
            self.host.greet(self, frame)
        elif self.online is None:
            self.refuse(frame.ref, BadFrame(reason="say hello first"))
        else:
            self.host.take(self, frame)

    def _floods(self) -> bool:
        now = time.monotonic()
        if now > self._window_ends_at:
            self._window_ends_at = now + _FLOOD_WINDOW_S
            self._frames_in_window = 0
        self._frames_in_window += 1
        return self._frames_in_window > self.host.limits.frames_per_10_s_max


def _socket_of(wire: Any) -> int:
    """The number by which the system knows the transport's socket; none where what is written must be encrypted."""
    if wire.get_extra_info("sslcontext") is not None:
        return _NO_SOCKET
    number: int = wire.get_extra_info("socket").fileno()
    return number


def _too_large(bytes_max: int) -> BadFrame:
    return BadFrame(reason=f"it is larger than {bytes_max} bytes")
