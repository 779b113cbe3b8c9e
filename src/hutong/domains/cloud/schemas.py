"""What travels: drafts in, views out."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hutong.domains.openplatform import QuotaView

__all__ = [
    "AddDraft",
    "AddWrite",
    "BundleView",
    "CollectionView",
    "DeleteWrite",
    "DocumentsDraft",
    "EntryDraft",
    "EntryView",
    "FilePatch",
    "FileView",
    "PutWrite",
    "Range",
    "ServedFile",
    "UsageView",
    "Write",
    "WritesDraft",
    "WrittenView",
]

WHOLE_MAX = 2**53 - 1
EXPIRES_S_MAX = 315_360_000

Collection = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_.-]+$", examples=["loans"])]
Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^/\x00-\x1f\x7f]+$",
        description="Anything of one line but a slash.",
        examples=["book:7"],
    ),
]
Version = Annotated[
    int,
    Meta(ge=0, le=WHOLE_MAX, description="Only if this version is there; 0: only if nothing is."),
]
ExpiresIn = Annotated[int, Meta(ge=1, le=EXPIRES_S_MAX, description="Seconds until it is gone.")]
Whole = Annotated[int, Meta(ge=-WHOLE_MAX, le=WHOLE_MAX)]
Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]
Field = Annotated[str, Meta(min_length=1, max_length=64)]
Bound = int | float | str


class EntryDraft(msgspec.Struct, kw_only=True):
    """A value to be kept; without ``expires_in_s`` for good, whatever was said before."""

    value: Any
    version: Version | None = None
    expires_in_s: ExpiresIn | None = None


class AddDraft(msgspec.Struct, kw_only=True):
    """What is added to a whole number, which begins at 0. Without ``expires_in_s`` its time stays as it is."""

    by: Whole = 1
    expires_in_s: ExpiresIn | None = None


class PutWrite(msgspec.Struct, kw_only=True, tag_field="do", tag="put"):
    """Keeps a value, as one of several writes."""

    collection: Collection
    key: Key
    value: Any
    version: Version | None = None
    expires_in_s: ExpiresIn | None = None


class AddWrite(msgspec.Struct, kw_only=True, tag_field="do", tag="add"):
    """Adds to a number, as one of several writes."""

    collection: Collection
    key: Key
    by: Whole = 1
    expires_in_s: ExpiresIn | None = None


class DeleteWrite(msgspec.Struct, kw_only=True, tag_field="do", tag="delete"):
    """Deletes an entry, as one of several writes. What is not there is deleted already."""

    collection: Collection
    key: Key
    version: Version | None = None


Write = PutWrite | AddWrite | DeleteWrite


class WritesDraft(msgspec.Struct, kw_only=True):
    """Writes that happen all, in this order, or not at all."""

    writes: Annotated[list[Write], Meta(min_length=1, max_length=100)]


class WrittenView(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a write has made: the ``version`` that is there now (0: nothing), and of a number what it is now."""

    collection: str
    key: str
    version: int
    value: int | None = None


class EntryView(msgspec.Struct, kw_only=True):
    """An entry. Each write of an app has a higher ``version`` than all before."""

    collection: str
    key: str
    value: Any
    version: int
    changed_at: Moment
    expires_at: Moment | None


class CollectionView(msgspec.Struct, kw_only=True):
    """How much there is in a collection, also such as waits to be swept."""

    collection: str
    entries: int
    size_bytes: int


class Range(msgspec.Struct, kw_only=True):
    """Between bounds of one kind, all numbers or all texts."""

    gt: Bound | None = None
    gte: Bound | None = None
    lt: Bound | None = None
    lte: Bound | None = None


class DocumentsDraft(msgspec.Struct, kw_only=True):
    """A search among the entries whose values are objects. ``where`` compares fields of their top level: with a value
    that they must have, or with a range. ``sort`` is a field, ``-field`` for the other way round, else the key."""

    collection: Collection
    where: Annotated[dict[Field, Range | Bound | bool | None], Meta(max_length=10)] = {}
    sort: Annotated[str, Meta(max_length=65)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 100
    cursor: Annotated[str, Meta(max_length=200_000)] | None = None


class FileView(msgspec.Struct, kw_only=True):
    """A file in an app's bucket. ``path`` is where it is read, for everybody where it is ``public``."""

    name: str
    type: str
    size_bytes: int
    public: bool
    path: str
    stored_at: Moment


class FilePatch(msgspec.Struct, kw_only=True):
    """What changes of a file."""

    public: bool | UnsetType = UNSET


class BundleView(msgspec.Struct, kw_only=True):
    """A version of a mini app's pages; the one that is ``live`` is served at ``path``."""

    version: int
    files: int
    size_bytes: int
    live: bool
    path: str
    sent_at: Moment


class UsageView(msgspec.Struct, kw_only=True):
    """What an app keeps here and has called today, each with the most that it may."""

    entries: int
    entries_max: int
    entry_bytes: int
    entry_bytes_max: int
    files: int
    files_max: int
    file_bytes: int
    file_bytes_max: int
    bundles: int
    bundles_max: int
    calls: list[QuotaView]


class ServedFile(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes as they lie in store, from ``begins_at`` on. ``shown`` tells that a page may show it in its place."""

    blob: str
    type: str
    size_bytes: int
    tag: str
    name: str
    shown: bool
    begins_at: int = 0
    is_public: bool = False
