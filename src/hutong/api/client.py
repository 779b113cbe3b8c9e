"""Serves the web client from the package folder ``hutong/web``, where the build puts it.

Only files that the folder holds are ever opened: a path is looked up in the list of them, so no path leads out of it.
An address that is no file is a view of the client and gets ``index.html``; one that looks like a file is 404.
"""

import asyncio
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED, HTTP_503_SERVICE_UNAVAILABLE

from hutong.kit.errors import NotFound

__all__ = ["WEB_FOLDER", "web_client_routes"]

MINI_SCRIPT = "mini/hutong.js"
WEB_FOLDER = Path(__file__).parent.parent / "web"

_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_HASHED_FOLDER = "assets"
_GZIP_FROM_BYTES = 1_024
_GZIP_TYPES = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hutong</title>
<h1>The server runs; the web client is not built</h1>
<p>Run <code>make install</code> in the source folder, or install hutong from its wheel, which carries the client.
The HTTP interface works: it is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the client, in memory. The whole client is a few megabytes, and every new visitor asks for it."""

    body: bytes
    zipped: bytes | None
    media_type: str
    tag: str
    cache_control: str


def web_client_routes(folder: Path = WEB_FOLDER) -> list[HTTPRouteHandler]:
    """The routes of the client and of the reader of the API's description."""

    async def serve(request: Request[Any, Any, Any], path: str) -> Response[bytes]:
        file = await asyncio.to_thread(_find, folder, path)
        return _answer(request, file) if file is not None else _not_built()

    @route(["/", "/{path:path}"], http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
    async def web_client(request: Request[Any, Any, Any], path: FromPath[str] = "/") -> Response[bytes]:
        return await serve(request, path)

    @route("/api/docs", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
    async def api_reader(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await serve(request, "api-docs/index.html")

    @route(f"/{MINI_SCRIPT}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
    async def mini_script(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The script of mini apps, which stand in frames without an origin or on hosts of their own."""
        answer = await serve(request, MINI_SCRIPT)
        answer.headers["cross-origin-resource-policy"] = "cross-origin"
        answer.headers["access-control-allow-origin"] = "*"
        return answer

    return [web_client, api_reader, mini_script]


def _find(folder: Path, path: str) -> StaticFile | None:
    """The file that an address means; None where the client is not built.

    Raises ``NotFound`` for what is neither a file nor a view.
    """
    name, stamp = path.strip("/"), _stamp(folder)
    files = _files_of(folder, stamp)
    if name == "api" or name.startswith("api/"):
        raise NotFound
    if name not in files:
        if _is_hashed(name) or (files and "." in name.rpartition("/")[2]):
            raise NotFound
        name = "index.html"
    return _read(folder, name, stamp) if files else None


def _is_hashed(name: str) -> bool:
    return name.partition("/")[0] == _HASHED_FOLDER


def _stamp(folder: Path) -> int:
    """Changes whenever the client is built anew."""
    try:
        return (folder / "index.html").stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=4)
def _files_of(folder: Path, stamp: int) -> frozenset[str]:
    return (
        frozenset(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        if stamp
        else frozenset()
    )


@lru_cache(maxsize=512)
def _read(folder: Path, name: str, stamp: int) -> StaticFile:
    body = (folder / name).read_bytes()
    suffix = Path(name).suffix
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    zips = len(body) >= _GZIP_FROM_BYTES and media_type.startswith(_GZIP_TYPES)
    return StaticFile(
        body=body,
        zipped=gzip.compress(body, 6, mtime=0) if zips else None,
        media_type=media_type,
        tag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        cache_control=_FOREVER if _is_hashed(name) else _ASK_FIRST,
    )


def _answer(request: Request[Any, Any, Any], file: StaticFile) -> Response[bytes]:
    headers = {"cache-control": file.cache_control, "etag": file.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    body = file.body
    if file.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = file.zipped
        headers["content-encoding"] = "gzip"
    return Response(body, status_code=HTTP_200_OK, media_type=file.media_type, headers=headers)


def _not_built() -> Response[bytes]:
    return Response(_NOT_BUILT.encode(), status_code=HTTP_503_SERVICE_UNAVAILABLE, media_type="text/html")
