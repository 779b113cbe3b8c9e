"""A whole process in the test's own loop, and clients that speak to its socket as any outside program would."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from prometheus_client import CollectorRegistry

from hutong.cli.process import Parts, assembled, serve_on
from hutong.domains import identity
from hutong.settings import Settings
from tests.cast import PASSWORD

WAIT_S = 30.0


class SocketClient(WSListener):
    """Keeps every frame in the order of its arrival; ``closed`` is the code with which the server closed."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.transport: WSTransport
        self._news = asyncio.Event()
        self._refs = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.closed = int.from_bytes(frame.get_payload_as_bytes()[:2], "big")
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self.frames.append(msgspec.json.decode(frame.get_payload_as_bytes()))
        self._news.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._news.set()

    def do(self, do: str, **fields: Any) -> int:
        """Sends a frame; returns its ref."""
        self._refs += 1
        self.send_text(msgspec.json.encode({"do": do, "ref": self._refs, **fields}))
        return self._refs

    def send_text(self, payload: bytes) -> None:
        self.transport.send(WSMsgType.TEXT, payload)

    async def until(self, wanted: Callable[[dict[str, Any]], bool], *, wait_s: float = WAIT_S) -> dict[str, Any]:
        """The first frame, of those that came and those that will, that is wanted."""
        seen = 0
        async with asyncio.timeout(wait_s):
            while True:
                for frame in self.frames[seen:]:
                    if wanted(frame):
                        return frame
                seen = len(self.frames)
                self._news.clear()
                await self._news.wait()

    async def answer(self, ref: int) -> dict[str, Any]:
        return await self.until(lambda frame: frame.get("ref") == ref)

    async def hello(self, **fields: Any) -> dict[str, Any]:
        return await self.answer(self.do("hello", **fields))

    async def say(self, chat: int, text: str, *, key: str | None = None) -> dict[str, Any]:
        """Sends a text and returns the answer, ``sent`` or ``error``."""
        segments = [{"type": "text", "text": text}]
        return await self.answer(self.do("send", chat=chat, key=key or str(uuid.uuid4()), segments=segments))

    async def until_closed(self) -> int:
        async with asyncio.timeout(WAIT_S):
            while self.closed is None:
                self._news.clear()
                await self._news.wait()
        return self.closed

    def texts(self, chat: int) -> list[str]:
        """What was said in the chat, in the order in which it came."""
        said = [frame for frame in self.frames if frame["on"] == "message" and frame["chat"] == chat]
        return [frame["segments"][0]["text"] for frame in said]

    def close(self) -> None:
        self.transport.send_close(WSCloseCode.OK)
        self.transport.disconnect()


class Town:
    """A running process and its people."""

    def __init__(self, parts: Parts, port: int) -> None:
        self.parts = parts
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self._stack = contextlib.AsyncExitStack()

    async def people(self, *names: str) -> list["Citizen"]:
        house = self.parts.house
        async with house.database.transaction() as session:
            new = [identity.NewPerson(nickname=name) for name in names]
            numbers = await identity.bulk_create(session, new, password=PASSWORD, clock=house.clock)
            tokens = await identity.open_sessions(session, numbers, clock=house.clock)
        return [Citizen(self, *who) for who in zip(numbers, names, tokens, strict=True)]

    async def connect(self, **headers: str) -> SocketClient:
        _, client = await ws_connect(
            SocketClient, f"ws://127.0.0.1:{self.port}/socket", extra_headers=headers, use_aiofastnet=False
        )
        assert isinstance(client, SocketClient)
        return client

    async def close(self) -> None:
        await self._stack.aclose()


class Citizen:
    """Somebody who is signed in: ``http`` speaks for them under ``/api/v1/``."""

    def __init__(self, town: Town, number: int, nickname: str, token: str) -> None:
        self.town = town
        self.number = number
        self.nickname = nickname
        self.token = token
        self.http = httpx.AsyncClient(
            base_url=f"{town.origin}/api/v1/", headers={"authorization": f"Bearer {token}"}, timeout=60
        )

    async def online(self, **hello: Any) -> SocketClient:
        """A new connection of this account, welcomed."""
        client = await self.town.connect(authorization=f"Bearer {self.token}")
        await client.hello(**hello)
        return client

    async def create_group(self, name: str = "Readers", **fields: Any) -> int:
        answer = await self.http.post("groups", json={"name": name, **fields})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["chat"])

    async def join(self, chat: int) -> None:
        answer = await self.http.put(f"groups/{chat}/members/me", json={})
        assert answer.status_code == 200, answer.text


OpenTown = Callable[..., Awaitable[Town]]


@pytest.fixture
async def open_town(settings: Settings) -> AsyncGenerator[OpenTown]:
    """Starts processes that share the test's database and bus; each call another one, with the limits given to it."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(**limits: int) -> Town:
            own = msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, **limits))
            parts = await stack.enter_async_context(assembled(own, registry=CollectorRegistry()))
            listening = socket.create_server(("127.0.0.1", 0))
            stopping = asyncio.Event()
            serving = asyncio.create_task(serve_on(parts, [listening], stopping))

            async def stop() -> None:
                stopping.set()
                await serving

            stack.push_async_callback(stop)
            return Town(parts, listening.getsockname()[1])

        yield open_one


@pytest.fixture
async def town(open_town: OpenTown) -> Town:
    return await open_town()
