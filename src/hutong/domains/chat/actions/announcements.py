"""Notices of a group's admins, and who has read them."""

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.limits import Allowance, spend_within
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.text import clean_text
from hutong.settings import Limits

from ..errors import AnnouncementEmpty, AnnouncementsFull, NoSuchAnnouncement
from ..facts import AnnouncementMade, AnnouncementReminded
from ..models import Announcement, AnnouncementReader
from ..queries import governed_group, latest_announcement, unread_members, visible_chat
from ..schemas import AnnouncementDraft
from .changes import keep_change, raise_rev, tell_account

__all__ = ["announce", "read_announcement", "remind_of_announcement", "take_announcement_down"]

_ADMINS = ("owner", "admin")


async def announce(
    session: AsyncSession, actor: Actor, chat_id: int, draft: AnnouncementDraft, *, clock: Clock, limits: Limits
) -> int:
    """Puts a notice up for the whole group and returns its id; its author has read it. Raises ``AnnouncementEmpty``,
    ``AnnouncementsFull``."""
    _, _, member = await governed_group(session, actor.number, chat_id, *_ADMINS)
    kept = clean_text(draft.text)
    if not 1 <= len(kept) <= limits.announcement_chars_max:
        raise AnnouncementEmpty(chars_max=limits.announcement_chars_max)
    there = await session.scalar(select(func.count()).where(Announcement.chat_id == chat_id)) or 0
    if there >= limits.announcements_per_group_max:
        raise AnnouncementsFull(announcements_max=limits.announcements_per_group_max)
    now = clock()
    turn = await raise_rev(session, chat_id)
    session.add(Announcement(chat_id=chat_id, id=turn.rev, text=kept, made_by=actor.number, made_at=now))
    await session.flush()
    await _note_reader(session, actor, chat_id, turn.rev, clock)
    newest = await latest_announcement(session, chat_id)
    by: dict[str, Any] = {"by": actor.number, "by_name": member.card or actor.nickname}
    await keep_change(session, turn, "announced", now, id=turn.rev, removed=False, announcement=newest, **by)
    publish(session, AnnouncementMade(chat=chat_id, id=turn.rev, by=actor.number))
    return turn.rev


async def take_announcement_down(
    session: AsyncSession, actor: Actor, chat_id: int, announcement_id: int, *, clock: Clock
) -> None:
    """Takes a notice away, by the owner or any admin. Raises ``NoSuchAnnouncement``."""
    _, _, member = await governed_group(session, actor.number, chat_id, *_ADMINS)
    await _get(session, chat_id, announcement_id)
    for table, column in ((AnnouncementReader, AnnouncementReader.announcement_id), (Announcement, Announcement.id)):
        await session.execute(delete(table).where(table.chat_id == chat_id, column == announcement_id))
    turn = await raise_rev(session, chat_id)
    newest = await latest_announcement(session, chat_id)
    by: dict[str, Any] = {"by": actor.number, "by_name": member.card or actor.nickname}
    await keep_change(session, turn, "announced", clock(), id=announcement_id, removed=True, announcement=newest, **by)


async def read_announcement(
    session: AsyncSession, actor: Actor, chat_id: int, announcement_id: int, *, clock: Clock
) -> None:
    """Notes that the actor has read it, once, and tells their devices. Raises ``NoSuchAnnouncement``."""
    await visible_chat(session, actor.number, chat_id)
    await _get(session, chat_id, announcement_id)
    if await _note_reader(session, actor, chat_id, announcement_id, clock):
        tell_account(session, actor.number, "announcement_read", chat=chat_id, id=announcement_id)


async def remind_of_announcement(
    session: AsyncSession, actor: Actor, chat_id: int, announcement_id: int, *, clock: Clock
) -> None:
    """Reminds the members who have not read it, at most once an hour. Raises ``NoSuchAnnouncement``, ``TooMany``."""
    await governed_group(session, actor.number, chat_id, *_ADMINS)
    found = await _get(session, chat_id, announcement_id)
    hourly = Allowance("chat.remind", 1, 3_600)
    await spend_within(session, hourly, f"{chat_id}:{announcement_id}", clock=clock)
    numbers = await unread_members(session, chat_id, announcement_id)
    for number in numbers:
        body = {"id": announcement_id, "text": found.text, "by": actor.number, "by_name": actor.nickname}
        tell_account(session, number, "reminded", chat=chat_id, **body, at=iso_utc(clock()))
    publish(session, AnnouncementReminded(chat=chat_id, id=announcement_id, by=actor.number, numbers=numbers))


async def _get(session: AsyncSession, chat_id: int, announcement_id: int) -> Announcement:
    found: Announcement | None = await session.get(Announcement, (chat_id, announcement_id))
    if found is None:
        raise NoSuchAnnouncement
    return found


async def _note_reader(session: AsyncSession, actor: Actor, chat_id: int, announcement_id: int, clock: Clock) -> bool:
    """Whether it was news."""
    noted = await session.execute(
        insert(AnnouncementReader)
        .values(chat_id=chat_id, announcement_id=announcement_id, account_number=actor.number, read_at=clock())
        .on_conflict_do_nothing()
        .returning(AnnouncementReader.account_number)
    )
    return noted.first() is not None
