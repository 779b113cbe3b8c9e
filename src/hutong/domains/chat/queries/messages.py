"""What was said in a chat and what changed, by their numbers."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import iso_utc

from ..errors import NoSuchMessage
from ..facts import SentMessage
from ..models import Message
from ..schemas import Person, PreviewView, ReactionView
from ..segments import EVERYBODY, decode_segments, links_in
from .seats import people_in, visible_chat

__all__ = [
    "MESSAGE_COLUMNS",
    "Spoken",
    "change_frames",
    "changes_after",
    "has_spoken",
    "links_without_preview",
    "message_frames",
    "message_json",
    "page_of_messages",
    "pinned_seqs",
    "shown_messages",
    "visible_message",
]

MESSAGE_COLUMNS = "chat_id, seq, id, sender_number, segments, sent_at, recalled_at, recalled_by, edited_at, mentioned"
_MESSAGES_AFTER = text(
    f"SELECT {MESSAGE_COLUMNS} FROM chat_message WHERE chat_id = :chat AND seq > :bound ORDER BY seq LIMIT :limit"  # noqa: S608  # only our own column names
)
_MESSAGES_BEFORE = text(
    f"SELECT {MESSAGE_COLUMNS} FROM chat_message WHERE chat_id = :chat AND seq < :bound ORDER BY seq DESC LIMIT :limit"  # noqa: S608  # only our own column names
)


async def page_of_messages(
    session: AsyncSession, chat_id: int, *, after: int | None, before: int | None, limit: int
) -> tuple[list[Row[Any]], bool]:
    """Up to ``limit`` rows in rising seq and whether there are more: those after ``after``, else those before
    ``before``, else the newest."""
    if after is not None:
        rows = list(
            (await session.execute(_MESSAGES_AFTER, {"chat": chat_id, "bound": after, "limit": limit + 1})).all()
        )
        return rows[:limit], len(rows) > limit
    bound = before if before is not None else 2**62
    rows = list((await session.execute(_MESSAGES_BEFORE, {"chat": chat_id, "bound": bound, "limit": limit + 1})).all())
    return rows[:limit][::-1], len(rows) > limit


def message_json(
    row: Row[Any], people: dict[int, Person], *, on: bool = False, put_to_it: dict[str, Any] | None = None
) -> bytes:
    """A stored message as it travels, with ``"on":"message"`` where it is to be a frame. A frame tells what was said;
    what was ``put_to_it`` since is told by changes."""
    view: dict[str, object] = {"on": "message"} if on else {}
    recalled = row.recalled_at is not None
    view |= {
        "chat": row.chat_id,
        "seq": row.seq,
        "id": row.id,
        "from": people.get(row.sender_number, Person(row.sender_number, str(row.sender_number))),
        "segments": [] if recalled else msgspec.Raw(row.segments.encode()),
        "at": iso_utc(row.sent_at),
    }
    if recalled:
        view |= {"recalled": True, "recalled_by": row.recalled_by}
    elif row.edited_at is not None:
        called = set(row.mentioned or ())
        view |= {"edited_at": iso_utc(row.edited_at), "mentions": sorted(called - {EVERYBODY})}
        view["mentions_all"] = EVERYBODY in called
    return msgspec.json.encode(view | (put_to_it or {}))


_REACTIONS = text(
    """
    SELECT seq, emoji, count(*) AS times, bool_or(account_number = :viewer) AS mine FROM chat_reaction
    WHERE chat_id = :chat AND seq = ANY (CAST(:seqs AS bigint[])) GROUP BY seq, emoji ORDER BY seq, min(rev), emoji
    """
)
_PREVIEWS = text(
    """
    SELECT seq, url, title, text FROM chat_preview
    WHERE chat_id = :chat AND seq = ANY (CAST(:seqs AS bigint[])) ORDER BY seq, place
    """
)


async def shown_messages(
    session: AsyncSession, viewer: int, chat_id: int, rows: Sequence[Row[Any]]
) -> list[msgspec.Raw]:
    """The messages as the viewer sees them, with their reactions and previews."""
    people = await people_in(session, chat_id, list({row.sender_number for row in rows}))
    wanted = {"chat": chat_id, "viewer": viewer, "seqs": [row.seq for row in rows]}
    put: dict[int, dict[str, Any]] = {}
    for one in await session.execute(_REACTIONS, wanted):
        put.setdefault(one.seq, {}).setdefault("reactions", []).append(ReactionView(one.emoji, one.times, one.mine))
    for one in await session.execute(_PREVIEWS, wanted):
        put.setdefault(one.seq, {}).setdefault("previews", []).append(PreviewView(one.url, one.title, one.text))
    return [msgspec.Raw(message_json(row, people, put_to_it=put.get(row.seq))) for row in rows]


_SAID = text(
    """
    SELECT x.chat_id, x.seq, x.segments
    FROM unnest(CAST(:chats AS bigint[]), CAST(:seqs AS bigint[])) AS u (chat_id, seq)
    JOIN chat_message x ON x.chat_id = u.chat_id AND x.seq = u.seq AND x.recalled_at IS NULL
    WHERE NOT EXISTS (SELECT 1 FROM chat_preview p WHERE p.chat_id = x.chat_id AND p.seq = x.seq)
    """
)


async def links_without_preview(
    session: AsyncSession, messages: Sequence[SentMessage]
) -> dict[tuple[int, int], list[str]]:
    """The links in those of the messages that have no preview yet, by chat and seq."""
    wanted = {"chats": [one.chat for one in messages], "seqs": [one.seq for one in messages]}
    rows = await session.execute(_SAID, wanted)
    return {(row.chat_id, row.seq): links_in(decode_segments(row.segments)) for row in rows}


_PINS = text("SELECT seq FROM chat_pin WHERE chat_id = :chat ORDER BY rev DESC")


async def pinned_seqs(session: AsyncSession, chat_id: int) -> list[int]:
    """The pinned messages, newest pin first."""
    return list(await session.scalars(_PINS, {"chat": chat_id}))


async def message_frames(session: AsyncSession, chat_id: int, *, after: int, limit: int) -> list[tuple[int, bytes]]:
    """``(seq, frame)`` of the messages after a seq, rising."""
    rows, _ = await page_of_messages(session, chat_id, after=after, before=None, limit=limit)
    people = await people_in(session, chat_id, list({row.sender_number for row in rows}))
    return [(row.seq, message_json(row, people, on=True)) for row in rows]


class Spoken(NamedTuple):
    """A message as a program looks into it: who said it, its segments, and whether whoever looks governs the chat."""

    sender: int
    parts: list[Any]
    viewer_leads: bool


async def visible_message(session: AsyncSession, viewer: int, chat_id: int, seq: int) -> Spoken:
    """A message that the viewer may see and that was not recalled. In a conversation between two both lead. Raises
    ``NoSuchChat``, ``NoSuchMessage``."""
    chat, member = await visible_chat(session, viewer, chat_id)
    rows, _ = await page_of_messages(session, chat_id, after=seq - 1, before=None, limit=1)
    if not rows or rows[0].seq != seq or rows[0].recalled_at is not None:
        raise NoSuchMessage
    leads = chat.kind == "direct" or member.role != "member"
    return Spoken(rows[0].sender_number, decode_segments(rows[0].segments), leads)


_CHANGES_AFTER = text(
    "SELECT rev, frame FROM chat_change WHERE chat_id = :chat AND rev > :rev ORDER BY rev LIMIT :limit"
)


async def changes_after(session: AsyncSession, chat_id: int, *, rev: int, limit: int) -> list[tuple[int, bytes]]:
    """``(rev, frame)`` of the changes after a rev, rising. One that tells of an edit has what the message says now."""
    rows = (await session.execute(_CHANGES_AFTER, {"chat": chat_id, "rev": rev, "limit": limit})).all()
    frames = await change_frames(session, [(chat_id, row.frame) for row in rows])
    return [(row.rev, frame) for row, frame in zip(rows, frames, strict=True)]


_EDITED = '{"on":"edited",'
_SAYS = text(
    """
    SELECT x.chat_id, x.seq, x.segments
    FROM unnest(CAST(:chats AS bigint[]), CAST(:seqs AS bigint[])) AS u (chat_id, seq)
    JOIN chat_message x ON x.chat_id = u.chat_id AND x.seq = u.seq AND x.recalled_at IS NULL
    """
)


async def change_frames(session: AsyncSession, kept: Sequence[tuple[int, str]]) -> list[bytes]:
    """Changes as they travel, from their chats and how they are kept: those that tell of an edit get what the message
    says now, which is nothing where it was recalled."""
    edits = {at: msgspec.json.decode(frame) for at, (_, frame) in enumerate(kept) if frame.startswith(_EDITED)}
    if not edits:
        return [frame.encode() for _, frame in kept]
    places = list({(kept[at][0], edit["seq"]) for at, edit in edits.items()})
    wanted = {"chats": [chat for chat, _ in places], "seqs": [seq for _, seq in places]}
    says = {(row.chat_id, row.seq): row.segments for row in await session.execute(_SAYS, wanted)}
    for at, edit in edits.items():
        edit["segments"] = msgspec.Raw(says.get((kept[at][0], edit["seq"]), "[]").encode())
    return [msgspec.json.encode(edits[at]) if at in edits else frame.encode() for at, (_, frame) in enumerate(kept)]


async def has_spoken(session: AsyncSession, number: int, chats: Collection[int]) -> bool:
    """Whether an account has said something in one of these chats, also where it took that back."""
    said = exists().where(Message.chat_id.in_(chats), Message.sender_number == number)
    return bool(await session.scalar(select(said)))
