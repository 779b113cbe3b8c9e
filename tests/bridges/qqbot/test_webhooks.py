"""Dispatches that are sent to an address, signed."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from hutong.bridges.qqbot.signing import sign, signed_by
from hutong.domains.openplatform import Outlet
from hutong.settings import Settings

from .conftest import Robot
from .test_talking import say, text

pytestmark = pytest.mark.usefixtures("no_facts_of_others")

WAIT_S = 30.0


@dataclass
class OtherEnd:
    """A program at an address: it signs what it is asked to, and keeps what it is told."""

    secret: str = ""
    port: int = 0
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 200

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                answer = self.answer_to(headers, body)
                status = f"HTTP/1.1 {self.status} x\r\ncontent-length: {len(answer)}\r\n\r\n"
                writer.write(status.encode() + answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    def answer_to(self, headers: dict[str, str], body: bytes) -> bytes:
        asked = msgspec.json.decode(body)
        if asked["op"] == 13:
            token = asked["d"]["plain_token"]
            signature = sign(self.secret, asked["d"]["event_ts"], token.encode()) if self.secret else "made up"
            return msgspec.json.encode({"plain_token": token, "signature": signature})
        self.heads.append(headers)
        self.bodies.append(body)
        self.news.set()
        return msgspec.json.encode({"op": 12, "d": 0})

    async def told(self, name: str) -> tuple[dict[str, str], bytes]:
        """The first dispatch of this name, waited for, with its headers."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for headers, body in zip(self.heads, self.bodies, strict=True):
                    if msgspec.json.decode(body)["t"] == name:
                        return headers, body
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The other end is on this machine."""
    return msgspec.structs.replace(settings, private_addresses_allowed=True)


@pytest.fixture
async def other_end(robot: Robot) -> AsyncGenerator[OtherEnd]:
    end = OtherEnd(secret=robot.token)
    server = await asyncio.start_server(end.serve, "127.0.0.1", 0)
    end.port = server.sockets[0].getsockname()[1]
    yield end
    server.close()


async def an_outlet(robot: Robot, end: OtherEnd, **fields: Any) -> httpx.Response:
    body = {"kind": "qqbot", "url": f"http://127.0.0.1:{end.port}/qq", "secret": robot.token} | fields
    return await robot.alice.http.post(f"apps/{robot.app}/bots/{robot.number}/outlets", json=body)


async def test_dispatches_are_sent_signed(robot: Robot, other_end: OtherEnd) -> None:
    (await an_outlet(robot, other_end)).raise_for_status()
    chat = await robot.alice.create_group()
    await robot.install(chat)
    await say(robot.alice, chat, {"type": "mention", "number": robot.number}, text(" 你好"))

    headers, body = await other_end.told("GROUP_AT_MESSAGE_CREATE")

    assert (headers["x-bot-appid"], headers["user-agent"]) == (str(robot.number), "QQBot-Callback")
    assert headers["content-type"] == "application/json"
    assert signed_by(robot.token, headers["x-signature-timestamp"], body, headers["x-signature-ed25519"])
    told = msgspec.json.decode(body)
    assert (told["op"], told["d"]["content"]) == (0, " 你好")
    await other_end.told("GROUP_ADD_ROBOT")

    answer = {"content": "呱", "msg_id": told["d"]["id"]}
    said = await robot.http.post(f"v2/groups/{told['d']['group_openid']}/messages", json=answer)
    assert said.status_code == 200


async def test_no_token_is_kept_where_signing_needs_none(robot: Robot, other_end: OtherEnd) -> None:
    made = (await an_outlet(robot, other_end)).raise_for_status().json()
    assert made["secret"] == robot.token
    one = f"apps/{robot.app}/bots/{robot.number}/outlets/{made['outlet']}"
    for change in ({"secret": robot.token}, {"url": f"http://127.0.0.1:{other_end.port}/new"}):
        (await robot.alice.http.patch(one, json=change)).raise_for_status()
        async with robot.town.parts.house.database.transaction() as session:
            kept = await session.scalar(select(Outlet.secret))
        assert kept == robot.token[:32] != robot.token
    assert (await an_outlet(robot, other_end, secret="é")).json()["code"] == "openplatform.bad_outlet"


async def test_what_failed_is_sent_again_as_it_was(robot: Robot, other_end: OtherEnd) -> None:
    (await an_outlet(robot, other_end)).raise_for_status()
    other_end.status = 500
    chat = await robot.alice.create_group()
    await robot.install(chat)
    await other_end.told("GROUP_ADD_ROBOT")
    other_end.status = 200
    async with asyncio.timeout(WAIT_S):
        while len(other_end.bodies) < 2:
            other_end.news.clear()
            await other_end.news.wait()
    first, second = (msgspec.json.decode(body) for body in other_end.bodies[:2])
    assert first == second


@pytest.mark.parametrize("case", ["another secret", "nobody there", "no answer of its own", "no secret"])
async def test_an_address_that_cannot_sign_is_not_kept(robot: Robot, other_end: OtherEnd, case: str) -> None:
    fields: dict[str, Any] = {}
    match case:
        case "another secret":
            other_end.secret = "another"
        case "nobody there":
            fields["url"] = "http://127.0.0.1:1/"
        case "no answer of its own":
            other_end.secret = ""
        case "no secret":
            fields["secret"] = ""

    refused = await an_outlet(robot, other_end, **fields)

    assert (refused.status_code, refused.json()["code"]) == (400, "openplatform.bad_outlet")
    kept = await robot.alice.http.get(f"apps/{robot.app}/bots/{robot.number}/outlets")
    assert kept.json() == []


async def test_an_outlet_moves_to_an_address_that_signs_alone(robot: Robot, other_end: OtherEnd) -> None:
    made = (await an_outlet(robot, other_end)).raise_for_status().json()
    outlets = f"apps/{robot.app}/bots/{robot.number}/outlets"
    one = f"{outlets}/{made['outlet']}"

    moved = await robot.alice.http.patch(one, json={"url": f"http://127.0.0.1:{other_end.port}/new"})
    assert moved.json()["url"].endswith("/new")
    for change in ({"url": "http://127.0.0.1:1/"}, {"secret": "another"}, {"secret": ""}):
        refused = await robot.alice.http.patch(one, json=change)
        assert refused.json()["code"] == "openplatform.bad_outlet"
    off = await robot.alice.http.patch(one, json={"state": "off"})
    assert (off.json()["state"], off.json()["url"]) == ("off", moved.json()["url"])
