"""Notices of a group's admins: who has read them, and who is reminded."""

from typing import Any

import msgspec
import pytest

from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast, Person
from tests.conftest import HandClock

from .conftest import Said
from .talk import changes, direct, facts, group_of, refused


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With room for two announcements."""
    limits = msgspec.structs.replace(settings.limits, announcements_per_group_max=2)
    return msgspec.structs.replace(settings, limits=limits)


async def _announce(person: Person, chat: int, text: str = "Bring a book.") -> dict[str, Any]:
    answer = await person.http.post(f"groups/{chat}/announcements", json={"text": text})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_everybody_is_told_and_the_author_has_read_it(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    made = await _announce(cast.mo, chat)

    mo = {"number": cast.mo.number, "name": "Mo", "avatar": None}
    assert {**made["by"], "avatar": None} == mo
    assert {name: made[name] for name in ("text", "read", "members", "read_by_me")} == {
        "text": "Bring a book.",
        "read": 1,
        "members": 3,
        "read_by_me": True,
    }
    (told,) = await changes(cast.bob, chat, "announced")
    assert (told["id"], told["removed"], told["by"], told["by_name"]) == (made["id"], False, cast.mo.number, "Mo")
    assert told["announcement"]["text"] == "Bring a book."
    seen = (await cast.bob.http.get(f"chats/{chat}")).json()
    assert seen["announcement"] == told["announcement"]
    assert seen["announcements_unread"] == [made["id"]]
    assert (await cast.mo.http.get(f"chats/{chat}")).json()["announcements_unread"] == []
    assert await facts(database, "AnnouncementMade") == [{"chat": chat, "id": made["id"], "by": cast.mo.number}]


async def test_reading_is_counted_once_and_seen_by_admins(cast: Cast, database: Database, said: Said) -> None:
    chat = await group_of(cast, database)
    made = await _announce(cast.mo, chat)
    path = f"groups/{chat}/announcements/{made['id']}"
    said.clear()

    answers = [await cast.bob.http.put(f"{path}/readers/me") for _ in range(2)]
    (seen,) = (await cast.bob.http.get(f"groups/{chat}/announcements")).json()["items"]
    readers = (await cast.alice.http.get(f"{path}/readers")).json()

    assert [answer.status_code for answer in answers] == [204, 204]
    assert said == {cast.bob.number: [{"on": "announcement_read", "chat": chat, "id": made["id"]}]}
    assert (seen["read"], seen["read_by_me"]) == (2, True)
    assert [one["name"] for one in readers["read"]] == ["Bob", "Mo"]
    assert [one["name"] for one in readers["unread"]] == ["Alice"]
    assert (await cast.bob.http.get(f"chats/{chat}")).json()["announcements_unread"] == []


async def test_the_newest_one_left_is_shown_when_one_is_taken_down(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    old, new = await _announce(cast.mo, chat, "old"), await _announce(cast.alice, chat, "new")

    assert (await cast.mo.http.delete(f"groups/{chat}/announcements/{new['id']}")).status_code == 204
    assert (await changes(cast.bob, chat, "announced"))[-1]["announcement"]["id"] == old["id"]
    assert (await cast.mo.http.delete(f"groups/{chat}/announcements/{old['id']}")).status_code == 204
    assert (await changes(cast.bob, chat, "announced"))[-1]["announcement"] is None

    again = await cast.mo.http.delete(f"groups/{chat}/announcements/{old['id']}")
    assert refused(again) == (404, "chat.no_such_announcement")


async def test_those_who_have_not_read_it_are_reminded_at_most_once_an_hour(
    cast: Cast, database: Database, said: Said, clock: HandClock
) -> None:
    chat = await group_of(cast, database)
    made = await _announce(cast.mo, chat)
    await cast.bob.http.put(f"groups/{chat}/announcements/{made['id']}/readers/me")
    path = f"groups/{chat}/announcements/{made['id']}/reminders"
    said.clear()

    first, again = await cast.mo.http.post(path), await cast.mo.http.post(path)
    clock.advance(hours=1)
    later = await cast.mo.http.post(path)

    assert (first.status_code, later.status_code) == (204, 204)
    assert refused(again) == (429, "hutong.too_many")
    assert list(said) == [cast.alice.number]
    assert [(one["on"], one["id"], one["text"]) for one in said[cast.alice.number]] == [
        ("reminded", made["id"], "Bring a book.")
    ] * 2
    told = {"chat": chat, "id": made["id"], "by": cast.mo.number, "numbers": [cast.alice.number]}
    assert await facts(database, "AnnouncementReminded") == [told] * 2


async def test_who_may_do_what(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    made = await _announce(cast.mo, chat)
    root = f"groups/{chat}/announcements"
    one = f"{root}/{made['id']}"

    by_bob = [
        await cast.bob.http.post(root, json={"text": "x"}),
        await cast.bob.http.delete(one),
        await cast.bob.http.get(f"{one}/readers"),
        await cast.bob.http.post(f"{one}/reminders"),
    ]
    by_chen = [
        await cast.chen.http.post(root, json={"text": "x"}),
        await cast.chen.http.get(root),
        await cast.chen.http.delete(one),
        await cast.chen.http.put(f"{one}/readers/me"),
        await cast.chen.http.get(f"{one}/readers"),
        await cast.chen.http.post(f"{one}/reminders"),
    ]

    assert [refused(answer) for answer in by_bob] == [(403, "chat.not_allowed")] * 4
    assert [refused(answer) for answer in by_chen] == [(404, "chat.no_such_chat")] * 6


async def test_what_cannot_be_announced(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    root = f"groups/{chat}/announcements"
    empty = await cast.mo.http.post(root, json={"text": " \n "})
    long = await cast.mo.http.post(root, json={"text": "字" * 2_001})
    for text in ("one", "two"):
        await _announce(cast.mo, chat, text)
    third = await cast.mo.http.post(root, json={"text": "three"})
    in_a_direct = await direct(cast.alice, cast.bob)

    assert refused(empty) == refused(long) == (400, "chat.announcement_empty")
    assert refused(third) == (409, "chat.announcements_full")
    assert refused(await cast.mo.http.put(f"{root}/99/readers/me")) == (404, "chat.no_such_announcement")
    answer = await cast.alice.http.post(f"groups/{in_a_direct}/announcements", json={"text": "x"})
    assert refused(answer) == (404, "chat.no_such_chat")
    readers = await cast.alice.http.get(f"groups/{in_a_direct}/announcements/1/readers")
    assert refused(readers) == (404, "chat.no_such_chat")
