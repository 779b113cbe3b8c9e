"""The client for addresses that strangers name: what it reaches, and what it must not."""

import asyncio
import gzip
import socket
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from hutong.infra import http_client
from hutong.infra.http_client import CannotFetch, GuardedClient, is_open_address, open_socket


class Site:
    """A web server of a few lines: ``answers`` maps a path to what is sent for it; ``asked`` are the headers seen."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.is_slow = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split(" ")[1]
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        self.asked.append((path, headers))
        if not self.is_slow:
            writer.write(self.answers.get(path, page(b"", status="404 Not Found")))
            await writer.drain()
            writer.close()

    def url(self, path: str = "/") -> str:
        return f"http://site.example:{self.port}{path}"


def page(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", *lines, "", ""])
    return head.encode() + body


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Site]:
    """Reached as ``site.example``, whose name leads to this machine."""
    found = Site()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]

    def resolve(host: str, port: int, **more: Any) -> list[Any]:
        address = {"site.example": "127.0.0.1", "open.example": "93.184.215.14"}.get(host, host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield found
    server.close()


async def test_a_page_is_fetched_under_its_own_name_and_without_cookies(site: Site) -> None:
    site.answers["/a"] = page(b"", status="302 Found", location="/b?x=1", set_cookie="tracked=yes")
    site.answers["/b?x=1"] = page(b"hello", content_type="text/plain")

    async with GuardedClient(private_allowed=True) as client:
        fetched = await client.get(site.url("/a"), accept="text/plain")

    assert (fetched.url, fetched.content_type, fetched.body) == (site.url("/b?x=1"), "text/plain", b"hello")
    assert [path for path, _ in site.asked] == ["/a", "/b?x=1"]
    for _, headers in site.asked:
        assert headers["host"] == f"site.example:{site.port}"
        assert headers["accept"] == "text/plain"
        assert not {"cookie", "authorization", "referer"} & headers.keys()


async def test_this_machine_is_not_reached_by_name_or_number(site: Site) -> None:
    async with GuardedClient() as client:
        for url in ("http://site.example/", "http://127.0.0.1/", "https://[::1]/", "http://169.254.169.254/latest"):
            with pytest.raises(CannotFetch, match="not of the open internet"):
                await client.get(url)
    assert site.asked == []


async def test_a_redirect_to_this_machine_is_not_followed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first step is let through by hand; the second is checked like the first."""
    site.answers["/a"] = page(b"", status="302 Found", location="http://10.0.0.1/secret")
    monkeypatch.setattr(http_client, "is_open_address", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(http_client, "_PORTS", {"http": site.port, "https": 443})
    async with GuardedClient() as client:
        with pytest.raises(CannotFetch, match=r"10\.0\.0\.1, which is not of the open internet"):
            await client.get("http://site.example/a")
    assert [path for path, _ in site.asked] == ["/a"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://site.example/", "not an address of the web"),
        ("file:///etc/passwd", "not an address of the web"),
        ("http://", "not an address of the web"),
        ("http://me:secret@open.example/", "not an address of the web"),
        ("http://open.example:22/", "another port"),
    ],
)
async def test_other_addresses_are_refused(site: Site, url: str, why: str) -> None:
    async with GuardedClient() as client:
        with pytest.raises(CannotFetch, match=why):
            await client.get(url)


async def test_a_socket_goes_where_pages_are_fetched_and_nowhere_else(site: Site) -> None:
    (await open_socket("site.example", site.port, private_allowed=True)).close()
    for host, port, why in (
        ("site.example", 80, "not of the open internet"),
        ("open.example", 25, "another port"),
        ("open.example", site.port, "another port"),
    ):
        with pytest.raises(CannotFetch, match=why) as refused:
            await open_socket(host, port)
        assert why in refused.value.shown
        assert "127.0.0.1" not in refused.value.shown
    assert site.asked == []


async def test_size_time_redirects_and_packing_are_bounded(site: Site) -> None:
    site.answers["/large"] = page(b"x" * 100_000)
    site.answers["/bomb"] = page(gzip.compress(b"x" * 10_000_000), content_encoding="gzip")
    site.answers["/odd"] = page(b"x", content_encoding="br")
    site.answers["/round"] = page(b"", status="301 Moved", location="/round")
    async with GuardedClient(private_allowed=True, bytes_max=1_000, timeout_s=0.5, redirects_max=3) as client:
        assert (await client.get(site.url("/large"))).body == b"x" * 1_000
        assert (await client.get(site.url("/bomb"))).body == b"x" * 1_000
        for path, why in (("/odd", "packed as br"), ("/round", "more than 3 redirects"), ("/none", "answers 404")):
            with pytest.raises(CannotFetch, match=why):
                await client.get(site.url(path))
        assert len([path for path, _ in site.asked if path == "/round"]) == 4
        site.is_slow = True
        with pytest.raises(CannotFetch, match=r"longer than 0\.5 s"):
            await client.get(site.url("/large"))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_the_open_internet(address: str) -> None:
    assert is_open_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "not an address",
    ],
)
def test_what_is_not_the_open_internet(address: str) -> None:
    assert not is_open_address(address)
