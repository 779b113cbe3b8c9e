"""Routes of the store: entries by key, searched, and written several at once; and what an app uses of its quotas."""

from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from hutong.domains.openplatform import acting_app
from hutong.infra.web import Cursor, Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions import write_entries
from ..queries import get_entry_view, list_collections, list_documents, list_entries, view_usage
from ..schemas import (
    WHOLE_MAX,
    AddDraft,
    AddWrite,
    CollectionView,
    DeleteWrite,
    DocumentsDraft,
    EntryDraft,
    EntryView,
    PutWrite,
    UsageView,
    WritesDraft,
    WrittenView,
)

__all__ = ["store_routes"]

_Collection = Annotated[str, PathParameter(min_length=1, max_length=64, pattern="^[0-9A-Za-z_.-]+$")]
_Key = Annotated[str, PathParameter(min_length=1, max_length=200, pattern=r"^[^/\x00-\x1f\x7f]+$")]
_Prefix = Annotated[str, QueryParameter(max_length=200, description="How the keys begin.")]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]
_Version = Annotated[int | None, QueryParameter(ge=0, le=WHOLE_MAX, description="Only if this version is there.")]


@get("/apps/{app:int}/usage", tags=["Cloud"], summary="What an app uses")
async def get_usage(
    app: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> UsageView:
    """What it keeps here and has called today, and how much it may. For its owner."""
    await acting_app(session, actor, app)
    return await view_usage(session, app, clock=clock, limits=settings.limits)


@get("/apps/me/usage", tags=["Cloud"], summary="What my app uses", opt=for_bots())
async def get_my_usage(session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]) -> UsageView:
    """The same, for a bot of the app."""
    return await view_usage(session, await acting_app(session, actor), clock=clock, limits=settings.limits)


@get("/apps/{app:int}/store", tags=["Cloud"], summary="The collections of an app")
async def get_collections(app: Number, session: Session, actor: Signed) -> list[CollectionView]:
    """How much there is in each. For the app's owner, who looks and does not write."""
    return await list_collections(session, await acting_app(session, actor, app))


@get("/apps/{app:int}/store/{collection:str}", tags=["Cloud"], summary="The entries of a collection")
async def get_entries(
    app: Number,
    collection: _Collection,
    session: Session,
    actor: Signed,
    clock: Needs[Clock],
    prefix: _Prefix = "",
    cursor: Cursor = None,
    limit: _Limit = 100,
) -> Page[EntryView]:
    """By key. For the app's owner."""
    await acting_app(session, actor, app)
    return await list_entries(session, app, collection, prefix=prefix, cursor=cursor, limit=limit, clock=clock)


@get("/apps/me/store", tags=["Cloud"], summary="My app's collections", opt=for_bots())
async def get_my_collections(session: Session, actor: Signed) -> list[CollectionView]:
    """For a bot: how much there is in each."""
    return await list_collections(session, await acting_app(session, actor))


@get("/apps/me/store/{collection:str}", tags=["Cloud"], summary="My app's entries", opt=for_bots())
async def get_my_entries(
    collection: _Collection,
    session: Session,
    actor: Signed,
    clock: Needs[Clock],
    prefix: _Prefix = "",
    cursor: Cursor = None,
    limit: _Limit = 100,
) -> Page[EntryView]:
    """For a bot: by key."""
    app = await acting_app(session, actor)
    return await list_entries(session, app, collection, prefix=prefix, cursor=cursor, limit=limit, clock=clock)


@get("/apps/me/store/{collection:str}/{key:str}", tags=["Cloud"], summary="An entry", opt=for_bots())
async def get_my_entry(
    collection: _Collection, key: _Key, session: Session, actor: Signed, clock: Needs[Clock]
) -> EntryView:
    """For a bot."""
    return await get_entry_view(session, await acting_app(session, actor), collection, key, clock=clock)


@put("/apps/me/store/{collection:str}/{key:str}", tags=["Cloud"], summary="Keep an entry", opt=for_bots())
async def put_my_entry(
    collection: _Collection,
    key: _Key,
    data: JSONBody[EntryDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> WrittenView:
    """For a bot. With `version` only where that one is there now: nobody overwrites what they have not seen."""
    app = await acting_app(session, actor, hold=True)
    write = PutWrite(
        collection=collection, key=key, value=data.value, version=data.version, expires_in_s=data.expires_in_s
    )
    return (await write_entries(session, app, [write], clock=clock, limits=settings.limits))[0]


@delete(
    "/apps/me/store/{collection:str}/{key:str}",
    tags=["Cloud"],
    summary="Delete an entry",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots(),
)
async def delete_my_entry(
    collection: _Collection,
    key: _Key,
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
    version: _Version = None,
) -> None:
    """For a bot. What is not there is deleted already."""
    app = await acting_app(session, actor, hold=True)
    write = DeleteWrite(collection=collection, key=key, version=version)
    await write_entries(session, app, [write], clock=clock, limits=settings.limits)


@post(
    "/apps/me/store/{collection:str}/{key:str}/additions",
    tags=["Cloud"],
    summary="Count",
    status_code=HTTP_200_OK,
    opt=for_bots(),
)
async def post_my_addition(
    collection: _Collection,
    key: _Key,
    data: JSONBody[AddDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> WrittenView:
    """For a bot: adds to a whole number, which begins at 0; however many do so at once, each counts."""
    app = await acting_app(session, actor, hold=True)
    write = AddWrite(collection=collection, key=key, by=data.by, expires_in_s=data.expires_in_s)
    return (await write_entries(session, app, [write], clock=clock, limits=settings.limits))[0]


@post("/apps/me/writes", tags=["Cloud"], summary="Write several entries", status_code=HTTP_200_OK, opt=for_bots())
async def post_my_writes(
    data: JSONBody[WritesDraft], session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> list[WrittenView]:
    """For a bot: all of them, in their order, or none."""
    app = await acting_app(session, actor, hold=True)
    return await write_entries(session, app, data.writes, clock=clock, limits=settings.limits)


@post("/apps/me/documents", tags=["Cloud"], summary="Search entries", status_code=HTTP_200_OK, opt=for_bots())
async def post_my_documents(
    data: JSONBody[DocumentsDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> Page[EntryView]:
    """For a bot: those whose values are objects with these fields, sorted by one of them."""
    return await list_documents(session, await acting_app(session, actor), data, clock=clock)


store_routes = [
    get_usage,
    get_my_usage,
    get_collections,
    get_entries,
    get_my_collections,
    get_my_entries,
    get_my_entry,
    put_my_entry,
    delete_my_entry,
    post_my_addition,
    post_my_writes,
    post_my_documents,
]
