"""Two hutongs side by side: people of the one come in to the other with the account that they have there."""

import json
import os
import signal
import socket
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from .conftest import LOCALES, ready
from .visitor import LANGUAGES, PASSWORD, VIEWPORTS, WAIT_MS, Size, Visitor


@pytest.fixture(scope="session")
async def neighbour(address: str, data_folders: Callable[[], Path]) -> AsyncGenerator[str]:
    """The address of a second hutong, where people sign in by the first."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Cookies know no ports, so the two must have different names.
    there = f"http://127.0.0.1:{port}"
    provider = await _let_in(address, there)
    environment = os.environ | {"HUTONG_SIGN_IN_PROVIDERS": json.dumps([provider]), "HUTONG_NAME": "The next lane"}
    words = ["-m", "hutong", "serve", "--data", str(data_folders() / "data"), "--port", str(port)]
    process = await create_subprocess_exec(sys.executable, *words, stdout=DEVNULL, env=environment)
    try:
        await ready(there, process)
        yield there
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def _let_in(address: str, there: str) -> dict[str, object]:
    """Makes the second hutong an app of the first, with which Olga and Pia may sign in; returns how it is set there."""
    async with httpx.AsyncClient(base_url=f"{address}/api/v1/", timeout=120) as http:
        numbers = []
        for name in ("Olga", "Pia"):
            made = await http.post("accounts", json={"nickname": name, "password": PASSWORD, "handle": name.lower()})
            numbers.append(made.raise_for_status().json()["number"])
        signed_in = await http.post("sessions", json={"login": "olga", "password": PASSWORD})
        http.cookies.clear()
        http.headers["authorization"] = f"Bearer {signed_in.json()['token']}"
        app = (await http.post("apps", json={"name": "The next lane"})).raise_for_status().json()["app"]
        back = f"{there}/api/v1/sessions/outside/lane/callback"
        (await http.put(f"apps/{app}/client", json={"redirects": [back]})).raise_for_status()
        (await http.put(f"apps/{app}/testers/{numbers[1]}")).raise_for_status()
        secret = (await http.post(f"apps/{app}/client/secret")).raise_for_status().json()["secret"]
    return {
        "id": "lane",
        "name": "The first lane",
        "issuer": address,
        "client_id": str(app),
        "secret": secret,
        "private": True,
    }


async def come_to(browser: Browser, there: str, size: Size) -> Visitor:
    width, height = VIEWPORTS[size]
    context = await browser.new_context(
        base_url=there,
        viewport={"width": width, "height": height},
        locale=LOCALES[LANGUAGES[size]],
        color_scheme="light" if size == "phone" else "dark",
        has_touch=size == "phone",
        is_mobile=size == "phone",
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    return Visitor("Pia", size, context, page, troubles)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_one_comes_in_with_the_account_of_the_first_lane(
    browser: Browser, address: str, neighbour: str, axe: str, size: Size
) -> None:
    olga = await come_to(browser, neighbour, size)
    await olga.go("/me/security")
    enter = olga.button("outside.with", name="The first lane")
    await expect(enter).to_be_visible(timeout=WAIT_MS)
    assert await olga.violations(axe) == []
    await enter.click()
    await olga.page.wait_for_url(f"{address}/**", timeout=WAIT_MS)
    await olga.sign_in("olga")
    allow = olga.button("consent.allow")
    outside = olga.page.get_by_text(olga.t("outside.no_password"))
    await expect(allow.or_(outside)).to_be_visible(timeout=WAIT_MS)
    if await allow.is_visible():  # What was agreed to on the phone is not asked at the desk.
        await allow.click()
    await expect(outside).to_be_visible(timeout=WAIT_MS)
    assert olga.page.url == f"{neighbour}/me/security"
    assert await olga.violations(axe) == []
    await olga.button("outside.unlink").click()
    await expect(olga.page.get_by_text(olga.t("error.identity.last_way_in"))).to_be_visible(timeout=WAIT_MS)
    assert olga.troubles == []
    await olga.context.close()


async def test_one_links_it_to_the_account_that_one_has(
    browser: Browser, address: str, neighbour: str, axe: str
) -> None:
    pia = await come_to(browser, neighbour, "desk")
    await pia.go("/sign-up")
    await pia.say_who_one_is()
    inside = pia.page.get_by_role("heading", name=pia.t("list.title"), exact=True)
    await expect(inside).to_be_visible(timeout=WAIT_MS)
    await pia.go("/me/security")
    await pia.button("outside.link", name="The first lane").click()
    await pia.page.wait_for_url(f"{address}/**", timeout=WAIT_MS)
    await pia.sign_in("pia")
    await pia.button("consent.allow").click()
    await expect(pia.button("outside.unlink")).to_be_visible(timeout=WAIT_MS)
    assert pia.page.url == f"{neighbour}/me/security"
    assert await pia.violations(axe) == []
    await pia.button("outside.unlink").click()
    await expect(pia.button("outside.link", name="The first lane")).to_be_visible(timeout=WAIT_MS)

    await pia.go("/outside?provider=lane&refused=identity.outside_refused")
    told = pia.t("error.identity.outside_refused", name="The first lane")
    await expect(pia.page.get_by_role("alert")).to_have_text(told, timeout=WAIT_MS)
    assert await pia.violations(axe) == []
    assert pia.troubles == []
    await pia.context.close()
