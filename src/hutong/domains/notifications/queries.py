"""Reads of an account's own notices."""

from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import iso_utc
from hutong.kit.page import decode_cursor, encode_cursor

from .models import Notice
from .schemas import NoticesView, NoticeView

__all__ = ["count_unread", "list_notices"]


async def count_unread(session: AsyncSession, number: int) -> int:
    """How many notices the account has not read."""
    unread = select(func.count()).select_from(Notice).where(Notice.account_number == number, Notice.read_at.is_(None))
    return await session.scalar(unread) or 0


async def list_notices(session: AsyncSession, number: int, *, cursor: str | None, limit: int) -> NoticesView:
    """The account's notices, by when they came last, the newest first."""
    rows = select(Notice).where(Notice.account_number == number)
    if cursor is not None:
        last_at, notice_id = decode_cursor(cursor, tuple[datetime, int])
        rows = rows.where(tuple_(Notice.last_at, Notice.notice_id) < (last_at, notice_id))
    rows = rows.order_by(Notice.last_at.desc(), Notice.notice_id.desc()).limit(limit + 1)
    found = list(await session.scalars(rows))
    page = found[:limit]
    after = encode_cursor(page[-1].last_at.isoformat(), page[-1].notice_id) if len(found) > limit else None
    views = [
        NoticeView(
            notice=one.notice_id,
            kind=one.kind,
            about=one.about,
            params=one.params,
            count=one.count,
            first_at=iso_utc(one.first_at),
            last_at=iso_utc(one.last_at),
            read=one.read_at is not None,
        )
        for one in page
    ]
    return NoticesView(items=views, next=after, unread=await count_unread(session, number))
