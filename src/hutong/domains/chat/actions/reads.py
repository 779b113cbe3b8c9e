"""How far each person has read."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .changes import tell_account

__all__ = ["mark_read"]

_RAISE_MARKS = text(
    """
    UPDATE chat_member m SET read_seq = LEAST(u.seq, c.last_seq)
    FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[]), CAST(:seqs AS bigint[]))
      AS u (chat_id, number, seq)
    JOIN chat_chat c ON c.chat_id = u.chat_id
    WHERE m.chat_id = u.chat_id AND m.account_number = u.number AND m.read_seq < LEAST(u.seq, c.last_seq)
    RETURNING m.chat_id, m.account_number, m.read_seq
    """
)


async def mark_read(session: AsyncSession, marks: Sequence[tuple[int, int, int, str]]) -> None:
    """Raises read marks, given as ``(chat, number, seq, by)``, and tells the account's other devices; ``by`` names
    the connection that need not be told. A mark never goes back, nor beyond the last message."""
    ordered = sorted(marks)
    rows = await session.execute(
        _RAISE_MARKS,
        {"chats": [m[0] for m in ordered], "numbers": [m[1] for m in ordered], "seqs": [m[2] for m in ordered]},
    )
    read_by = {(mark[0], mark[1]): mark[3] for mark in ordered}
    for chat_id, number, seq in rows:
        tell_account(session, number, "read", chat=chat_id, seq=seq, by=read_by[chat_id, number])
