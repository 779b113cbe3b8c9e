"""A bot that a journey plays itself: it speaks over HTTP and hears over the socket, as bots do."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from picows import ws_connect

from tests.gateway.conftest import SocketClient

from .visitor import WAIT_MS, Visitor

_ASK = """async ([method, path, body]) => {
  const token = document.cookie.split("; ").find((one) => one.startsWith("hutong_csrf="))?.slice(12) ?? "";
  const headers = {"Content-Type": "application/json", "X-CSRF-Token": decodeURIComponent(token)};
  const answer = await fetch(`/api/v1/${path}`, {method, headers, body: body === null ? null : JSON.stringify(body)});
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const said = await answer.text();
  return said === "" ? null : JSON.parse(said);
}"""


class Robot:
    """``chat`` is where it was let in."""

    def __init__(self, chat: int, number: int, http: httpx.AsyncClient, socket: SocketClient) -> None:
        self.chat = chat
        self.number = number
        self._http = http
        self._socket = socket

    async def says(self, *segments: dict[str, Any] | str) -> int:
        """Returns the seq."""
        body = {"key": str(uuid.uuid4()), "segments": _parts(segments)}
        sent = (await self._http.post(f"chats/{self.chat}/messages", json=body)).raise_for_status().json()
        return int(sent["seq"])

    async def edits(self, seq: int, *segments: dict[str, Any] | str) -> None:
        body = {"segments": _parts(segments)}
        (await self._http.patch(f"chats/{self.chat}/messages/{seq}", json=body)).raise_for_status()

    async def offers(self, *commands: dict[str, str]) -> None:
        (await self._http.put("bots/me/commands", json=list(commands))).raise_for_status()

    async def hears(self, on: str, **fields: Any) -> dict[str, Any]:
        """The first event of this kind that says this, of those that came and those that will."""
        return await self._socket.until(
            lambda frame: frame["on"] == on and frame | fields == frame, wait_s=WAIT_MS / 1_000
        )

    async def answers(self, press: str, **answer: Any) -> None:
        (await self._http.put(f"presses/{press}", json=answer)).raise_for_status()


@asynccontextmanager
async def robot_in(owner: Visitor, place: str, name: str, *scopes: str) -> AsyncIterator[Robot]:
    """A bot of the owner's, let into the group at ``place`` with these scopes, online."""
    page, chat = owner.page, int(place.removeprefix("/chats/"))
    app = await page.evaluate(_ASK, ["POST", "apps", {"name": name}])
    bot = await page.evaluate(_ASK, ["POST", f"apps/{app['app']}/bots", {"nickname": name}])
    of_bot = f"apps/{app['app']}/bots/{bot['number']}/tokens"
    token = (await page.evaluate(_ASK, ["POST", of_bot, {}]))["token"]
    await page.evaluate(_ASK, ["PUT", f"groups/{chat}/bots/{bot['number']}", {"scopes": list(scopes)}])
    port = urlsplit(page.url).port
    headers = {"authorization": f"Bearer {token}"}
    _, socket = await ws_connect(
        SocketClient, f"ws://127.0.0.1:{port}/socket", extra_headers=headers, use_aiofastnet=False
    )
    assert isinstance(socket, SocketClient)
    await socket.hello(client="bot")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1/", headers=headers, timeout=60) as http:
        yield Robot(chat, bot["number"], http, socket)
    socket.close()


def _parts(segments: tuple[dict[str, Any] | str, ...]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": part} if isinstance(part, str) else part for part in segments]
