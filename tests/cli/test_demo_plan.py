"""The demo's community: as large and as varied as promised, and nobody repeats a sentence in one chat."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from hutong.cli.demo.cities import CITIES
from hutong.cli.demo.plan import LEADS, Plan, make_plan
from hutong.cli.demo.seed import is_seeded, key_of, seed
from hutong.cli.demo.talk import all_dialogues, read_dialogues
from hutong.domains.chat import list_chats
from hutong.domains.identity import find_person
from hutong.infra.db import Database

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=[700, 3_000, 30_000])
def plan(request: pytest.FixtureRequest) -> Plan:
    return make_plan(request.param, all_dialogues(), NOW)


def test_the_dialogues_are_many_and_of_6_to_20_turns() -> None:
    dialogues = all_dialogues()
    assert len(dialogues) >= 300
    assert {dialogue.language for dialogue in dialogues} == {"zh", "en"}
    assert {d.title: len(d.turns) for d in dialogues if not 6 <= len(d.turns) <= 20} == {}
    assert len({key_of(dialogue, 0) for dialogue in dialogues}) == len(dialogues)


def test_no_sentence_is_written_twice() -> None:
    said = Counter(turn.text for dialogue in all_dialogues() for turn in dialogue.turns)
    assert [text for text, times in said.items() if times > 1] == []


def test_there_are_81_cities_and_the_three_largest_have_several_groups(plan: Plan) -> None:
    groups = Counter(group.city for group in plan.groups if group.city and group.language == "zh")
    assert len(CITIES) == len({city.name for city in CITIES}) == len(groups) == 81
    assert {city for city, count in groups.items() if count > 1} == {"北京", "上海", "深圳"}


def test_thirty_cities_have_committees(plan: Plan) -> None:
    assert len({group.city for group in plan.groups if group.admins and group.city and group.language == "zh"}) == 30


def test_no_chat_hears_a_sentence_twice_and_nobody_speaks_in_the_future(plan: Plan) -> None:
    for group in plan.groups:
        said = [turn.text for talk in group.talks for turn in talk.dialogue.turns]
        assert len(said) == len(set(said)) > 0
        assert all(talk.begins_at < NOW for talk in group.talks)
        assert len(set(group.members)) == len(group.members) <= 2_000


def test_everybody_is_in_a_group_and_the_leads_are_in_several(plan: Plan) -> None:
    seats = Counter(place for group in plan.groups for place in group.members)
    assert set(seats) == set(range(len(plan.people)))
    assert all(seats[place] > 1 for place in range(len(LEADS)))


def test_a_turn_that_answers_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match=r"zh-x.txt, line 2"):
        read_dialogues("# t | A B\nA: hm [reply 2]\nB: so\n", "zh-x.txt")


async def test_the_plan_is_written_whole_and_found_again(database: Database) -> None:
    plan = make_plan(700, all_dialogues(), NOW)
    written: list[int] = []
    assert not await is_seeded(database)

    await seed(database, plan, NOW, written.append)

    assert await is_seeded(database)
    assert sum(written) == len(plan.groups)
    async with database.transaction() as session:
        number = await find_person(session, "zhixia")
        assert number is not None
        rows, _ = await list_chats(session, number, start=0, limit=100)
    assert {"苏州书友", "读书会 · 总群"} <= {row.name for row in rows}
    assert all(row.last_message is not None for row in rows)
    assert any(row.unread for row in rows)
