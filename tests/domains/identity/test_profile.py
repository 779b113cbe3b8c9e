"""Profiles: what people say of themselves, and who may see what of it."""

import json
from typing import Any

import httpx
import pytest

from hutong.api import House
from hutong.domains import identity
from hutong.infra.db import Database
from tests.cast import Cast, Person
from tests.files import png, send_file

PORTRAIT = {"birth_year": 1988, "city": "成都", "interests": ["reading", "fruit"], "about": "I read the column."}


async def change(person: Person, **fields: object) -> httpx.Response:
    return await person.http.patch("accounts/me", json=fields)


async def look(viewer: Person, at: Person) -> dict[str, Any]:
    answer = await viewer.http.get(f"accounts/{at.number}")
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.fixture
async def club(cast: Cast) -> int:
    """A group of Alice and Bob; Chen is outside."""
    made = await cast.alice.http.post("groups", json={"name": "Reading club"})
    assert made.status_code == 201
    number = int(made.json()["number"])
    assert (await cast.bob.http.put(f"groups/{number}/members/me", json={})).status_code == 200
    return number


async def test_what_is_given_changes_and_the_rest_stays(cast: Cast) -> None:
    await change(cast.alice, **PORTRAIT)
    answer = await change(cast.alice, nickname=" Alice  in Chengdu ", interests=["tea", "tea ", "", "reading"])

    assert answer.status_code == 200
    account = answer.json()
    assert account["nickname"] == "Alice in Chengdu"
    assert account["interests"] == ["tea", "reading"]
    assert (account["birth_year"], account["city"], account["about"]) == (1988, "成都", "I read the column.")
    assert (await cast.alice.http.get("accounts/me")).json() == account


