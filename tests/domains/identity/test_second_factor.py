"""The second factor: switched on by a code, asked for at the door, each code good once."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.api import House
from hutong.domains import identity
from hutong.domains.identity.second_factor import hash_recovery_code, is_totp, new_recovery_codes, qr_svg, step_of
from hutong.infra.db import Database
from tests.cast import PASSWORD, Cast
from tests.conftest import HandClock

WRONG = "000000"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


@pytest.fixture
async def secret(cast: Cast) -> str:
    """What Alice's phone has read; nothing is switched on yet."""
    answer = await cast.alice.http.post("accounts/me/second-factor", json={"password": PASSWORD})
    assert answer.status_code == 201
    return str(answer.json()["secret"])


@pytest.fixture
async def recovery_codes(cast: Cast, secret: str, clock: HandClock) -> list[str]:
    """The second factor is on; half a minute later."""
    answer = await cast.alice.http.put("accounts/me/second-factor", json={"code": code_of(secret, clock())})
    assert answer.status_code == 200
    clock.advance(seconds=30)
    return list(answer.json()["recovery_codes"])


async def sign_in(client: httpx.AsyncClient, code: str | None = None, password: str = PASSWORD) -> str:
    body = {"login": "alice", "password": password} | ({"code": code} if code is not None else {})
    client.cookies.clear()
    answer = await client.post("/api/v1/sessions", json=body)
    assert ("set-cookie" in answer.headers) is (answer.status_code == 201)
    return str(answer.json().get("code", answer.status_code))


async def test_the_phone_reads_the_secret_from_a_picture(cast: Cast) -> None:
    prepared = (await cast.alice.http.post("accounts/me/second-factor", json={"password": PASSWORD})).json()

    read = pyotp.parse_uri(prepared["uri"])
    assert (read.secret, read.name, read.issuer) == (prepared["secret"], "alice", "hutong")
    assert prepared["qr_svg"].startswith("<svg")
    assert "<script" not in prepared["qr_svg"]


async def test_nothing_is_on_before_a_code_has_shown_that_it_works(
    cast: Cast, secret: str, client: httpx.AsyncClient, clock: HandClock
) -> None:
    wrong = await cast.alice.http.put("accounts/me/second-factor", json={"code": WRONG})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "identity.second_factor_wrong")
    assert (await cast.alice.http.get("accounts/me")).json()["second_factor"] is False
    assert await sign_in(client) == "201"

    right = await cast.alice.http.put("accounts/me/second-factor", json={"code": code_of(secret, clock())})
    assert right.status_code == 200
    assert len(set(right.json()["recovery_codes"])) == 10
    assert (await cast.alice.http.get("accounts/me")).json()["second_factor"] is True
    assert await sign_in(client) == "identity.second_factor_needed"


async def test_a_code_comes_in_once_and_the_next_one_again(
    cast: Cast, secret: str, recovery_codes: list[str], client: httpx.AsyncClient, clock: HandClock
) -> None:
    code = code_of(secret, clock())

    assert await sign_in(client, WRONG) == "identity.second_factor_wrong"
    assert await sign_in(client, f"{code[:3]} {code[3:]}") == "201"
    assert await sign_in(client, code) == "identity.second_factor_wrong"
    clock.advance(seconds=30)
    assert await sign_in(client, code) == "identity.second_factor_wrong"
    assert await sign_in(client, code_of(secret, clock())) == "201"


async def test_the_code_that_switched_it_on_is_used_up(
    cast: Cast, secret: str, client: httpx.AsyncClient, clock: HandClock
) -> None:
    code = code_of(secret, clock())
    assert (await cast.alice.http.put("accounts/me/second-factor", json={"code": code})).status_code == 200

    assert await sign_in(client, code) == "identity.second_factor_wrong"


async def test_a_wrong_password_tells_nothing_of_the_second_factor(
    cast: Cast, secret: str, recovery_codes: list[str], client: httpx.AsyncClient, clock: HandClock
) -> None:
    assert await sign_in(client, password="wrong password") == "identity.sign_in_refused"
    assert await sign_in(client, code_of(secret, clock()), "wrong password") == "identity.sign_in_refused"
    assert await sign_in(client, code_of(secret, clock())) == "201"


async def test_a_recovery_code_comes_in_once_in_any_spelling(
    cast: Cast, recovery_codes: list[str], client: httpx.AsyncClient
) -> None:
    first, second, *_ = recovery_codes

    assert await sign_in(client, first) == "201"
    assert await sign_in(client, first) == "identity.second_factor_wrong"
    assert await sign_in(client, f" {second.upper().replace('-', ' ')} ") == "201"
    assert await sign_in(client, "22222-22222") == "identity.second_factor_wrong"


