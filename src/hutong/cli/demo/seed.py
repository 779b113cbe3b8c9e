"""Writes a plan into the database, all of it or nothing."""

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import (
    MentionOf,
    PastGroup,
    PastMessage,
    PastSeat,
    Text,
    append_past,
    found_group,
    leave_unread,
)
from hutong.domains.identity import NewPerson, bulk_create, find_person
from hutong.infra.db import Database

from .apps import Readers, publish_apps
from .plan import LEADS, Plan, PlannedGroup, PlannedTalk, turn_times
from .talk import Dialogue, Turn

__all__ = ["PASSWORD", "is_seeded", "key_of", "seed", "segments_of"]

PASSWORD = "lane-at-seven"  # noqa: S105  # printed for whoever tries the demo
_UNREAD_MAX = 28


async def is_seeded(database: Database) -> bool:
    async with database.transaction() as session:
        return await find_person(session, str(LEADS[0].handle)) is not None


async def seed(database: Database, plan: Plan, now: datetime, advance: Callable[[int], None]) -> None:
    """Writes the plan in one transaction. ``advance`` is told how many groups more are written."""
    async with database.transaction() as session:
        numbers = await _settle(session, plan, now)
        chats: dict[str, int] = {}
        for group in plan.groups:
            chats[group.name] = await _found(session, plan, group, numbers, now)
            advance(1)
        await publish_apps(session, Readers(plan, numbers, chats), now)


async def _settle(session: AsyncSession, plan: Plan, now: datetime) -> list[int]:
    people = [
        NewPerson(
            nickname=person.nickname,
            handle=person.handle,
            city=person.city,
            about=person.about,
            interests=list(person.interests),
            created_at=now - timedelta(days=400 - 300 * place / len(plan.people)),
        )
        for place, person in enumerate(plan.people)
    ]
    return await bulk_create(session, people, password=PASSWORD)


async def _found(session: AsyncSession, plan: Plan, group: PlannedGroup, numbers: list[int], now: datetime) -> int:
    draw = Random(group.name)  # noqa: S311  # the same group every time
    seats = [
        PastSeat(
            numbers[place],
            "owner" if rank == 0 else "admin" if rank <= group.admins else "member",
            now - timedelta(days=100 - 90 * rank / len(group.members)),
        )
        for rank, place in enumerate(group.members)
    ]
    chat = await found_group(
        session,
        PastGroup(
            name=group.name,
            description=group.description,
            city=group.city,
            kind=group.kind,
            seats=seats,
            founded_at=now - timedelta(days=101),
        ),
    )
    messages: list[PastMessage] = []
    for talk in group.talks:
        messages += _said(draw, plan, group, talk, numbers, start=len(messages), now=now)
    first = await append_past(session, chat, messages)
    for rank, place in enumerate(group.members):
        if place < len(LEADS) and rank < len(LEADS):
            unread = min(len(messages), draw.choice((0, 0, 2, 5, _UNREAD_MAX)))
            await leave_unread(session, chat, numbers[place], first + len(messages) - 1 - unread)
    return chat


def _said(
    draw: Random,
    plan: Plan,
    group: PlannedGroup,
    talk: PlannedTalk,
    numbers: list[int],
    *,
    start: int,
    now: datetime,
) -> Sequence[PastMessage]:
    people = {letter: (numbers[place], plan.people[place].nickname) for letter, place in talk.people.items()}
    moments = turn_times(draw, talk.dialogue, talk.begins_at)
    return [
        PastMessage(
            sender=people[turn.speaker][0],
            sent_at=min(moment, now),
            segments=segments_of(turn, people, group.city),
            key=key_of(talk.dialogue, place),
            mentions=tuple(people[letter][0] for letter in turn.mentions if letter in people),
            reply_to=None if turn.reply_to is None else start + turn.reply_to,
            reactions=[(emoji, _some_of(draw, group, numbers, count)) for emoji, count in turn.reactions],
        )
        for place, (turn, moment) in enumerate(zip(talk.dialogue.turns, moments, strict=True))
    ]


def _some_of(draw: Random, group: PlannedGroup, numbers: list[int], count: int) -> list[int]:
    return [numbers[place] for place in draw.sample(group.members, min(count, len(group.members)))]


def key_of(dialogue: Dialogue, place: int) -> str:
    """The key of a turn, the same in every chat, so that a dialogue that was had in a chat is known there."""
    name = f"{dialogue.language}/{dialogue.topic}/{dialogue.title}"
    return f"demo-{zlib.crc32(name.encode()):08x}-{place}"


def segments_of(turn: Turn, people: dict[str, tuple[int, str]], city: str) -> list[object]:
    """The turn as segments: mentions where ``@B`` stands, and the name of the city."""
    text = turn.text.replace("{city}", city or "北京")
    segments: list[object] = []
    for letter in turn.mentions:
        before, found, text = text.partition(f"@{letter}")
        if not found or letter not in people:
            text = before + found + text
            continue
        number, name = people[letter]
        segments += (
            [Text(before), MentionOf(number=number, name=name)] if before else [MentionOf(number=number, name=name)]
        )
    if text:
        segments.append(Text(text))
    return segments
