"""What travels: views out."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

__all__ = ["NoticeView", "NoticesView", "ReadDraft"]

Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]


class NoticeView(msgspec.Struct, kw_only=True):
    """A notice. Clients have a sentence for each ``kind`` and fill ``params`` in; ``count`` is how often it came."""

    notice: int
    kind: str
    about: str
    params: dict[str, Any]
    count: int
    first_at: Moment
    last_at: Moment
    read: bool


class NoticesView(msgspec.Struct, kw_only=True):
    """Notices, the newest first, and how many in all are unread."""

    items: list[NoticeView]
    next: str | None
    unread: int


class ReadDraft(msgspec.Struct, kw_only=True):
    """Up to which moment; without one all of them."""

    until: Annotated[str, Meta(max_length=40)] | None = None
