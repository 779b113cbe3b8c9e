"""Claiming a placeholder: once, by whoever has the operator's code, and by nobody after them."""

import asyncio

import httpx
import pytest

from hutong.api import House
from hutong.domains import identity
from tests.cast import PASSWORD

ALICE = {"nickname": "Alice", "password": PASSWORD}
EVE = {"nickname": "Eve", "password": "nine paper boats"}


@pytest.fixture
async def codes(house: House) -> list[str]:
    """Two codes for the same placeholder, number 10001: the operator thought that the first one was lost."""
    async with house.database.transaction() as session:
        number = await identity.create_placeholder(session, "someone from IRC")
        return [await identity.offer_placeholder(session, number) for _ in range(2)]


async def test_whoever_has_the_code_becomes_the_placeholder(client: httpx.AsyncClient, codes: list[str]) -> None:
    account = await client.post("/api/v1/accounts", json={**ALICE, "invitation": codes[0]})

    assert (account.status_code, account.json()["number"], account.json()["nickname"]) == (201, 10_001, "Alice")
    login = {"login": "10001", "password": PASSWORD}
    assert (await client.post("/api/v1/sessions", json=login)).status_code == 201


async def test_a_second_code_does_not_take_the_account_over(client: httpx.AsyncClient, codes: list[str]) -> None:
    await client.post("/api/v1/accounts", json={**ALICE, "invitation": codes[0]})

    taken = await client.post("/api/v1/accounts", json={**EVE, "invitation": codes[1]})

    assert (taken.status_code, taken.json()["code"]) == (403, "identity.invitation_needed")
    statuses = [
        (await client.post("/api/v1/sessions", json={"login": "10001", "password": draft["password"]})).status_code
        for draft in (ALICE, EVE)
    ]
    assert statuses == [201, 401]


async def test_of_two_who_claim_at_once_one_gets_it(client: httpx.AsyncClient, codes: list[str]) -> None:
    drafts = ({**ALICE, "invitation": codes[0]}, {**EVE, "invitation": codes[1]})

    answers = await asyncio.gather(*(client.post("/api/v1/accounts", json=draft) for draft in drafts))

    assert sorted(answer.status_code for answer in answers) == [201, 403]


async def test_without_a_code_nobody_becomes_the_placeholder(client: httpx.AsyncClient, codes: list[str]) -> None:
    account = await client.post("/api/v1/accounts", json=ALICE)

    assert account.json()["number"] == 10_002
