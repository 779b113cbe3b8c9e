"""What a group says of itself: who changes it, within which limits, and how everybody learns of it."""

import asyncio
from typing import Any

import pytest

from hutong.infra.db import Database
from tests.cast import Cast, Person
from tests.files import png, send_file

from .talk import changes, facts, fill, group_of, refused, set_role


async def change(person: Person, chat: int, **fields: Any) -> Any:
    return await person.http.patch(f"groups/{chat}", json=fields)


async def test_an_admin_changes_what_a_group_says_and_everybody_sees_it(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    wanted = {
        "name": "城南读书会",
        "description": "Every Sunday\nby the pond",
        "city": "成都",
        "kind": "interest",
        "join_mode": "approval",
        "question": "Which book?",
        "capacity": 500,
        "avatar": await send_file(cast.mo.http, png(), purpose="avatar"),
        "handle": "Readers",
        "listed": False,
    }

    answer = await change(cast.mo, chat, **wanted)

    kept = wanted | {"handle": "readers"}
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in wanted} == kept
    assert answer.json()["admins_max"] == 10
    assert answer.json() | {"my_role": "member"} == (await cast.bob.http.get(f"groups/{chat}")).json()
    assert await changes(cast.bob, chat, "chat") == [
        {"group": kept | {"admins_max": 10}, "by": cast.mo.number, "by_name": "Mo"}
    ]
    assert await facts(database, "GroupChanged") == [{"chat": chat, "by": cast.mo.number, "changed": sorted(wanted)}]


async def test_only_what_differs_is_told_and_nothing_where_nothing_does(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database, city="Chengdu")

    await change(cast.alice, chat, city="Chengdu", name=" Readers ")
    await change(cast.alice, chat)
    await change(cast.alice, chat, city="Chengdu", name="Writers")

    assert [frame["group"] for frame in await changes(cast.bob, chat, "chat")] == [{"name": "Writers"}]


async def test_members_and_strangers_change_nothing(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    assert refused(await change(cast.bob, chat, name="Bob's")) == (403, "chat.not_allowed")
    assert refused(await change(cast.chen, chat, name="Chen's")) == (404, "chat.no_such_chat")
    assert refused(await change(cast.alice, chat + 1, name="Nobody's")) == (404, "chat.no_such_chat")
    assert await changes(cast.bob, chat, "chat") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "hutong.invalid"),
        ({"name": " \u200e "}, "chat.bad_group_name"),
        ({"name": "x" * 41}, "chat.bad_group_name"),
        ({"name": None}, "hutong.invalid"),
        ({"description": "x" * 1_001}, "chat.text_too_long"),
        ({"city": "x" * 41}, "chat.text_too_long"),
        ({"question": "x" * 201}, "chat.text_too_long"),
        ({"capacity": 300}, "chat.no_such_capacity"),
        ({"kind": "party"}, "hutong.invalid"),
        ({"join_mode": "never"}, "hutong.invalid"),
        ({"avatar": "../../etc"}, "hutong.invalid"),
        ({"handle": "1st"}, "identity.bad_handle"),
    ],
)
async def test_what_is_outside_the_limits_is_refused_for_old_and_new_groups(
    cast: Cast, database: Database, fields: dict[str, Any], code: str
) -> None:
    chat = await group_of(cast, database)

    assert refused(await change(cast.alice, chat, **fields)) == (400, code)
    assert refused(await cast.alice.http.post("groups", json={"name": "New", **fields})) == (400, code)


async def test_what_is_just_within_the_limits_is_kept(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    fields = {"name": "x" * 40, "description": "y" * 1_000, "city": "z" * 40, "question": "w" * 200}

    answer = await change(cast.alice, chat, **fields)

    assert {name: answer.json()[name] for name in fields} == fields


async def test_a_group_shrinks_only_as_far_as_its_members_allow(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database, capacity=500)
    await fill(database, chat, 201)
    assert refused(await change(cast.alice, chat, capacity=200)) == (409, "chat.capacity_too_small")

    await fill(database, chat, 200)
    answer = await change(cast.alice, chat, capacity=200)

    assert (answer.json()["capacity"], answer.json()["admins_max"]) == (200, 5)


async def test_a_group_shrinks_only_as_far_as_its_admins_allow(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database, capacity=500)
    for person in crowd[:5]:
        await person.http.put(f"groups/{chat}/members/me")
        assert (await set_role(cast.alice, chat, person, "admin")).status_code == 200
    assert refused(await change(cast.alice, chat, capacity=200)) == (409, "chat.admins_full")

    await set_role(cast.alice, chat, cast.mo, "member")

    assert (await change(cast.alice, chat, capacity=200)).status_code == 200


async def test_a_handle_is_one_groups_and_free_again_when_it_is_given_up(cast: Cast, database: Database) -> None:
    chat, other = await group_of(cast, database), await group_of(cast, database)
    assert refused(await change(cast.alice, chat, handle="bob")) == (409, "identity.handle_taken")

    await change(cast.alice, chat, handle="@Readers")
    assert refused(await change(cast.alice, other, handle="readers")) == (409, "identity.handle_taken")
    found = await cast.chen.http.get("handles/readers")
    await change(cast.alice, chat, handle="readers")
    await change(cast.alice, chat, handle=None)

    assert found.json() == {"kind": "group", "number": chat}
    assert (await change(cast.alice, other, handle="readers")).json()["handle"] == "readers"
    assert [frame["group"] for frame in await changes(cast.bob, chat, "chat")] == [
        {"handle": "readers"},
        {"handle": None},
    ]


async def test_two_groups_that_want_one_handle_at_once_do_not_both_get_it(cast: Cast, database: Database) -> None:
    chats = [await group_of(cast, database) for _ in range(4)]

    answers = await asyncio.gather(*[change(cast.alice, chat, handle="readers") for chat in chats])

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_a_group_is_made_with_all_of_it_at_once(cast: Cast) -> None:
    media = await send_file(cast.alice.http, png(), purpose="avatar")
    fields = {"name": "Pond", "avatar": media, "handle": "pond", "capacity": 1000, "listed": False}

    answer = await cast.alice.http.post("groups", json=fields)

    assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in fields} == fields
    assert (answer.json()["members"], answer.json()["my_role"], answer.json()["owner"]) == (
        1,
        "owner",
        cast.alice.number,
    )
