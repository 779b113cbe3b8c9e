"""Somebody asks to join a group that approves: those who lead it are told, and so is who asked."""

import pytest
from playwright.async_api import expect

from .conftest import Come
from .visitor import WAIT_MS, Size


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_whoever_asks_is_announced_and_told_the_decision(come: Come, axe: str, size: Size) -> None:
    group = "Readers of Lishui"
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    place = await alice.open_group(group)
    await alice.go(f"{place}/settings")
    await alice.field("group.join.approval").check()
    await alice.button("do.save").click()
    await expect(alice.page.get_by_text(alice.t("saved"))).to_be_visible(timeout=WAIT_MS)
    await alice.go(place)
    await expect(alice.composer).to_be_visible(timeout=WAIT_MS)

    await bob.go(place.replace("/chats/", "/groups/"))
    await bob.button("group.ask").click()
    await expect(bob.page.get_by_text(bob.t("group.waiting"))).to_be_visible(timeout=WAIT_MS)
    await expect(alice.page.get_by_text(alice.t("requests.came", who="Bob", name=group))).to_be_visible(timeout=WAIT_MS)
    waiting = alice.page.get_by_text(alice.t("requests.waiting", n=1))
    await expect(waiting).to_be_visible()
    assert await alice.violations(axe) == []

    await alice.page.reload()
    await waiting.click()
    await alice.button("requests.accept").click()
    await expect(bob.page.get_by_text(bob.t("requests.in", name=group))).to_be_visible(timeout=WAIT_MS)
    await alice.go(place)
    await expect(alice.log).to_be_visible(timeout=WAIT_MS)
    await expect(waiting).to_have_count(0)


async def test_whoever_is_declined_is_told_so(come: Come) -> None:
    group = "Readers of Yiwu"
    alice, bob = await come("Alice", "desk"), await come("Bob", "desk")
    await alice.sign_up()
    await bob.sign_up()
    place = await alice.open_group(group)
    await alice.go(f"{place}/settings")
    await alice.field("group.join.approval").check()
    await alice.button("do.save").click()
    await expect(alice.page.get_by_text(alice.t("saved"))).to_be_visible(timeout=WAIT_MS)
    await bob.go(place.replace("/chats/", "/groups/"))
    await bob.button("group.ask").click()
    await expect(bob.page.get_by_text(bob.t("group.waiting"))).to_be_visible(timeout=WAIT_MS)

    await alice.go(f"{place}/requests")
    await alice.button("requests.decline").click()
    await expect(bob.page.get_by_text(bob.t("requests.refused", name=group))).to_be_visible(timeout=WAIT_MS)
