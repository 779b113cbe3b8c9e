"""What the hand-over uses of picows beside its public face, and that it is still as it was."""

import asyncio

import pytest

from .conftest import Town

UPGRADE = (
    "GET /socket HTTP/1.1\r\nHost: {host}\r\n{connection}\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{more}\r\n"
)


async def _answer(town: Town, request: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", town.port)
    writer.write(request.encode())
    async with asyncio.timeout(30):
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    return answer


@pytest.mark.parametrize("connection", ["Connection: Upgrade", "Connection: keep-alive, Upgrade"])
async def test_an_upgrade_is_taken_as_every_browser_writes_it(town: Town, connection: str) -> None:
    more = "Sec-WebSocket-Protocol: hutong.1\r\n"
    answer = await _answer(town, UPGRADE.format(host=f"127.0.0.1:{town.port}", connection=connection, more=more))

    assert answer.startswith("HTTP/1.1 101 ")
    assert "sec-websocket-protocol: hutong.1" in answer.lower()


async def test_a_request_that_is_longer_than_the_read_buffer_is_taken(town: Town) -> None:
    more = f"Cookie: other={'x' * 6_000}\r\n"
    answer = await _answer(town, UPGRADE.format(host="here", connection="Connection: Upgrade", more=more))
    assert answer.startswith("HTTP/1.1 101 ")


@pytest.mark.parametrize("size", [2_000_000, 10_000_000])
async def test_a_frame_of_megabytes_gets_an_error_and_closes_its_own_connection_only(town: Town, size: int) -> None:
    alice, bob = await town.people("Alice", "Bob")
    client, other = await alice.online(), await bob.online()

    client.send_text(b"x" * size)

    assert await client.until_closed() == 1009
    assert [frame["on"] for frame in client.frames] == ["welcome", "error"]
    assert client.frames[1]["code"] == "socket.bad_frame"
    assert client.frames[1]["params"] == {"reason": "it is larger than 1048576 bytes"}
    assert (await other.answer(other.do("ping")))["on"] == "pong"
