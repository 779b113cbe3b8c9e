"""``hutong admin``: what an operator does with accounts, beside a server that runs."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import msgspec
import pytest

from hutong.api import House, create_app
from hutong.cli import app as command_line
from hutong.infra.bus import Bus
from hutong.kit.errors import HutongError
from hutong.settings import Settings
from tests.cast import PASSWORD, Cast, visitor

Run = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``hutong admin …`` on the test's own database and returns the lines that it prints."""
    monkeypatch.setenv("HUTONG_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("HUTONG_NATS_URL", settings.nats_url)
    monkeypatch.setenv("HUTONG_DATA", str(settings.data))

    async def admin(*words: str) -> list[str]:
        capsys.readouterr()
        await asyncio.to_thread(command_line, ["admin", *words], exit_on_error=False, result_action="return_value")
        return capsys.readouterr().out.splitlines()

    return admin


def gated(house: House, gate: str) -> httpx.AsyncClient:
    return visitor(create_app(replace(house, settings=msgspec.structs.replace(house.settings, sign_up=gate))))


async def test_an_invitation_is_printed_alone_and_opens_the_door(run: Run, house: House) -> None:
    [code] = await run("invite", "--uses", "1", "--note", "for Eve")

    async with gated(house, "invitation") as client:
        draft = {"nickname": "Eve", "password": PASSWORD, "invitation": code}
        statuses = [(await client.post("/api/v1/accounts", json=draft)).status_code for _ in range(2)]
    assert statuses == [201, 403]


@pytest.mark.parametrize("words", [("--uses", "0"), ("--hours", "0"), ("--hours", "-1")])
async def test_an_invitation_for_nobody_is_not_made(run: Run, words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        await run("invite", *words)
    assert stopped.value.code == 1


async def test_those_who_wait_are_listed_approved_and_refused(run: Run, house: House) -> None:
    assert await run("waiting") == ["Nobody is waiting."]
    async with gated(house, "approval") as client:
        for draft in (
            {"nickname": "Eve", "handle": "eve", "reason": "I read\nthe column."},
            {"nickname": "Fan"},
        ):
            await client.post("/api/v1/accounts", json={**draft, "password": PASSWORD})

        listed = await run("waiting")
        approved, refused = await run("approve", "10001"), await run("refuse", "10002")

        codes = [
            (await client.post("/api/v1/sessions", json={"login": login, "password": PASSWORD})).json().get("code")
            for login in ("10001", "10002")
        ]
    assert listed == [
        "10001  2026-11-23T06:00:00.000Z  Eve  (@eve)",
        "        I read",
        "        the column.",
        "10002  2026-11-23T06:00:00.000Z  Fan",
    ]
    assert (approved, refused) == (["10001 may sign in now"], ["10002 is turned away"])
    assert codes == [None, "identity.sign_up_refused"]


async def test_all_are_decided_on_or_none(run: Run, house: House) -> None:
    async with gated(house, "approval") as client:
        await client.post("/api/v1/accounts", json={"nickname": "Eve", "password": PASSWORD})

    with pytest.raises(HutongError, match="no such account"):
        await run("approve", "10001", "99999")

    assert (await run("waiting"))[0].startswith("10001")


async def test_a_new_password_is_printed_and_the_running_server_hears_of_it(
    run: Run, cast: Cast, bus: Bus, client: httpx.AsyncClient
) -> None:
    heard: asyncio.Queue[tuple[str, object]] = asyncio.Queue()

    async def hear(subject: str, payload: bytes) -> None:
        await heard.put((subject, json.loads(payload)))

    await bus.listen("account.*", hear)
    await bus.flush()

    [sentence] = await run("password", str(cast.alice.number))

    subject, news = await asyncio.wait_for(heard.get(), 5)
    assert (subject, news) == (f"account.{cast.alice.number}", {"on": "revoked", "session": 1})
    assert (await cast.alice.http.get("accounts/me")).status_code == 401
    login = {"login": "alice", "password": sentence.rpartition(" ")[2]}
    assert (await client.post("/api/v1/sessions", json=login)).status_code == 201


async def test_there_is_no_password_for_nobody(run: Run) -> None:
    with pytest.raises(HutongError, match="no such account"):
        await run("password", "99999")


async def test_an_app_is_reviewed_and_suspended(run: Run, cast: Cast) -> None:
    made = (await cast.alice.http.post("apps", json={"name": "Library card"})).json()
    assert made["state"] == "sandbox"
    for state in ("reviewed", "suspended"):
        assert await run("app", str(made["app"]), state) == [f"The app {made['app']} is {state} now"]
        assert (await cast.alice.http.get(f"apps/{made['app']}")).json()["state"] == state
