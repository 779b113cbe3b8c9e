"""Routes of an app's bucket. Those that send or take bytes do not name ``session``: no transaction is open then."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, delete, get, patch, put, route
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter
from msgspec import UNSET

from hutong.domains.openplatform import acting_app
from hutong.infra.blobs import Blobs, FilesUnavailable
from hutong.infra.db import Database
from hutong.infra.web import (
    FILE_ANSWERS,
    Cursor,
    Needs,
    Number,
    Session,
    Signed,
    TakesBytes,
    Viewer,
    for_bots,
    send_file,
)
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions import change_file, check_room, drop_file, keep_file, set_aside
from ..kinds import type_of_bytes
from ..queries import list_files, visible_file
from ..schemas import FilePatch, FileView, ServedFile
from .bodies import read_body

__all__ = ["answer_file", "file_routes"]

_Name = Annotated[str, PathParameter(min_length=1, max_length=200, pattern=r"^[^/\x00-\x1f\x7f]+$")]
_Prefix = Annotated[str, QueryParameter(max_length=200, description="How the names begin.")]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@get("/apps/{app:int}/files", tags=["Cloud"], summary="The files of an app")
async def get_files(
    app: Number, session: Session, actor: Signed, prefix: _Prefix = "", cursor: Cursor = None, limit: _Limit = 100
) -> Page[FileView]:
    """By name. For the app's owner."""
    await acting_app(session, actor, app)
    return await list_files(session, app, prefix=prefix, cursor=cursor, limit=limit)


@get("/apps/me/files", tags=["Cloud"], summary="My app's files", opt=for_bots())
async def get_my_files(
    session: Session, actor: Signed, prefix: _Prefix = "", cursor: Cursor = None, limit: _Limit = 100
) -> Page[FileView]:
    """For a bot: by name."""
    app = await acting_app(session, actor)
    return await list_files(session, app, prefix=prefix, cursor=cursor, limit=limit)


@put(
    "/apps/me/files/{name:str}",
    tags=["Cloud"],
    summary="Keep a file",
    operation_class=TakesBytes,
    opt=for_bots(),
    request_max_body_size=None,
)
async def put_my_file(
    request: Request[Any, Any, Any],
    name: _Name,
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
    settings: Needs[Settings],
    clock: Needs[Clock],
    public: FromQuery[bool] = False,
) -> FileView:
    """For a bot: the bytes as they are. What had this name before is replaced as a whole. With `public=true` everybody
    who has the address may read it."""
    limits = settings.limits
    body = await read_body(request, limits.bucket_file_bytes_max)
    async with database.transaction() as session:
        app = await acting_app(session, actor, hold=True)
        await check_room(session, app, name, len(body), limits=limits)
        blob = await set_aside(session, app, clock=clock)
    if not await blobs.has_room(len(body) + limits.disk_free_bytes_min):
        raise FilesUnavailable(log="the disk is nearly full")
    await blobs.put(blob, body)
    async with database.transaction() as session:
        app = await acting_app(session, actor, hold=True)
        return await keep_file(
            session,
            app,
            name,
            blob=blob,
            type_=type_of_bytes(body[:64]),
            size_bytes=len(body),
            is_public=public,
            clock=clock,
            limits=limits,
        )


@patch("/apps/me/files/{name:str}", tags=["Cloud"], summary="Change who may read a file", opt=for_bots())
async def patch_my_file(name: _Name, data: JSONBody[FilePatch], session: Session, actor: Signed) -> FileView:
    """For a bot."""
    app = await acting_app(session, actor, hold=True)
    return await change_file(session, app, name, is_public=None if data.public is UNSET else data.public)


@delete("/apps/me/files/{name:str}", tags=["Cloud"], summary="Delete a file", opt=for_bots())
async def delete_my_file(name: _Name, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """For a bot."""
    await drop_file(session, await acting_app(session, actor, hold=True), name, clock=clock)


@route(
    "/apps/{app:int}/files/{name:str}",
    http_method=["GET", "HEAD"],
    tags=["Cloud"],
    summary="A file of an app",
    responses=FILE_ANSWERS,
    opt=for_bots(),
)
async def get_app_file(
    request: Request[Any, Any, Any],
    app: Number,
    name: _Name,
    viewer: Viewer,
    database: Needs[Database],
    blobs: Needs[Blobs],
    download: FromQuery[bool] = False,
) -> Response[Any]:
    """A public one for everybody, signed in or not, the others for the app's owner and its bots. Pictures, sound and
    film may be shown; everything else is only ever saved."""
    async with database.transaction() as session:
        file = await visible_file(session, viewer, app, name)
    return await answer_file(request, file, blobs, as_download=download)


async def answer_file(
    request: Request[Any, Any, Any], file: ServedFile, blobs: Blobs, *, as_download: bool = False
) -> Response[Any]:
    """``send_file`` for what may be another one under the same address tomorrow; a public one also for the pages of
    others."""
    answer = await send_file(request, file, partial(_read, blobs, file), as_download=as_download)
    answer.headers["Cache-Control"] = "no-cache"
    if file.is_public:
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


async def _read(blobs: Blobs, file: ServedFile, start: int, end: int) -> AsyncIterator[bytes]:
    if end <= start:
        return _nothing()
    return await blobs.read(file.blob, file.begins_at + start, file.begins_at + end)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


file_routes = [get_files, get_my_files, put_my_file, patch_my_file, delete_my_file, get_app_file]