async def test_of_two_who_use_one_code_at_once_one_comes_in(
    cast: Cast, secret: str, recovery_codes: list[str], database: Database, house: House, clock: HandClock
) -> None:
    async def come_in(code: str) -> bool:
        draft = identity.SignInDraft(login="alice", password=PASSWORD, code=code)
        try:
            async with database.transaction() as session:
                await identity.sign_in(database, session, draft, settings=house.settings, clock=clock)
        except identity.SecondFactorWrong:
            return False
        return True

    for code in (code_of(secret, clock()), recovery_codes[0]):
        assert sorted(await asyncio.gather(*(come_in(code) for _ in range(4)))) == [False] * 3 + [True]


async def test_guessing_codes_ends_for_the_day(
    cast: Cast, secret: str, recovery_codes: list[str], client: httpx.AsyncClient, house: House, clock: HandClock
) -> None:
    per_minute = house.settings.limits.sign_in_per_login_minute_max
    tries = house.settings.limits.second_factor_tries_per_day_max
    for number in range(tries):
        if number % per_minute == 0:
            clock.advance(minutes=1)
        assert await sign_in(client, WRONG) == "identity.second_factor_wrong"

    clock.advance(minutes=1)
    assert await sign_in(client, code_of(secret, clock())) == "hutong.too_many"
    clock.advance(days=1)
    assert await sign_in(client, code_of(secret, clock())) == "201"


async def test_guessing_the_code_of_a_prepared_one_ends_for_the_day(
    cast: Cast, secret: str, house: House, clock: HandClock
) -> None:
    async def switch_on(code: str) -> int:
        return (await cast.alice.http.put("accounts/me/second-factor", json={"code": code})).status_code

    tries = house.settings.limits.second_factor_tries_per_day_max
    assert {await switch_on(WRONG) for _ in range(tries)} == {401}
    assert await switch_on(code_of(secret, clock())) == 429
    clock.advance(days=1)
    assert await switch_on(code_of(secret, clock())) == 200


async def test_the_password_switches_it_off(cast: Cast, recovery_codes: list[str], client: httpx.AsyncClient) -> None:
    refused = await cast.alice.http.request("DELETE", "accounts/me/second-factor", json={"password": "wrong password"})
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.wrong_password")
    assert await sign_in(client) == "identity.second_factor_needed"

    accepted = await cast.alice.http.request("DELETE", "accounts/me/second-factor", json={"password": PASSWORD})

    assert accepted.status_code == 204
    assert await sign_in(client) == "201"


@pytest.mark.parametrize("password", ["wrong password", ""])
async def test_nobody_prepares_one_without_the_password(cast: Cast, password: str) -> None:
    answer = await cast.alice.http.post("accounts/me/second-factor", json={"password": password})

    assert (answer.status_code, answer.json()["code"]) == (403, "identity.wrong_password")


async def test_it_is_switched_on_once_and_not_without_a_secret(
    cast: Cast, secret: str, recovery_codes: list[str], clock: HandClock
) -> None:
    again = await cast.alice.http.post("accounts/me/second-factor", json={"password": PASSWORD})
    confirmed = await cast.alice.http.put("accounts/me/second-factor", json={"code": code_of(secret, clock())})
    without = await cast.bob.http.put("accounts/me/second-factor", json={"code": WRONG})

    assert [answer.status_code for answer in (again, confirmed, without)] == [409, 409, 409]
    assert again.json()["code"] == confirmed.json()["code"] == "identity.second_factor_is_on"
    assert without.json()["code"] == "identity.second_factor_not_prepared"


async def test_the_operator_switches_it_off_for_whoever_has_lost_the_phone(
    cast: Cast, recovery_codes: list[str], client: httpx.AsyncClient, house: House
) -> None:
    async with house.database.transaction() as session:
        await identity.drop_second_factor(session, cast.alice.number, password=None)

    assert await sign_in(client) == "201"
    assert (await cast.alice.http.get("accounts/me")).json()["second_factor"] is False


@given(st.integers(1_600_000_000, 4_000_000_000), st.integers(-1, 1))
def test_clocks_may_be_half_a_minute_off(second: int, steps: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    code = code_of(SECRET, moment + timedelta(seconds=30 * steps))

    step = step_of(SECRET, code, moment, after=0)

    assert step is not None
    assert step_of(SECRET, code, moment, after=step) is None


@given(st.text(max_size=30))
def test_any_text_is_a_wrong_code_and_no_mistake(text: str) -> None:
    found = step_of(SECRET, text, datetime(2026, 11, 23, 6, tzinfo=UTC), after=0)

    assert found is None or is_totp(text)
    assert len(hash_recovery_code(10_001, text)) == 32


def test_recovery_codes_do_not_look_like_codes_of_the_phone() -> None:
    codes = new_recovery_codes()

    assert not any(is_totp(code) for code in codes)
    assert len({hash_recovery_code(10_001, code) for code in codes} | {hash_recovery_code(10_002, codes[0])}) == 11


def test_a_picture_is_made_of_any_address() -> None:
    assert qr_svg(f"otpauth://totp/二街读书会:alice?secret={SECRET}").startswith("<svg")
