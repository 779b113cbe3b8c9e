"""Signing in: by number, handle or e-mail; one answer for every wrong pair; off the event loop."""

import asyncio
import time
from dataclasses import replace
from typing import Literal

import httpx
import msgspec
import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlalchemy import select, update

from hutong.api import House, create_app
from hutong.domains import identity
from hutong.domains.identity import passwords
from hutong.domains.identity.models import AccountRow, EmailRow, SessionRow
from hutong.infra.db import Database
from hutong.kit.ids import hash_token
from tests.cast import PASSWORD, Cast, visitor
from tests.conftest import HandClock


async def sign_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/sessions", json={"login": login, "password": password})


@pytest.fixture
async def alice_by_email(cast: Cast, database: Database) -> Cast:
    async with database.transaction() as session:
        session.add(EmailRow(email="alice@hutong.example", number=cast.alice.number))
    return cast


@pytest.mark.parametrize(
    "login", ["10001", "alice", "@Alice", " ALICE ", "alice@hutong.example", "Alice@HUTONG.example"]
)
async def test_number_handle_and_email_all_lead_to_the_account(
    alice_by_email: Cast, client: httpx.AsyncClient, login: str
) -> None:
    answer = await sign_in(client, login)

    assert answer.status_code == 201
    assert answer.json()["account"]["number"] == alice_by_email.alice.number
    token = answer.json()["token"]
    client.cookies.clear()
    me = await client.get("/api/v1/accounts/me", headers={"authorization": f"Bearer {token}"})
    assert (me.status_code, me.json()["nickname"]) == (200, "Alice")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice", PASSWORD.upper()),
        ("alice", PASSWORD + " "),
        ("alice", ""),
        ("alice_", PASSWORD),
        ("10099", PASSWORD),
        ("0", PASSWORD),
        ("-10001", PASSWORD),
        ("１０００１", PASSWORD),
        ("9007199254740993", PASSWORD),
        ("99999999999999999999", PASSWORD),
        ("@", PASSWORD),
        ("nobody@hutong.example", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ],
)
async def test_a_wrong_login_and_a_wrong_password_get_the_same_answer(
    alice_by_email: Cast, client: httpx.AsyncClient, login: str, password: str
) -> None:
    answer = await sign_in(client, login, password)

    assert answer.status_code == 401
    assert answer.json()["code"] == "identity.sign_in_refused"
    assert answer.json()["params"] == {}
    assert "set-cookie" not in answer.headers


async def test_a_browser_gets_a_secret_cookie_and_one_for_its_scripts(cast: Cast, client: httpx.AsyncClient) -> None:
    answer = await sign_in(client, "alice")

    secret, readable = answer.headers.get_list("set-cookie")
    assert secret.startswith("hutong_session=10001.")
    assert "HttpOnly" in secret
    assert "SameSite=lax" in secret
    assert "Secure" not in secret
    assert readable.startswith("hutong_csrf=")
    assert "HttpOnly" not in readable
    assert (await client.get("/api/v1/accounts/me")).json()["number"] == cast.alice.number


async def test_over_tls_the_cookies_stay_with_tls(cast: Cast, house: House) -> None:
    settings = msgspec.structs.replace(house.settings, public_url="https://hutong.test")
    app = create_app(replace(house, settings=settings))

    async with visitor(app) as client:
        answer = await sign_in(client, "alice")

    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_only_hashes_of_tokens_and_passwords_are_kept(
    cast: Cast, client: httpx.AsyncClient, database: Database
) -> None:
    token = (await sign_in(client, "alice")).json()["token"]

    async with database.transaction() as session:
        kept = list(await session.scalars(select(SessionRow.token_hash).where(SessionRow.number == cast.alice.number)))
        password_hash = await session.scalar(select(AccountRow.password_hash).limit(1))
    assert hash_token(token) in kept
    assert hash_token(cast.alice.token) in kept
    assert password_hash is not None
    assert password_hash.startswith("$argon2id$")


async def test_a_placeholder_cannot_sign_in(cast: Cast, client: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as session:
        number = await identity.create_placeholder(session, "someone from IRC")

    for password in ("", "x" * 8, PASSWORD):
        answer = await sign_in(client, str(number), password)
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.sign_in_refused")


async def test_ten_tries_a_minute_for_one_login_then_the_next_minute(
    cast: Cast, client: httpx.AsyncClient, house: House, clock: HandClock
) -> None:
    tries = house.settings.limits.sign_in_per_login_minute_max
    answers = [await sign_in(client, "alice", "wrong password") for _ in range(tries)]
    right_but_late = await sign_in(client, " Alice")
    somebody_else = await sign_in(client, "bob")
    clock.advance(minutes=1)
    next_minute = await sign_in(client, "alice")

    assert {answer.status_code for answer in answers} == {401}
    assert (right_but_late.status_code, right_but_late.json()["code"]) == (429, "hutong.too_many")
    assert right_but_late.headers["retry-after"] == str(right_but_late.json()["params"]["retry_after_s"])
    assert (somebody_else.status_code, next_minute.status_code) == (201, 201)


async def test_a_password_changed_while_it_is_checked_lets_nobody_in(
    cast: Cast, house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = passwords.password_fits

    async def change_meanwhile(password_hash: str | None, password: str) -> bool:
        async with database.transaction() as changing:
            await changing.execute(update(AccountRow).values(password_hash="$argon2id$new"))
        return await fits(password_hash, password)

    monkeypatch.setattr("hutong.domains.identity.actions.sessions.password_fits", change_meanwhile)
    with pytest.raises(identity.SignInRefused):
        async with database.transaction() as session:
            await identity.sign_in(
                database, session, identity.SignInDraft(login="alice", password=PASSWORD), settings=house.settings
            )


async def test_a_hash_of_an_older_cost_is_made_anew(
    cast: Cast, client: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hutong.domains.identity.actions.sessions.needs_rehash", lambda password_hash: True)
    async with database.transaction() as session:
        before = await session.scalar(select(AccountRow.password_hash).where(AccountRow.number == cast.alice.number))

    first, second = await sign_in(client, "alice"), await sign_in(client, "alice")

    async with database.transaction() as session:
        after = await session.scalar(select(AccountRow.password_hash).where(AccountRow.number == cast.alice.number))
    assert (first.status_code, second.status_code) == (201, 201)
    assert after != before


async def test_an_unknown_login_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[Parameters] = []

    class Watching(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's own name for it
            verified.append(extract_parameters(str(hash)))
            return super().verify(hash, password)

    stored = await passwords.hash_password(PASSWORD)
    cost = extract_parameters(stored)
    monkeypatch.setattr(passwords, "_hasher", Watching(cost.time_cost, cost.memory_cost, cost.parallelism))

    assert not await passwords.password_fits(stored, "wrong password")
    assert not await passwords.password_fits(None, PASSWORD)
    assert verified == [cost, cost]


async def test_hashing_leaves_the_event_loop_free() -> None:
    async def longest_wait() -> float:
        longest = 0.0
        while not done.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - began)
        return longest

    done = asyncio.Event()
    watching = asyncio.create_task(longest_wait())
    began = time.perf_counter()
    await asyncio.gather(*(passwords.hash_password(PASSWORD) for _ in range(6)))
    took = time.perf_counter() - began
    done.set()
    assert await watching < took / 2


async def test_a_flood_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAITING_MAX", 2)

    answers = await asyncio.gather(*(passwords.hash_password(PASSWORD) for _ in range(3)), return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["str", "str", "SignInBusy"]
    assert await passwords.password_fits(str(answers[0]), PASSWORD)
