"""Coming in by a provider elsewhere: another hutong is one, and is asked over real connections."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pyotp
import pytest
from litestar import Litestar

from hutong.api import House, create_app
from hutong.domains import identity
from hutong.infra.db import Database
from hutong.kit.clock import system_clock
from hutong.settings import Settings, SignInProvider
from tests.cast import PASSWORD, Person, people, visitor
from tests.conftest import FreshDatabase, HandClock
from tests.listening import served

HERE = "https://here.test"
CALLBACK = f"{HERE}/api/v1/sessions/outside/lane/callback"


@dataclass(frozen=True)
class Elsewhere:
    """The other hutong, where Bob and Chen are. ``provider`` is how it is set here."""

    issuer: str
    provider: SignInProvider
    bob: Person
    chen: Person

    async def agree(self, person: Person, to: str) -> str:
        """What the person does there; returns where the browser is sent back to."""
        query = urlsplit(to).query
        answer = await person.http.post("oauth/consent", json={"query": query, "allow": True})
        return str(answer.raise_for_status().json()["to"])


@pytest.fixture
async def elsewhere(house: House, fresh_database: FreshDatabase) -> AsyncGenerator[Elsewhere]:
    """Its clock is a real one, because tokens are looked at by a real one."""
    database = Database(await fresh_database())
    there = msgspec.structs.replace(house.settings, name="The other lane", database_url=database.url)
    other = replace(house, settings=there, database=database, clock=system_clock)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        app = create_app(other)
        issuer = await stack.enter_async_context(served(app))
        bob, chen = await people(app, other, stack, ["Bob", "Chen"], handles=["bob", "chen"])
        for person in (bob, chen):
            person.http.base_url = httpx.URL(f"{issuer}/api/v1/")
        made = (await bob.http.post("apps", json={"name": "Here"})).raise_for_status().json()["app"]
        (await bob.http.put(f"apps/{made}/client", json={"redirects": [CALLBACK]})).raise_for_status()
        (await bob.http.put(f"apps/{made}/testers/{chen.number}")).raise_for_status()
        secret = (await bob.http.post(f"apps/{made}/client/secret")).raise_for_status().json()["secret"]
        provider = SignInProvider(
            id="lane", name="The other lane", issuer=issuer, client_id=str(made), secret=secret, private=True
        )
        yield Elsewhere(issuer, provider, bob, chen)


async def open_here(house: House, elsewhere: Elsewhere, **changed: Any) -> Litestar:
    """This hutong, where people come in by the other one."""
    provider = msgspec.structs.replace(elsewhere.provider, **changed.pop("provider", {}))
    settings: Settings = msgspec.structs.replace(house.settings, sign_in_providers=(provider,), **changed)
    return create_app(replace(house, settings=settings))


def browser_at(app: Litestar) -> httpx.AsyncClient:
    return visitor(app, base_url=HERE)


async def prove(browser: httpx.AsyncClient, elsewhere: Elsewhere, person: Person) -> dict[str, str]:
    """Goes there and back; returns what the page is told."""
    begun = await browser.post("/api/v1/sessions/outside/lane", json={"onward": "/chats/80001"})
    back = await elsewhere.agree(person, begun.raise_for_status().json()["to"])
    assert back.startswith(f"{CALLBACK}?")
    answer = await browser.get(back)
    assert answer.status_code == 303
    return page_of(answer.headers["location"])


def page_of(location: str) -> dict[str, str]:
    assert location.startswith("/outside?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def come_in(browser: httpx.AsyncClient, told: dict[str, str], **more: str) -> httpx.Response:
    body = {"provider": told["provider"], "ticket": told["ticket"], **more}
    return await browser.post("/api/v1/sessions/outside", json=body)


async def test_the_first_time_makes_an_account_and_the_next_opens_it(house: House, elsewhere: Elsewhere) -> None:
    app = await open_here(house, elsewhere)
    async with browser_at(app) as browser:
        site = (await browser.get("/api/v1/site")).json()
        assert (site["sign_in"], site["ldap"]) == ([{"id": "lane", "name": "The other lane"}], None)
        told = await prove(browser, elsewhere, elsewhere.bob)
        assert told["next"] == "/chats/80001"
        first = (await come_in(browser, told)).raise_for_status().json()["account"]
        assert (first["nickname"], first["state"], first["has_password"]) == ("Bob", "active", False)
        mine = (await browser.get("/api/v1/accounts/me")).raise_for_status().json()
        assert mine["number"] == first["number"]
        again = await come_in(browser, told)
        assert (again.status_code, again.json()["code"]) == (401, "identity.outside_refused")
    async with browser_at(app) as browser:
        second = (await come_in(browser, await prove(browser, elsewhere, elsewhere.bob))).raise_for_status().json()
        assert second["account"]["number"] == first["number"]
        chen = (await come_in(browser, await prove(browser, elsewhere, elsewhere.chen))).raise_for_status().json()
        assert chen["account"]["number"] != first["number"]


async def test_only_the_browser_that_has_begun_goes_on(house: House, elsewhere: Elsewhere) -> None:
    app = await open_here(house, elsewhere)
    async with browser_at(app) as browser, browser_at(app) as thief:
        begun = (await browser.post("/api/v1/sessions/outside/lane", json={})).json()["to"]
        back = await elsewhere.agree(elsewhere.bob, begun)
        assert page_of((await thief.get(back)).headers["location"])["refused"] == "identity.outside_refused"
        told = page_of((await browser.get(back)).headers["location"])
        await thief.post("/api/v1/sessions/outside/lane", json={})
        assert (await come_in(thief, told)).json()["code"] == "identity.outside_refused"
        assert page_of((await browser.get(back)).headers["location"])["refused"] == "identity.outside_refused"
        assert (await come_in(browser, told)).status_code == 201


async def test_what_comes_back_changed_or_refused_proves_nothing(house: House, elsewhere: Elsewhere) -> None:
    app = await open_here(house, elsewhere)
    async with browser_at(app) as browser:
        for change in ("&iss=https://thief.example", "&error=access_denied", "&code=wrong", "&state=wrong"):
            begun = (await browser.post("/api/v1/sessions/outside/lane", json={})).json()["to"]
            back = await elsewhere.agree(elsewhere.bob, begun)
            name = change[1:].partition("=")[0]
            kept = "&".join(one for one in back.split("?")[1].split("&") if not one.startswith(f"{name}="))
            answer = await browser.get(f"{CALLBACK}?{kept}{change}")
            assert page_of(answer.headers["location"])["refused"] == "identity.outside_refused", change
        nothing = await browser.get(CALLBACK)
        assert page_of(nothing.headers["location"])["refused"] == "identity.outside_refused"
        other = await browser.post("/api/v1/sessions/outside/other", json={})
        assert (other.status_code, other.json()["code"]) == (404, "identity.no_such_provider")
        for onward in ("https://thief.example", "//thief.example", "/\\thief.example", "x"):
            away = await browser.post("/api/v1/sessions/outside/lane", json={"onward": onward})
            assert away.status_code == 400, onward


async def test_the_gate_of_the_site_holds_for_who_comes_from_outside(house: House, elsewhere: Elsewhere) -> None:
    async with house.database.transaction() as session:
        code = await identity.invite(session, clock=house.clock)
    async with browser_at(await open_here(house, elsewhere, sign_up="invitation")) as browser:
        told = await prove(browser, elsewhere, elsewhere.bob)
        for more in ({}, {"invitation": "wrong"}):
            answer = await come_in(browser, told, **more)
            assert (answer.status_code, answer.json()["code"]) == (403, "identity.invitation_needed")
        assert (await come_in(browser, told, invitation=code)).status_code == 201
    async with browser_at(await open_here(house, elsewhere, provider={"sign_up": "closed"})) as browser:
        answer = await come_in(browser, await prove(browser, elsewhere, elsewhere.chen))
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.outside_unknown")


async def test_who_waits_for_approval_comes_in_once_approved(house: House, elsewhere: Elsewhere) -> None:
    async with browser_at(await open_here(house, elsewhere, sign_up="approval")) as browser:
        answer = await come_in(browser, await prove(browser, elsewhere, elsewhere.bob))
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.waiting_for_approval")
        async with house.database.transaction() as session:
            (waiting,) = await identity.list_waiting(session)
            await identity.approve(session, waiting.number)
        answer = await come_in(browser, await prove(browser, elsewhere, elsewhere.bob))
        assert answer.raise_for_status().json()["account"]["number"] == waiting.number


async def signed_in_here(browser: httpx.AsyncClient, nickname: str) -> int:
    made = await browser.post("/api/v1/accounts", json={"nickname": nickname, "password": PASSWORD})
    number = int(made.raise_for_status().json()["number"])
    answer = await browser.post("/api/v1/sessions", json={"login": str(number), "password": PASSWORD})
    answer.raise_for_status()
    browser.headers["x-csrf-token"] = browser.cookies["hutong_csrf"]
    return number


async def test_an_account_elsewhere_is_linked_opens_this_one_and_is_unlinked(
    house: House, elsewhere: Elsewhere
) -> None:
    app = await open_here(house, elsewhere)
    mine = "/api/v1/accounts/me/outside"
    async with browser_at(app) as browser, browser_at(app) as later, browser_at(app) as other:
        number = await signed_in_here(browser, "Bobby")
        assert (await browser.get(mine)).json()["more"] == [{"id": "lane", "name": "The other lane"}]
        told = await prove(browser, elsewhere, elsewhere.bob)
        body = {"provider": "lane", "ticket": told["ticket"]}
        (await browser.post(mine, json=body)).raise_for_status()
        found = (await browser.get(mine)).json()
        assert [(one["provider"], one["label"]) for one in found["items"]] == [("lane", "Bob")]
        assert found["more"] == []
        signed_in = (await come_in(later, await prove(later, elsewhere, elsewhere.bob))).raise_for_status().json()
        assert signed_in["account"]["number"] == number

        await signed_in_here(other, "Another")
        told = await prove(other, elsewhere, elsewhere.bob)
        taken = await other.post(mine, json={"provider": "lane", "ticket": told["ticket"]})
        assert (taken.status_code, taken.json()["code"]) == (409, "identity.outside_taken")
        told = await prove(browser, elsewhere, elsewhere.chen)
        second = await browser.post(mine, json={"provider": "lane", "ticket": told["ticket"]})
        assert (second.status_code, second.json()["code"]) == (409, "identity.outside_linked")

        (await browser.delete(f"{mine}/lane")).raise_for_status()
        assert (await browser.delete(f"{mine}/lane")).status_code == 404
        fresh = (await come_in(later, await prove(later, elsewhere, elsewhere.bob))).raise_for_status().json()
        assert fresh["account"]["number"] != number


async def test_the_last_way_in_is_kept(house: House, elsewhere: Elsewhere) -> None:
    async with browser_at(await open_here(house, elsewhere)) as browser:
        (await come_in(browser, await prove(browser, elsewhere, elsewhere.bob))).raise_for_status()
        browser.headers["x-csrf-token"] = browser.cookies["hutong_csrf"]
        answer = await browser.delete("/api/v1/accounts/me/outside/lane")
        assert (answer.status_code, answer.json()["code"]) == (409, "identity.last_way_in")
        assert len((await browser.get("/api/v1/accounts/me/outside")).json()["items"]) == 1


async def test_the_first_password_is_set_soon_after_signing_in(house: House, elsewhere: Elsewhere) -> None:
    app = await open_here(house, elsewhere)
    here = "/api/v1/accounts/me/password"
    clock = house.clock
    assert isinstance(clock, HandClock)
    async with browser_at(app) as browser:
        signed_in = (await come_in(browser, await prove(browser, elsewhere, elsewhere.bob))).raise_for_status().json()
        browser.headers["x-csrf-token"] = browser.cookies["hutong_csrf"]
        clock.advance(minutes=11)
        late = await browser.put(here, json={"old": "", "new": PASSWORD})
        assert (late.status_code, late.json()["code"]) == (403, "identity.sign_in_again")
        del browser.headers["x-csrf-token"]
        (await come_in(browser, await prove(browser, elsewhere, elsewhere.bob))).raise_for_status()
        browser.headers["x-csrf-token"] = browser.cookies["hutong_csrf"]
        (await browser.put(here, json={"old": "", "new": PASSWORD})).raise_for_status()
        wrong = await browser.put(here, json={"old": "", "new": PASSWORD})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "identity.wrong_password")
        (await browser.delete("/api/v1/accounts/me/outside/lane")).raise_for_status()
        login = {"login": str(signed_in["account"]["number"]), "password": PASSWORD}
        assert (await browser.post("/api/v1/sessions", json=login)).status_code == 201


async def test_the_second_factor_is_asked_for_here_too(house: House, elsewhere: Elsewhere) -> None:
    app = await open_here(house, elsewhere)
    async with browser_at(app) as browser, browser_at(app) as later:
        await signed_in_here(browser, "Bobby")
        told = await prove(browser, elsewhere, elsewhere.bob)
        (
            await browser.post("/api/v1/accounts/me/outside", json={"provider": "lane", "ticket": told["ticket"]})
        ).raise_for_status()
        here = "/api/v1/accounts/me/second-factor"
        secret = (await browser.post(here, json={"password": PASSWORD})).raise_for_status().json()["secret"]
        code = pyotp.TOTP(secret).at(house.clock())
        codes = (await browser.put(here, json={"code": code})).raise_for_status().json()["recovery_codes"]

        told = await prove(later, elsewhere, elsewhere.bob)
        assert (await come_in(later, told)).json()["code"] == "identity.second_factor_needed"
        assert (await come_in(later, told, code="000000")).json()["code"] == "identity.second_factor_wrong"
        assert (await come_in(later, told, code=codes[0])).status_code == 201


async def test_a_provider_of_a_private_network_is_asked_only_where_the_operator_allows_it(
    house: House, elsewhere: Elsewhere
) -> None:
    async with browser_at(await open_here(house, elsewhere, provider={"private": False})) as browser:
        answer = await browser.post("/api/v1/sessions/outside/lane", json={})
        assert (answer.status_code, answer.json()["code"]) == (503, "identity.outside_away")
    async with browser_at(
        await open_here(house, elsewhere, provider={"private": False}, private_addresses_allowed=True)
    ) as browser:
        assert (await browser.post("/api/v1/sessions/outside/lane", json={})).status_code == 201


async def test_a_secret_that_is_wrong_lets_nobody_in(house: House, elsewhere: Elsewhere) -> None:
    async with browser_at(await open_here(house, elsewhere, provider={"secret": "wrong"})) as browser:
        begun = (await browser.post("/api/v1/sessions/outside/lane", json={})).json()["to"]
        back = await elsewhere.agree(elsewhere.bob, begun)
        assert page_of((await browser.get(back)).headers["location"])["refused"] == "identity.outside_refused"
