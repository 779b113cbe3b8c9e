"""Signing up: what it takes, what it gives, and what it refuses."""

import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from sqlalchemy import select

from hutong.api import House, create_app
from hutong.domains.identity.errors import BadEmail, BadNickname
from hutong.domains.identity.models import AccountRow, InvitationRow
from hutong.domains.identity.spelling import check_email, check_nickname
from hutong.infra.outbox import OutboxEntry
from hutong.settings import Settings
from tests.cast import PASSWORD, visitor
from tests.conftest import HandClock

ALICE = {"nickname": "Alice", "password": PASSWORD, "handle": "alice", "email": "alice@hutong.example"}


async def sign_up(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await client.post("/api/v1/accounts", json={**ALICE, **fields})


def with_settings(house: House, **changes: object) -> Litestar:
    settings = msgspec.structs.replace(house.settings, **changes)
    return create_app(replace(house, settings=settings))


@pytest.fixture
async def invited_only(house: House) -> AsyncGenerator[httpx.AsyncClient]:
    async with visitor(with_settings(house, sign_up="invitation")) as client:
        yield client


async def test_the_first_account_is_number_10001_and_the_next_one_follows(client: httpx.AsyncClient) -> None:
    first, second = await sign_up(client), await sign_up(client, handle=None, email=None)

    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json()["number"], second.json()["number"]) == (10_001, 10_002)
    assert first.json() == {
        "number": 10_001,
        "nickname": "Alice",
        "handle": "alice",
        "email": "alice@hutong.example",
        "avatar": None,
        "birth_year": None,
        "city": None,
        "interests": [],
        "about": "",
        "visibility": {"birth_year": "groups", "city": "everyone", "interests": "everyone", "about": "everyone"},
        "reach": "everyone",
        "second_factor": False,
        "passkeys": 0,
        "has_password": True,
        "kind": "person",
        "state": "active",
        "created_at": "2026-11-23T06:00:00.000Z",
    }


async def test_a_nickname_and_a_password_are_enough(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/accounts", json={"nickname": " 爱丽丝\u202e ", "password": PASSWORD})

    assert answer.status_code == 201
    assert (answer.json()["nickname"], answer.json()["handle"], answer.json()["email"]) == ("爱丽丝", None, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"nickname": ""}, "hutong.invalid"),
        ({"nickname": " \u200f\t "}, "identity.bad_nickname"),
        ({"nickname": "x" * 41}, "identity.bad_nickname"),
        ({"nickname": "x" * 10_000}, "hutong.invalid"),
        ({"nickname": 5}, "hutong.invalid"),
        ({"nickname": None}, "hutong.invalid"),
        ({"password": "1234567"}, "identity.bad_password"),
        ({"password": "x" * 201}, "identity.bad_password"),
        ({"password": ["seven", "green"]}, "hutong.invalid"),
        ({"handle": "a"}, "identity.bad_handle"),
        ({"handle": "10002"}, "identity.bad_handle"),
        ({"handle": "ali ce"}, "identity.bad_handle"),
        ({"handle": "ali\x00ce"}, "identity.bad_handle"),
        ({"handle": "x" * 10_000}, "hutong.invalid"),
        ({"email": "alice"}, "identity.bad_email"),
        ({"email": "alice@hutong"}, "identity.bad_email"),
        ({"email": "alice@" + "x" * 280 + ".example"}, "identity.bad_email"),
        ({"reason": "x" * 10_000}, "hutong.invalid"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(
    client: httpx.AsyncClient, house: House, fields: dict[str, object], code: str
) -> None:
    answer = await sign_up(client, **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    async with house.database.transaction() as session:
        assert list(await session.scalars(select(AccountRow))) == []


async def test_a_reserved_handle_is_refused(client: httpx.AsyncClient) -> None:
    answer = await sign_up(client, handle="@Admin")

    assert (answer.status_code, answer.json()["code"]) == (409, "identity.handle_reserved")
    assert answer.json()["params"] == {"handle": "admin"}


@pytest.mark.parametrize(("field", "taken"), [("handle", "ALICE"), ("email", "Alice@Hutong.Example")])
async def test_what_is_taken_is_refused_in_any_spelling(client: httpx.AsyncClient, field: str, taken: str) -> None:
    other = {"handle": "bob", "email": "bob@hutong.example"}
    await sign_up(client)

    refused = await sign_up(client, **{**other, field: taken})
    accepted = await sign_up(client, **other)

    assert (refused.status_code, refused.json()["code"]) == (409, f"identity.{field}_taken")
    assert accepted.status_code == 201


async def test_signing_up_is_announced_with_the_account(client: httpx.AsyncClient, house: House) -> None:
    await sign_up(client)
    await sign_up(client)  # Refused: the handle is taken.

    async with house.database.transaction() as session:
        [entry] = await session.scalars(select(OutboxEntry))
    assert entry.topic == "identity.AccountSignedUp"
    assert entry.payload == {"number": 10_001, "nickname": "Alice", "state": "active"}


async def test_where_the_operator_approves_an_account_waits(house: House) -> None:
    async with visitor(with_settings(house, sign_up="approval")) as client:
        account = await sign_up(client, reason="I read the column.")
        refused = await client.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD})
        mistyped = await client.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD + "!"})

    assert (account.status_code, account.json()["state"]) == (201, "waiting")
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.waiting_for_approval")
    assert (mistyped.status_code, mistyped.json()["code"]) == (401, "identity.sign_in_refused")


