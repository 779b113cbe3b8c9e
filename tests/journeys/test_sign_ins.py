"""Somebody signs in to a library with their account here, by the page that asks them, and takes it back."""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from playwright.async_api import expect

from .conftest import Come
from .visitor import PASSWORD, WAIT_MS, Size, Visitor

PATIENCE_S = 120
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>Library</title>Welcome."


@pytest.fixture
async def back() -> AsyncGenerator[str]:
    """A page of the library's, on this machine."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/signed-in"


@pytest.fixture
async def owner(address: str) -> AsyncGenerator[httpx.AsyncClient]:
    """The library's owner, who speaks to the interface for programs."""
    async with httpx.AsyncClient(base_url=f"{address}/api/v1/", timeout=PATIENCE_S) as http:
        made = await http.post("accounts", json={"nickname": "Olga", "password": PASSWORD})
        login = {"login": str(made.raise_for_status().json()["number"]), "password": PASSWORD}
        token = (await http.post("sessions", json=login)).raise_for_status().json()["token"]
    async with httpx.AsyncClient(
        base_url=f"{address}/api/v1/", headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE_S
    ) as http:
        yield http


async def open_library(owner: httpx.AsyncClient, tester: int, back: str) -> AsyncOAuth2Client:
    """An app whose test user somebody is, and the client library that it works with."""
    draft = {"name": "Library of Ningbo", "about": "Lends books to people of this town."}
    app = (await owner.post("apps", json=draft)).raise_for_status().json()["app"]
    (await owner.put(f"apps/{app}/client", json={"redirects": ["http://127.0.0.1/signed-in"]})).raise_for_status()
    (await owner.put(f"apps/{app}/testers/{tester}")).raise_for_status()
    secret = (await owner.post(f"apps/{app}/client/secret")).raise_for_status().json()["secret"]
    return AsyncOAuth2Client(
        str(app),
        secret,
        redirect_uri=back,
        scope="openid profile email groups offline_access",
        code_challenge_method="S256",
        timeout=PATIENCE_S,
    )


async def number_of(visitor: Visitor) -> int:
    return int((await (await visitor.context.request.get("/api/v1/accounts/me")).json())["number"])


async def comes_back(visitor: Visitor, back: str) -> str:
    """The address to which the browser was sent back."""
    await visitor.page.wait_for_url(re.compile(f"^{re.escape(back)}"), timeout=WAIT_MS)
    return visitor.page.url


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_one_signs_in_to_a_library_and_takes_it_back(
    come: Come, axe: str, size: Size, owner: httpx.AsyncClient, back: str, address: str
) -> None:
    bob = await come("Bob", size)

    await bob.sign_up()
    number = await number_of(bob)
    library = await open_library(owner, number, back)
    found = (await owner.get(f"{address}/.well-known/openid-configuration")).raise_for_status().json()
    verifier = secrets.token_urlsafe(48)
    ask, state = library.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier)

    await bob.context.clear_cookies()
    await bob.go(ask)
    await expect(bob.field("sign_in.login")).to_be_visible(timeout=WAIT_MS)
    await bob.sign_in(str(number))
    title = bob.page.get_by_role("heading", name=bob.t("consent.title", name="Library of Ningbo"))
    await expect(title).to_be_visible(timeout=WAIT_MS)
    await expect(bob.page.get_by_text(bob.t("consent.unreviewed"))).to_be_visible()
    await expect(bob.page.get_by_text("Olga")).to_be_visible()
    await expect(bob.page.get_by_text(bob.t("consent.back_to", host="127.0.0.1"))).to_be_visible()
    for scope in ("openid", "profile", "email", "groups", "offline_access"):
        await expect(bob.page.get_by_text(bob.t(f"consent.scope.{scope}"))).to_be_visible()
    assert await bob.violations(axe) == []
    await bob.button("consent.allow").click()
    came_back = await comes_back(bob, back)

    await library.fetch_token(
        found["token_endpoint"], authorization_response=came_back, state=state, code_verifier=verifier
    )
    told_of = (await library.get(found["userinfo_endpoint"])).raise_for_status().json()
    assert (told_of["name"], told_of["groups"]) == ("Bob", [])
    await library.refresh_token(found["token_endpoint"])

    # Who has agreed is not asked again.
    await bob.go(ask)
    assert "code=" in await comes_back(bob, back)

    await bob.go("/me/known-apps")
    await expect(bob.page.get_by_role("heading", name="Library of Ningbo")).to_be_visible(timeout=WAIT_MS)
    assert await bob.violations(axe) == []
    await bob.button("known.forget").click()
    dialog = bob.page.get_by_role("dialog")
    await dialog.get_by_role("button", name=bob.t("known.forget"), exact=True).click()
    await expect(bob.page.get_by_text(bob.t("known.none.title"))).to_be_visible(timeout=WAIT_MS)
    assert await bob.violations(axe) == []
    assert (await library.get(found["userinfo_endpoint"])).status_code == 401
    await library.aclose()


async def test_what_cannot_be_answered_is_said_and_leads_nowhere(
    come: Come, axe: str, owner: httpx.AsyncClient, back: str, address: str
) -> None:
    bob = await come("Bob", "desk")
    await bob.sign_up()
    library = await open_library(owner, await number_of(bob), back)
    library.redirect_uri = "https://thief.example/"
    endpoint = f"{address}/api/v1/oauth/authorize"
    ask, _ = library.create_authorization_url(endpoint, code_verifier=secrets.token_urlsafe(48))
    await bob.go(ask)
    await expect(bob.page.get_by_role("heading", name=bob.t("consent.failed"))).to_be_visible(timeout=WAIT_MS)
    assert await bob.violations(axe) == []
    assert bob.page.url.startswith(address)

    library.redirect_uri = back
    carol = await come("Carol", "phone")
    await carol.sign_up()
    ask, _ = library.create_authorization_url(endpoint, code_verifier=secrets.token_urlsafe(48))
    await carol.go(ask)
    await expect(carol.page.get_by_role("alert")).to_have_text(
        carol.t("error.openplatform.not_reviewed"), timeout=WAIT_MS
    )
    await library.aclose()


async def test_one_signs_in_once_more_where_the_app_wants_to_be_sure(
    come: Come, axe: str, owner: httpx.AsyncClient, back: str, address: str
) -> None:
    bob = await come("Bob", "phone")
    await bob.sign_up()
    number = await number_of(bob)
    library = await open_library(owner, number, back)
    ask, _ = library.create_authorization_url(
        f"{address}/api/v1/oauth/authorize", code_verifier=secrets.token_urlsafe(48), prompt="login"
    )
    await bob.go(ask)
    await expect(bob.button("consent.again.do")).to_be_visible(timeout=WAIT_MS)
    assert await bob.violations(axe) == []
    await bob.button("consent.again.do").click()
    await expect(bob.field("sign_in.login")).to_be_visible(timeout=WAIT_MS)
    await bob.sign_in(str(number))
    await expect(bob.button("consent.allow")).to_be_visible(timeout=WAIT_MS)
    await library.aclose()
