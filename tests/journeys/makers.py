"""What somebody who makes a bot does on the pages for that."""

import re

from playwright.async_api import expect

from .visitor import WAIT_MS, Visitor


async def register(visitor: Visitor, name: str) -> None:
    """Registers an app from the empty page of apps, which tells what to do first."""
    await visitor.go("/me")
    await visitor.link("apps.title").click()
    await visitor.link("apps.create").click()
    await visitor.button("apps.create").click()
    await expect(visitor.field("apps.name")).to_have_attribute("aria-invalid", "true")
    await visitor.field("apps.name").fill(name)
    await visitor.field("apps.about").fill("Says again what it hears.")
    await visitor.button("apps.create").click()
    await expect(visitor.page.get_by_role("heading", name=name)).to_be_visible(timeout=WAIT_MS)


async def make_bot(visitor: Visitor, handle: str) -> int:
    """Gives the app that is looked at a bot with its own name; returns the bot's number."""
    sheet = visitor.page.get_by_role("dialog")
    await visitor.button("bot.make").click()
    await sheet.get_by_label(visitor.t("bot.handle")).fill("no handle")
    await sheet.get_by_role("button", name=visitor.t("bot.make")).click()
    await expect(sheet.get_by_label(visitor.t("bot.handle"))).to_have_attribute("aria-invalid", "true", timeout=WAIT_MS)
    await sheet.get_by_label(visitor.t("bot.handle")).fill(handle)
    await sheet.get_by_role("button", name=visitor.t("bot.make")).click()
    await expect(visitor.page.get_by_role("heading", name=visitor.t("bot.tokens"))).to_be_visible(timeout=WAIT_MS)
    return int(visitor.page.url.rpartition("/")[2])


async def make_token(visitor: Visitor) -> str:
    """Makes a token on the bot's page that is open, copies it, and returns it."""
    sheet = visitor.page.get_by_role("dialog")
    await visitor.button("bot.token.make").click()
    await sheet.get_by_role("button", name=visitor.t("bot.token.make")).click()
    shown = sheet.locator("pre")
    await expect(shown).to_have_text(re.compile(r"\d+\.\S{20,}"), timeout=WAIT_MS)
    await sheet.get_by_role("button", name=visitor.t("do.copy")).click()
    token = (await shown.inner_text()).strip()
    assert await visitor.page.evaluate("navigator.clipboard.readText()") == token
    return token


async def let_in(visitor: Visitor, place: str, handle: str, name: str) -> None:
    """The owner finds a bot by its handle and lets it in with what it asks for."""
    await visitor.go(f"{place}/about")
    await visitor.page.get_by_role("link", name=visitor.t("bots.title")).click()
    sheet = visitor.page.get_by_role("dialog")
    await visitor.button("bots.add").click()
    await sheet.get_by_label(visitor.t("bots.find")).fill("nobody-of-that-name")
    await sheet.get_by_role("button", name=visitor.t("bots.find.do")).click()
    await expect(sheet.get_by_text(visitor.t("bots.find.none"))).to_be_visible(timeout=WAIT_MS)
    await sheet.get_by_label(visitor.t("bots.find")).fill(f"@{handle}")
    await sheet.get_by_role("button", name=visitor.t("bots.find.do")).click()
    await sheet.get_by_role("button", name=visitor.t("bots.grant"), exact=True).click()
    await expect(visitor.page.get_by_text(visitor.t("bots.grant.done", name=name))).to_be_visible(timeout=WAIT_MS)
    await expect(sheet).to_have_count(0)


async def grant_all(visitor: Visitor, place: str) -> None:
    """The owner lets the bot of the group hear everything."""
    sheet = visitor.page.get_by_role("dialog")
    await visitor.go(f"{place}/bots")
    await visitor.button("bots.change").click()
    await sheet.get_by_text(visitor.t("bots.grant.more")).click()
    await sheet.get_by_role("switch", name=visitor.t("scope.read_all")).check()
    await sheet.get_by_role("button", name=visitor.t("do.save")).click()
    await expect(sheet).to_have_count(0, timeout=WAIT_MS)
