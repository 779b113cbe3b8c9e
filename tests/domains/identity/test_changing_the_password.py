"""Changing the password: for whoever knows it, and for the operator."""

import httpx
import pytest

from hutong.api import House
from hutong.domains import identity
from tests.cast import PASSWORD, Cast
from tests.conftest import HandClock

NEW = "nine paper boats"


async def sign_in(client: httpx.AsyncClient, password: str) -> int:
    client.cookies.clear()
    return (await client.post("/api/v1/sessions", json={"login": "alice", "password": password})).status_code


async def change(cast: Cast, old: str, new: str) -> httpx.Response:
    return await cast.alice.http.put("accounts/me/password", json={"old": old, "new": new})


async def test_the_new_password_is_good_the_old_one_is_not_and_others_are_signed_out(
    cast: Cast, client: httpx.AsyncClient
) -> None:
    assert await sign_in(client, PASSWORD) == 201

    assert (await change(cast, PASSWORD, NEW)).status_code == 204

    assert (await client.get("/api/v1/accounts/me")).status_code == 401
    assert (await cast.alice.http.get("accounts/me")).status_code == 200
    assert (await sign_in(client, PASSWORD), await sign_in(client, NEW)) == (401, 201)


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        (PASSWORD + "!", NEW, 403, "identity.wrong_password"),
        ("", NEW, 403, "identity.wrong_password"),
        (PASSWORD, "1234567", 400, "identity.bad_password"),
        (PASSWORD, "x" * 201, 400, "identity.bad_password"),
        (PASSWORD, "x" * 10_000, 400, "hutong.invalid"),
    ],
)
async def test_a_refused_change_changes_nothing(
    cast: Cast, client: httpx.AsyncClient, old: str, new: str, status: int, code: str
) -> None:
    assert await sign_in(client, PASSWORD) == 201

    refused = await change(cast, old, new)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await client.get("/api/v1/accounts/me")).status_code == 200
    assert await sign_in(client, PASSWORD) == 201


async def test_guessing_the_present_password_ends_after_ten_tries(cast: Cast, clock: HandClock) -> None:
    answers = [(await change(cast, f"wrong {number}", NEW)).status_code for number in range(10)]
    refused = await change(cast, PASSWORD, NEW)
    clock.advance(minutes=1)
    later = await change(cast, PASSWORD, NEW)

    assert answers == [403] * 10
    assert (refused.status_code, later.status_code) == (429, 204)


async def test_the_operator_sets_a_password_and_every_device_is_signed_out(
    cast: Cast, house: House, client: httpx.AsyncClient
) -> None:
    async with house.database.transaction() as session:
        await identity.set_password(session, cast.alice.number, NEW, settings=house.settings)

    assert (await cast.alice.http.get("accounts/me")).status_code == 401
    assert (await cast.bob.http.get("accounts/me")).status_code == 200
    assert await sign_in(client, NEW) == 201
