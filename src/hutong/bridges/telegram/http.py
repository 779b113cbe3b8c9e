"""The way in: ``{base}/bot<token>/<method>`` and ``{base}/file/bot<token>/<path>``; the base: ``/bridges/telegram``."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, route
from litestar.datastructures import UploadFile
from litestar.enums import HttpMethod, MediaType, RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import PathParameter
from litestar.response import Stream
from litestar.types import HTTPReceiveMessage, Receive, WebSocketReceiveMessage

from hutong.bridges.desk import Desk
from hutong.infra.web import From, Needs, render_exception
from hutong.kit.errors import HutongError, NotFound

from .calls import Call, let_in
from .files import named_in_path
from .methods import METHODS
from .parameters import Parameters, Upload
from .refusals import Refusal, bad_request, refusal_of, unauthorized

__all__ = ["BASE", "router"]

BASE = "/bridges/telegram"
_TOKEN_CHARS_MAX = 200
_AROUND_A_FILE_BYTES = 1_048_576
_FORMS = (RequestEncodingType.MULTI_PART, RequestEncodingType.URL_ENCODED)

Part = Annotated[str, PathParameter()]
AnyRequest = Request[Any, Any, Any]


@route(
    "/{bot:str}/{method:str}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    include_in_schema=False,
    # What it may have is the operator's to say, so it is counted below.
    request_max_body_size=None,
)
async def call_method(request: AnyRequest, bot: Part, method: Part, desk: Needs[Desk], caller: From) -> Response[Any]:
    """Nothing of a body is read before the token has let the bot in."""
    let = await let_in(desk, _token(bot))
    found = METHODS.get(method.lower())
    parameters = await _read(request, desk.limits.bridge_file_bytes_max)
    if found is None:
        raise bad_request("method not supported")
    result = await found(Call(desk, let, parameters, caller.origin))
    return Response({"ok": True, "result": result}, media_type=MediaType.JSON, status_code=200)


@get("/file/{bot:str}/{path:path}", include_in_schema=False)
async def get_file(bot: Part, path: Part, desk: Needs[Desk]) -> Stream:
    """The bytes of a file that ``getFile`` has named."""
    let = await let_in(desk, _token(bot))
    name = named_in_path(path)
    try:
        version, pieces = await desk.file(let.actor, name.chat, name.media, name.variant)
    except NotFound:
        raise bad_request("wrong file_id or the file is temporarily unavailable") from None
    headers = {
        "Content-Length": str(version.size_bytes),
        "Content-Disposition": "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Stream(pieces, media_type=version.type, headers=headers)


def _token(part: str) -> str:
    if not part.startswith("bot") or len(part) > _TOKEN_CHARS_MAX:
        raise unauthorized()
    return part.removeprefix("bot")


async def _read(request: AnyRequest, file_bytes_max: int) -> Parameters:
    """The parameters of the query, and of the body in whatever way it is written."""
    values: dict[str, Any] = dict(request.query_params)
    request.receive = _bounded(request.receive, file_bytes_max + _AROUND_A_FILE_BYTES)
    kind, _ = request.content_type
    if kind in _FORMS:
        form = await request.form()
        uploads: dict[str, Upload] = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                uploads[name] = Upload(value.filename, await _content(value, file_bytes_max))
            else:
                values[name] = value
        return Parameters(values, uploads)
    if kind == RequestEncodingType.JSON:
        values |= _object(await request.body())
    return Parameters(values)


def _bounded(receive: Receive, bytes_max: int) -> Receive:
    """Reads no more of a body than that. Raises ``Refusal`` 413."""
    left = bytes_max

    async def receive_some() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message["body"])
        if left < 0:
            raise Refusal(413)
        return message

    return receive_some


async def _content(file: UploadFile, bytes_max: int) -> bytes:
    content = await file.read(bytes_max + 1)
    if len(content) > bytes_max:
        raise Refusal(413)
    return content


def _object(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise bad_request("can't parse JSON object") from None
    if not isinstance(found, dict):
        raise bad_request("object expected")
    return found


def _refuse(request: AnyRequest, exception: Exception) -> Response[Any]:
    """Any exception as these bots are told of it."""
    match exception:
        case Refusal():
            refusal = exception
        case HutongError():
            refusal = refusal_of(exception)
        case HTTPException(status_code=status, detail=detail) if status < 500:
            refusal = Refusal(413) if status == 413 else bad_request(detail)
        case UnicodeDecodeError():
            refusal = bad_request("strings must be encoded in UTF-8")
        case _:
            # It is logged and judged as everywhere; only what is said of it is different.
            status = render_exception(request, exception).status_code or 500
            refusal = Refusal(status if status in (400, 503) else 500)
    return Response(refusal.body(), status_code=refusal.status, media_type=MediaType.JSON)


router = Router(BASE, route_handlers=[call_method, get_file], exception_handlers={Exception: _refuse})
