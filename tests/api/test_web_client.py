"""The web client: its files, its views, how long they are kept, and what happens where it is not built."""

import gzip
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from hutong.api.client import web_client_routes
from hutong.infra.web import render_exception
from tests.cast import visitor

INDEX = "<!doctype html><title>hutong</title>"
SCRIPT = "export const hutong = 1;\n" * 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "package" / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "api-docs").mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "api-docs" / "index.html").write_text("<title>reader</title>")
    (folder / "assets" / "main-4f2a.js").write_text(SCRIPT)
    (folder / "sw.js").write_text("self.skipWaiting();")
    (folder / "manifest.webmanifest").write_text("{}")
    (folder.parent / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
async def site(built: Path) -> AsyncGenerator[httpx.AsyncClient]:
    app = Litestar(web_client_routes(built), exception_handlers={Exception: render_exception}, logging_config=None)
    async with visitor(app) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/chats/80001", "/g/bookclub", "/invitations/abc234", "/index.html", "/api-docs-x"]
)
async def test_views_get_the_page(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)

    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "media_type", "cache_control"),
    [
        ("/assets/main-4f2a.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/api/docs", "text/html; charset=utf-8", "no-cache"),
    ],
)
async def test_files_have_their_type_and_only_hashed_ones_are_kept(
    site: httpx.AsyncClient, path: str, media_type: str, cache_control: str
) -> None:
    answer = await site.get(path)

    assert answer.status_code == 200
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (media_type, cache_control)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/main-0000.js",
        "/favicon.ico",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "//etc/hosts.txt",
        "/assets",
        "/assets/",
        "/sw.js%00.html",
    ],
)
async def test_what_is_no_file_of_the_client_is_404_or_the_page(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)

    assert "secret" not in answer.text
    assert answer.status_code == 404 or answer.text == INDEX
    assert answer.status_code == 404 or not answer.request.url.path.startswith("/assets")


async def test_a_browser_that_has_it_gets_304(site: httpx.AsyncClient) -> None:
    first = await site.get("/sw.js")

    again = await site.get("/sw.js", headers={"if-none-match": first.headers["etag"]})
    other = await site.get("/sw.js", headers={"if-none-match": '"0"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


async def test_text_is_zipped_for_whoever_takes_it(site: httpx.AsyncClient) -> None:
    async def fetch(accepted: str) -> tuple[str | None, bytes]:
        request = site.build_request("GET", "/assets/main-4f2a.js", headers={"accept-encoding": accepted})
        answer = await site.send(request, stream=True)
        return answer.headers.get("content-encoding"), b"".join([part async for part in answer.aiter_raw()])

    encoding, zipped = await fetch("gzip, br")
    plain_encoding, plain = await fetch("identity")

    assert (encoding, gzip.decompress(zipped).decode()) == ("gzip", SCRIPT)
    assert (plain_encoding, plain.decode()) == (None, SCRIPT)


async def test_a_client_built_anew_is_served_at_once(site: httpx.AsyncClient, built: Path) -> None:
    assert (await site.get("/")).text == INDEX

    (built / "index.html").write_text(INDEX + "new")
    os.utime(built / "index.html", ns=(1, 1))

    assert (await site.get("/")).text == INDEX + "new"


async def test_where_the_client_is_not_built_a_page_says_so(tmp_path: Path) -> None:
    app = Litestar(web_client_routes(tmp_path / "web"), logging_config=None)

    async with visitor(app) as client:
        answers = [await client.get(path) for path in ("/", "/chats/80001", "/api/docs")]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert all("the web client is not built" in answer.text for answer in answers)


async def test_head_tells_what_get_would(site: httpx.AsyncClient) -> None:
    answer = await site.head("/sw.js")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
