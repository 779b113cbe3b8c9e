"""Somebody adds a passkey, which takes the password, and comes back by it."""

import pytest
from playwright.async_api import expect

from .conftest import Come
from .visitor import PASSWORD, WAIT_MS, Size, Visitor

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def hold_a_key(visitor: Visitor) -> None:
    """Gives the browser a device that makes passkeys and says yes by itself."""
    wires = await visitor.context.new_cdp_session(visitor.page)
    await wires.send("WebAuthn.enable")
    await wires.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_passkey_is_added_with_the_password_and_opens_the_door(come: Come, size: Size, axe: str) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    await hold_a_key(alice)
    await alice.go("/me/security")
    await alice.button("security.passkeys.add").click()
    sheet = alice.page.get_by_role("dialog")
    add = sheet.get_by_role("button", name=alice.t("security.passkeys.add"), exact=True)
    password = sheet.get_by_label(alice.t("security.password.old"), exact=True)
    await expect(add).to_be_disabled()
    assert await alice.violations(axe) == []

    await password.fill("wrong password")
    await add.click()
    await expect(sheet.get_by_role("alert")).to_have_text(alice.t("error.identity.wrong_password"), timeout=WAIT_MS)
    await password.fill(PASSWORD)
    await add.click()
    await expect(sheet).to_have_count(0, timeout=WAIT_MS)
    await expect(alice.button("do.remove")).to_be_visible(timeout=WAIT_MS)

    await alice.context.clear_cookies()
    await alice.go("/sign-in")
    await alice.button("sign_in.passkey").click()
    await expect(alice.page.get_by_role("heading", name=alice.t("list.title"), exact=True)).to_be_visible(
        timeout=WAIT_MS
    )
