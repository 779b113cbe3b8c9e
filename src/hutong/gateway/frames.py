"""Frames of the socket: what clients may send, and the gateway's own answers. See docs/protocol/socket.md."""

from typing import Annotated, Literal, get_args

import msgspec

from hutong.kit.errors import HutongError

__all__ = [
    "CLIENT_KINDS",
    "ClientFrame",
    "Hello",
    "Ping",
    "Read",
    "Send",
    "Typing",
    "decode_client_frame",
    "error_frame",
    "framed",
    "gap_frame",
    "ref_of",
    "sent_frame",
]

_Ref = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
_Id = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
_Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


ClientKind = Literal["web", "ios", "android", "desktop", "bot"]
CLIENT_KINDS: tuple[ClientKind, ...] = get_args(ClientKind)


class Hello(msgspec.Struct, tag_field="do", tag="hello"):
    ref: _Ref = 0
    token: str | None = None
    client: ClientKind = "web"
    resume: dict[_Id, _Count] = {}
    revs: dict[_Id, _Count] = {}
    events: _Count | None = None


class Send(msgspec.Struct, tag_field="do", tag="send"):
    chat: _Id
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    segments: msgspec.Raw
    ref: _Ref = 0


class Read(msgspec.Struct, tag_field="do", tag="read"):
    chat: _Id
    seq: _Count
    ref: _Ref = 0


class Typing(msgspec.Struct, tag_field="do", tag="typing"):
    chat: _Id
    ref: _Ref = 0


class Ping(msgspec.Struct, tag_field="do", tag="ping"):
    ref: _Ref = 0


ClientFrame = Hello | Send | Read | Typing | Ping

decode_client_frame = msgspec.json.Decoder(ClientFrame).decode


class _OnlyRef(msgspec.Struct):
    ref: int = 0


_decode_ref = msgspec.json.Decoder(_OnlyRef).decode


def ref_of(payload: bytes) -> int:
    """The ``ref`` of a frame that could not be read otherwise; 0 if it has none."""
    try:
        return _decode_ref(payload).ref
    except msgspec.MsgspecError:
        return 0


def framed(payload: bytes) -> bytes:
    """The payload as a WebSocket text frame from a server (RFC 6455, section 5.2). It is not masked, so the same bytes
    go to everybody."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def sent_frame(ref: int, chat: int, seq: int, message_id: int, at: bytes) -> bytes:
    return framed(b'{"on":"sent","ref":%d,"chat":%d,"seq":%d,"id":%d,"at":"%b"}' % (ref, chat, seq, message_id, at))


def error_frame(ref: int, error: HutongError) -> bytes:
    frame: dict[str, object] = {"on": "error", "ref": ref, "code": error.code, "detail": error.detail}
    if error.params:
        frame["params"] = error.params
    return framed(msgspec.json.encode(frame))


def gap_frame(chat: int, first: int, last: int, *, revs: bool = False) -> bytes:
    """Tells that the frames ``first`` to ``last`` were not sent and are to be fetched by HTTP."""
    frame: dict[str, object] = {"on": "gap", "chat": chat, "from": first, "to": last}
    if revs:
        frame["revs"] = True
    return framed(msgspec.json.encode(frame))
