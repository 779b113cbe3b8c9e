"""Reads of what apps keep here, and the gates: what is not the viewer's, and not public, does not exist."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import ColumnElement, Text, cast, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.openplatform import calls_of, hosted_path, is_shown, visible_app
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.page import Page, decode_cursor, encode_cursor
from hutong.settings import Limits

from .bundles import INDEX
from .errors import BadFilter, NoSuchEntry, NoSuchFile, NoSuchPage
from .kinds import UNKNOWN
from .models import Bundle, BundleFile, Entry, Holding, StoredFile
from .schemas import (
    BundleView,
    CollectionView,
    DocumentsDraft,
    EntryView,
    FileView,
    Range,
    ServedFile,
    UsageView,
)

__all__ = [
    "entry_view",
    "file_view",
    "find_entry",
    "get_entry_view",
    "get_page",
    "list_bundles",
    "list_collections",
    "list_documents",
    "list_entries",
    "list_files",
    "view_usage",
    "visible_file",
]

_TYPES_SHOWN = re.compile(r"(?:image|audio|video)/[a-z0-9]+")


def entry_view(entry: Entry) -> EntryView:
    return EntryView(
        collection=entry.collection,
        key=entry.key,
        value=entry.value,
        version=entry.version,
        changed_at=iso_utc(entry.changed_at),
        expires_at=iso_utc(entry.expires_at) if entry.expires_at else None,
    )


def _is_there(now: datetime) -> ColumnElement[bool]:
    return or_(Entry.expires_at.is_(None), Entry.expires_at > now)


async def find_entry(session: AsyncSession, app_id: int, collection: str, key: str) -> Entry | None:
    """The row of an entry, also of one whose time is over and that was not swept yet."""
    return await session.get(Entry, (app_id, collection, key))


async def get_entry_view(session: AsyncSession, app_id: int, collection: str, key: str, *, clock: Clock) -> EntryView:
    entry = await find_entry(session, app_id, collection, key)
    if entry is None or (entry.expires_at is not None and entry.expires_at <= clock()):
        raise NoSuchEntry
    return entry_view(entry)


async def list_collections(session: AsyncSession, app_id: int) -> list[CollectionView]:
    rows = await session.execute(
        select(Entry.collection, func.count(), func.sum(Entry.size_bytes))
        .where(Entry.app_id == app_id)
        .group_by(Entry.collection)
        .order_by(Entry.collection)
    )
    return [CollectionView(collection=row[0], entries=row[1], size_bytes=int(row[2])) for row in rows]


async def list_entries(
    session: AsyncSession, app_id: int, collection: str, *, prefix: str, cursor: str | None, limit: int, clock: Clock
) -> Page[EntryView]:
    """Entries whose keys begin with ``prefix``, by key."""
    wanted = select(Entry).where(Entry.app_id == app_id, Entry.collection == collection, _is_there(clock()))
    if prefix:
        wanted = wanted.where(Entry.key.startswith(prefix, autoescape=True))
    if cursor:
        wanted = wanted.where(Entry.key > decode_cursor(cursor, tuple[str])[0])
    entries = (await session.scalars(wanted.order_by(Entry.key).limit(limit + 1))).all()
    items = [entry_view(entry) for entry in entries[:limit]]
    return Page(items, next=encode_cursor(items[-1].key) if len(entries) > limit else None)


async def list_documents(session: AsyncSession, app_id: int, draft: DocumentsDraft, *, clock: Clock) -> Page[EntryView]:
    """The entries of a collection that a search finds, sorted. What lacks the field that they are sorted by counts as
    null. Values of one kind are together: null, texts, numbers, truth, lists, objects. Raises ``BadFilter``."""
    wanted = select(Entry).where(Entry.app_id == app_id, Entry.collection == draft.collection, _is_there(clock()))
    wanted = wanted.where(*_conditions(draft.where))
    name, falls = draft.sort.removeprefix("-"), draft.sort.startswith("-")
    by = func.coalesce(_field(name), _json(None)) if name else _json(None)
    if draft.cursor:
        after, key = decode_cursor(draft.cursor, tuple[Any, str])
        place, there = tuple_(by, Entry.key), tuple_(_json(after), literal(key, Entry.key.type))
        wanted = wanted.where(place < there if falls else place > there)
    order = [by.desc(), Entry.key.desc()] if falls else [by, Entry.key]
    entries = (await session.scalars(wanted.order_by(*order).limit(draft.limit + 1))).all()
    items = [entry_view(entry) for entry in entries[: draft.limit]]
    if len(entries) <= draft.limit:
        return Page(items)
    last = items[-1]
    sorted_by = last.value.get(name) if name and isinstance(last.value, dict) else None
    return Page(items, next=encode_cursor(sorted_by, last.key))


def _conditions(where: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    equal = {name: wanted for name, wanted in where.items() if not isinstance(wanted, Range)}
    found: list[ColumnElement[bool]] = [func.jsonb_typeof(Entry.value) == "object"]
    if equal:
        found.append(Entry.value.op("@>", is_comparison=True)(_json(equal)))
    for name, wanted in where.items():
        if isinstance(wanted, Range):
            found += _bounds(name, wanted)
    return found


def _bounds(name: str, wanted: Range) -> list[ColumnElement[bool]]:
    signs = {">": wanted.gt, ">=": wanted.gte, "<": wanted.lt, "<=": wanted.lte}
    bounds = {sign: bound for sign, bound in signs.items() if bound is not None}
    kinds = {"string" if isinstance(bound, str) else "number" for bound in bounds.values()}
    if len(kinds) != 1:
        raise BadFilter(field=name)
    of_kind: ColumnElement[bool] = func.jsonb_typeof(_field(name)) == kinds.pop()
    return [of_kind, *(_field(name).op(sign, is_comparison=True)(_json(bound)) for sign, bound in bounds.items())]


def _field(name: str) -> ColumnElement[Any]:
    return Entry.value.op("->", return_type=JSONB())(literal(name, Text()))


def _json(value: object) -> ColumnElement[Any]:
    return cast(literal(msgspec.json.encode(value).decode(), Text()), JSONB)


def file_view(file: StoredFile) -> FileView:
    return FileView(
        name=file.name,
        type=file.type,
        size_bytes=file.size_bytes,
        public=file.is_public,
        path=f"/api/v1/apps/{file.app_id}/files/{quote(file.name, safe='')}",
        stored_at=iso_utc(file.stored_at),
    )


async def list_files(
    session: AsyncSession, app_id: int, *, prefix: str, cursor: str | None, limit: int
) -> Page[FileView]:
    """An app's files whose names begin with ``prefix``, by name."""
    wanted = select(StoredFile).where(StoredFile.app_id == app_id)
    if prefix:
        wanted = wanted.where(StoredFile.name.startswith(prefix, autoescape=True))
    if cursor:
        wanted = wanted.where(StoredFile.name > decode_cursor(cursor, tuple[str])[0])
    files = (await session.scalars(wanted.order_by(StoredFile.name).limit(limit + 1))).all()
    items = [file_view(file) for file in files[:limit]]
    return Page(items, next=encode_cursor(items[-1].name) if len(files) > limit else None)


