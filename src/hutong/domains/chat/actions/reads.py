"""What each person keeps of a conversation for themselves: how far they have read, and how it stands in their list."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock

from ..errors import NoSuchChat
from ..models import InboxEntry
from ..queries import MENTIONS, UNREAD
from ..schemas import SeatDraft, SeatView
from .changes import tell_account

__all__ = ["change_seat", "mark_read"]

_RAISE_MARKS = text(
    f"""
    UPDATE chat_member m SET read_seq = LEAST(u.seq, c.last_seq)
    FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[]), CAST(:seqs AS bigint[]))
      AS u (chat_id, number, seq)
    JOIN chat_chat c ON c.chat_id = u.chat_id
    WHERE m.chat_id = u.chat_id AND m.account_number = u.number AND m.read_seq < LEAST(u.seq, c.last_seq)
    RETURNING m.chat_id, m.account_number, m.read_seq, c.last_seq, c.last_rev, {UNREAD} AS unread,
      {MENTIONS} AS mentions
    """  # noqa: S608  # only our own words
)


async def mark_read(session: AsyncSession, marks: Sequence[tuple[int, int, int, str]]) -> None:
    """Raises read marks, given as ``(chat, number, seq, by)``, and tells the account's other devices; ``by`` names
    the connection that need not be told. A mark never goes back, nor beyond the last message.

    What is told are the counts as they were at ``last_seq`` and ``last_rev``.
    """
    ordered = sorted(marks)
    rows = await session.execute(
        _RAISE_MARKS,
        {"chats": [m[0] for m in ordered], "numbers": [m[1] for m in ordered], "seqs": [m[2] for m in ordered]},
    )
    read_by = {(mark[0], mark[1]): mark[3] for mark in ordered}
    for row in rows:
        tell_account(
            session,
            row.account_number,
            "read",
            chat=row.chat_id,
            seq=row.read_seq,
            unread=row.unread,
            mentions=row.mentions,
            last_seq=row.last_seq,
            last_rev=row.last_rev,
            by=read_by[row.chat_id, row.account_number],
        )


async def change_seat(session: AsyncSession, number: int, chat_id: int, draft: SeatDraft, *, clock: Clock) -> SeatView:
    """Sets when the account is notified and whether the conversation stays on top, and tells its devices."""
    entry = await session.get(InboxEntry, (number, chat_id), with_for_update=True)
    if entry is None:
        raise NoSuchChat
    before = SeatView(entry.notify, entry.pinned_at is not None)
    entry.notify = draft.notify or entry.notify
    if draft.pinned is not None and draft.pinned != before.pinned:
        entry.pinned_at = clock() if draft.pinned else None
    now = SeatView(entry.notify, entry.pinned_at is not None)
    if now != before:
        await session.flush()
        tell_account(session, number, "seat", chat=chat_id, notify=now.notify, pinned=now.pinned)
    return now
