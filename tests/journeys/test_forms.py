"""Forms tell what is wrong at the field that it is about, and lose nothing that was written."""

import uuid

import pytest
from playwright.async_api import Locator, expect

from .conftest import Come
from .visitor import PASSWORD, WAIT_MS, Size, Visitor


async def told_at(visitor: Visitor, field: Locator, sentence: str) -> None:
    """The field is wrong, has the focus, and is described by the sentence."""
    await expect(field).to_have_attribute("aria-invalid", "true", timeout=WAIT_MS)
    await expect(field).to_be_focused()
    note = visitor.page.locator(f"[id='{await field.get_attribute('aria-describedby')}']")
    await expect(note).to_contain_text(sentence)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_name_that_is_too_long_is_counted_and_not_cut(come: Come, axe: str, size: Size) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    await alice.go("/create")
    name = alice.field("group.name")
    await name.press_sequentially("x" * 29)
    await expect(alice.page.get_by_text("29 / 40")).to_have_count(0)
    await name.press_sequentially("x" * 14)
    await expect(alice.page.get_by_text("43 / 40")).to_be_visible()
    await alice.button("create.do").click()

    await told_at(alice, name, alice.t("field.too_long", longest=40, n=3))
    await expect(name).to_have_value("x" * 43)
    assert await alice.violations(axe) == []
    await name.fill("x" * 40)
    await expect(alice.page.get_by_text("40 / 40")).to_be_visible()
    await alice.button("create.do").click()
    await expect(alice.composer).to_be_visible(timeout=WAIT_MS)
    await expect(alice.page.get_by_role("heading", name="x" * 40).first).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_handle_that_is_taken_is_told_at_its_field(come: Come, axe: str, size: Size) -> None:
    handle = f"a{uuid.uuid4().hex[:12]}"
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await alice.go("/me/profile")
    await alice.field("profile.handle").fill(handle)
    await alice.button("do.save").click()
    await expect(alice.page.get_by_text(alice.t("saved"))).to_be_visible(timeout=WAIT_MS)

    await bob.go("/sign-up")
    await bob.page.get_by_text(bob.t("sign_up.more")).click()
    await bob.field("sign_up.handle").fill(handle)
    await bob.field("sign_up.nickname").fill("Bob")
    await bob.field("sign_in.password").fill(PASSWORD)
    await bob.page.get_by_text(bob.t("sign_up.more")).click()
    await bob.button("sign_up.do").click()
    taken = bob.t("error.identity.handle_taken", handle=handle)
    await told_at(bob, bob.field("sign_up.handle"), taken)
    await expect(bob.page.get_by_text(taken)).to_have_count(1)
    assert await bob.violations(axe) == []

    await bob.field("sign_up.handle").fill(f"{handle}2")
    await expect(bob.page.get_by_text(taken)).to_have_count(0)
    await bob.button("sign_up.do").click()
    await expect(bob.page.get_by_role("heading", name=bob.t("list.title"), exact=True)).to_be_visible(timeout=WAIT_MS)


async def test_a_handle_of_a_group_that_is_taken_is_told_at_its_field_and_nothing_else_is_changed(come: Come) -> None:
    handle = f"a{uuid.uuid4().hex[:12]}"
    alice = await come("Alice", "desk")
    await alice.sign_up()
    await alice.go("/me/profile")
    await alice.field("profile.handle").fill(handle)
    await alice.button("do.save").click()
    await expect(alice.page.get_by_text(alice.t("saved"))).to_be_visible(timeout=WAIT_MS)
    place = await alice.open_group("Readers of Quzhou")

    await alice.go(f"{place}/settings")
    await alice.field("group.name").fill("Writers of Quzhou")
    await alice.field("group.handle").fill(handle)
    await alice.button("do.save").click()
    await told_at(alice, alice.field("group.handle"), alice.t("error.identity.handle_taken", handle=handle))
    await alice.go(f"{place}/settings")
    await expect(alice.field("group.name")).to_have_value("Readers of Quzhou", timeout=WAIT_MS)

    for wanted in (f"{handle}2", ""):
        await alice.field("group.handle").fill(wanted)
        async with alice.page.expect_response(lambda answer: answer.request.method == "PATCH"):
            await alice.button("do.save").click()
    await alice.go(f"{place}/settings")
    await expect(alice.field("group.handle")).to_have_value("", timeout=WAIT_MS)


async def test_a_wrong_code_is_told_at_its_field_and_nobody_is_sent_away(come: Come) -> None:
    alice = await come("Alice", "phone")
    await alice.sign_up()
    await alice.go("/me/security")
    await alice.button("security.second.start").click()
    sheet = alice.page.get_by_role("dialog")
    await sheet.get_by_label(alice.t("security.password.old"), exact=True).fill(PASSWORD)
    await sheet.get_by_role("button", name=alice.t("code.do"), exact=True).click()
    code = alice.field("security.second.code")
    await code.fill("000000")
    await sheet.get_by_role("button", name=alice.t("code.do"), exact=True).click()
    await told_at(alice, code, alice.t("error.identity.second_factor_wrong"))
