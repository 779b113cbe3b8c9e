"""Handles and e-mail addresses: each belongs to one."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import EmailTaken, HandleTaken
from ..handles import check_handle
from ..models import EmailRow, HandleKind, HandleRow

__all__ = ["claim_email", "claim_handle", "release_email", "release_handle"]


async def claim_handle(session: AsyncSession, kind: HandleKind, number: int, handle: str) -> str:
    """Gives the handle to a person or a group and returns it as it is kept. Claiming one's own again is no mistake.

    The former handle is given back with ``release_handle``; whoever claims keeps the handle in a column of its own
    too. Raises ``BadHandle``, ``HandleReserved``, ``HandleTaken``.
    """
    kept = check_handle(handle)
    claimed = await session.scalar(
        upsert(HandleRow)
        .values(handle=kept, kind=kind, number=number)
        .on_conflict_do_nothing()
        .returning(HandleRow.handle)
    )
    if claimed is None:
        holder = await session.get(HandleRow, kept)
        if holder is None or (holder.kind, holder.number) != (kind, number):
            raise HandleTaken(handle=kept)
    return kept


async def release_handle(session: AsyncSession, kind: HandleKind, number: int, handle: str) -> None:
    """Makes a handle free again, if this person or group holds it."""
    await session.execute(
        delete(HandleRow).where(HandleRow.handle == handle, HandleRow.kind == kind, HandleRow.number == number)
    )


async def claim_email(session: AsyncSession, number: int, email: str) -> None:
    claimed = await session.scalar(
        upsert(EmailRow).values(email=email, number=number).on_conflict_do_nothing().returning(EmailRow.email)
    )
    if claimed is None:
        raise EmailTaken


async def release_email(session: AsyncSession, number: int, email: str) -> None:
    """Makes an e-mail address free again, if it is this account's."""
    await session.execute(delete(EmailRow).where(EmailRow.email == email, EmailRow.number == number))