async def test_null_empties(cast: Cast) -> None:
    media = await send_file(cast.alice.http, png(), purpose="avatar")
    await change(cast.alice, **PORTRAIT, avatar=media, email="alice@hutong.example")

    account = (
        await change(cast.alice, birth_year=None, city=None, avatar=None, email=None, interests=[], about="")
    ).json()

    emptied = ("birth_year", "city", "avatar", "email", "interests", "about")
    assert [account[name] for name in emptied] == [None, None, None, None, [], ""]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"nickname": "\u200e"}, "identity.bad_nickname"),
        ({"nickname": "x" * 41}, "identity.bad_nickname"),
        ({"nickname": "x" * 10_000}, "hutong.invalid"),
        ({"nickname": None}, "hutong.invalid"),
        ({"birth_year": 1899}, "identity.bad_birth_year"),
        ({"birth_year": 2027}, "identity.bad_birth_year"),
        ({"birth_year": "last year"}, "hutong.invalid"),
        ({"city": "x" * 61}, "hutong.invalid"),
        ({"interests": ["x"] * 21}, "hutong.invalid"),
        ({"interests": ["x" * 31]}, "hutong.invalid"),
        ({"interests": "reading"}, "hutong.invalid"),
        ({"about": "x" * 301}, "identity.bad_about"),
        ({"avatar": "../../etc/passwd"}, "hutong.invalid"),
        ({"email": "alice"}, "identity.bad_email"),
        ({"reach": "friends"}, "hutong.invalid"),
        ({"visibility": {"city": "friends"}}, "hutong.invalid"),
        ({"visibility": "everyone"}, "hutong.invalid"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_changes(cast: Cast, fields: dict[str, object], code: str) -> None:
    await change(cast.alice, **PORTRAIT)
    before = (await cast.alice.http.get("accounts/me")).json()

    answer = await change(cast.alice, **{"about": "Something new.", **fields})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (await cast.alice.http.get("accounts/me")).json() == before


async def test_the_year_of_birth_may_be_this_one(cast: Cast) -> None:
    assert (await change(cast.alice, birth_year=2026)).status_code == 200
    assert (await change(cast.alice, birth_year=1900)).status_code == 200


async def test_an_email_address_is_free_again_once_it_is_given_up(cast: Cast) -> None:
    address = "reader@hutong.example"
    assert (await change(cast.alice, email=address)).status_code == 200
    assert (await change(cast.alice, email=address.upper())).json()["email"] == address

    taken = await change(cast.bob, email=address)
    assert (await change(cast.alice, email="other@hutong.example")).status_code == 200
    free = await change(cast.bob, email=address)

    assert (taken.status_code, taken.json()["code"]) == (409, "identity.email_taken")
    assert free.status_code == 200


async def test_a_handle_is_claimed_and_the_former_one_is_free(cast: Cast) -> None:
    claimed = await cast.alice.http.put("accounts/me/handle", json={"handle": "@Reader"})
    again = await cast.alice.http.put("accounts/me/handle", json={"handle": "reader"})
    taken = await cast.bob.http.put("accounts/me/handle", json={"handle": "reader"})
    former = await cast.bob.http.put("accounts/me/handle", json={"handle": "alice"})

    assert [answer.status_code for answer in (claimed, again, taken, former)] == [200, 200, 409, 200]
    assert (claimed.json()["handle"], former.json()["handle"]) == ("reader", "alice")
    assert (await cast.chen.http.get("handles/reader")).json() == {"kind": "person", "number": cast.alice.number}
    assert (await cast.chen.http.get("handles/@ALICE")).json() == {"kind": "person", "number": cast.bob.number}
    assert (await cast.chen.http.get("handles/bob")).status_code == 404


async def test_a_refused_handle_leaves_the_former_one(cast: Cast) -> None:
    for handle, status in (("bob", 409), ("admin", 409), ("a", 400), ("x" * 200, 400)):
        answer = await cast.alice.http.put("accounts/me/handle", json={"handle": handle})
        assert answer.status_code == status
    assert (await cast.chen.http.get("handles/alice")).json()["number"] == cast.alice.number


async def test_others_see_what_everyone_may_see(cast: Cast, club: int) -> None:
    await change(cast.alice, **PORTRAIT)

    stranger, fellow, herself = [await look(viewer, cast.alice) for viewer in (cast.chen, cast.bob, cast.alice)]

    card = {"number": cast.alice.number, "kind": "person", "nickname": "Alice", "handle": "alice", "avatar": None}
    seen = {"city": "成都", "interests": ["reading", "fruit"], "about": "I read the column."}
    assert stranger == {**card, **seen, "shared_groups": [], "may_write": True}
    together = [{"chat": club, "name": "Reading club", "avatar": None}]
    assert fellow == {**card, **seen, "birth_year": 1988, "shared_groups": together, "may_write": True}
    assert herself == {**card, **seen, "birth_year": 1988, "shared_groups": [], "may_write": False}


@pytest.mark.parametrize(
    ("to_whom", "stranger_sees", "fellow_sees"),
    [("everyone", True, True), ("groups", False, True), ("nobody", False, False)],
)
@pytest.mark.parametrize("field", ["birth_year", "city", "interests", "about"])
async def test_the_owner_decides_who_sees_each_part(
    cast: Cast, club: int, field: str, to_whom: str, stranger_sees: bool, fellow_sees: bool
) -> None:
    await change(cast.alice, **PORTRAIT)
    changed = (await change(cast.alice, visibility={field: to_whom})).json()

    stranger, fellow, herself = [await look(viewer, cast.alice) for viewer in (cast.chen, cast.bob, cast.alice)]

    assert changed["visibility"][field] == to_whom
    assert (field in stranger, field in fellow, field in herself) == (stranger_sees, fellow_sees, True)
    default = {"birth_year": "groups", "city": "everyone", "interests": "everyone", "about": "everyone"}
    assert changed["visibility"] == {**default, field: to_whom}


@pytest.mark.parametrize(
    ("reach", "stranger_may", "fellow_may"),
    [("everyone", True, True), ("groups", False, True), ("nobody", False, False)],
)
async def test_the_owner_decides_who_may_write(
    cast: Cast, club: int, reach: str, stranger_may: bool, fellow_may: bool
) -> None:
    await change(cast.alice, reach=reach)

    assert (await look(cast.chen, cast.alice))["may_write"] is stranger_may
    assert (await look(cast.bob, cast.alice))["may_write"] is fellow_may


async def test_whoever_leaves_the_group_sees_what_strangers_see(cast: Cast, club: int) -> None:
    await change(cast.alice, **PORTRAIT)
    assert "birth_year" in await look(cast.bob, cast.alice)

    assert (await cast.bob.http.delete(f"groups/{club}/members/me")).status_code == 204

    assert "birth_year" not in await look(cast.bob, cast.alice)


async def test_whoever_is_not_let_in_does_not_exist(cast: Cast, house: House, client: httpx.AsyncClient) -> None:
    async with house.database.transaction() as session:
        placeholder = await identity.create_placeholder(session, "someone from IRC")

    seen = await cast.chen.http.get(f"accounts/{placeholder}")
    assert (seen.status_code, seen.json()["nickname"], seen.json()["may_write"]) == (200, "someone from IRC", False)
    for number, status in ((99_999, 404), (2**53 - 1, 404), (2**53, 400), (0, 400)):
        answer = await cast.chen.http.get(f"accounts/{number}")
        assert answer.status_code == status
        assert answer.json()["code"] in ("identity.no_such_account", "hutong.invalid")


async def test_a_hidden_group_is_not_found_by_its_handle(cast: Cast, house: House, club: int) -> None:
    made = await cast.alice.http.post("groups", json={"name": "Committee", "listed": False})
    hidden = int(made.json()["number"])
    async with house.database.transaction() as session:
        await identity.claim_handle(session, "group", club, "bookclub")
        await identity.claim_handle(session, "group", hidden, "committee")

    assert (await cast.chen.http.get("handles/bookclub")).json() == {"kind": "group", "number": club}
    assert (await cast.alice.http.get("handles/committee")).json() == {"kind": "group", "number": hidden}
    unseen, unknown = [await cast.chen.http.get(f"handles/{handle}") for handle in ("committee", "nothing")]
    assert (unseen.status_code, unseen.json()) == (404, unknown.json())


async def test_another_name_is_announced_and_nothing_else_is(cast: Cast, database: Database) -> None:
    said: list[tuple[str, object]] = []
    database.say = lambda subject, payload: said.append((subject, json.loads(payload)))

    await change(cast.alice, about="Something new.", nickname="Alice")
    assert said == []
    await change(cast.alice, nickname="x" * 41)
    assert said == []
    media = await send_file(cast.alice.http, png(), purpose="avatar")
    await change(cast.alice, nickname="Ali", avatar=media)

    assert said == [(f"account.{cast.alice.number}", {"on": "renamed", "nickname": "Ali", "avatar": media})]
