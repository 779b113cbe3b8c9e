"""Refusals are problem details, whatever was sent; the unexpected tells nothing of the inside."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from hutong.api import House
from tests.cast import Cast

PROBLEM = "application/problem+json"


async def post(client: httpx.AsyncClient, content: bytes, media_type: str = "application/json") -> httpx.Response:
    return await client.post("/api/v1/accounts", content=content, headers={"content-type": media_type})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"5",
        b'"nickname"',
        b"\xff\xfe\x00",
        b'{"nickname":"\\ud800","password":"seven green lanterns"}',
        b'{"nickname":"Alice","password":"seven green lanterns","handle":' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"nickname":"Alice"}',
        b'{"nickname":{"$ne":null},"password":"seven green lanterns"}',
    ],
    ids=range(13),
)
async def test_a_body_that_is_not_what_it_should_be_is_400(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await post(client, content)

    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert (problem["status"], problem["title"], problem["code"]) == (400, "Bad Request", "hutong.invalid")
    assert problem["detail"] == f"This could not be understood: {problem['params']['reason']}"
    assert problem["type"] == "about:blank"


async def test_a_refused_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await post(client, b'{"nickname":["Alice"],"password":"seven green lanterns"}')

    assert answer.json()["params"] == {"reason": "nickname: Expected `str`, got `array`"}


async def test_a_body_that_is_too_large_is_413(client: httpx.AsyncClient, house: House) -> None:
    bytes_max = house.settings.limits.body_bytes_max
    frame = b'{"nickname":"","password":"%s"}'
    fits = frame % (b"x" * (bytes_max - len(frame) + 2))

    assert (await post(client, fits)).status_code == 400
    refused = await post(client, fits + b" ")
    assert (refused.status_code, refused.json()["code"]) == (413, "hutong.too_large")
    assert refused.headers["content-type"] == PROBLEM


async def test_a_body_without_a_length_is_measured_as_it_comes(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000

    refused = await client.post("/api/v1/accounts", content=endless())

    assert (refused.status_code, refused.json()["code"]) == (413, "hutong.too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v1/accounts/me/nothing",
        "/api/v2/site",
        "/api/v1/%ff",
        "/api/x.js",
        "/api/openapi",
        "/api/openapi/openapi.json",
    ],
)
async def test_an_unknown_address_of_the_api_is_404(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "hutong.not_found")
    assert answer.headers["content-type"] == PROBLEM


async def test_a_method_that_an_address_does_not_know_is_405(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/v1/accounts", json={})

    assert (answer.status_code, answer.json()["code"]) == (405, "hutong.method_not_allowed")
    assert answer.json()["params"] == {"method": "PUT"}
    assert "POST" in answer.headers["allow"]


async def test_text_that_no_database_can_hold_is_400(client: httpx.AsyncClient, cast: Cast) -> None:
    body = {"login": "ali\x00ce", "password": "seven green lanterns"}

    answer = await client.post("/api/v1/sessions", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "hutong.invalid")


@pytest.mark.parametrize("path", ["/", "/api/v1/accounts/me", "/api/v1/nothing", "/healthz"])
async def test_every_answer_holds_strangers_off(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    # Mini apps come from anywhere, into a frame that has no origin and no way out.
    assert policy.pop("frame-src") == "'self' https:"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


async def test_answers_of_the_api_are_not_stored(client: httpx.AsyncClient, cast: Cast) -> None:
    assert (await cast.alice.http.get("accounts/me")).headers["cache-control"] == "no-store"
    assert (await client.get("/api/v1/nothing")).headers["cache-control"] == "no-store"
