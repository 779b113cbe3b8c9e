"""What the demo is to hold, thought out before anything is written: who there is, which groups, who says what when.

The same number of members gives the same plan, up to the time at which it ends: the last of the talk is minutes ago.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from hutong.domains.chat import GroupKind

from .cities import CITIES, City
from .names import nickname
from .talk import Dialogue

__all__ = ["CharacterOf", "Plan", "PlannedGroup", "PlannedTalk", "make_plan", "turn_times"]

CITIES_WITH_COMMITTEES = 30
COMMITTEE_SIZE = 4
SHARE_OF_LARGE_CITY = 0.13
TALKS_PER_GROUP = 14
DAYS_BACK = 21


class CharacterOf(msgspec.Struct, frozen=True):
    """Somebody who lives in the demo. The first few are those to sign in as."""

    nickname: str
    city: str
    handle: str | None = None
    about: str = ""
    interests: tuple[str, ...] = ()


class PlannedTalk(msgspec.Struct, frozen=True):
    """A dialogue and when it begins; ``people`` are places in the plan's people, by the letter of the speaker."""

    dialogue: Dialogue
    begins_at: datetime
    people: dict[str, int]


class PlannedGroup(msgspec.Struct, kw_only=True):
    """``members`` are places in the plan's people; the first owns the group, ``admins`` of them follow as admins."""

    name: str
    description: str
    city: str
    kind: GroupKind
    language: str
    members: list[int]
    admins: int = 0
    talks: list[PlannedTalk] = []


class Plan(msgspec.Struct):
    people: list[CharacterOf]
    groups: list[PlannedGroup]


LEADS = (
    CharacterOf("沈知夏", "苏州", "zhixia", "下班以后读一点，周末见大家。", ("读书", "话剧", "旅行")),
    CharacterOf("顾晓", "苏州", "guxiao", "苏州班委，管票也管伞。", ("话剧", "摄影")),
    CharacterOf("林见", "苏州", "linjian", "拍照的人。", ("摄影", "读书")),
    CharacterOf("秦川", "北京", "qinchuan", "总群的值班员。", ("读书", "跑步")),
    CharacterOf("Emma", "北京", "emma", "Reads slowly, walks fast.", ("reading", "translation")),
)
_INTERESTS = ("读书", "话剧", "电影", "音乐", "跑步", "旅行", "摄影", "做饭", "文具", "养猫", "园艺", "志愿")
_ENGLISH_GROUPS = (("北京", "Beijing"), ("上海", "Shanghai"), ("广州", "Guangzhou"), ("成都", "Chengdu"))
_COMMON_GROUPS: tuple[tuple[str, str, GroupKind], ...] = (
    ("读书会 · 总群", "每月共读一本，各城市的消息都在这里。", "interest"),
    ("话剧拼票", "好戏一起看，团购票在群里接龙。", "interest"),
    ("文具和水果", "本子、钢笔和应季水果，凑单更便宜。", "brand"),
    ("深夜读书人", "睡不着的时候，来这里翻两页。", "interest"),
)


def make_plan(members: int, dialogues: Sequence[Dialogue], now: datetime) -> Plan:
    draw = Random(members)  # noqa: S311  # a demo needs no secrets, but the same people every time
    people = _people(draw, members)
    by_city: dict[str, list[int]] = {city.name: [] for city in CITIES}
    for place, person in enumerate(people):
        by_city[person.city].append(place)
    groups = [group for rank, city in enumerate(CITIES) for group in _city_groups(draw, rank, city, by_city[city.name])]
    groups += _english_groups(draw, people, by_city)
    groups += _common_groups(draw, people)
    for group in groups:
        group.talks = _talks(draw, group, dialogues, now)
    return Plan(people, groups)


def turn_times(draw: Random, dialogue: Dialogue, begins_at: datetime) -> list[datetime]:
    """When each turn is said: as long after the one before as it takes to read that and to write this."""
    moment, moments = begins_at, []
    for turn in dialogue.turns:
        moments.append(moment)
        moment += timedelta(seconds=8 + len(turn.text) * 0.6 + draw.expovariate(1 / 25))
    return moments