async def visible_file(session: AsyncSession, viewer: Actor | None, app_id: int, name: str) -> ServedFile:
    """A file, for everybody where it is public, else for the app's owner and its bots."""
    file = await session.get(StoredFile, (app_id, name))
    is_theirs = viewer is not None and await visible_app(session, viewer, app_id)
    if file is None or not (is_theirs or (file.is_public and await is_shown(session, app_id))):
        raise NoSuchFile
    return ServedFile(
        blob=file.blob,
        type=file.type,
        size_bytes=file.size_bytes,
        tag=file.blob.rpartition("/")[2],
        name=file.name,
        shown=file.type != UNKNOWN and _TYPES_SHOWN.fullmatch(file.type) is not None,
        is_public=file.is_public,
    )


async def list_bundles(session: AsyncSession, app_id: int) -> list[BundleView]:
    """The versions that are kept, the newest first."""
    live = await session.scalar(select(Holding.live_bundle).where(Holding.app_id == app_id))
    bundles = await session.scalars(select(Bundle).where(Bundle.app_id == app_id).order_by(Bundle.version.desc()))
    return [
        BundleView(
            version=bundle.version,
            files=bundle.files,
            size_bytes=bundle.size_bytes,
            live=bundle.version == live,
            path=hosted_path(app_id),
            sent_at=iso_utc(bundle.sent_at),
        )
        for bundle in bundles
    ]


async def get_page(session: AsyncSession, app_id: int, path: str) -> ServedFile:
    """A file of the pages that are live; of a folder its index. Raises ``NoSuchPage``."""
    wanted = f"{path}{INDEX}" if not path or path.endswith("/") else path
    row = (
        await session.execute(
            select(BundleFile, Bundle.blob)
            .join(Holding, (Holding.app_id == BundleFile.app_id) & (Holding.live_bundle == BundleFile.version))
            .join(Bundle, (Bundle.app_id == BundleFile.app_id) & (Bundle.version == BundleFile.version))
            .where(BundleFile.app_id == app_id, BundleFile.path == wanted)
        )
    ).one_or_none()
    if row is None or not await is_shown(session, app_id):
        raise NoSuchPage
    file: BundleFile = row[0]
    return ServedFile(
        blob=row[1],
        type=file.type,
        size_bytes=file.size_bytes,
        tag=file.tag,
        name=wanted.rpartition("/")[2],
        shown=True,
        begins_at=file.begins_at,
        is_public=True,
    )


async def view_usage(session: AsyncSession, app_id: int, *, clock: Clock, limits: Limits) -> UsageView:
    """What an app keeps here and has called today."""
    held = await session.get(Holding, app_id) or Holding(entries=0, entry_bytes=0, files=0, file_bytes=0)
    bundles = await session.scalar(select(func.count()).select_from(Bundle).where(Bundle.app_id == app_id))
    return UsageView(
        entries=held.entries,
        entries_max=limits.store_entries_per_app_max,
        entry_bytes=held.entry_bytes,
        entry_bytes_max=limits.store_bytes_per_app_max,
        files=held.files,
        files_max=limits.bucket_files_per_app_max,
        file_bytes=held.file_bytes,
        file_bytes_max=limits.bucket_bytes_per_app_max,
        bundles=bundles or 0,
        bundles_max=limits.bundles_per_app_max,
        calls=await calls_of(session, app_id, clock=clock, limits=limits),
    )
