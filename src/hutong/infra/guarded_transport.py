"""The guarded client for libraries that bring a client of their own: a transport for httpx.

What holds for ``http_client`` holds here: every host is resolved and looked at before each connection, exactly that
address is connected to, connections are not kept, and sizes and times are bounded. Redirects are not followed.
"""

import asyncio

import httpx

from .http_client import CannotFetch, open_address_of, trusted_authorities

__all__ = ["GuardedTransport"]

_NOT_KEPT = httpx.Limits(max_keepalive_connections=0)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Used as ``httpx.AsyncClient(transport=GuardedTransport())``. What it refuses is an ``httpx.ConnectError``."""

    def __init__(self, *, private_allowed: bool = False, timeout_s: float = 10.0, bytes_max: int = 524_288) -> None:
        self._private_allowed = private_allowed
        self._timeout_s = timeout_s
        self._bytes_max = bytes_max
        self._transport = httpx.AsyncHTTPTransport(verify=trusted_authorities(), trust_env=False, limits=_NOT_KEPT)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._ask(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"{request.url} took longer than {self._timeout_s} s") from error
        except (CannotFetch, OSError) as error:
            raise httpx.ConnectError(str(error)) from error

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        address, port = await open_address_of(url, private_allowed=self._private_allowed)
        extensions = {**request.extensions, "sni_hostname": url.host if url.scheme == "https" else None}
        # What is packed may be endless when it is unpacked.
        headers = [*((name, value) for name, value in request.headers.raw if name.lower() != b"accept-encoding")]
        headers.append((b"accept-encoding", b"identity"))
        inner = httpx.Request(
            request.method,
            url.copy_with(host=address, port=port),
            headers=headers,
            stream=request.stream,
            extensions=extensions,
        )
        response = await self._transport.handle_async_request(inner)
        try:
            body = await self._read(url, response)
        finally:
            await response.aclose()
        kept = [(name, value) for name, value in response.headers.raw if name.lower() != b"transfer-encoding"]
        return httpx.Response(response.status_code, headers=kept, content=body, request=request)

    async def _read(self, url: httpx.URL, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise CannotFetch(f"{url} is packed, though that was not asked for")
        stream, body = response.stream, bytearray()
        if not isinstance(stream, httpx.AsyncByteStream):
            raise CannotFetch(f"{url} has no body")
        async for piece in stream:
            body += piece
            if len(body) > self._bytes_max:
                raise CannotFetch(f"{url} answers with more than {self._bytes_max} bytes")
        return bytes(body)

    async def aclose(self) -> None:
        await self._transport.aclose()
