"""Admins, their number, and the handing over of a group."""

import asyncio

from hutong.infra.db import Database
from tests.cast import Cast, Person

from .talk import changes, facts, group_of, join, refused, set_role


async def test_the_owner_makes_an_admin_and_everybody_sees_it(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    assert refused(await cast.bob.http.put(f"groups/{chat}/mutes/all")) == (403, "chat.not_allowed")

    answer = await set_role(cast.alice, chat, cast.bob, "admin")
    again = await set_role(cast.alice, chat, cast.bob, "admin")

    assert (answer.status_code, answer.json()["role"]) == (200, "admin")
    assert again.json() == answer.json()
    assert (await cast.bob.http.put(f"groups/{chat}/mutes/all")).status_code == 204
    assert await changes(cast.mo, chat, "role") == [
        {"number": cast.bob.number, "name": "Bob", "role": "admin", "by": cast.alice.number, "by_name": "Alice"}
    ]
    assert await facts(database, "MemberRoleChanged") == [
        {"chat": chat, "number": cast.bob.number, "role": "admin", "by": cast.alice.number}
    ]


async def test_an_admin_who_is_one_no_more_governs_nothing(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    assert (await set_role(cast.alice, chat, cast.mo, "member")).status_code == 200

    assert refused(await cast.mo.http.put(f"groups/{chat}/mutes/all")) == (403, "chat.not_allowed")


async def test_nobody_but_the_owner_gives_roles(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    for person in (cast.mo, cast.bob):
        assert refused(await set_role(person, chat, cast.bob, "admin")) == (403, "chat.not_allowed")
    assert refused(await set_role(cast.chen, chat, cast.bob, "admin")) == (404, "chat.no_such_chat")
    assert refused(await set_role(cast.alice, chat, cast.chen, "admin")) == (404, "chat.no_such_member")
    assert refused(await set_role(cast.alice, chat, cast.alice, "member")) == (403, "chat.not_allowed")
    assert refused(await set_role(cast.alice, chat, cast.bob, "owner")) == (400, "hutong.invalid")
    assert await changes(cast.bob, chat, "role") == []


async def test_of_many_made_admins_at_once_only_as_many_as_the_tier_allows_become_one(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database, capacity=200)
    for person in crowd[:8]:
        await join(person, chat)

    answers = await asyncio.gather(*[set_role(cast.alice, chat, person, "admin") for person in crowd[:8]])

    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [409] * 4
    members = (await cast.bob.http.get(f"groups/{chat}/members")).json()["items"]
    assert [member["role"] for member in members] == ["owner"] + ["admin"] * 5 + ["member"] * 5
    full = next(answer for answer in answers if answer.status_code == 409)
    assert (full.json()["code"], full.json()["params"]) == ("chat.admins_full", {"admins_max": 5})


async def test_the_owner_hands_the_group_over_and_stays_an_admin(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    answer = await cast.alice.http.put(f"groups/{chat}/owner", json={"number": cast.bob.number})

    assert answer.status_code == 204
    view = (await cast.alice.http.get(f"groups/{chat}")).json()
    assert (view["owner"], view["my_role"]) == (cast.bob.number, "admin")
    assert await changes(cast.mo, chat, "role") == [
        {"number": cast.alice.number, "name": "Alice", "role": "admin", "by": cast.alice.number, "by_name": "Alice"},
        {"number": cast.bob.number, "name": "Bob", "role": "owner", "by": cast.alice.number, "by_name": "Alice"},
    ]
    assert await facts(database, "GroupHandedOver") == [
        {"chat": chat, "former_owner": cast.alice.number, "owner": cast.bob.number}
    ]
    assert refused(await set_role(cast.alice, chat, cast.mo, "member")) == (403, "chat.not_allowed")
    assert (await set_role(cast.bob, chat, cast.alice, "member")).status_code == 200
    assert (await cast.alice.http.delete(f"groups/{chat}/members/me")).status_code == 204


async def test_where_admins_are_enough_the_former_owner_becomes_a_member(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database, capacity=200)
    for person in crowd[:4]:
        await join(person, chat)
        await set_role(cast.alice, chat, person, "admin")

    await cast.alice.http.put(f"groups/{chat}/owner", json={"number": cast.bob.number})

    assert (await cast.alice.http.get(f"groups/{chat}")).json()["my_role"] == "member"


async def test_an_admin_who_takes_over_leaves_their_place_to_the_former_owner(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database, capacity=200)
    for person in crowd[:4]:
        await join(person, chat)
        await set_role(cast.alice, chat, person, "admin")

    await cast.alice.http.put(f"groups/{chat}/owner", json={"number": cast.mo.number})

    assert (await cast.alice.http.get(f"groups/{chat}")).json()["my_role"] == "admin"


async def test_a_group_is_handed_only_by_its_owner_and_only_to_a_member(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    path = f"groups/{chat}/owner"

    for person in (cast.mo, cast.bob):
        assert refused(await person.http.put(path, json={"number": cast.bob.number})) == (403, "chat.not_allowed")
    assert refused(await cast.chen.http.put(path, json={"number": cast.chen.number})) == (404, "chat.no_such_chat")
    assert refused(await cast.alice.http.put(path, json={"number": cast.chen.number})) == (404, "chat.no_such_member")
    assert (await cast.alice.http.put(path, json={"number": cast.alice.number})).status_code == 204
    assert await changes(cast.bob, chat, "role") == []


async def test_two_owners_at_once_are_never_made(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    answers = await asyncio.gather(
        *[cast.alice.http.put(f"groups/{chat}/owner", json={"number": heir.number}) for heir in (cast.bob, cast.mo)]
    )

    assert sorted(answer.status_code for answer in answers) == [204, 403]
    members = (await cast.bob.http.get(f"groups/{chat}/members")).json()["items"]
    assert [member["role"] for member in members].count("owner") == 1
    assert members[0]["number"] == (await cast.bob.http.get(f"groups/{chat}")).json()["owner"]
