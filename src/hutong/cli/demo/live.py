"""Talk that goes on while the demo runs: dialogues that a group has not had yet, at the pace of people."""

import asyncio
from collections.abc import Sequence
from random import Random

import msgspec
import structlog

from hutong.api import House
from hutong.domains.chat import Draft, Person, Reply, chat_rows, known_keys
from hutong.domains.identity import find_person
from hutong.kit.errors import HutongError

from .plan import LEADS, Plan, PlannedGroup
from .seed import key_of, segments_of
from .talk import Dialogue

__all__ = ["keep_talking"]

log = structlog.get_logger()

TALKS_AT_ONCE = 3
_SECONDS_A_CHARACTER = 0.12
_PAUSE_S = (2.0, 7.0)
_BETWEEN_TALKS_S = (3.0, 12.0)
_ANY_MEMBERSHIP = -1


async def keep_talking(house: House, plan: Plan, dialogues: Sequence[Dialogue]) -> None:
    """Has a few groups talk at a time, most of them groups of the people to sign in as, until it is cancelled."""
    async with house.database.transaction() as session:
        first = await find_person(session, str(LEADS[0].handle))
    if first is not None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(TALKS_AT_ONCE):
                tasks.create_task(_talk_on(house, plan, dialogues, first, Random()))  # noqa: S311  # nothing secret


async def _talk_on(house: House, plan: Plan, dialogues: Sequence[Dialogue], first: int, draw: Random) -> None:

    watched = [group for group in plan.groups if any(place < len(LEADS) for place in group.members)]
    while True:
        await asyncio.sleep(draw.uniform(*_BETWEEN_TALKS_S))
        group = draw.choice(watched if draw.random() < 0.7 else plan.groups)
        try:
            await _have_one(house, group, plan, dialogues, first, draw)
        except HutongError as error:
            log.info("demo.talk_broken_off", group=group.name, reason=error.detail)


async def _have_one(
    house: House, group: PlannedGroup, plan: Plan, dialogues: Sequence[Dialogue], first: int, draw: Random
) -> None:
    fitting = [d for d in dialogues if d.language == group.language and len(d.speakers) <= len(group.members)]
    async with house.database.transaction() as session:
        rows = await chat_rows(session, first + group.members[0])
        chat = next((row.chat for row in rows if row.name == group.name), None)
        had = await known_keys(session, chat, [key_of(d, 0) for d in fitting]) if chat is not None else {}
    fresh = [dialogue for dialogue in fitting if key_of(dialogue, 0) not in had]
    if chat is None or not fresh:
        return
    dialogue = draw.choice(fresh)
    places = [place for place in group.members if place >= len(LEADS)]
    cast = dict(zip(dialogue.speakers, draw.sample(places, min(len(places), len(dialogue.speakers))), strict=False))
    if len(cast) == len(dialogue.speakers):
        await _play(
            house, chat, group, dialogue, {who: (first + p, plan.people[p].nickname) for who, p in cast.items()}
        )


async def _play(
    house: House, chat: int, group: PlannedGroup, dialogue: Dialogue, people: dict[str, tuple[int, str]]
) -> None:
    draw = Random()  # noqa: S311  # nothing secret
    seqs: list[int] = []
    for place, turn in enumerate(dialogue.turns):
        await asyncio.sleep(draw.uniform(*_PAUSE_S) + len(turn.text) * _SECONDS_A_CHARACTER)
        number, name = people[turn.speaker]
        segments = segments_of(turn, people, group.city)
        if turn.reply_to is not None:
            segments = [Reply(seqs[turn.reply_to]), *segments]
        sent = await house.writer.send(
            chat=chat,
            sender=number,
            sender_json=msgspec.json.encode(Person(number, name)),
            key=key_of(dialogue, place),
            draft=Draft(msgspec.json.encode(segments), tuple(people[who][0] for who in turn.mentions if who in people)),
            members_rev=_ANY_MEMBERSHIP,
        )
        seqs.append(sent.seq)
