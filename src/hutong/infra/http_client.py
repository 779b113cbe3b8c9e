"""Fetches pages that strangers name, and sends to addresses that they name, without letting them reach what only this
machine can.

Before every connection, the first one and after each redirect, the host is resolved, and every address that it has must
be one of the open internet; then exactly that address is connected to, so that a second answer of the name server
changes nothing. No cookies, no credentials, no proxy of the environment; size, time and redirects are bounded.
"""

import asyncio
import functools
import ipaddress
import socket
import ssl
import zlib
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import httpx
import msgspec

__all__ = [
    "Answered",
    "CannotFetch",
    "Fetched",
    "GuardedClient",
    "is_open_address",
    "open_address_of",
    "open_socket",
    "trusted_authorities",
]

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_RESOLVERS = ThreadPoolExecutor(32, thread_name_prefix="hutong-names")
_REDIRECTS = {301, 302, 303, 307, 308}
_ANY_COMPRESSION = 47  # zlib's word for: gzip or deflate, as its head says


class CannotFetch(Exception):
    """The page cannot be fetched, or must not be; the text says why, for the log. ``shown`` is as much of it as whoever
    has named the address may know: what a name leads to here is not theirs."""

    def __init__(self, why: str, *, shown: str = "") -> None:
        super().__init__(why)
        self.shown = shown or why


class Fetched(msgspec.Struct, frozen=True):
    """``url`` is where it was found in the end; ``body`` is cut off at the size that was allowed."""

    url: str
    content_type: str
    body: bytes


class Answered(msgspec.Struct, frozen=True):
    """The answer to something that was sent; ``body`` is cut off at the size that was allowed."""

    status: int
    body: bytes


