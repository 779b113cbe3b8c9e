"""A client that does not give up: it connects again, resumes, and sends again with the same key what was not
acknowledged. It keeps what it was told, so that a test can compare that with what is stored."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

__all__ = ["Stubborn"]

RETRY_S = 0.2
ANSWER_WITHIN_S = 10.0


class _Wire(WSListener):
    def __init__(self, client: "Stubborn") -> None:
        self.client = client

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.client.hear(msgspec.json.decode(frame.get_payload_as_bytes()))
        elif frame.msg_type == WSMsgType.CLOSE:
            self.client.closed_with = int.from_bytes(frame.get_payload_as_bytes()[:2], "big")
            transport.disconnect()


class Stubborn:
    """``acknowledged`` has the seq of every key that was answered with ``sent``; ``seen`` the seqs that came as
    messages, in their order, where a repetition of a seq below the last one is dropped as any client does."""

    def __init__(self, port: int, token: str, chat: int) -> None:
        self.port = port
        self.token = token
        self.chat = chat
        self.acknowledged: dict[str, int] = {}
        self.keys: dict[str, str] = {}
        self.seen: list[int] = []
        self.repeated: list[int] = []
        self.holes: list[tuple[int, int]] = []
        self.changes: list[dict[str, Any]] = []
        self.connections = 0
        self.closed_with: int | None = None
        self._own: set[int] = set()
        self._last_seq: int | None = None
        self._last_rev: int | None = None
        self._transport: WSTransport | None = None
        self._welcomed = asyncio.Event()
        self._news = asyncio.Event()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._refs = 0
        self._fetching: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Stubborn":
        self._running = asyncio.create_task(self._stay_connected())
        await self._welcomed.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._transport is not None:
            self._transport.disconnect()

    @property
    def last_seq(self) -> int:
        return self._last_seq or 0

    def hear(self, frame: dict[str, Any]) -> None:
        self._news.set()
        answer = self._answers.pop(frame.get("ref", -1), None)
        if answer is not None and not answer.done():
            answer.set_result(frame)
        match frame["on"]:
            case "welcome":
                row = next(row for row in frame["chats"] if row["chat"] == self.chat)
                if self._last_seq is None:
                    self._last_seq, self._last_rev = row["last_seq"], row["last_rev"]
                self._welcomed.set()
            case "sent":
                self._own.add(frame["seq"])
                self._pass_own()
            case "message" if frame["chat"] == self.chat:
                self._hear_seq(frame["seq"])
            case "gap" if not frame.get("revs"):
                self._fetching = asyncio.create_task(self._fetch(frame["to"]))
            case "recalled":
                self._last_rev = frame["rev"]
                self.changes.append(frame)

    def _hear_seq(self, seq: int) -> None:
        last = self.last_seq
        if seq <= last:
            if seq not in self._own:
                self.repeated.append(seq)
            return
        missing = [s for s in range(last + 1, seq) if s not in self._own]
        if missing:
            self.holes.append((missing[0], missing[-1]))
        self.seen.append(seq)
        self._last_seq = seq
        self._pass_own()

    def _pass_own(self) -> None:
        while self.last_seq + 1 in self._own:
            self._last_seq = self.last_seq + 1

    async def _fetch(self, last: int) -> None:
        """Pages through what a ``gap`` told of, as the contract asks of clients."""
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {self.token}"}) as http:
            while self.last_seq < last:
                url = f"http://127.0.0.1:{self.port}/api/v1/chats/{self.chat}/messages"
                page = (await http.get(url, params={"after": self.last_seq, "limit": 100})).json()
                for message in page["messages"]:
                    if message["seq"] > self.last_seq:
                        self._hear_seq(message["seq"])
        self._news.set()

    async def say(self, text: str) -> int:
        """Sends until it is acknowledged. Returns the seq."""
        key = str(uuid.uuid4())
        self.keys[key] = text
        while True:
            await self._welcomed.wait()
            answer = await self._try(key, text)
            if answer is not None and answer["on"] == "sent":
                self.acknowledged[key] = answer["seq"]
                return int(answer["seq"])
            await asyncio.sleep(RETRY_S)

    async def _try(self, key: str, text: str) -> dict[str, Any] | None:
        self._refs += 1
        ref = self._refs
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[ref] = answer
        self._send(
            {"do": "send", "ref": ref, "chat": self.chat, "key": key, "segments": [{"type": "text", "text": text}]}
        )
        try:
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError:
            return None
        finally:
            self._answers.pop(ref, None)

    def _send(self, frame: dict[str, Any]) -> None:
        if self._transport is not None and not self._transport.is_disconnected:
            self._transport.send(WSMsgType.TEXT, msgspec.json.encode(frame))

    async def _stay_connected(self) -> None:
        while True:
            with contextlib.suppress(OSError, WSError, TimeoutError):
                self._transport, _ = await ws_connect(
                    lambda: _Wire(self),
                    f"ws://127.0.0.1:{self.port}/socket",
                    extra_headers={"authorization": f"Bearer {self.token}"},
                    use_aiofastnet=False,
                )
                self.connections += 1
                hello: dict[str, Any] = {"do": "hello", "ref": 0, "client": "bot"}
                if self._last_seq is not None:
                    hello |= {"resume": {str(self.chat): self._last_seq}, "revs": {str(self.chat): self._last_rev}}
                self._send(hello)
                await self._transport.wait_disconnected()
            self._welcomed.clear()
            await asyncio.sleep(RETRY_S)

    async def until_acknowledged(self, count: int) -> None:
        await self._until(lambda: len(self.acknowledged) >= count)

    async def until_seq(self, seq: int) -> None:
        """Returns when everything up to ``seq`` has come, or was its own."""
        await self._until(lambda: self.last_seq >= seq)

    async def until_recalled(self, seq: int) -> None:
        await self._until(lambda: any(change["seq"] == seq for change in self.changes))

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            self._news.clear()
            await self._news.wait()
