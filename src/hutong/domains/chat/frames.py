"""The frames that tell of conversations, as bytes, and how they travel the bus.

A frame is built once and handed on as it is. On the bus a line of numbers goes before the frames of one chat, so that a
gateway need not parse them: ``<kind> <first> <members_rev> <sender> <size> <size> …\\n`` and then the frames one after
the other. ``kind`` is ``m`` (messages: ``first`` is the seq of the first), ``c`` (changes: ``first`` is a rev) or ``e``
(of the moment, such as typing; never repeated and never missed).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hutong.kit.clock import iso_utc

__all__ = [
    "Parcel",
    "account_subject",
    "change_frame",
    "chat_subject",
    "message_frame",
    "pack",
    "pack_messages",
    "unpack",
]

_encode = msgspec.json.encode

_PARCEL_BYTES_MAX = 786_432


class Parcel(msgspec.Struct, frozen=True):
    """Frames of one chat in rising order. ``sender`` is the account whose own devices need not hear one of kind
    ``e``."""

    kind: str
    first: int
    members_rev: int
    sender: int
    frames: tuple[bytes, ...]


def chat_subject(chat_id: int) -> str:
    return f"chat.{chat_id}"


def account_subject(number: int) -> str:
    return f"account.{number}"


def message_frame(
    chat_id: int, seq: int, message_id: int, sender_json: bytes, segments: bytes, sent_at: bytes
) -> bytes:
    """``sender_json`` is ``{"number":…,"name":…}``; ``sent_at`` the moment as ``iso_utc`` writes it."""
    return b'{"on":"message","chat":%d,"seq":%d,"id":%d,"from":%b,"segments":%b,"at":"%b"}' % (
        chat_id,
        seq,
        message_id,
        sender_json,
        segments,
        sent_at,
    )


def change_frame(on: str, chat_id: int, rev: int, at: datetime, body: dict[str, object]) -> bytes:
    """A change as it travels and as it is kept: what happened (``on``), where, its rev, when, and what it says."""
    return _encode({"on": on, "chat": chat_id, "rev": rev, **body, "at": iso_utc(at)})


def pack(kind: str, first: int, members_rev: int, sender: int, frames: Sequence[bytes]) -> bytes:
    sizes = " ".join([str(len(frame)) for frame in frames])
    return f"{kind} {first} {members_rev} {sender} {sizes}\n".encode() + b"".join(frames)


def pack_messages(first_seq: int, members_rev: int, sender: int, frames: Sequence[bytes]) -> list[bytes]:
    """The same for messages, in as many parcels as the bus needs: it takes 1 MiB at once."""
    if sum(map(len, frames)) <= _PARCEL_BYTES_MAX:
        return [pack("m", first_seq, members_rev, sender, frames)]
    parcels: list[bytes] = []
    some: list[bytes] = []
    size_bytes = 0
    for frame in frames:
        if some and size_bytes + len(frame) > _PARCEL_BYTES_MAX:
            parcels.append(pack("m", first_seq, members_rev, sender, some))
            first_seq, some, size_bytes = first_seq + len(some), [], 0
        some.append(frame)
        size_bytes += len(frame)
    return [*parcels, pack("m", first_seq, members_rev, sender, some)]


def unpack(payload: bytes) -> Parcel:
    """The reverse of ``pack``. Raises ``ValueError`` for a payload that is not one."""
    head, _, rest = payload.partition(b"\n")
    kind, first, members_rev, sender, *sizes = head.decode("ascii").split(" ")
    frames: list[bytes] = []
    start = 0
    for size in map(int, sizes):
        frames.append(rest[start : start + size])
        start += size
    if start != len(rest) or not frames:
        raise ValueError("the sizes of the frames do not add up")
    return Parcel(kind, int(first), int(members_rev), int(sender), tuple(frames))