def is_open_address(address: str) -> bool:
    """Whether the address belongs to the open internet, whatever other address may be packed into it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    packed: list[ipaddress.IPv4Address] = []
    if isinstance(found, ipaddress.IPv6Address):
        packed += [one for one in (found.ipv4_mapped, found.sixtofour) if one is not None]
        packed += found.teredo or ()
        if found in _NAT64:
            packed.append(ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF))
        if found.ipv4_mapped is not None:
            return all(_is_open(one) for one in packed)
    return all(_is_open(one) for one in (found, *packed))


@functools.cache
def trusted_authorities() -> ssl.SSLContext:
    """To read all the certificates of authorities takes some 10 ms, so it is done once."""
    return ssl.create_default_context()


def _is_open(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


class GuardedClient:
    """Fetches with ``get``. ``private_allowed`` is for tests and for an operator whose community is a private network;
    it opens all ports too. Used as a context, it closes its connections at the end."""

    def __init__(
        self,
        *,
        private_allowed: bool = False,
        timeout_s: float = 8.0,
        bytes_max: int = 524_288,
        redirects_max: int = 4,
        keeps_connections: bool = False,
    ) -> None:
        """``keeps_connections`` is for a client that speaks to one host only."""
        self._private_allowed = private_allowed
        self._timeout_s = timeout_s
        self._bytes_max = bytes_max
        self._redirects_max = redirects_max
        # A transport and not a client: it keeps no cookies and follows nothing by itself. Connections are not kept
        # either, because one that was opened for one name must not serve another at the same address.
        self._transport = httpx.AsyncHTTPTransport(
            verify=trusted_authorities(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=int(keeps_connections)),
        )
        self._keeps_connections = keeps_connections

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        """The page behind a link. Raises ``CannotFetch`` for whatever is in the way."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(url, accept)
        except TimeoutError as error:
            raise CannotFetch(f"{url} took longer than {self._timeout_s} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, zlib.error) as error:
            raise CannotFetch(f"{url}: {type(error).__name__}: {error}") from error

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answered:
        """Sends a body, and returns what is answered, whatever that is; a redirect is not followed. Raises
        ``CannotFetch`` where nothing is answered."""
        try:
            async with asyncio.timeout(self._timeout_s):
                request = await self._request(httpx.URL(url), "*/*", method="POST", body=body, more=headers)
                response = await self._transport.handle_async_request(request)
                try:
                    raw = await self._read_raw(response)
                finally:
                    await response.aclose()
                return Answered(response.status_code, self._unpacked(url, response, raw))
        except TimeoutError as error:
            raise CannotFetch(f"{url} took longer than {self._timeout_s} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, zlib.error) as error:
            raise CannotFetch(f"{url}: {type(error).__name__}: {error}") from error

    async def _follow(self, url: str, accept: str) -> Fetched:
        for _ in range(self._redirects_max + 1):
            here = httpx.URL(url)
            request = await self._request(here, accept)
            response = await self._transport.handle_async_request(request)
            try:
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or not location:
                    return await self._read(str(here), response)
                url = str(here.join(location))
            finally:
                await response.aclose()
        raise CannotFetch(f"{url} is more than {self._redirects_max} redirects away")

    async def _request(
        self,
        url: httpx.URL,
        accept: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        more: dict[str, str] | None = None,
    ) -> httpx.Request:
        """The request as it goes to the one address that was checked."""
        address, port = await open_address_of(url, private_allowed=self._private_allowed)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "Accept": accept,
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": "hutong",
            "Connection": "keep-alive" if self._keeps_connections else "close",
        } | (more or {})
        extensions = {
            "sni_hostname": url.host if url.scheme == "https" else None,
            "timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s),
        }
        there = url.copy_with(host=address, port=port)
        return httpx.Request(method, there, headers=headers, content=body or None, extensions=extensions)

    async def _read(self, url: str, response: httpx.Response) -> Fetched:
        if response.status_code != httpx.codes.OK:
            raise CannotFetch(f"{url} answers {response.status_code}")
        raw = await self._read_raw(response)
        return Fetched(url, response.headers.get("content-type", ""), self._unpacked(url, response, raw))

    async def _read_raw(self, response: httpx.Response) -> bytes:
        stream = response.stream
        if not isinstance(stream, httpx.AsyncByteStream):
            raise CannotFetch("an answer has no body")
        raw = bytearray()
        async for piece in stream:
            raw += piece
            if len(raw) >= self._bytes_max:
                break
        return bytes(raw)

    def _unpacked(self, url: str, response: httpx.Response, raw: bytes) -> bytes:
        """The body as it was before it was packed for the way, and no more of it than is allowed."""
        packing = response.headers.get("content-encoding", "identity").lower()
        if packing in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(_ANY_COMPRESSION).decompress(raw, self._bytes_max)
        if packing != "identity":
            raise CannotFetch(f"{url} is packed as {packing}")
        return raw[: self._bytes_max]


async def open_address_of(url: httpx.URL, *, private_allowed: bool = False) -> tuple[str, int]:
    """The address and port to connect to for a URL, if all addresses that its host has are of the open internet; any,
    and any port, where private ones are allowed. Raises ``CannotFetch``, and what resolving raises."""
    if url.scheme not in _PORTS or not url.host or url.userinfo:
        raise CannotFetch(f"{url} is not an address of the web")
    port = url.port or _PORTS[url.scheme]
    return await _resolve(url.host, port, private_allowed=private_allowed), port


async def _resolve(host: str, port: int, *, private_allowed: bool) -> str:
    """An address of the host, if the port is one of the web's and all its addresses are of the open internet."""
    if port not in _PORTS.values() and not private_allowed:
        raise CannotFetch(f"{host}:{port} is on another port than the web's")
    # Threads of its own: the loop's few would all wait for name servers that never answer.
    look_up = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)
    addresses = [str(one[4][0]) for one in found]
    closed = [one for one in addresses if not is_open_address(one)]
    if closed and not private_allowed:
        raise CannotFetch(
            f"{host} leads to {closed[0]}, which is not of the open internet",
            shown="Its address leads to where nothing may be sent: not of the open internet.",
        )
    if not addresses:
        raise CannotFetch(f"{host} has no address")
    return addresses[0]


async def open_socket(host: str, port: int, *, private_allowed: bool = False, timeout_s: float = 8.0) -> socket.socket:
    """A connection to a host under the same rules, ports included, for what speaks another protocol than HTTP: a mail
    server or a database has no business with what a stranger has us say. Raises ``CannotFetch``."""
    try:
        async with asyncio.timeout(timeout_s):
            address = await _resolve(host, port, private_allowed=private_allowed)
            opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            opened.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(opened, (address, port))
            except BaseException:
                opened.close()
                raise
    except TimeoutError as error:
        raise CannotFetch(f"{host} took longer than {timeout_s} s") from error
    except (OSError, UnicodeError) as error:
        raise CannotFetch(f"{host}: {type(error).__name__}: {error}") from error
    return opened
