"""The other end of ``benchmarks.bots.hooks``: one host that takes what is sent to all webhooks, and people who talk."""

import asyncio
import json
import re
import time
from typing import Any, cast

import msgspec
import uvloop

from .botload import Tally, answer_rounds, arguments, tell

_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Part(msgspec.Struct):
    text: str = ""


class _Frame(msgspec.Struct):
    on: str
    event: int
    segments: list[_Part] = []


_decode = msgspec.json.Decoder(_Frame).decode


class Hook(asyncio.Protocol):
    """A connection on which events come. Those of one bot, told by the path, have dense numbers."""

    def __init__(self, tally: Tally, last: dict[bytes, int]) -> None:
        self._tally = tally
        self._last = last
        self._waiting = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end]
            found = _LENGTH.search(head)
            ends = end + 4 + (int(found[1]) if found else 0)
            if len(self._waiting) < ends:
                return
            self._take(head.split(b" ", 2)[1], self._waiting[end + 4 : ends])
            self._waiting = self._waiting[ends:]
            self._transport.write(_TAKEN)

    def _take(self, path: bytes, body: bytes) -> None:
        now, told = time.monotonic_ns(), _decode(body)
        last = self._last.get(path, 0)
        if last and told.event != last + 1:
            self._tally.wrong.append(f"event {told.event} after {last}")
        self._last[path] = told.event
        if told.on == "message":
            self._tally.took_ns.append(now - int(told.segments[0].text))


async def _load(port: int, hooks: int, seeded: dict[str, Any], rate: int, seconds: int) -> None:
    tally, last = Tally(), dict[bytes, int]()
    await asyncio.get_running_loop().create_server(lambda: Hook(tally, last), "127.0.0.1", hooks, backlog=1_000)
    tell(listening=hooks)
    await answer_rounds(port, seeded, tally, rate, seconds)


if __name__ == "__main__":
    given = arguments("hooks", "rate", "seconds")
    uvloop.run(_load(given.port, given.hooks, json.loads(given.tokens.read_text()), given.rate, given.seconds))
