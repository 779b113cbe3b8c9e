"""The list of devices, and signing them out."""

import httpx
import pytest
from litestar import Litestar

from hutong.domains.identity.devices import device_name
from tests.cast import PASSWORD, Cast, visitor
from tests.conftest import HandClock

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 Version/18.6 Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0.60",
            "WeChat, Android",
        ),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("hutong-bot (by Bob)", "hutong-bot"),
        ("\u202e\x00", ""),
        ("", ""),
        ("x" * 10_000, "x" * 119 + "…"),
    ],
)
def test_a_device_is_called_by_its_browser_and_system(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


async def test_the_list_shows_every_device_and_which_one_asks(cast: Cast, app: Litestar, clock: HandClock) -> None:
    clock.advance(hours=1)
    headers = {"user-agent": FIREFOX, "x-forwarded-for": "203.0.113.5"}
    async with visitor(app, headers=headers) as browser:
        await browser.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD})
        listed = (await browser.get("/api/v1/sessions")).json()

    newest, first = listed["items"]
    assert listed["next"] is None
    assert (newest["device"], newest["address"], newest["client"]) == ("Firefox, Linux", "203.0.113.5", "web")
    assert (newest["current"], first["current"]) == (True, False)
    assert newest["created_at"] == newest["last_seen_at"] == "2026-11-23T07:00:00.000Z"
    assert "token" not in str(listed)


async def devices(speaker: httpx.AsyncClient) -> list[int]:
    return [item["id"] for item in (await speaker.get("sessions")).json()["items"]]


async def test_a_device_of_mine_is_signed_out_and_one_of_somebody_else_is_not(cast: Cast, app: Litestar) -> None:
    async with visitor(app) as browser:
        await browser.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD})
        lost, here = sorted(await devices(cast.alice.http), reverse=True)

        by_bob = await cast.bob.http.delete(f"sessions/{lost}")
        assert (by_bob.status_code, len(await devices(cast.alice.http))) == (404, 2)
        by_alice = await cast.alice.http.delete(f"sessions/{lost}")
        again = await cast.alice.http.delete(f"sessions/{lost}")

        assert (by_alice.status_code, again.status_code) == (204, 404)
        assert await devices(cast.alice.http) == [here]
        assert (await browser.get("/api/v1/accounts/me")).status_code == 401


async def test_all_others_are_signed_out_at_once(cast: Cast, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await client.post("/api/v1/sessions", json={"login": "alice", "password": PASSWORD})
    assert len(await devices(cast.alice.http)) == 3

    assert (await cast.alice.http.delete("sessions/others")).status_code == 204

    assert len(await devices(cast.alice.http)) == 1
    assert (await client.get("/api/v1/accounts/me")).status_code == 401
    assert len(await devices(cast.bob.http)) == 1
