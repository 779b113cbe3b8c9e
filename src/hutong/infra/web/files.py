"""Files as answers: whole or in part, not sent again to who has them, and never run by a browser.

Follows RFC 9110: one range of bytes is served (206, or 416 outside of the file), several at once are answered with the
whole; ``If-None-Match`` saves the body, ``If-Range`` keeps ranges of different contents apart. A file never changes
under its address, so a browser may keep it for good; it keeps it for whoever is signed in alone.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.response import Stream

from hutong.kit.errors import Invalid

from .problems import PROBLEM_TYPE, Problem, render_exception

__all__ = ["FILE_ANSWERS", "FileToSend", "TakesBytes", "send_file"]

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_SAFE_NAME = re.compile(r"[^\x20-\x7e]|[\"\\%]")
_KEPT_S = 31_536_000

FILE_ANSWERS = {
    200: ResponseSpec(bytes, description="The file.", media_type="*/*", generate_examples=False),
    206: ResponseSpec(bytes, description="The part that was asked for.", media_type="*/*", generate_examples=False),
    304: ResponseSpec(None, description="It is what the client has already."),
    416: ResponseSpec(
        Problem, description="The file does not reach that far.", media_type=PROBLEM_TYPE, generate_examples=False
    ),
}
"""For the description of a route that answers with ``send_file``."""


@dataclass
class TakesBytes(Operation):
    """The description of a route whose body is bytes as they are, which no annotation can say."""

    def __post_init__(self) -> None:
        bytes_ = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        self.request_body = RequestBody(content={"application/octet-stream": bytes_}, required=True)


class RangeOutside(Invalid):
    """The range begins behind the end of the file."""

    status = 416
    code = "hutong.range_outside"
    text = "This file has {size_bytes} bytes; the range asked for begins behind its end."


class FileToSend(Protocol):
    """What must be known of a file before its first byte. ``shown`` tells that a page may show it in its place."""

    @property
    def type(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def tag(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def shown(self) -> bool: ...


async def send_file(
    request: Request[Any, Any, Any],
    file: FileToSend,
    read: Callable[[int, int], Awaitable[AsyncIterator[bytes]]],
    *,
    as_download: bool = False,
) -> Response[Any]:
    """The answer to GET or HEAD. ``read`` is called with the first byte and the one after the last, and only where a
    body is due; what it raises is answered as an error."""
    etag = f'"{file.tag}"'
    headers = _headers(file, etag, as_download=as_download or not file.shown)
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers, media_type=file.type)
    asked = request.headers.get("range", "") if request.headers.get("if-range", etag) == etag else ""
    part = _part(asked, file.size_bytes)
    if part is None:
        refused = render_exception(request, RangeOutside(size_bytes=file.size_bytes))
        refused.headers["Content-Range"] = f"bytes */{file.size_bytes}"
        return refused
    start, end = part
    is_whole = (start, end) == (0, file.size_bytes)
    if not is_whole:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size_bytes}"
    headers["Content-Length"] = str(end - start)
    status = HTTPStatus.OK if is_whole else HTTPStatus.PARTIAL_CONTENT
    body: Any = [] if request.method == "HEAD" else await read(start, end)
    return Stream(body, status_code=status, headers=headers, media_type=file.type)


def _headers(file: FileToSend, etag: str, *, as_download: bool) -> dict[str, str]:
    plain = _SAFE_NAME.sub("_", file.name)
    placement = "attachment" if as_download else "inline"
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={_KEPT_S}, immutable",
        "Content-Disposition": f"{placement}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": etag,
        # Who signs in on the same device after me does not get my files out of its cache.
        "Vary": "Authorization, Cookie",
    }


def _names(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags


def _part(asked: str, size_bytes: int) -> tuple[int, int] | None:
    """The first byte and the one after the last, or None where the file does not reach that far. What is no range of
    bytes, or several, asks for the whole."""
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return 0, size_bytes
    first, last = found.groups()
    if first == "":
        return (max(0, size_bytes - int(last)), size_bytes) if int(last) else None
    if last != "" and int(last) < int(first):
        return 0, size_bytes
    if int(first) >= size_bytes:
        return None
    return int(first), min(int(last) + 1, size_bytes) if last else size_bytes
