"""The bot's ears: a socket that comes back by itself, and goes on after the last event that it has handed out."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import msgspec

from .errors import SignInNeeded, refusal
from .wire import Wire, pause_s

__all__ = ["Feed"]

_log = logging.getLogger("hutong_sdk")
_REVOKED = 4401
_SILENT_FOR_S = 45
_FRAME_BYTES_MAX = 16 * 1024 * 1024


class Feed:
    """The events of one bot after ``last``, each once and in order; from now on where ``last`` is None.

    ``number`` and ``nickname`` are the bot's, known once it has been welcomed.
    """

    def __init__(self, wire: Wire, last: int | None = None) -> None:
        self.wire = wire
        self.last = last
        self.number = 0
        self.nickname = ""
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def frames(self) -> AsyncGenerator[dict[str, Any]]:
        """Frames as they come: first ``welcome`` of every connection, then events, and a ``gap`` where some are not
        kept any more. Ends with ``SignInNeeded`` where the token is not good, and else never."""
        while True:
            try:
                async with self.wire.session.ws_connect(
                    f"{self.wire.url}/socket", heartbeat=_SILENT_FOR_S, max_msg_size=_FRAME_BYTES_MAX
                ) as self._socket:
                    hello: dict[str, Any] = {"do": "hello", "ref": 1, "client": "bot"}
                    if self.last is not None:
                        hello["events"] = self.last
                    await self._socket.send_str(msgspec.json.encode(hello).decode())
                    async for frame in self._read(self._socket):
                        yield frame
            except (aiohttp.ClientError, OSError, TimeoutError) as lost:
                _log.info("No connection to %s: %s", self.wire.url, lost)
            self._socket = None
            await asyncio.sleep(pause_s())

    async def typing(self, chat: int) -> None:
        """Shows for a few seconds that the bot writes; nothing, while it is not connected."""
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_str(msgspec.json.encode({"do": "typing", "chat": chat}).decode())

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncGenerator[dict[str, Any]]:
        async for received in socket:
            if received.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = msgspec.json.decode(received.data, type=dict[str, Any])
            if frame["on"] == "error" and frame.get("ref") == 1:
                self._is_refused(frame)
            elif self._is_new(frame):
                yield frame
        if socket.close_code == _REVOKED:
            raise SignInNeeded("identity.sign_in_needed", "The bot's token is not good, or not any more.")
        _log.info("The connection was closed with %s", socket.close_code)

    def _is_refused(self, frame: dict[str, Any]) -> None:
        """Raises where coming back would change nothing."""
        if frame["code"] == "identity.sign_in_needed":
            raise refusal(401, frame["code"], frame["detail"], frame.get("params"))
        _log.warning("Not welcomed: %s", frame["detail"])

    def _is_new(self, frame: dict[str, Any]) -> bool:
        """Whether it is to be handed out; takes down how far the bot has heard."""
        if frame["on"] == "welcome":
            self.number = frame["account"]["number"]
            self.nickname = frame["account"]["nickname"]
            # A server that was put back to an older state counts from there again.
            newest = int(frame["events"])
            self.last = newest if self.last is None else min(self.last, newest)
            return True
        if frame["on"] == "gap" and frame.get("events"):
            self.last = max(self.last or 0, int(frame["to"]))
            return True
        event = int(frame.get("event", 0))
        if event <= (self.last or 0):
            return False
        self.last = event
        return True
