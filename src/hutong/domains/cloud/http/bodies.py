"""Bodies that are files: read as they come, up to a limit of their own."""

from typing import Any

from litestar import Request

from ..errors import FileTooLarge

__all__ = ["read_body"]


async def read_body(request: Request[Any, Any, Any], bytes_max: int) -> bytes:
    """The whole body. Raises ``FileTooLarge`` as soon as there is too much of it, or where there is none."""
    if int(request.headers.get("content-length", "0") or 0) > bytes_max:
        raise FileTooLarge(bytes_max=bytes_max)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise FileTooLarge(bytes_max=bytes_max)
    if not body:
        raise FileTooLarge(bytes_max=bytes_max)
    return bytes(body)