def _people(draw: Random, members: int) -> list[CharacterOf]:
    large = [city.name for city in CITIES if city.districts]
    others = [city.name for city in CITIES if not city.districts]
    weights = [1 / (rank + 6) for rank in range(len(others))]
    people = list(LEADS)
    # Everybody's city has somebody in it, however few members there are.
    people += [_person(draw, city, latin=False) for city in [*large, *others] for _ in range(8)]
    for _ in range(max(0, members - len(people))):
        dice = draw.random()
        index = int(dice / SHARE_OF_LARGE_CITY)
        city = large[index] if index < len(large) else draw.choices(others, weights)[0]
        people.append(_person(draw, city, latin=draw.random() < 0.06))
    return people


def _person(draw: Random, city: str, *, latin: bool) -> CharacterOf:
    return CharacterOf(nickname(draw, latin=latin), city, interests=tuple(draw.sample(_INTERESTS, draw.randint(0, 3))))


def _city_groups(draw: Random, rank: int, city: City, places: list[int]) -> list[PlannedGroup]:
    admins = COMMITTEE_SIZE if rank < CITIES_WITH_COMMITTEES else 0
    parts = city.districts or ("",)
    leads = [place for place in places if place < len(LEADS)]
    rest = places[len(leads) :]
    draw.shuffle(rest)
    groups = []
    for index, part in enumerate(parts):
        members = leads[1:] + leads[:1] if index == 0 and len(leads) > 1 else (leads if index == 0 else [])
        members = [*members, *rest[index :: len(parts)]]
        groups.append(
            PlannedGroup(
                name=f"{city.name}书友{' · ' + part if part else ''}",
                description=f"{city.name}{part}的读者在这里。每月共读一本，每周见一次面。",
                city=city.name,
                kind="interest",
                language="zh",
                members=members,
                admins=min(admins, len(members) - 1),
            )
        )
    return groups


def _english_groups(draw: Random, people: list[CharacterOf], by_city: dict[str, list[int]]) -> list[PlannedGroup]:
    emma = next(place for place, person in enumerate(people) if person.handle == "emma")
    groups = []
    for city, latin in _ENGLISH_GROUPS:
        reading = [p for p in by_city[city] if people[p].nickname.isascii() and p != emma]
        others = draw.sample(
            [p for p in by_city[city] if p not in reading and p != emma], min(12, len(by_city[city]) - 2)
        )
        groups.append(
            PlannedGroup(
                name=f"{latin} Readers",
                description=f"The English-speaking readers of {latin}: one book a month, one walk a week.",
                city=city,
                kind="interest",
                language="en",
                members=[emma, *reading, *others],
                admins=2,
            )
        )
    return groups


def _common_groups(draw: Random, people: list[CharacterOf]) -> list[PlannedGroup]:
    leads = list(range(len(LEADS)))
    groups = []
    for name, description, kind in _COMMON_GROUPS:
        size = min(len(people), 1_900 if "总群" in name else 400)
        members = leads[3:4] + leads[:3] + leads[4:] + draw.sample(range(len(LEADS), len(people)), size - len(leads))
        groups.append(
            PlannedGroup(
                name=name, description=description, city="", kind=kind, language="zh", members=members, admins=3
            )
        )
    return groups


def _talks(draw: Random, group: PlannedGroup, dialogues: Sequence[Dialogue], now: datetime) -> list[PlannedTalk]:
    """Dialogues for one group, none of them twice, the latest just over."""
    fitting = [d for d in dialogues if d.language == group.language and len(d.speakers) <= len(group.members)]
    chosen = draw.sample(fitting, min(TALKS_PER_GROUP, len(fitting)))
    days = sorted((DAYS_BACK * draw.random() ** 2 for _ in chosen), reverse=True)
    talks = []
    for dialogue, days_ago in zip(chosen, days, strict=True):
        begins_at = _at_a_waking_hour(draw, now - timedelta(days=days_ago), now - timedelta(hours=1))
        cast = draw.sample(group.members[: max(40, len(dialogue.speakers))], len(dialogue.speakers))
        talks.append(PlannedTalk(dialogue, begins_at, dict(zip(dialogue.speakers, cast, strict=True))))
    return sorted(talks, key=lambda talk: talk.begins_at)


def _at_a_waking_hour(draw: Random, moment: datetime, latest: datetime) -> datetime:
    """Between seven and midnight in China, which is UTC+8, and not after ``latest``."""
    hour = (moment.hour + 8) % 24
    if hour < 7:
        moment += timedelta(hours=7 - hour + draw.random() * 3)
    return min(moment, latest - timedelta(minutes=draw.random() * 90))
