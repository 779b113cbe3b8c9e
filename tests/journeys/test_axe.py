"""Every screen, at both sizes, light at the phone and dark at the desk: axe finds nothing to mend."""

import pytest
from playwright.async_api import expect

from .conftest import Come
from .visitor import WAIT_MS, Size, Visitor

OUTSIDE = ("/sign-in", "/sign-up")
ME = ("/me", "/me/profile", "/me/devices", "/me/security", "/me/apps", "/me/apps/new")
HOUSE = ("/", "/discover", "/directory", "/create", "/settings", *ME, "/nowhere")
ROOMS = ("", "/about", "/members", "/settings", "/requests", "/invitations", "/announcements", "/pins", "/bots")


async def looks(visitor: Visitor, place: str, axe: str) -> list[str]:
    """What is wrong with the screen at this place, once it has come to rest."""
    await visitor.go(place)
    await expect(visitor.page.get_by_role("heading").first).to_be_visible(timeout=WAIT_MS)
    await expect(visitor.page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT_MS)
    return [f"{place} {found}" for found in await visitor.violations(axe)]


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_in_front_of_the_door(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    assert [wrong for place in OUTSIDE for wrong in await looks(alice, place, axe)] == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_inside(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    found = await looks(alice, "/", axe)
    place = await alice.open_group("Readers of Ningbo")
    await alice.say("Look at https://hutong.example/books, and at this: 🎉")
    await alice.hears("Look at")
    await alice.reply("Look at", "I have.")
    await alice.hears("I have.")
    places = [*HOUSE, *(place + room for room in ROOMS), place.replace("/chats/", "/groups/")]
    found += [wrong for one in places for wrong in await looks(alice, one, axe)]
    link = await alice.make_link(place)
    found += await looks(alice, link.removeprefix(alice.page.url.split("/chats/")[0]), axe)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_what_opens_over_a_conversation(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    await alice.open_group("Readers of Jiaxing")
    await alice.say("Hold me.")
    await alice.hears("Hold me.")
    await alice.message("Hold me.").focus()
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.get_by_role("dialog")).to_be_visible()
    found = await alice.violations(axe)
    await alice.page.keyboard.press("Escape")
    await alice.button("compose.faces").click()
    found += await alice.violations(axe)
    await alice.context.set_offline(True)
    await alice.say("No network.")
    await expect(alice.log.get_by_text(alice.t("talk.waiting"))).to_be_visible()
    assert found + await alice.violations(axe) == []
