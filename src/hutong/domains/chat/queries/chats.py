"""Somebody's list of conversations."""

from bisect import bisect_left
from collections.abc import Sequence

import msgspec
from msgspec import UNSET
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.kit.clock import iso_utc

from ..errors import NoSuchChat
from ..schemas import ChatRow, ChatView, MyPlace, Person, ReadCount
from .announcements import latest_announcement, unread_announcements
from .groups import group_view, visible_group
from .messages import message_json, pinned_seqs
from .presence import online_among, presence_in
from .seats import visible_chat

__all__ = ["MENTIONS", "UNREAD", "chat_rows", "chat_snapshot", "list_chats", "read_counts"]

UNREAD = """
  (SELECT count(*) FROM chat_message x WHERE x.chat_id = m.chat_id AND x.seq > m.read_seq
     AND x.sender_number <> m.account_number AND x.recalled_at IS NULL)
"""
"""How many messages the member ``m`` has not read: not their own, and not the recalled ones."""

MENTIONS = """
  (SELECT count(DISTINCT t.seq) FROM chat_mention t JOIN chat_message x ON x.chat_id = t.chat_id AND x.seq = t.seq
     WHERE t.chat_id = m.chat_id AND t.account_number IN (m.account_number, 0) AND t.seq > m.read_seq
     AND x.sender_number <> m.account_number AND x.recalled_at IS NULL)
"""
"""How many of those mention the member ``m``, or everybody."""

_SEATED = """
    FROM chat_inbox i
    JOIN chat_member m ON m.chat_id = i.chat_id AND m.account_number = i.account_number
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
"""
_SILENT = "(c.kind = 'direct' AND c.last_seq = 0 AND m.invited_by IS NOT NULL)"
_CHAT_ROWS = text(
    f"""
    SELECT c.chat_id, c.kind, g.name, g.avatar, c.last_seq, c.last_rev, m.read_seq, i.notify, i.pinned_at,
      {UNREAD} AS unread, {MENTIONS} AS mentions,
      (SELECT p.account_number FROM chat_member p
         WHERE c.kind = 'direct' AND p.chat_id = c.chat_id AND p.account_number <> m.account_number) AS peer,
      {_SILENT} AS silent
    {_SEATED}
    LEFT JOIN chat_group g ON g.chat_id = c.chat_id
    WHERE i.account_number = :number
      AND (CAST(:chats AS bigint[]) IS NULL OR i.chat_id = ANY (CAST(:chats AS bigint[])))
    """  # noqa: S608  # only our own words
)
_NEWEST_FIRST = text(
    f"""
    SELECT c.chat_id {_SEATED}
    LEFT JOIN chat_message x ON x.chat_id = c.chat_id AND x.seq = c.last_seq
    WHERE i.account_number = :number AND NOT {_SILENT}
    ORDER BY i.pinned_at IS NULL, COALESCE(x.sent_at, m.joined_at) DESC, c.chat_id DESC
    OFFSET :start LIMIT :limit
    """
)
_LAST_MESSAGES = text(
    """
    SELECT x.chat_id, x.seq, x.id, x.sender_number, x.segments, x.sent_at, x.recalled_at, x.recalled_by,
      x.edited_at, x.mentioned
    FROM unnest(CAST(:chats AS bigint[]), CAST(:seqs AS bigint[])) AS u (chat_id, seq)
    JOIN chat_message x ON x.chat_id = u.chat_id AND x.seq = u.seq
    """
)


async def list_chats(session: AsyncSession, number: int, *, start: int, limit: int) -> tuple[list[ChatRow], bool]:
    """The account's conversations with their last message, from the ``start``-th on, and whether there are more:
    pinned ones first, then by what was said last."""
    found = list(await session.scalars(_NEWEST_FIRST, {"number": number, "start": start, "limit": limit + 1}))
    rows = {row.chat: row for row in await chat_rows(session, number, chats=found[:limit])}
    await _add_last_messages(session, list(rows.values()))
    return [rows[chat] for chat in found[:limit] if chat in rows], len(found) > limit


