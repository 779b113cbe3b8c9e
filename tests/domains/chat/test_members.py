"""Cards, and the list of a group's members."""

from typing import Any

from hutong.infra.db import Database
from tests.cast import Cast, Person
from tests.conftest import HandClock

from .talk import changes, group_of, join, refused, say


async def members(person: Person, chat: int, **params: Any) -> list[dict[str, Any]]:
    """All members that the person finds, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await person.http.get(f"groups/{chat}/members", params={**params, **cursor})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}


async def test_a_card_is_how_one_is_called_in_this_group(cast: Cast, database: Database) -> None:
    chat, other = await group_of(cast, database), await group_of(cast, database)

    answer = await cast.bob.http.patch(f"groups/{chat}/members/me", json={"card": "  老鲍 (Bob)  "})

    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["nickname"]) == ("老鲍 (Bob)", "Bob")
    assert await changes(cast.alice, chat, "card") == [
        {"number": cast.bob.number, "name": "老鲍 (Bob)", "card": "老鲍 (Bob)"}
    ]
    for group, name in ((chat, "老鲍 (Bob)"), (other, "Bob")):
        seq = await say(cast.bob, group, "hello")
        read = (await cast.alice.http.get(f"chats/{group}/messages")).json()["messages"]
        assert (read[seq - 1]["from"]["name"]) == name

    await cast.bob.http.patch(f"groups/{chat}/members/me", json={"card": ""})
    assert (await changes(cast.alice, chat, "card"))[-1] == {"number": cast.bob.number, "name": "Bob", "card": ""}


async def test_a_card_has_limits_and_belongs_to_members(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    path = f"groups/{chat}/members/me"

    assert (await cast.bob.http.patch(path, json={"card": "x" * 40})).status_code == 200
    assert refused(await cast.bob.http.patch(path, json={"card": "x" * 41})) == (400, "chat.text_too_long")
    assert refused(await cast.chen.http.patch(path, json={"card": "Chen"})) == (404, "chat.no_such_chat")
    await cast.mo.http.put(f"groups/{chat}/mutes/{cast.bob.number}", json={"minutes": 5})
    assert (await cast.bob.http.patch(path, json={"card": "still me"})).status_code == 200


async def test_a_card_that_is_as_it_was_is_not_told(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    for card in ("B", "B", " B "):
        await cast.bob.http.patch(f"groups/{chat}/members/me", json={"card": card})

    assert len(await changes(cast.alice, chat, "card")) == 1


async def test_the_owner_comes_first_then_admins_then_members_as_they_came(
    cast: Cast, database: Database, clock: HandClock, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database)
    for person in reversed(crowd):
        clock.advance(seconds=1)
        await join(person, chat)
    expected = [cast.alice.number, cast.mo.number, cast.bob.number, *(person.number for person in reversed(crowd))]

    for limit in (1, 4, 100):
        assert [member["number"] for member in await members(cast.bob, chat, limit=limit)] == expected


async def test_members_are_found_by_card_nickname_and_number(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database)
    for person in crowd:
        await join(person, chat)
    await cast.bob.http.patch(f"groups/{chat}/members/me", json={"card": "Café 老鲍"})

    async def found(query: str, limit: int = 3) -> list[int]:
        return [member["number"] for member in await members(cast.alice, chat, query=query, limit=limit)]

    assert await found("老鲍") == [cast.bob.number]
    assert await found("CAFE") == [cast.bob.number]
    assert await found("bob") == [cast.bob.number]
    assert await found(str(cast.mo.number)) == [cast.mo.number]
    assert await found("person 1") == [crowd[1].number, crowd[10].number, crowd[11].number]
    assert await found("person 1", limit=1) == [crowd[1].number, crowd[10].number, crowd[11].number]
    assert await found("Chen") == []


async def test_a_member_is_shown_with_all_that_the_group_knows(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    assert (await members(cast.bob, chat, query="Mo"))[0] == {
        "number": cast.mo.number,
        "name": "Mo",
        "nickname": "Mo",
        "avatar": None,
        "role": "admin",
        "card": "",
        "muted_until": None,
        "mute_reason": "",
        "joined_at": "2026-11-23T06:00:00.000Z",
        "bot": False,
        "online": False,
    }


async def test_strangers_see_no_members_of_any_group(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    assert refused(await cast.chen.http.get(f"groups/{chat}/members")) == (404, "chat.no_such_chat")
    assert refused(await cast.bob.http.get(f"groups/{chat}/members", params={"cursor": "nonsense"})) == (
        400,
        "hutong.invalid",
    )
