"""Which apps a group is offered: what fits, what is furthest behind, what was shown today."""

from typing import Any

import msgspec
import pytest

from hutong.domains.directory.choosing import Met, Place, Running, chosen

GRANT = Running(grant=1, app=1_001, kinds=(), members_min=0, showings=0, showings_max=10)
READERS = Place(chat=80_001, kind="interest", members=20)
PLAYERS = Place(chat=80_002, kind="tool", members=10)


def pairs(*grants: Running, places: tuple[Place, ...] = (READERS,), count_max: int = 2, **met: Any) -> list[Any]:
    found = chosen(grants, places, met.get("met", {}), count_max=count_max)
    return [(one.grant.grant, one.chat, one.is_new) for one in found]


def other(number: int, **changes: Any) -> Running:
    return msgspec.structs.replace(GRANT, grant=number, app=1_000 + number, **changes)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"kinds": ("interest", "brand")}, True),
        ({"kinds": ("tool",)}, False),
        ({"members_min": 20}, True),
        ({"members_min": 21}, False),
        ({"showings": 10}, False),
    ],
)
def test_a_grant_is_for_groups_that_fit_until_it_is_used_up(changes: dict[str, Any], fits: bool) -> None:
    assert pairs(msgspec.structs.replace(GRANT, **changes)) == ([(1, READERS.chat, True)] if fits else [])


def test_where_the_app_is_nobody_is_offered_it() -> None:
    there = msgspec.structs.replace(READERS, apps=frozenset({1_001}))
    assert pairs(GRANT, places=(there,)) == []
    assert pairs(GRANT, places=(there, PLAYERS)) == [(1, PLAYERS.chat, True)]


def test_what_a_group_does_not_want_it_is_not_shown_again() -> None:
    met = {(READERS.chat, 1): Met(shown_today=True, dismissed=True)}
    assert pairs(GRANT, met=met) == []
    assert pairs(GRANT, met=met, places=(READERS, PLAYERS)) == [(1, PLAYERS.chat, True)]


def test_those_that_are_furthest_behind_come_first() -> None:
    grants = [other(1, showings=5), other(2, showings=40, showings_max=100), other(3, showings=1), other(4, showings=1)]
    assert [grant for grant, _, _ in pairs(*grants, count_max=4)] == [3, 4, 2, 1]
    assert [grant for grant, _, _ in pairs(*grants)] == [3, 4]


def test_what_was_shown_today_is_shown_there_again_and_does_not_count() -> None:
    met = {(PLAYERS.chat, 1): Met(shown_today=True, dismissed=False)}
    assert pairs(GRANT, met=met, places=(READERS, PLAYERS)) == [(1, PLAYERS.chat, False)]
    used_up = msgspec.structs.replace(GRANT, showings=10)
    assert pairs(used_up, met=met, places=(READERS, PLAYERS)) == [(1, PLAYERS.chat, False)]
    yesterday = {(PLAYERS.chat, 1): Met(shown_today=False, dismissed=False)}
    assert pairs(used_up, met=yesterday, places=(READERS, PLAYERS)) == []
    assert pairs(GRANT, met=yesterday, places=(READERS, PLAYERS)) == [(1, READERS.chat, True)]
