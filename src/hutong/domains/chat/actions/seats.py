"""Taking and leaving a seat in a conversation: the rows of both sides of it, and what everybody is told."""

from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.outbox import publish

from ..errors import GroupIsFull
from ..facts import MemberJoined, MemberLeft
from ..models import Group, InboxEntry, Invitation, Member, Request
from ..queries import people_in
from ..schemas import Person
from .changes import about, done_by, tell_account, tell_change
from .listing import resize

__all__ = ["admit", "give_seat", "unseat"]


async def admit(
    session: AsyncSession,
    group: Group,
    number: int,
    at: datetime,
    *,
    invited_by: int | None = None,
    accepted_by: int | None = None,
) -> None:
    """Seats somebody in a group whose chat is locked. Raises ``GroupIsFull``."""
    if group.members >= group.capacity:
        raise GroupIsFull(capacity=group.capacity)
    await resize(session, group, group.members + 1)
    await session.execute(delete(Request).where(Request.chat_id == group.chat_id, Request.account_number == number))
    await give_seat(session, group.chat_id, number, "member", at, invited_by=invited_by)
    parts = {
        part: other for part, other in (("invited_by", invited_by), ("accepted_by", accepted_by)) if other is not None
    }
    people = await people_in(session, group.chat_id, [number, *parts.values()])
    body = about(people[number])
    for part, other in parts.items():
        body |= done_by(people[other], part)
    await tell_change(
        session,
        group.chat_id,
        "joined",
        at,
        of_members=True,
        **body,
        role="member",
        members=group.members,
    )
    publish(session, MemberJoined(chat=group.chat_id, number=number, invited_by=invited_by))


async def unseat(
    session: AsyncSession,
    group: Group,
    number: int,
    at: datetime,
    *,
    removed_by: Person | None = None,
    banned: bool = False,
) -> None:
    """Takes a seat in a group away whose chat is locked. The links that its holder made lead nowhere any more."""
    chat_id = group.chat_id
    body = about((await people_in(session, chat_id, [number]))[number])
    await resize(session, group, group.members - 1)
    await session.execute(delete(Invitation).where(Invitation.chat_id == chat_id, Invitation.made_by == number))
    if removed_by is not None:
        body |= done_by(removed_by, "removed_by")
    if banned:
        body["banned"] = True
    await _take_seat_away(session, chat_id, number, body)
    await tell_change(session, chat_id, "left", at, of_members=True, **body, members=group.members)
    remover = removed_by.number if removed_by is not None else None
    publish(session, MemberLeft(chat=chat_id, number=number, removed_by=remover, banned=banned))


async def give_seat(
    session: AsyncSession, chat_id: int, number: int, role: str, at: datetime, *, invited_by: int | None = None
) -> Member:
    """Seats the account. What was said before counts as read; the history stays open to newcomers."""
    last_seq = await session.scalar(text("SELECT last_seq FROM chat_chat WHERE chat_id = :chat"), {"chat": chat_id})
    member = Member(
        chat_id=chat_id,
        account_number=number,
        role=role,
        card="",
        muted_until=None,
        mute_reason="",
        read_seq=last_seq or 0,
        joined_seq=last_seq or 0,
        joined_at=at,
        invited_by=invited_by,
    )
    session.add_all([member, InboxEntry(account_number=number, chat_id=chat_id)])
    await session.flush()
    tell_account(session, number, "seated", chat=chat_id)
    return member


async def _take_seat_away(session: AsyncSession, chat_id: int, number: int, why: dict[str, object]) -> None:
    for table in (Member, InboxEntry):
        await session.execute(delete(table).where(table.chat_id == chat_id, table.account_number == number))
    tell_account(session, number, "unseated", chat=chat_id, **why)
