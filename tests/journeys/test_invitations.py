"""Somebody who has no account opens an invitation: they are told what it is to, sign up, and come in."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.files import RED, png

from .conftest import Come
from .test_avatars import wear
from .visitor import WAIT_MS, Size

DESCRIPTION = "We read on Sundays, and bring tea."


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_stranger_is_told_what_the_invitation_is_to_and_led_there(
    come: Come, axe: str, size: Size, tmp_path: Path
) -> None:
    alice, bob = await come("Alice", size), await come("Bob", size)
    face = tmp_path / "door.png"
    face.write_bytes(png(640, 640, RED))
    await alice.sign_up()
    place = await alice.open_group("Readers of Huzhou")
    await alice.go(f"{place}/settings")
    await alice.field("group.description").fill(DESCRIPTION)
    await alice.button("do.save").click()
    await expect(alice.page.get_by_text(alice.t("saved"))).to_be_visible(timeout=WAIT_MS)
    await wear(alice, face, axe)
    link = await alice.make_link(place)

    await bob.go(link)
    await expect(bob.page.get_by_role("heading", name="Readers of Huzhou")).to_be_visible(timeout=WAIT_MS)
    await expect(bob.page.get_by_text(DESCRIPTION)).to_be_visible()
    await expect(bob.page.get_by_text(bob.t("talk.members", n=1))).to_be_visible()
    await bob.sees(bob.page.locator(".avatar img"))
    assert await bob.violations(axe) == []
    await bob.link("invited.sign_up").click()
    await bob.say_who_one_is()
    await bob.button("group.join").click()
    await expect(bob.composer).to_be_visible(timeout=WAIT_MS)
    assert bob.page.url.endswith(place)


async def test_whoever_has_an_account_signs_in_and_is_led_there(come: Come) -> None:
    alice, bob = await come("Alice", "desk"), await come("Bob", "desk")
    await alice.sign_up()
    await bob.sign_up()
    link = await alice.make_link(await alice.open_group("Readers of Shaoxing"))
    await bob.go("/me")
    number = (await bob.page.get_by_text(bob.t("me.number", number="")).first.inner_text()).rpartition(" ")[2]
    await bob.button("me.sign_out").click()
    await bob.page.get_by_role("dialog").get_by_role("button", name=bob.t("me.sign_out"), exact=True).click()

    await bob.go(link)
    await bob.link("invited.sign_in").click()
    await bob.sign_in(number)
    await expect(bob.button("group.join")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_an_invitation_that_is_not_good_says_so_to_a_stranger(come: Come, axe: str, size: Size) -> None:
    bob = await come("Bob", size)
    await bob.go("/join/guessed234")
    await expect(bob.page.get_by_role("heading", name=bob.t("invite.bad.title"))).to_be_visible(timeout=WAIT_MS)
    await expect(bob.link("sign_in.do")).to_be_visible()
    assert await bob.violations(axe) == []
