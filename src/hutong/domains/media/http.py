"""Routes of files. None of them names ``session``: they talk to the store, and no transaction may be open then."""

from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, Router, delete, get, post, put, route
from litestar.params import JSONBody, PathParameter, RawBody
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.blobs import Blobs
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import FILE_ANSWERS, Code, Needs, Signed, TakesBytes, for_bots, send_file
from hutong.kit.clock import Clock
from hutong.kit.errors import Invalid, Unavailable
from hutong.settings import Limits, Settings

from .actions.developing import develop_upload
from .actions.uploads import (
    Assembly,
    begin_upload,
    check_piece,
    give_back_upload,
    give_up_upload,
    note_piece,
    settle_upload,
    take_upload,
)
from .errors import NoRoom, NoSuchUpload
from .models import Variant
from .queries import own_upload, piece_key, upload_view, versions_prefix, visible_avatar
from .schemas import MediaView, UploadDraft, UploadView

__all__ = ["router"]

_DAY_S = 86_400
_KIB = 1_024


@post("/media/uploads", tags=["Media"], summary="Begin an upload", opt=for_bots())
async def post_upload(
    data: JSONBody[UploadDraft],
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> UploadView:
    """Says how many pieces the file is to be sent in. What has arrived of it is kept for some hours."""
    limits = settings.limits
    await _check_room(blobs, data.size_bytes, limits)
    await spend(
        database, Allowance("media.uploads", limits.uploads_per_day_max, _DAY_S), str(actor.number), clock=clock
    )
    daily = Allowance("media.upload_kib", limits.upload_bytes_per_day_max // _KIB, _DAY_S)
    size_kib = -(-min(data.size_bytes, limits.upload_bytes_max) // _KIB)
    await spend(database, daily, str(actor.number), count=size_kib, clock=clock)
    async with database.transaction() as session:
        return await begin_upload(session, actor.number, data, limits=limits, clock=clock)


async def _check_room(blobs: Blobs, size_bytes: int, limits: Limits) -> None:
    """A file lies there in pieces, whole while it is looked at, and then in store."""
    if not await blobs.has_room(min(size_bytes, limits.upload_bytes_max) * 3 + limits.disk_free_bytes_min):
        raise NoRoom


@get("/media/uploads/{upload:str}", tags=["Media"], summary="How far an upload is", opt=for_bots())
async def get_upload(upload: Code, actor: Signed, database: Needs[Database], clock: Needs[Clock]) -> UploadView:
    """Which pieces have arrived, to go on after a break."""
    async with database.transaction() as session:
        return await upload_view(session, await own_upload(session, actor.number, upload, clock()))


@put(
    "/media/uploads/{upload:str}/pieces/{n:int}",
    tags=["Media"],
    summary="Send a piece",
    operation_class=TakesBytes,
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots(),
)
async def put_piece(
    upload: Code,
    n: Annotated[int, PathParameter(ge=0, le=1_000_000)],
    body: RawBody,
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """The bytes themselves. In any order, several at a time; the same piece again is harmless."""
    await _check_room(blobs, len(body), settings.limits)
    async with database.transaction() as session:
        await check_piece(session, actor.number, upload, n, len(body), clock=clock)
    await blobs.put(piece_key(upload, n), bytes(body))
    try:
        async with database.transaction() as session:
            await note_piece(session, actor.number, upload, n, clock=clock)
    except NoSuchUpload:
        # It was given up, and swept, while this piece was on its way.
        await blobs.delete([piece_key(upload, n)])
        raise


@post("/media/uploads/{upload:str}/finish", tags=["Media"], summary="Finish an upload", opt=for_bots())
async def post_finish(
    upload: Code,
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
    darkroom: Needs[Darkroom],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> MediaView:
    """Puts the pieces together and says what they are. Finishing again gives the same answer. A picture that cannot be
    shown is refused, and its upload is given up."""
    # Only so many are put together at once: each takes as much room on the disk again, twice.
    async with darkroom.place() as look:
        async with database.transaction() as session:
            taken = await take_upload(session, actor.number, upload, clock=clock)
        if not isinstance(taken, Assembly):
            return taken
        try:
            developed = await develop_upload(taken, blobs=blobs, look=look, limits=settings.limits)
        except Invalid:
            async with database.transaction() as session:
                await give_up_upload(session, actor.number, upload, clock=clock)
            raise
        except Unavailable:
            async with database.transaction() as session:
                await give_back_upload(session, actor.number, upload, clock=clock)
            raise
    try:
        async with database.transaction() as session:
            return await settle_upload(session, actor.number, upload, developed, clock=clock)
    except NoSuchUpload:
        # It was given up, and swept, while it was being looked at.
        await blobs.delete_below(versions_prefix(upload))
        raise


@delete("/media/uploads/{upload:str}", tags=["Media"], summary="Give an upload up", opt=for_bots())
async def delete_upload(upload: Code, actor: Signed, database: Needs[Database], clock: Needs[Clock]) -> None:
    """What it has become, if it is finished, stays."""
    async with database.transaction() as session:
        await give_up_upload(session, actor.number, upload, clock=clock)


@route(
    "/avatars/{media:str}/{size:str}",
    http_method=["GET", "HEAD"],
    tags=["Media"],
    summary="An avatar",
    responses=FILE_ANSWERS,
)
async def get_avatar(
    request: Request[Any, Any, Any],
    media: Code,
    size: Annotated[Variant, PathParameter(description="`small` or `large`.")],
    actor: Signed,
    database: Needs[Database],
    blobs: Needs[Blobs],
) -> Response[Any]:
    """The picture of a person or a group, for everybody who is signed in, as long as somebody wears it."""
    async with database.transaction() as session:
        version = await visible_avatar(session, media, size)
    return await send_file(request, version, partial(blobs.read, version.key))


router = Router("/", route_handlers=[post_upload, get_upload, put_piece, post_finish, delete_upload, get_avatar])
