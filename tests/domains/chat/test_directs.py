"""Conversations between two: who may begin one, and when the other side sees it."""

from typing import Any

import msgspec
import pytest

from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast, Person

from .conftest import Said
from .talk import direct, facts, group_of, refused, say


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With one new stranger a day."""
    limits = msgspec.structs.replace(settings.limits, directs_with_strangers_per_day_max=1)
    return msgspec.structs.replace(settings, limits=limits)


async def _rows(person: Person) -> list[dict[str, Any]]:
    return list((await person.http.get("chats")).json()["items"])


async def test_a_direct_is_the_same_from_both_sides(cast: Cast, database: Database) -> None:
    first = await cast.alice.http.post("directs", json={"number": cast.bob.number})
    again = await cast.alice.http.post("directs", json={"number": cast.bob.number})
    from_bob = await cast.bob.http.post("directs", json={"number": cast.alice.number})

    assert (first.status_code, again.status_code, from_bob.status_code) == (201, 200, 200)
    assert first.json() == again.json() == from_bob.json()
    opened = {"chat": first.json()["chat"], "by": cast.alice.number, "to": cast.bob.number}
    assert await facts(database, "DirectOpened") == [opened]


async def test_an_empty_direct_is_in_the_list_of_who_opened_it_only(cast: Cast) -> None:
    chat = await direct(cast.alice, cast.bob)

    assert [(row["chat"], row["name"], row["peer"]) for row in await _rows(cast.alice)] == [
        (chat, "Bob", cast.bob.number)
    ]
    assert await _rows(cast.bob) == []

    seq = await say(cast.alice, chat, "hello")
    (row,) = await _rows(cast.bob)
    assert (row["name"], row["peer"], row["unread"], row["last_seq"]) == ("Alice", cast.alice.number, 1, seq)
    assert "silent" not in row


async def test_opening_it_oneself_brings_an_empty_direct_into_the_list(cast: Cast, said: Said) -> None:
    chat = await direct(cast.alice, cast.bob)
    said.clear()
    await direct(cast.bob, cast.alice)
    assert [row["chat"] for row in await _rows(cast.bob)] == [chat]
    assert said == {cast.bob.number: [{"on": "seated", "chat": chat}]}


async def test_whom_one_may_write_to_is_theirs_to_say(cast: Cast, database: Database) -> None:
    await group_of(cast, database)
    await cast.alice.http.patch("accounts/me", json={"reach": "groups"})
    await cast.mo.http.patch("accounts/me", json={"reach": "nobody"})

    from_a_member = await cast.bob.http.post("directs", json={"number": cast.alice.number})
    from_a_stranger = await cast.chen.http.post("directs", json={"number": cast.alice.number})
    to_mo = await cast.bob.http.post("directs", json={"number": cast.mo.number})

    assert from_a_member.status_code == 201
    assert refused(from_a_stranger) == (403, "chat.out_of_reach")
    assert refused(to_mo) == (403, "chat.out_of_reach")
    assert await _rows(cast.chen) == []


async def test_one_that_exists_stays_open(cast: Cast) -> None:
    chat = await direct(cast.alice, cast.bob)
    await cast.bob.http.patch("accounts/me", json={"reach": "nobody"})
    assert await direct(cast.alice, cast.bob) == chat


async def test_strangers_are_not_written_to_without_end(cast: Cast, database: Database) -> None:
    await group_of(cast, database)
    answers = [await cast.chen.http.post("directs", json={"number": one.number}) for one in (cast.alice, cast.bob)]
    again = await cast.chen.http.post("directs", json={"number": cast.alice.number})
    among_members = [await cast.bob.http.post("directs", json={"number": p.number}) for p in (cast.alice, cast.mo)]

    assert answers[0].status_code == 201
    assert refused(answers[1]) == (429, "hutong.too_many")
    assert again.status_code == 200
    assert [answer.status_code for answer in among_members] == [201, 201]


async def test_there_is_nobody_to_write_to(cast: Cast) -> None:
    assert refused(await cast.bob.http.post("directs", json={"number": 99_999})) == (404, "identity.no_such_account")
    to_oneself = await cast.bob.http.post("directs", json={"number": cast.bob.number})
    assert refused(to_oneself) == (400, "chat.direct_with_oneself")


async def test_both_sides_pin_and_strangers_see_nothing(cast: Cast) -> None:
    chat = await direct(cast.alice, cast.bob)
    seq = await say(cast.alice, chat, "hello")
    for person in (cast.alice, cast.bob):
        assert (await person.http.put(f"chats/{chat}/pins/{seq}")).status_code == 204
    snapshot = (await cast.bob.http.get(f"chats/{chat}")).json()

    assert snapshot["pins"] == [seq]
    assert (snapshot["kind"], snapshot["peer"], snapshot["group"]) == ("direct", cast.alice.number, None)
    assert refused(await cast.chen.http.get(f"chats/{chat}")) == (404, "chat.no_such_chat")
    assert refused(await cast.bob.http.put(f"chats/{chat}/messages/{seq}/recall")) == (403, "chat.not_allowed")
    assert refused(await cast.bob.http.get(f"groups/{chat}")) == (404, "chat.no_such_chat")
