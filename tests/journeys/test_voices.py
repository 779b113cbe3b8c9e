"""Somebody speaks instead of writing, and somebody listens."""

import pytest
from playwright.async_api import expect

from .conftest import Come
from .meeting import meet
from .visitor import WAIT_MS, Size


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_voice_is_recorded_sent_and_heard(come: Come, axe: str, size: Size) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Zhoushan")
    await alice.context.grant_permissions(["microphone"])
    await alice.button("voice.record").click()
    await expect(alice.page.get_by_role("status").filter(has_text=alice.t("voice.recording"))).to_be_visible()
    await expect(alice.page.get_by_text("0:02", exact=True)).to_be_visible(timeout=WAIT_MS)
    found = await alice.violations(axe)
    await alice.button("voice.send").click()

    play = bob.log.get_by_role("button", name=bob.t("voice.play"), exact=True)
    await expect(play).to_be_visible(timeout=WAIT_MS)
    found += await bob.violations(axe)
    await play.click()
    await expect(bob.log.get_by_role("button", name=bob.t("voice.pause"), exact=True)).to_be_visible()
    await expect(play).to_be_visible(timeout=WAIT_MS)
    assert found == []


async def test_a_recording_may_be_given_up(come: Come) -> None:
    alice, bob, _ = await meet(come, "desk", "Readers of Yiwu")
    await alice.context.grant_permissions(["microphone"])
    await alice.button("voice.record").click()
    await expect(alice.page.get_by_text("0:01", exact=True)).to_be_visible(timeout=WAIT_MS)
    await alice.page.keyboard.press("Escape")
    await alice.say("I would rather write.")
    await bob.hears("I would rather write.")
    await expect(bob.log.get_by_role("button", name=bob.t("voice.play"))).to_have_count(0)


async def test_without_a_microphone_it_says_why(come: Come) -> None:
    alice, _, _ = await meet(come, "phone", "Readers of Dongyang")
    await alice.button("voice.record").click()
    await expect(alice.page.get_by_text(alice.t("voice.refused"))).to_be_visible()
    await expect(alice.composer).to_be_visible()
