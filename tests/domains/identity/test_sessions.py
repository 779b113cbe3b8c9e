"""Sessions: found by their token, seen now and then, ended for good, and announced when they end."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import event, select, update

from hutong.domains import identity
from hutong.domains.identity.jobs import sweep_sessions
from hutong.domains.identity.models import AccountRow, SessionRow
from hutong.infra.db import Database
from hutong.kit.errors import NotFound
from tests.cast import PASSWORD, Cast
from tests.conftest import HandClock


async def session_of(database: Database, token: str) -> SessionRow | None:
    async with database.transaction() as session:
        actor = await identity.find_actor(session, token)
        return await session.get(SessionRow, (actor.number, actor.session_id)) if actor is not None else None


async def test_a_token_finds_who_holds_it(cast: Cast, database: Database) -> None:
    async with database.transaction() as session:
        alice = await identity.find_actor(session, cast.alice.token)
        bob = await identity.find_actor(session, cast.bob.token)

    assert alice is not None
    assert bob is not None
    assert (alice.number, alice.nickname) == (cast.alice.number, "Alice")
    assert (bob.number, bob.nickname) == (cast.bob.number, "Bob")
    assert alice.session_id != bob.session_id


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.upper(),
        lambda token: token.replace("10001.", "10002."),
        lambda token: token.replace("10001.", "010001."),
        lambda token: token.replace("10001.", "１０００１."),
        lambda token: token.replace("10001.", "99999999999999999999."),
        lambda token: token.replace("10001.", "-1."),
        lambda token: token.partition(".")[2],
        lambda token: "10001." + "\x00" * 20,
        lambda token: "." * 5_000,
    ],
)
async def test_anything_but_the_token_finds_nobody(cast: Cast, database: Database, change: object) -> None:
    assert callable(change)
    async with database.transaction() as session:
        assert await identity.find_actor(session, change(cast.alice.token)) is None


async def test_whoever_is_no_longer_active_is_nobody(cast: Cast, database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(update(AccountRow).where(AccountRow.number == cast.alice.number).values(state="refused"))
        assert await identity.find_actor(session, cast.alice.token) is None
        assert await identity.find_actor(session, cast.bob.token) is not None


async def test_a_device_is_seen_at_most_once_in_five_minutes(cast: Cast, database: Database, clock: HandClock) -> None:
    written: list[str] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, *rest: written.append(statement),
    )

    async def statements_of_one_look() -> int:
        written.clear()
        async with database.transaction() as session:
            assert await identity.find_actor(session, cast.alice.token, clock=clock) is not None
        return len(written)

    assert await statements_of_one_look() == 1
    clock.advance(minutes=5)
    assert await statements_of_one_look() == 1
    clock.advance(seconds=1)
    assert await statements_of_one_look() == 2
    assert await statements_of_one_look() == 1
    async with database.transaction() as session:
        seen = await session.scalar(select(SessionRow.last_seen_at).where(SessionRow.number == cast.alice.number))
    assert seen == datetime(2026, 11, 23, 6, 5, 1, tzinfo=UTC)


async def test_requests_of_one_device_do_not_wait_for_each_other(
    cast: Cast, database: Database, clock: HandClock
) -> None:
    clock.advance(hours=1)
    async with database.transaction() as first, database.transaction() as second:
        assert await identity.find_actor(first, cast.alice.token, clock=clock) is not None
        # The first has not committed yet: a second that waited for it would wait for ever.
        assert await identity.find_actor(second, cast.alice.token, clock=clock) is not None


async def test_whoever_signs_out_is_out_on_this_device_alone(cast: Cast, client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD})
    csrf = {"x-csrf-token": client.cookies["hutong_csrf"]}
    stolen = dict(client.cookies)

    answer = await client.delete("/api/v1/sessions/current", headers=csrf)

    assert answer.status_code == 204
    assert answer.content == b""
    assert dict(client.cookies) == {}
    client.cookies.update(stolen)
    assert (await client.get("/api/v1/accounts/me")).status_code == 401
    assert (await cast.alice.http.get("accounts/me")).status_code == 200


async def test_a_revoked_session_is_announced_once_it_is_committed(cast: Cast, database: Database) -> None:
    said: list[tuple[str, object]] = []
    database.say = lambda subject, payload: said.append((subject, json.loads(payload)))
    row = await session_of(database, cast.alice.token)
    assert row is not None

    async with database.transaction() as session:
        await identity.revoke_session(session, row.number, row.id)
        assert said == []

    assert said == [(f"account.{cast.alice.number}", {"on": "revoked", "session": row.id})]
    assert await session_of(database, cast.alice.token) is None


async def test_what_is_rolled_back_is_neither_done_nor_announced(cast: Cast, database: Database) -> None:
    said: list[str] = []
    database.say = lambda subject, payload: said.append(subject)
    row = await session_of(database, cast.alice.token)
    assert row is not None

    async def revoke_twice(session_id: int) -> None:
        async with database.transaction() as session:
            await identity.revoke_session(session, cast.alice.number, session_id)
            await identity.revoke_session(session, cast.alice.number, session_id)

    with pytest.raises(NotFound):
        await revoke_twice(row.id)

    assert said == []
    assert await session_of(database, cast.alice.token) is not None


async def test_nobody_ends_the_session_of_somebody_else(cast: Cast, database: Database) -> None:
    row = await session_of(database, cast.alice.token)
    assert row is not None

    with pytest.raises(NotFound):
        async with database.transaction() as session:
            await identity.revoke_session(session, cast.bob.number, row.id)

    assert await session_of(database, cast.alice.token) is not None


async def test_all_other_devices_go_and_this_one_stays(cast: Cast, database: Database) -> None:
    said: list[tuple[str, object]] = []
    database.say = lambda subject, payload: said.append((subject, json.loads(payload)))
    async with database.transaction() as session:
        others = await identity.open_sessions(session, [cast.alice.number] * 2)
    row = await session_of(database, cast.alice.token)
    assert row is not None

    async with database.transaction() as session:
        await identity.revoke_other_sessions(session, cast.alice.number, row.id)

    assert len(said) == 2
    assert {subject for subject, _ in said} == {f"account.{cast.alice.number}"}
    assert await session_of(database, cast.alice.token) is not None
    assert await session_of(database, cast.bob.token) is not None
    assert [await session_of(database, token) for token in others] == [None, None]


async def test_a_device_that_nobody_uses_for_a_year_is_signed_out(
    cast: Cast, database: Database, clock: HandClock
) -> None:
    said: list[tuple[str, object]] = []
    database.say = lambda subject, payload: said.append((subject, json.loads(payload)))
    clock.advance(days=300)
    async with database.transaction() as session:
        assert await identity.find_actor(session, cast.bob.token, clock=clock) is not None
    clock.advance(days=65)
    await sweep_sessions(database, idle_days_max=365, clock=clock)
    assert said == []

    clock.advance(seconds=1)
    await sweep_sessions(database, idle_days_max=365, clock=clock)

    assert await session_of(database, cast.alice.token) is None
    assert await session_of(database, cast.bob.token) is not None
    assert (f"account.{cast.alice.number}", {"on": "revoked", "session": 1}) in said
    assert len(said) == 3
