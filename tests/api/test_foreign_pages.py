"""A page of another site changes nothing here, whoever is signed in."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from litestar import Litestar

from tests.cast import PASSWORD, Cast, visitor

OURS = "http://hutong.test"
THEIRS = "http://evil.test"
SIGN_OUT = "/api/v1/sessions/current"


@pytest.fixture
async def browser(app: Litestar, cast: Cast) -> AsyncGenerator[httpx.AsyncClient]:
    """Alice, signed in by cookie."""
    async with visitor(app) as client:
        answer = await client.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD})
        assert answer.status_code == 201
        yield client


async def test_the_cookie_needs_the_header_beside_it(browser: httpx.AsyncClient) -> None:
    without = await browser.delete(SIGN_OUT)
    wrong = await browser.delete(SIGN_OUT, headers={"x-csrf-token": browser.cookies["hutong_csrf"][:-1]})
    not_ascii = await browser.delete(SIGN_OUT, headers={b"x-csrf-token": "é".encode()})
    right = await browser.delete(SIGN_OUT, headers={"x-csrf-token": browser.cookies["hutong_csrf"]})

    refused = [(answer.status_code, answer.json()["code"]) for answer in (without, wrong, not_ascii)]
    assert refused == [(403, "hutong.csrf")] * 3
    assert right.status_code == 204


async def test_a_planted_cookie_is_no_use(browser: httpx.AsyncClient) -> None:
    """What a neighbouring site can plant is a cookie of its own choice; the value is bound to the session instead."""
    planted = {"cookie": f"hutong_session={browser.cookies['hutong_session']}; hutong_csrf=planted"}

    answer = await browser.delete(SIGN_OUT, headers={**planted, "x-csrf-token": "planted"})

    assert (answer.status_code, answer.json()["code"]) == (403, "hutong.csrf")


async def test_reading_by_cookie_needs_no_header(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/api/v1/accounts/me")).status_code == 200


async def test_a_bearer_token_needs_no_header(cast: Cast) -> None:
    assert (await cast.alice.http.delete("sessions/current")).status_code == 204


@pytest.mark.parametrize(("origin", "status"), [(OURS, 204), (THEIRS, 403), ("null", 403)])
async def test_a_foreign_origin_is_refused_even_with_the_header(
    browser: httpx.AsyncClient, origin: str, status: int
) -> None:
    csrf = browser.cookies["hutong_csrf"]

    answer = await browser.delete(SIGN_OUT, headers={"x-csrf-token": csrf, "origin": origin})

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/api/v1/accounts", "/api/v1/sessions"])
async def test_nobody_is_signed_up_or_in_by_a_foreign_page(client: httpx.AsyncClient, cast: Cast, path: str) -> None:
    body = {"nickname": "Eve", "login": "alice", "password": PASSWORD}

    theirs = await client.post(path, json=body, headers={"origin": THEIRS})
    ours = await client.post(path, json=body, headers={"origin": OURS})
    none = await client.post(path, json=body)

    assert (theirs.status_code, theirs.json()["code"]) == (403, "hutong.foreign_origin")
    assert (ours.status_code, none.status_code) == (201, 201)


async def test_a_foreign_page_may_link_to_what_is_read(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz", headers={"origin": THEIRS})).status_code == 200
