"""The other end of ``benchmarks.bots.trips``: a bot that says the same by OneBot and by our own HTTP, in turns. A round
for each line of standard input."""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from .botload import arguments, tell

_TURNS = 400


class Line(WSListener):
    """A OneBot line on which one action waits for its answer."""

    def __init__(self) -> None:
        self.transport: WSTransport
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if b'"retcode"' in payload and not self._answer.done():
            self._answer.set_result(payload)

    async def act(self, action: dict[str, Any]) -> None:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.send(WSMsgType.TEXT, json.dumps(action).encode())
        answer = json.loads(await self._answer)
        if answer["retcode"] != 0:
            raise RuntimeError(f"the action was answered {answer}")


class Http:
    """One kept connection, and no more of a client than that: a library would cost more than the call."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader, self._writer, self._token = reader, writer, token

    async def post(self, path: str, body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        self._writer.write(head.encode() + payload)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].partition(b"\r")[0])
        said = await self._reader.readexactly(length)
        if not answer.startswith((b"http/1.1 200", b"http/1.1 201")):
            raise RuntimeError(f"the call was answered {said!r}")


async def _load(port: int, seeded: dict[str, Any]) -> None:
    token, chat = seeded["bots"][0], seeded["speakers"][0]["chats"][0]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"ws://127.0.0.1:{port}/bridges/onebot11/"
    _, line = await ws_connect(Line, url, extra_headers=headers, use_aiofastnet=False)
    assert isinstance(line, Line)
    own = Http(*await asyncio.open_connection("127.0.0.1", port), token)
    bridged = Http(*await asyncio.open_connection("127.0.0.1", port), token)
    tell(connected=3)
    said = {"group_id": chat, "message": "A round trip."}
    segments = [{"type": "text", "text": "A round trip."}]
    nth = 0

    def by_own_http() -> Awaitable[None]:
        nonlocal nth
        nth += 1
        return own.post(f"/api/v1/chats/{chat}/messages", {"key": f"trip-{nth}", "segments": segments})

    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "own_http": by_own_http,
        "onebot_socket": lambda: line.act({"action": "send_group_msg", "params": said, "echo": 1}),
        "onebot_http": lambda: bridged.post("/bridges/onebot11/send_group_msg", said),
    }
    while await asyncio.to_thread(sys.stdin.readline):
        tell(**await _round(ways))


async def _round(ways: dict[str, Callable[[], Awaitable[None]]]) -> dict[str, float]:
    took_ms: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_TURNS):
        for name, go in ways.items():
            began = time.perf_counter()
            await go()
            took_ms[name].append((time.perf_counter() - began) * 1000)
    return {f"{name}_p50_ms": statistics.median(took) for name, took in took_ms.items()}


if __name__ == "__main__":
    given = arguments()
    uvloop.run(_load(given.port, json.loads(given.tokens.read_text())))
