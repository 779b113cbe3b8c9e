"""Somebody's list of conversations."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of

from ..schemas import ChatRow, Person
from .messages import message_json

__all__ = ["chat_rows"]

_CHAT_ROWS = text(
    """
    SELECT c.chat_id, c.kind, g.name, g.avatar, c.last_seq, c.last_rev, m.read_seq, i.notify, i.pinned_at,
      (SELECT count(*) FROM chat_message x WHERE x.chat_id = c.chat_id AND x.seq > m.read_seq
         AND x.sender_number <> m.account_number AND x.recalled_at IS NULL) AS unread,
      (SELECT count(DISTINCT t.seq) FROM chat_mention t JOIN chat_message x ON x.chat_id = t.chat_id AND x.seq = t.seq
         WHERE t.chat_id = c.chat_id AND t.account_number IN (m.account_number, 0) AND t.seq > m.read_seq
         AND x.sender_number <> m.account_number AND x.recalled_at IS NULL) AS mentions,
      (SELECT p.account_number FROM chat_member p
         WHERE c.kind = 'direct' AND p.chat_id = c.chat_id AND p.account_number <> m.account_number) AS peer
    FROM chat_inbox i
    JOIN chat_member m ON m.chat_id = i.chat_id AND m.account_number = i.account_number
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
    LEFT JOIN chat_group g ON g.chat_id = c.chat_id
    WHERE i.account_number = :number AND (CAST(:chat AS bigint) IS NULL OR i.chat_id = :chat)
    """
)
_LAST_MESSAGES = text(
    """
    SELECT x.* FROM unnest(CAST(:chats AS bigint[])) AS u (chat_id) CROSS JOIN LATERAL
      (SELECT chat_id, seq, id, sender_number, segments, sent_at, recalled_at, recalled_by FROM chat_message
       WHERE chat_id = u.chat_id ORDER BY seq DESC LIMIT 1) AS x
    """
)


async def chat_rows(
    session: AsyncSession, number: int, *, chat_id: int | None = None, with_last_message: bool = False
) -> list[ChatRow]:
    """The account's conversations with exact counts of what is unread; only ``chat_id`` where that is given."""
    rows = (await session.execute(_CHAT_ROWS, {"number": number, "chat": chat_id})).all()
    peers = await names_of(session, [row.peer for row in rows if row.peer is not None])
    last: dict[int, msgspec.Raw] = {}
    if with_last_message:
        messages = (await session.execute(_LAST_MESSAGES, {"chats": [row.chat_id for row in rows]})).all()
        last = await _last_messages(session, messages)
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
            last_message=last.get(row.chat_id),
        )
        for row in rows
    ]


async def _last_messages(session: AsyncSession, rows: Sequence[Row[Any]]) -> dict[int, msgspec.Raw]:
    names = await names_of(session, {row.sender_number for row in rows})
    people = {number: Person(number, card.nickname, card.avatar) for number, card in names.items()}
    return {row.chat_id: msgspec.Raw(message_json(row, people)) for row in rows}
