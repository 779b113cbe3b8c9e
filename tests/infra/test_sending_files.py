"""Files as answers: in whole, in part, not at all, and never as something that runs."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, route
from litestar.params import FromPath, FromQuery

from hutong.infra.blobs import FilesUnavailable
from hutong.infra.web import render_exception, send_file
from tests.cast import visitor

CONTENT = bytes(range(256)) * 4
SIZE = len(CONTENT)


@dataclass(frozen=True)
class Kept:
    type: str = "image/png"
    size_bytes: int = SIZE
    tag: str = "abc-original"
    name: str = "harbour.png"
    shown: bool = True


FILES = {
    "picture": Kept(),
    "page": Kept(type="application/octet-stream", name="page.html", shown=False),
    "named": Kept(name='港口 "evil"\\..%0d.png'),
    "lost": Kept(tag="lost"),
}


@route("/{name:str}", http_method=["GET", "HEAD"])
async def get_file(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    download: FromQuery[bool] = False,
) -> Response[Any]:
    async def read(start: int, end: int) -> AsyncIterator[bytes]:
        if name == "lost":
            raise FilesUnavailable
        return chunks(CONTENT[start:end])

    return await send_file(request, FILES[name], read, as_download=download)


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 100):
        yield content[start : start + 100]


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    app = Litestar([get_file], exception_handlers={Exception: render_exception}, openapi_config=None)
    async with visitor(app) as speaking:
        yield speaking


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        (None, 200, 0, SIZE),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=1000-", 206, 1_000, SIZE),
        ("bytes=-5", 206, SIZE - 5, SIZE),
        (f"bytes=-{SIZE * 2}", 200, 0, SIZE),
        ("bytes=0-", 200, 0, SIZE),
        (f"bytes=0-{SIZE * 9}", 200, 0, SIZE),
        (f"bytes={SIZE - 1}-", 206, SIZE - 1, SIZE),
        ("bytes=5-2", 200, 0, SIZE),
        ("bytes=0-1,5-6", 200, 0, SIZE),
        ("bytes=-", 200, 0, SIZE),
        ("bytes=a-b", 200, 0, SIZE),
        ("pages=1-2", 200, 0, SIZE),
        ("bytes=" + "9" * 40 + "-", 200, 0, SIZE),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_range_is_answered_with_that_part(
    client: httpx.AsyncClient, method: str, asked: str | None, status: int, start: int, end: int
) -> None:
    answer = await client.request(method, "/picture", headers={"range": asked} if asked else {})

    assert answer.status_code == status
    assert answer.content == (CONTENT[start:end] if method == "GET" else b"")
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers.get("content-range") == (f"bytes {start}-{end - 1}/{SIZE}" if status == 206 else None)
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE * 5}-{SIZE * 6}", "bytes=-0"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_range_behind_the_end_is_refused(client: httpx.AsyncClient, method: str, asked: str) -> None:
    answer = await client.request(method, "/picture", headers={"range": asked})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert method == "HEAD" or answer.json()["code"] == "hutong.range_outside"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-none-match": '"abc-original"'}, 304),
        ({"if-none-match": 'W/"abc-original"'}, 304),
        ({"if-none-match": '"x", "abc-original"'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"abc"'}, 200),
        ({"if-none-match": '"abc-original"', "range": "bytes=0-1"}, 304),
        ({"if-range": '"abc-original"', "range": "bytes=0-1"}, 206),
        ({"if-range": '"abc"', "range": "bytes=0-1"}, 200),
        ({"if-range": '"abc"', "range": f"bytes={SIZE}-"}, 200),
    ],
)
async def test_what_the_client_has_is_not_sent_again(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await client.get("/picture", headers=headers)

    assert answer.status_code == status
    assert answer.headers["etag"] == '"abc-original"'
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Authorization, Cookie"
    assert len(answer.content) == {304: 0, 206: 2, 200: SIZE}[status]


@pytest.mark.parametrize(
    ("path", "type_", "placement"),
    [
        ("/picture", "image/png", "inline"),
        ("/picture?download=true", "image/png", "attachment"),
        ("/page", "application/octet-stream", "attachment"),
        ("/page?download=false", "application/octet-stream", "attachment"),
    ],
)
async def test_only_what_may_be_shown_is_shown_and_nothing_runs(
    client: httpx.AsyncClient, path: str, type_: str, placement: str
) -> None:
    answer = await client.get(path)

    assert answer.headers["content-type"] == type_
    assert answer.headers["content-disposition"].startswith(f"{placement}; filename=")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_name_cannot_leave_its_header(client: httpx.AsyncClient) -> None:
    answer = await client.get("/named")

    assert answer.headers["content-disposition"] == (
        "inline; filename=\"__ _evil__.._0d.png\"; filename*=UTF-8''%E6%B8%AF%E5%8F%A3%20%22evil%22%5C..%250d.png"
    )


async def test_a_file_that_cannot_be_read_is_an_error_and_not_half_an_answer(client: httpx.AsyncClient) -> None:
    answer = await client.get("/lost")

    assert (answer.status_code, answer.json()["code"]) == (503, "hutong.files_unavailable")
    assert "immutable" not in answer.headers.get("cache-control", "")
