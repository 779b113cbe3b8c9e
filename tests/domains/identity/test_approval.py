"""Where the operator approves: who waits, who is let in, who is turned away."""

from dataclasses import replace

import httpx
import msgspec
import pytest
from sqlalchemy import select

from hutong.api import House, create_app
from hutong.domains import identity
from hutong.infra.outbox import OutboxEntry
from tests.cast import PASSWORD, visitor


@pytest.fixture
async def waiting(house: House) -> list[int]:
    """Eve and Fan have asked; Eve first."""
    settings = msgspec.structs.replace(house.settings, sign_up="approval")
    async with visitor(create_app(replace(house, settings=settings))) as client:
        drafts: list[dict[str, str]] = [
            {"nickname": "Eve", "handle": "eve", "email": "eve@hutong.example", "reason": "I read the column."},
            {"nickname": "Fan"},
        ]
        return [
            (await client.post("/api/v1/accounts", json={**draft, "password": PASSWORD})).json()["number"]
            for draft in drafts
        ]


async def sign_in(client: httpx.AsyncClient, number: int) -> str:
    answer = await client.post("/api/v1/sessions", json={"login": str(number), "password": PASSWORD})
    return str(answer.json().get("code", answer.status_code))


async def test_those_who_wait_are_listed_with_their_reason(house: House, waiting: list[int]) -> None:
    async with house.database.transaction() as session:
        eve, fan = await identity.list_waiting(session)

    assert [eve.number, fan.number] == waiting
    assert (eve.nickname, eve.handle, eve.reason) == ("Eve", "eve", "I read the column.")


async def test_whoever_is_approved_comes_in(house: House, waiting: list[int], client: httpx.AsyncClient) -> None:
    eve, fan = waiting
    async with house.database.transaction() as session:
        await identity.approve(session, eve)

    assert (await sign_in(client, eve), await sign_in(client, fan)) == ("201", "identity.waiting_for_approval")
    async with house.database.transaction() as session:
        assert [one.number for one in await identity.list_waiting(session)] == [fan]
        topics = list(await session.scalars(select(OutboxEntry.topic).order_by(OutboxEntry.id)))
    assert topics[-1] == "identity.AccountApproved"


async def test_whoever_is_refused_stays_out_and_gives_the_names_back(
    house: House, waiting: list[int], client: httpx.AsyncClient
) -> None:
    async with house.database.transaction() as session:
        await identity.refuse(session, waiting[0])

    assert await sign_in(client, waiting[0]) == "identity.sign_up_refused"
    again = {"nickname": "Evelyn", "handle": "eve", "email": "eve@hutong.example", "password": PASSWORD}
    assert (await client.post("/api/v1/accounts", json=again)).status_code == 201


async def test_nobody_is_decided_on_twice(house: House, waiting: list[int]) -> None:
    async with house.database.transaction() as session:
        await identity.refuse(session, waiting[0])

    for decide in (identity.approve, identity.refuse):
        with pytest.raises(identity.NotWaiting):
            async with house.database.transaction() as session:
                await decide(session, waiting[0])
        with pytest.raises(identity.NoSuchAccount):
            async with house.database.transaction() as session:
                await decide(session, 99_999)


async def test_an_invitation_that_the_operator_makes_is_good(house: House) -> None:
    async with house.database.transaction() as session:
        code = await identity.invite(session, uses=1, hours=24, note="for Eve", clock=house.clock)
    settings = msgspec.structs.replace(house.settings, sign_up="invitation")

    async with visitor(create_app(replace(house, settings=settings))) as client:
        draft = {"nickname": "Eve", "password": PASSWORD, "invitation": code}
        statuses = [(await client.post("/api/v1/accounts", json=draft)).status_code for _ in range(2)]

    assert statuses == [201, 403]
