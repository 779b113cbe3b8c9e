"""Carries an archive over into the domains: people as placeholders, conversations as groups, what was said as messages.

One transaction: all of it or nothing. What was carried before is known by its keys and left alone, so the same export,
or a longer one of the same conversation, may be carried again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import (
    PastGroup,
    PastMessage,
    PastSeat,
    append_past,
    chat_from,
    found_group,
    known_keys,
    note_origin,
    seat_past_members,
    seated_numbers,
)
from hutong.domains.identity import placeholders_for
from hutong.kit.text import clean_line, clean_text, shorten

from .files import Brought, files_of, keep_files
from .shape import Archive, ArchivedChat, ArchivedMessage, Attached, segments_of

__all__ = ["Carried", "carry"]

_NAME_CHARS_MAX = 40
_DESCRIPTION_CHARS_MAX = 1_000


class Carried(msgspec.Struct):
    """What came of one conversation."""

    chat: int
    name: str
    is_new: bool
    people_new: int
    messages_new: int
    replies: int
    replies_lost: int
    reactions: int
    files: int


async def carry(
    session: AsyncSession,
    archive: Archive,
    now: datetime,
    advance: Callable[[int], None],
    brought: Mapping[Attached, Brought] | None = None,
) -> list[Carried]:
    """Writes the archive within the session's transaction and corrects its tally by what was there already. Files that
    were not ``brought`` before are only named; where none was looked for, they all count. ``advance`` is told how many
    messages more are dealt with."""
    results: list[Carried] = []
    known = 0
    for chat in archive.chats:
        result, repeated = await _carry_chat(session, archive.source, chat, now, brought)
        known += repeated
        results.append(result)
        advance(len(chat.messages))
    archive.tally.recount(carried=sum(result.messages_new for result in results), known=known)
    return results


async def _carry_chat(
    session: AsyncSession, source: str, chat: ArchivedChat, now: datetime, brought: Mapping[Attached, Brought] | None
) -> tuple[Carried, int]:
    numbers, people_new = await placeholders_for(session, source, chat.people, now)
    first_at = min((message.at for message in chat.messages), default=now)
    number = await chat_from(session, source, chat.key)
    is_new = number is None
    if number is None:
        number = await _found(session, source, chat, numbers, first_at)
    else:
        seated = await seated_numbers(session, number)
        newcomers = [n for n in numbers.values() if n not in seated]
        await seat_past_members(session, number, [PastSeat(n, "member", first_at) for n in newcomers])
    keys = {message.key for message in chat.messages} | {m.reply_to for m in chat.messages if m.reply_to}
    stored = await known_keys(session, number, sorted(keys))
    fresh = [message for message in chat.messages if message.key not in stored]
    places = {message.key: place for place, message in enumerate(fresh)}
    past = [await _past(session, message, numbers, now, brought or {}) for message in fresh]
    for message, each in zip(fresh, past, strict=True):
        each.reply_to = places.get(message.reply_to or "")
        each.reply_seq = stored.get(message.reply_to or "")
    await append_past(session, number, past)
    answers = [message for message in fresh if message.reply_to]
    lost = [m for m in answers if m.reply_to not in places and m.reply_to not in stored]
    reactions = sum(len(whos) for message in past for _, whos in message.reactions)
    carried = Carried(
        chat=number,
        name=chat.name,
        is_new=is_new,
        people_new=people_new,
        messages_new=len(fresh),
        replies=len(answers) - len(lost),
        replies_lost=len(lost),
        reactions=reactions,
        files=sum(len(files_of(m)) for m in fresh) if brought is None else sum(len(m.media) for m in past),
    )
    return carried, len(chat.messages) - len(fresh)


async def _past(
    session: AsyncSession,
    message: ArchivedMessage,
    numbers: dict[str, int],
    now: datetime,
    brought: Mapping[Attached, Brought],
) -> PastMessage:
    kept = await keep_files(session, numbers[message.sender], message, brought, lambda: now)
    return PastMessage(
        sender=numbers[message.sender],
        sent_at=message.at,
        segments=segments_of(message.parts, numbers, {file: segment for file, (_, segment) in kept.items()}),
        key=message.key,
        media=tuple(media for media, _ in kept.values()),
        reactions=[(emoji, [numbers[who] for who in whos if who in numbers]) for emoji, whos in message.reactions],
    )


async def _found(
    session: AsyncSession, source: str, chat: ArchivedChat, numbers: dict[str, int], first_at: datetime
) -> int:
    """The group, owned by whoever spoke most until the operator gives it to somebody."""
    spoken: dict[str, int] = dict.fromkeys(chat.people, 0)
    for message in chat.messages:
        spoken[message.sender] += 1
    owner = max(spoken, key=lambda person: spoken[person])
    seats = [PastSeat(number, "owner" if person == owner else "member", first_at) for person, number in numbers.items()]
    number = await found_group(
        session,
        PastGroup(
            name=shorten(clean_line(chat.name), _NAME_CHARS_MAX),
            description=shorten(clean_text(chat.description), _DESCRIPTION_CHARS_MAX),
            seats=seats,
            founded_at=first_at,
            join_mode="open" if chat.is_public else "invitation",
            listed=chat.is_public,
        ),
    )
    await note_origin(session, source, chat.key, number)
    return number
