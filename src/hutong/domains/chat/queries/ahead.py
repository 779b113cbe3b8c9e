"""What has happened in many conversations since somebody last looked, for those who pass it on."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.kit.clock import iso_utc

from ..schemas import Person
from .messages import MESSAGE_COLUMNS, change_frames, message_json

__all__ = ["Ahead", "changes_ahead", "chats_ahead", "messages_ahead", "senders_among", "unseated_among"]


class Ahead(NamedTuple):
    """A frame of a chat. ``at`` is its moment as on the wire; ``number`` is the seq of a message, the rev of a
    change."""

    number: int
    at: str
    frame: bytes


_MESSAGES = text(
    f"""
    SELECT x.* FROM unnest(CAST(:chats AS bigint[]), CAST(:after AS bigint[])) AS u (chat_id, seq)
    CROSS JOIN LATERAL (
      SELECT {MESSAGE_COLUMNS} FROM chat_message m WHERE m.chat_id = u.chat_id AND m.seq > u.seq
      ORDER BY m.seq LIMIT :limit) x
    ORDER BY x.chat_id, x.seq
    """  # noqa: S608  # only our own column names
)
_CHANGES = text(
    """
    SELECT x.* FROM unnest(CAST(:chats AS bigint[]), CAST(:after AS bigint[])) AS u (chat_id, rev)
    CROSS JOIN LATERAL (
      SELECT c.chat_id, c.rev, c.frame, c.changed_at FROM chat_change c
      WHERE c.chat_id = u.chat_id AND c.rev > u.rev ORDER BY c.rev LIMIT :limit) x
    ORDER BY x.chat_id, x.rev
    """
)
_PLACES = text(
    """
    SELECT m.chat_id, m.account_number, m.card, m.role
    FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[])) AS u (chat_id, number)
    JOIN chat_member m ON m.chat_id = u.chat_id AND m.account_number = u.number
    """
)
_AHEAD = text(
    """
    SELECT c.chat_id
    FROM unnest(CAST(:chats AS bigint[]), CAST(:seqs AS bigint[]), CAST(:revs AS bigint[])) AS u (chat_id, seq, rev)
    JOIN chat_chat c ON c.chat_id = u.chat_id AND (c.last_seq > u.seq OR c.last_rev > u.rev)
    """
)
_UNSEATED = text(
    """
    SELECT u.chat_id, u.number
    FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[])) AS u (chat_id, number)
    LEFT JOIN (chat_member m JOIN chat_chat c ON c.chat_id = m.chat_id AND c.dissolved_at IS NULL)
      ON m.chat_id = u.chat_id AND m.account_number = u.number
    WHERE m.chat_id IS NULL
    """
)
_SENDERS = text(
    """
    SELECT x.chat_id, x.seq, x.sender_number
    FROM unnest(CAST(:chats AS bigint[]), CAST(:seqs AS bigint[])) AS u (chat_id, seq)
    JOIN chat_message x ON x.chat_id = u.chat_id AND x.seq = u.seq
    """
)


class Speaker(Person, omit_defaults=True):
    """Who has said something, and what they are in the chat; ``nickname`` where ``name`` is their card. Programs decide
    by it whom to obey."""

    role: str = ""
    nickname: str = ""


Pairs = Sequence[tuple[int, int]]


def _apart(first: str, second: str, pairs: Pairs) -> dict[str, object]:
    return {first: [one for one, _ in pairs], second: [other for _, other in pairs]}


async def chats_ahead(session: AsyncSession, known: Sequence[tuple[int, int, int]]) -> list[int]:
    """Those of these ``(chat, seq, rev)`` in which something came after the seq or the rev."""
    chats, seqs, revs = zip(*known, strict=True) if known else ((), (), ())
    return list(await session.scalars(_AHEAD, {"chats": list(chats), "seqs": list(seqs), "revs": list(revs)}))


async def messages_ahead(session: AsyncSession, after: Mapping[int, int], *, limit: int) -> dict[int, list[Ahead]]:
    """For each of these chats the messages after a seq, rising, at most ``limit`` of each."""
    wanted = _apart("chats", "after", list(after.items()))
    rows = (await session.execute(_MESSAGES, wanted | {"limit": limit})).all()
    speakers = list({(row.chat_id, row.sender_number) for row in rows})
    names = await names_of(session, {number for _, number in speakers})
    places = await _places_in(session, speakers)
    people: dict[int, dict[int, Person]] = {}
    for chat_id, number in speakers:
        if (card := names.get(number)) is not None:
            worn, role = places.get((chat_id, number), ("", ""))
            nickname = card.nickname if worn else ""
            speaker = Speaker(number, worn or card.nickname, card.avatar, card.is_bot, role, nickname)
            people.setdefault(chat_id, {})[number] = speaker
    found: dict[int, list[Ahead]] = {}
    for row in rows:
        frame, at = message_json(row, people.get(row.chat_id, {}), on=True), row.sent_at
        found.setdefault(row.chat_id, []).append(Ahead(row.seq, iso_utc(at), frame))
    return found


async def changes_ahead(session: AsyncSession, after: Mapping[int, int], *, limit: int) -> dict[int, list[Ahead]]:
    """The same for changes, after a rev."""
    wanted = _apart("chats", "after", list(after.items()))
    found: dict[int, list[Ahead]] = {}
    rows = (await session.execute(_CHANGES, wanted | {"limit": limit})).all()
    frames = await change_frames(session, [(row.chat_id, row.frame) for row in rows])
    for row, frame in zip(rows, frames, strict=True):
        found.setdefault(row.chat_id, []).append(Ahead(row.rev, iso_utc(row.changed_at), frame))
    return found


async def _places_in(session: AsyncSession, seats: Pairs) -> dict[tuple[int, int], tuple[str, str]]:
    """How those of these ``(chat, account)`` that have a seat are called there, empty where that is as everywhere, and
    their role."""
    if not seats:
        return {}
    rows = await session.execute(_PLACES, _apart("chats", "numbers", seats))
    return {(row.chat_id, row.account_number): (row.card, row.role) for row in rows}


async def unseated_among(session: AsyncSession, seats: Pairs) -> set[tuple[int, int]]:
    """Those of these ``(chat, account)`` that have no seat; in a group that is no more nobody has one."""
    if not seats:
        return set()
    rows = await session.execute(_UNSEATED, _apart("chats", "numbers", seats))
    return {(row.chat_id, row.number) for row in rows}


async def senders_among(session: AsyncSession, messages: Pairs) -> dict[tuple[int, int], int]:
    """Who said these ``(chat, seq)``; a seq that was not handed out yet is left out."""
    if not messages:
        return {}
    rows = await session.execute(_SENDERS, _apart("chats", "seqs", messages))
    return {(row.chat_id, row.seq): row.sender_number for row in rows}