async def invite(house: House, code: str, *, uses: int, hours: int | None = None) -> None:
    expires_at = house.clock() + timedelta(hours=hours) if hours is not None else None
    async with house.database.transaction() as session:
        session.add(InvitationRow(code=code, uses_left=uses, expires_at=expires_at))


async def test_where_people_are_invited_a_code_opens_the_door_as_often_as_it_says(
    invited_only: httpx.AsyncClient, house: House
) -> None:
    await invite(house, "abc234", uses=1)

    without = await sign_up(invited_only)
    wrong = await sign_up(invited_only, invitation="abc235")
    right = await sign_up(invited_only, invitation=" ABC234 ")
    again = await sign_up(invited_only, invitation="abc234", handle="bob", email=None)

    assert [answer.status_code for answer in (without, wrong, right, again)] == [403, 403, 201, 403]
    assert again.json()["code"] == "identity.invitation_needed"


async def test_an_invitation_ends_when_it_says(invited_only: httpx.AsyncClient, house: House, clock: HandClock) -> None:
    await invite(house, "abc234", uses=2, hours=1)

    clock.advance(minutes=59)
    in_time = await sign_up(invited_only, invitation="abc234")
    clock.advance(minutes=1)
    too_late = await sign_up(invited_only, invitation="abc234", handle="bob", email=None)

    assert (in_time.status_code, too_late.status_code) == (201, 403)


async def test_a_refused_sign_up_uses_no_invitation(invited_only: httpx.AsyncClient, house: House) -> None:
    await invite(house, "abc234", uses=1)

    refused = await sign_up(invited_only, invitation="abc234", handle="admin")
    accepted = await sign_up(invited_only, invitation="abc234")

    assert (refused.status_code, accepted.status_code) == (409, 201)


async def test_one_network_makes_only_so_many_accounts_an_hour(house: House, clock: HandClock) -> None:
    limits = msgspec.structs.replace(house.settings.limits, sign_up_per_network_hour_max=1)

    async with visitor(with_settings(house, limits=limits)) as client:

        async def sign_up_from(address: str, number: int) -> httpx.Response:
            client.headers["x-forwarded-for"] = address
            return await sign_up(client, handle=f"alice{number}", email=None)

        first = await sign_up_from("2001:db8::1", 1)
        same_network = await sign_up_from("2001:db8::2", 2)
        other_network = await sign_up_from("2001:db8:0:1::1", 3)
        clock.advance(hours=1)
        later = await sign_up_from("2001:db8::2", 4)

    assert [answer.status_code for answer in (first, same_network, other_network, later)] == [201, 429, 201, 201]
    assert same_network.headers["retry-after"] == "3600"


@given(st.text(max_size=60))
def test_a_nickname_is_one_clean_line_or_refused(nickname: str) -> None:
    settings = Settings(data=Path())
    try:
        kept = check_nickname(nickname, settings.limits)
    except BadNickname:
        return
    assert 1 <= len(kept) <= settings.limits.name_chars_max
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in kept)
    assert check_nickname(kept, settings.limits) == kept


@given(st.emails() | st.text(max_size=60))
def test_an_email_address_is_kept_in_one_spelling_or_refused(email: str) -> None:
    try:
        kept = check_email(email)
    except BadEmail:
        return
    assert kept.count("@") == 1
    assert check_email(kept) == kept
    assert check_email(f" {email} ") == kept