async def _add_last_messages(session: AsyncSession, rows: Sequence[ChatRow]) -> None:
    said = {"chats": [row.chat for row in rows], "seqs": [row.last_seq for row in rows]}
    messages = (await session.execute(_LAST_MESSAGES, said)).all()
    names = await names_of(session, {one.sender_number for one in messages})
    people = {who: Person(who, card.nickname, card.avatar, card.is_bot) for who, card in names.items()}
    last = {one.chat_id: msgspec.Raw(message_json(one, people)) for one in messages}
    for row in rows:
        row.last_message = last.get(row.chat)


async def chat_rows(
    session: AsyncSession, number: int, *, chats: Sequence[int] | None = None, with_silent: bool = False
) -> list[ChatRow]:
    """The account's conversations with exact counts of what is unread; only ``chats`` where they are given. Those that
    somebody else has opened, and in which nothing has been said, come only ``with_silent``, and marked so."""
    wanted = {"number": number, "chats": None if chats is None else list(chats)}
    rows = [row for row in await session.execute(_CHAT_ROWS, wanted) if with_silent or not row.silent]
    peers = await names_of(session, [row.peer for row in rows if row.peer is not None])
    online = await online_among(session, [row.peer for row in rows if row.peer is not None and row.last_seq])
    return [
        ChatRow(
            chat=row.chat_id,
            kind=row.kind,
            name=row.name if row.kind == "group" else peers[row.peer].nickname,
            avatar=row.avatar if row.kind == "group" else peers[row.peer].avatar,
            last_seq=row.last_seq,
            last_rev=row.last_rev,
            read_seq=row.read_seq,
            unread=row.unread,
            mentions=row.mentions,
            notify=row.notify,
            pinned=row.pinned_at is not None,
            peer=row.peer,
            peer_online=row.peer in online if row.peer is not None and row.last_seq else None,
            silent=row.silent or UNSET,
        )
        for row in rows
    ]


async def chat_snapshot(session: AsyncSession, viewer: int, chat_id: int) -> ChatView:
    """The conversation as it is for the viewer. Every change up to ``last_rev`` and every message up to ``last_seq``
    is in it; later changes may be, and applying them again does no harm. Raises ``NoSuchChat``."""
    rows = await chat_rows(session, viewer, chats=[chat_id])
    _, member = await visible_chat(session, viewer, chat_id)
    if not rows:
        raise NoSuchChat
    await _add_last_messages(session, rows)
    presence = (await presence_in(session, [chat_id])).get(chat_id)
    if rows[0].kind == "group" and presence is not None:
        rows[0].online = presence.online
    group = group_view(*await visible_group(session, viewer, chat_id)) if rows[0].kind == "group" else None
    return ChatView(
        **msgspec.structs.asdict(rows[0]),
        group=group,
        me=MyPlace(member.role, member.card, iso_utc(member.muted_until) if member.muted_until else None),
        pins=await pinned_seqs(session, chat_id),
        announcement=await latest_announcement(session, chat_id) if group else None,
        announcements_unread=await unread_announcements(session, viewer, chat_id) if group else [],
    )


_MARKS = text("SELECT joined_seq, read_seq FROM chat_member WHERE chat_id = :chat AND account_number <> :number")
_MY_SEQS = text(
    "SELECT seq FROM chat_message WHERE chat_id = :chat AND seq BETWEEN :first AND :last "
    "AND sender_number = :number AND recalled_at IS NULL ORDER BY seq"
)


async def read_counts(session: AsyncSession, number: int, chat_id: int, *, first: int, last: int) -> list[ReadCount]:
    """For each message of the account's own in this range, how many of those who were there have read it.

    One look at the members serves all messages. Whoever joined later counts neither as a reader nor as a member; they
    began with a read mark at the message before, so they drop out of both by counting those who joined at or after it.
    """
    seqs = list(await session.scalars(_MY_SEQS, {"chat": chat_id, "number": number, "first": first, "last": last}))
    marks = (await session.execute(_MARKS, {"chat": chat_id, "number": number})).all() if seqs else []
    joined, read = sorted(mark.joined_seq for mark in marks), sorted(mark.read_seq for mark in marks)
    return [ReadCount(seq, bisect_left(joined, seq) - bisect_left(read, seq), bisect_left(joined, seq)) for seq in seqs]
