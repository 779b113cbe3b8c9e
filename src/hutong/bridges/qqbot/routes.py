"""The calls that bots make, under ``/bridges/qqbot`` and at the hosts that their programs insist on."""

import asyncio
import contextlib
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Request, Response, Router, WebSocket, delete, get, post, put, websocket
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import PathParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from hutong.bridges.desk import Desk
from hutong.domains.openplatform import AnswerDraft, PressAnswered
from hutong.infra.web import Needs, render_exception
from hutong.kit.errors import HutongError

from .bodies import nothing_to_say, read_as
from .drafts import read_body
from .gateway import attend
from .groups import group_routes
from .guests import PATH, Guest, find_seals, let_in, origin_of
from .refusals import BAD_FORM, GOES_BY, Refusal, refusal_of
from .sending import group_of, person_of, recall, say
from .tokens import seal_access_token
from .uploading import take_file

__all__ = ["router"]

log = structlog.get_logger()

Openid = Annotated[str, PathParameter(max_length=64)]
MessageName = Annotated[str, PathParameter(max_length=200)]
AnyRequest = Request[Any, Any, Any]

_CODE_MAX = 5
_SMALL_BYTES_MAX = 16_384
_FILE_BYTES_MAX = 48 * 1_048_576
"""Base64 makes a file a third larger."""


async def guest_of(request: AnyRequest, desk: Needs[Desk]) -> Guest:
    return await let_in(request, desk)


def render(request: AnyRequest, exception: Exception) -> Response[Any]:
    """Whatever goes wrong, as ``{"code":…,"message":"…"}``."""
    if isinstance(exception, Refusal):
        refusal = exception
    elif isinstance(exception, HutongError):
        refusal = refusal_of(exception)
    else:
        ours = render_exception(request, exception)
        status = exception.status_code if isinstance(exception, HTTPException) else ours.status_code or 500
        refusal = Refusal(GOES_BY, getattr(ours.content, "detail", ""), status)
    return Response(
        {"code": refusal.code, "message": refusal.message},
        status_code=refusal.status,
        media_type="application/json",
    )


class TokenBody(msgspec.Struct):
    """Who wants an access token."""

    appId: str  # noqa: N815 - the protocol's own spelling
    clientSecret: str  # noqa: N815 - as above


@post("/app/getAppAccessToken", status_code=HTTP_200_OK, request_max_body_size=_SMALL_BYTES_MAX)
async def post_access_token(request: AnyRequest, desk: Needs[Desk]) -> dict[str, Any]:
    """An access token for the number of a bot and one of its tokens."""
    try:
        body = read_as(await request.body(), TokenBody)
    except Refusal:
        body = TokenBody("", "")
    secret = body.clientSecret.strip()
    actor = await desk.come_in(secret) if secret else None
    seals = await find_seals(desk, actor.number) if actor is not None else None
    if actor is None or seals is None or str(actor.number) != body.appId.strip():
        return {"code": 100_016, "message": "invalid appid or secret"}
    token = seal_access_token(seals, actor.number, secret, int(desk.clock().timestamp()))
    return {"access_token": token.text, "expires_in": str(token.expires_in_s)}


@get("/users/@me")
async def get_myself(guest: Needs[Guest]) -> dict[str, Any]:
    number = str(guest.number)
    openid = guest.seals.account(guest.number)
    return {
        "id": number,
        "username": guest.actor.nickname,
        "avatar": "",
        "bot": True,
        "union_openid": openid,
        "union_user_account": number,
    }


@get("/users/@me/guilds")
async def get_guilds(guest: Needs[Guest]) -> list[Any]:
    """There are none here; some programs ask before they begin."""
    return []


@get(["/gateway", "/gateway/bot"])
async def get_gateway(request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> dict[str, Any]:
    """Where the socket is. One connection is enough for everybody; more are taken, too."""
    url = origin_of(request, desk).replace("http", "ws", 1) + f"{PATH}/websocket"
    limit = {"total": 1_000, "remaining": 1_000, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": url, "shards": 1, "session_start_limit": limit}


@post("/v2/groups/{openid:str}/messages", status_code=HTTP_200_OK)
async def post_group_message(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> Any:
    body = read_body(await request.body())
    return await say(desk, guest, await group_of(desk, guest, openid), body, "group")


@post("/v2/users/{openid:str}/messages", status_code=HTTP_200_OK)
async def post_direct_message(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> Any:
    body = read_body(await request.body())
    return await say(desk, guest, await person_of(desk, guest, openid, body.msg_id), body, "user")


@delete("/v2/groups/{openid:str}/messages/{name:str}", status_code=HTTP_200_OK)
async def delete_group_message(
    openid: Openid, name: MessageName, guest: Needs[Guest], desk: Needs[Desk]
) -> Response[bytes]:
    await recall(desk, guest, await group_of(desk, guest, openid), name)
    return nothing_to_say()


@delete("/v2/users/{openid:str}/messages/{name:str}", status_code=HTTP_200_OK)
async def delete_direct_message(
    openid: Openid, name: MessageName, guest: Needs[Guest], desk: Needs[Desk]
) -> Response[bytes]:
    await recall(desk, guest, await person_of(desk, guest, openid, name), name)
    return nothing_to_say()


@post("/v2/groups/{openid:str}/files", status_code=HTTP_200_OK, request_max_body_size=_FILE_BYTES_MAX)
async def post_group_file(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> Any:
    chat = await group_of(desk, guest, openid)
    return await take_file(desk, guest, chat, await request.body(), "group")


@post("/v2/users/{openid:str}/files", status_code=HTTP_200_OK, request_max_body_size=_FILE_BYTES_MAX)
async def post_direct_file(openid: Openid, request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]) -> Any:
    chat = await person_of(desk, guest, openid)
    return await take_file(desk, guest, chat, await request.body(), "user")


class InteractionBody(msgspec.Struct):
    """What came of a press: 0 for done, else as in ``AnswerDraft``."""

    code: int | None = None


@put("/interactions/{press:str}", status_code=HTTP_204_NO_CONTENT)
async def put_interaction(
    press: Annotated[str, PathParameter(max_length=64)], request: AnyRequest, guest: Needs[Guest], desk: Needs[Desk]
) -> None:
    """Who has pressed need not wait any longer. Twice is harmless."""
    body = read_as(await request.body() or b"{}", InteractionBody)
    code = body.code or 0
    if not 0 <= code <= _CODE_MAX:
        raise Refusal(BAD_FORM, f"code is 0 to {_CODE_MAX}.")
    with contextlib.suppress(PressAnswered):
        await desk.answer(guest.actor, press, AnswerDraft(code=code))


@websocket("/websocket")
async def open_socket(socket: WebSocket[Any, Any, Any], desk: Needs[Desk], leaving: Needs[asyncio.Event]) -> None:
    await attend(socket, desk, leaving)


router = Router(
    PATH,
    route_handlers=[
        post_access_token,
        get_myself,
        get_guilds,
        get_gateway,
        post_group_message,
        post_direct_message,
        delete_group_message,
        delete_direct_message,
        post_group_file,
        post_direct_file,
        put_interaction,
        open_socket,
        *group_routes,
    ],
    dependencies={"guest": Provide(guest_of)},
    exception_handlers={Exception: render},
    include_in_schema=False,
)
