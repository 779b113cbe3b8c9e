"""Taking and leaving a seat in a conversation: the rows of both sides of it."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ..models import InboxEntry, Member
from .changes import tell_account

__all__ = ["give_seat", "take_seat_away"]


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
        read_seq=last_seq or 0,
        joined_seq=last_seq or 0,
        joined_at=at,
        invited_by=invited_by,
    )
    session.add_all([member, InboxEntry(account_number=number, chat_id=chat_id)])
    await session.flush()
    tell_account(session, number, "seated", chat=chat_id)
    return member


async def take_seat_away(session: AsyncSession, chat_id: int, number: int) -> None:
    for table in ("chat_member", "chat_inbox"):
        await session.execute(
            text(f"DELETE FROM {table} WHERE chat_id = :chat AND account_number = :number"),  # noqa: S608  # our names
            {"chat": chat_id, "number": number},
        )
    tell_account(session, number, "unseated", chat=chat_id)
