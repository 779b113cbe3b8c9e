"""Routes of files in conversations. They do not name ``session``: no transaction is open while a file is sent."""

from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, route
from litestar.params import FromQuery, PathParameter

from hutong.domains.media import Variant, get_version
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.infra.web import FILE_ANSWERS, Code, Needs, Number, Signed, for_bots, send_file

from ..queries import visible_media

__all__ = ["media_routes"]


@route(
    "/chats/{chat:int}/media/{media:str}/{variant:str}",
    http_method=["GET", "HEAD"],
    tags=["Media"],
    summary="A file in a conversation",
    responses=FILE_ANSWERS,
    opt=for_bots("read_mentions"),
)
async def get_media(
    request: Request[Any, Any, Any],
    chat: Number,
    media: Code,
    variant: Annotated[Variant, PathParameter(description="Of a picture also `large` and `small`.")],
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
    download: FromQuery[bool] = False,
) -> Response[Any]:
    """For those who may see the conversation, as long as a message in it carries the file. Pictures, sound and film are
    sent to be shown, or with ``download=true`` to be saved; everything else only to be saved."""
    async with database.transaction() as session:
        await visible_media(session, actor.number, chat, media)
        version = await get_version(session, media, variant)
    return await send_file(request, version, partial(blobs.read, version.key), as_download=download)


media_routes = [get_media]
