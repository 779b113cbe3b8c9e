"""Calls by HTTP: each is tried again until it is answered, and a refusal becomes an exception."""

import asyncio
import random
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from .errors import HutongError, Refused, TooMany, Unreachable, refusal

__all__ = ["Param", "Wire", "pause_s"]

_UNAVAILABLE = 503
_MAY_BE_DONE = frozenset({502, 504})
_WAITS_FOR_MAX_S = 60
Param = str | int | bool | None
Params = Mapping[str, Param]
_View = TypeVar("_View")
_TIMEOUT = aiohttp.ClientTimeout(sock_connect=10, sock_read=120)


class Wire:
    """The way to one server with one token.

    Everything that goes over it may arrive twice and be harmless: a message has its key, the rest says what is to be.
    So a call that nobody answered is made again, for up to ``patience_s``.
    """

    def __init__(self, url: str, token: str, *, patience_s: float = 120) -> None:
        self.url = url.rstrip("/")
        self.patience_s = patience_s
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT)
        return self._session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        params: Params | None = None,
        again: bool = True,
    ) -> bytes:
        """The body of the answer. ``path`` is below ``/api/v1/``; a parameter that is None is left out. Without
        ``again`` it is tried again only where it was surely not done. Raises what the server refuses, and
        ``Unreachable``."""
        asked = {name: _as_text(value) for name, value in (params or {}).items() if value is not None}
        data = raw if raw is not None else None if body is None else msgspec.json.encode(body)
        kind = "application/octet-stream" if raw is not None else "application/json"
        headers = {"Content-Type": kind} if data is not None else {}
        until = time.monotonic() + self.patience_s
        refused: HutongError
        while True:
            try:
                async with self.session.request(
                    method, f"{self.url}/api/v1/{path}", data=data, params=asked, headers=headers
                ) as answer:
                    said = await answer.read()
                    if answer.status < 400:
                        return said
                    refused, wait_s = _refused(answer.status, said, again)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as lost:
                refused = Unreachable(f"{self.url} does not answer: {lost!r}")
                wait_s = pause_s() if again or isinstance(lost, aiohttp.ClientConnectorError) else None
                refused.__cause__ = lost
            if wait_s is None or time.monotonic() + wait_s > until:
                raise refused
            await asyncio.sleep(wait_s)

    async def get(self, view: type[_View], path: str, **params: Param) -> _View:
        """The answer to GET in this shape."""
        return msgspec.json.decode(await self.call("GET", path, params=params), type=view)


def pause_s() -> float:
    """A random moment, so that not everybody comes back at once."""
    return random.uniform(0, 5)  # noqa: S311 - nobody gains by guessing it


def _as_text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refused(status: int, said: bytes, again: bool) -> tuple[Refused, float | None]:
    """What the server says, and how long to wait before the call is made again; None where that changes nothing."""
    try:
        problem = msgspec.json.decode(said, type=dict[str, Any])
    except msgspec.MsgspecError:
        problem = {"detail": f"The server answered {status}."}
    refused = refusal(status, problem.get("code", "http"), problem.get("detail", ""), problem.get("params"))
    if isinstance(refused, TooMany):
        return refused, refused.retry_after_s if 0 < refused.retry_after_s <= _WAITS_FOR_MAX_S else None
    return refused, pause_s() if status == _UNAVAILABLE or (again and status in _MAY_BE_DONE) else None
