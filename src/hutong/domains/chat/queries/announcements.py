"""A group's notices, and who of its members has read them."""

from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import iso_utc

from ..errors import NoSuchAnnouncement, NotAllowed
from ..models import Announcement, Member
from ..schemas import AnnouncementReaders, AnnouncementText, AnnouncementView
from .seats import people_in

__all__ = [
    "announcement_readers",
    "latest_announcement",
    "list_announcements",
    "unread_announcements",
    "unread_members",
]

_LIST = text(
    """
    SELECT a.id, a.text, a.made_by, a.made_at, count(m.account_number) AS read,
      bool_or(m.account_number = :viewer) AS read_by_me,
      (SELECT count(*) FROM chat_member x WHERE x.chat_id = a.chat_id) AS members
    FROM chat_announcement a
    LEFT JOIN chat_announcement_reader r ON r.chat_id = a.chat_id AND r.announcement_id = a.id
    LEFT JOIN chat_member m ON m.chat_id = r.chat_id AND m.account_number = r.account_number
    WHERE a.chat_id = :chat GROUP BY a.chat_id, a.id ORDER BY a.id DESC
    """
)
_LATEST = text(
    "SELECT id, text, made_by, made_at FROM chat_announcement WHERE chat_id = :chat ORDER BY id DESC LIMIT 1"
)
_UNREAD = text(
    """
    SELECT a.id FROM chat_announcement a WHERE a.chat_id = :chat AND NOT EXISTS (
      SELECT 1 FROM chat_announcement_reader r
      WHERE r.chat_id = a.chat_id AND r.announcement_id = a.id AND r.account_number = :number)
    ORDER BY a.id
    """
)
_MEMBERS = text(
    """
    SELECT m.account_number, EXISTS (
      SELECT 1 FROM chat_announcement_reader r
      WHERE r.chat_id = m.chat_id AND r.announcement_id = :id AND r.account_number = m.account_number) AS has_read
    FROM chat_member m WHERE m.chat_id = :chat ORDER BY m.account_number
    """
)


async def list_announcements(session: AsyncSession, viewer: int, chat_id: int) -> list[AnnouncementView]:
    """All of a group's, newest first, with how many of its members have read them."""
    rows = (await session.execute(_LIST, {"chat": chat_id, "viewer": viewer})).all()
    people = await people_in(session, chat_id, list({row.made_by for row in rows}))
    return [
        AnnouncementView(
            row.id,
            row.text,
            people[row.made_by],
            iso_utc(row.made_at),
            row.read,
            row.members,
            bool(row.read_by_me),
        )
        for row in rows
    ]


async def latest_announcement(session: AsyncSession, chat_id: int) -> AnnouncementText | None:
    """The newest, as everybody sees it."""
    row: Row[Any] | None = (await session.execute(_LATEST, {"chat": chat_id})).first()
    if row is None:
        return None
    people = await people_in(session, chat_id, [row.made_by])
    return AnnouncementText(row.id, row.text, people[row.made_by], iso_utc(row.made_at))


async def unread_announcements(session: AsyncSession, number: int, chat_id: int) -> list[int]:
    """The ids of those that somebody has not read, oldest first."""
    return list(await session.scalars(_UNREAD, {"chat": chat_id, "number": number}))


async def unread_members(session: AsyncSession, chat_id: int, announcement_id: int) -> list[int]:
    """The members who have not read it."""
    rows = await session.execute(_MEMBERS, {"chat": chat_id, "id": announcement_id})
    return [row.account_number for row in rows if not row.has_read]


async def announcement_readers(session: AsyncSession, member: Member, announcement_id: int) -> AnnouncementReaders:
    """Who of the members has read it and who has not, for owner and admins and for its author. Raises
    ``NoSuchAnnouncement``, ``NotAllowed``."""
    chat_id = member.chat_id
    made_by = await session.scalar(
        select(Announcement.made_by).where(Announcement.chat_id == chat_id, Announcement.id == announcement_id)
    )
    if made_by is None:
        raise NoSuchAnnouncement
    if member.role == "member" and made_by != member.account_number:
        raise NotAllowed
    rows = (await session.execute(_MEMBERS, {"chat": chat_id, "id": announcement_id})).all()
    people = await people_in(session, chat_id, [row.account_number for row in rows])
    return AnnouncementReaders(
        [people[row.account_number] for row in rows if row.has_read],
        [people[row.account_number] for row in rows if not row.has_read],
    )
