"""Requests that end in the middle, over a real connection."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import uvicorn
from litestar import Litestar

from tests.api.test_description import Listening
from tests.cast import Cast
from tests.files import begin

CONTENT = bytes(100_000)


@pytest.fixture
async def port(app: Litestar) -> AsyncGenerator[int]:
    server = Listening(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await server.listens.wait()
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await serving


def request_for(path: str, token: str, length: int) -> bytes:
    return (
        f"PUT /api/v1/{path} HTTP/1.1\r\nHost: hutong.test\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("sent", [0, 1, 50_000, 99_999])
async def test_a_piece_that_is_cut_off_is_not_kept_and_can_be_sent_again(
    cast: Cast, port: int, sent: int, capsys: pytest.CaptureFixture[str]
) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    path = f"media/uploads/{name}/pieces/0"

    _, cut = await asyncio.open_connection("127.0.0.1", port)
    cut.write(request_for(path, cast.alice.token, len(CONTENT)) + CONTENT[:sent])
    await cut.drain()
    cut.close()
    await cut.wait_closed()

    assert (await cast.alice.http.get(f"media/uploads/{name}")).json()["received"] == []
    reader, whole = await asyncio.open_connection("127.0.0.1", port)
    whole.write(request_for(path, cast.alice.token, len(CONTENT)) + CONTENT)
    assert (await reader.readline()) == b"HTTP/1.1 204 No Content\r\n"
    whole.close()
    assert (await cast.alice.http.post(f"media/uploads/{name}/finish")).status_code == 201
    assert "request.failed" not in capsys.readouterr().out


async def test_a_piece_of_ten_megabytes_is_refused(cast: Cast, port: int) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_for(f"media/uploads/{name}/pieces/0", cast.alice.token, 10_000_000))
    writer.write(bytes(2_000_000))

    assert (await reader.readline()) == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()
    assert (await cast.alice.http.get(f"media/uploads/{name}")).status_code == 200
