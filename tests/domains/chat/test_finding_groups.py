"""Finding a group to join: by what it is called, in Chinese by two characters too, and never one that is hidden."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.domains.chat.finding import size_of
from hutong.infra.db import Database
from hutong.kit.finding import terms_of, terms_of_query
from tests.cast import Cast, Person

from .talk import fill, group_of, join

GROUPS = {
    "城南读书会": {"city": "成都", "kind": "knowledge"},
    "Slow Readers": {"city": "Chengdu", "kind": "interest"},
    "书法与读诗": {"city": "杭州", "kind": "interest"},
    "Café Müller": {"city": "北京", "kind": "mixed", "handle": "cafe-south"},
    "ＶＲ眼镜群 2026": {"city": "成都", "kind": "model"},
    "ガンダム模型": {"city": "上海", "kind": "model"},
}


async def found(person: Person, **params: Any) -> list[str]:
    """The names of all groups found, page by page."""
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await person.http.get("groups", params={**params, **cursor})
        assert answer.status_code == 200, answer.text
        names += [group["name"] for group in answer.json()["items"]]
        if answer.json()["next"] is None:
            return names
        cursor = {"cursor": answer.json()["next"]}


@pytest.fixture
async def street(cast: Cast) -> dict[str, int]:
    """The groups above, by name, made one after the other by Alice."""
    made = {}
    for name, fields in GROUPS.items():
        answer = await cast.alice.http.post("groups", json={"name": name, **fields})
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["chat"]
    return made


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("读书", ["城南读书会"]),
        ("书会", ["城南读书会"]),
        ("读", ["书法与读诗", "城南读书会"]),
        ("城南读书会", ["城南读书会"]),
        ("读诗书", []),
        ("read", ["Slow Readers"]),
        ("READERS slow", ["Slow Readers"]),
        ("eaders", []),
        ("cafe muller", ["Café Müller"]),
        ("vr", ["ＶＲ眼镜群 2026"]),
        ("眼镜 vr 2026", ["ＶＲ眼镜群 2026"]),
        ("ガンダム", ["ガンダム模型"]),
        ("@cafe-south", ["Café Müller"]),
        ("成都", ["ＶＲ眼镜群 2026", "城南读书会"]),
        ("成都 读书", ["城南读书会"]),
        ("!?", []),
        ("%", []),
        ("没有的", []),
    ],
)
async def test_a_group_is_found_by_its_name_its_handle_and_its_city(
    cast: Cast, street: dict[str, int], query: str, names: list[str]
) -> None:
    assert await found(cast.chen, query=query) == names


async def test_a_group_is_found_by_its_number(cast: Cast, street: dict[str, int]) -> None:
    for name, chat in street.items():
        assert await found(cast.chen, query=str(chat)) == [name]
    assert await found(cast.chen, query="8000") == list(reversed(GROUPS))
    assert await found(cast.chen, query="0001") == []


async def test_city_and_kind_narrow_what_is_found(cast: Cast, street: dict[str, int]) -> None:
    assert await found(cast.chen, city="成都") == ["ＶＲ眼镜群 2026", "城南读书会"]
    assert await found(cast.chen, city="chengdu") == ["Slow Readers"]
    assert await found(cast.chen, kind="model") == ["ガンダム模型", "ＶＲ眼镜群 2026"]
    assert await found(cast.chen, kind="model", city="成都") == ["ＶＲ眼镜群 2026"]
    assert await found(cast.chen, kind="interest", query="书") == ["书法与读诗"]
    assert await found(cast.chen, query=" ") == list(reversed(GROUPS))


async def test_large_groups_come_first_on_however_many_pages(
    cast: Cast, database: Database, street: dict[str, int]
) -> None:
    await fill(database, street["书法与读诗"], 127)
    await fill(database, street["Slow Readers"], 31)
    for name in ("书法与读诗", "Slow Readers"):
        await join(cast.bob, street[name])
    rest = [name for name in reversed(GROUPS) if name not in ("书法与读诗", "Slow Readers")]

    for limit in (1, 2, 100):
        assert await found(cast.chen, limit=limit) == ["书法与读诗", "Slow Readers", *rest]


@pytest.mark.parametrize("hidden", [{"listed": False}, {"join_mode": "closed"}])
async def test_a_hidden_group_is_found_by_nobody_until_it_shows_itself_again(
    cast: Cast, street: dict[str, int], hidden: dict[str, Any]
) -> None:
    path = f"groups/{street['Slow Readers']}"

    await cast.alice.http.patch(path, json=hidden)
    for person in (cast.alice, cast.chen):
        assert await found(person, query="readers") == []
        assert "Slow Readers" not in await found(person)
    made_hidden = await cast.alice.http.post("groups", json={"name": "Readers in the dark", **hidden})
    assert made_hidden.status_code == 201
    assert await found(cast.chen, query="dark") == []

    await cast.alice.http.patch(path, json={"listed": True, "join_mode": "approval"})
    assert await found(cast.chen, query="readers") == ["Slow Readers"]


async def test_a_group_is_found_by_its_new_name_and_no_longer_by_the_old_one(
    cast: Cast, street: dict[str, int]
) -> None:
    changed = {"name": "夜读", "city": "广州", "handle": "night"}
    await cast.alice.http.patch(f"groups/{street['城南读书会']}", json=changed)

    assert await found(cast.chen, query="读书") == []
    for query in ("夜读", "广州", "night", str(street["城南读书会"])):
        assert await found(cast.chen, query=query) == ["夜读"]


async def test_what_is_found_says_whether_one_is_in_it(cast: Cast, database: Database) -> None:
    await group_of(cast, database)

    for person, role in ((cast.alice, "owner"), (cast.mo, "admin"), (cast.bob, "member"), (cast.chen, None)):
        (group,) = (await person.http.get("groups", params={"query": "readers"})).json()["items"]
        assert (group["my_role"], group["members"]) == (role, 3)


async def test_a_cursor_that_nobody_handed_out_is_refused(cast: Cast) -> None:
    for cursor in ("nonsense", "WzFd", "WyJhIiwgImIiXQ"):
        assert (await cast.chen.http.get("groups", params={"cursor": cursor})).status_code == 400


NAMES = st.text(st.sampled_from("读书会成都 abcé-Ｖ1カ한"), max_size=30)


@given(NAMES, NAMES)
def test_every_whole_name_finds_its_group_whatever_else_it_is_called(name: str, city: str) -> None:
    assert set(terms_of_query(name)) <= set(terms_of(name, city))


@given(st.text(st.sampled_from("读书会成都"), min_size=3, max_size=20), st.data())
def test_every_two_characters_of_a_chinese_name_find_it(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 2))

    assert set(terms_of_query(name[place : place + 2])) <= set(terms_of(name))


@given(st.integers(1, 2_000))
def test_a_group_grows_by_one_with_every_doubling(members: int) -> None:
    assert size_of(2 * members) == size_of(members) + 1
