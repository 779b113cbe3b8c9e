"""The pages of a group show to each what is theirs to do."""

from playwright.async_api import expect

from .conftest import Come
from .meeting import meet
from .visitor import WAIT_MS


async def test_settings_are_for_those_who_lead(come: Come) -> None:
    alice, bob, place = await meet(come, "phone", "Readers of Jiaxing")
    for page in ("settings", "requests"):
        await bob.go(f"{place}/{page}")
        await expect(bob.page.get_by_text(bob.t("missing.title"))).to_be_visible(timeout=WAIT_MS)
        await expect(bob.page.get_by_role("textbox")).to_have_count(0)

    await alice.go(f"{place}/settings")
    await expect(alice.field("group.name")).to_have_value("Readers of Jiaxing", timeout=WAIT_MS)


async def test_whoever_ends_a_group_is_told_that_it_has_ended(come: Come) -> None:
    alice = await come("Alice", "desk")
    await alice.sign_up()
    place = await alice.open_group("Readers of Huzhou")
    await alice.go(f"{place}/about")
    await alice.button("group.dissolve").click()
    sheet = alice.page.get_by_role("dialog")
    await sheet.get_by_role("button", name=alice.t("group.dissolve"), exact=True).click()
    await expect(alice.page.get_by_text(alice.t("group.dissolve.done", name="Readers of Huzhou"))).to_be_visible()
    await expect(alice.page.get_by_role("link").filter(has_text="Readers of Huzhou")).to_have_count(0)


async def test_whoever_is_kept_out_stands_in_the_list_at_once(come: Come) -> None:
    alice, _, place = await meet(come, "phone", "Readers of Taicang")
    await alice.go(f"{place}/members")
    bans = alice.page.get_by_text(alice.t("member.bans"), exact=True)
    await bans.click()
    await expect(alice.page.get_by_text(alice.t("member.bans.none"))).to_be_visible(timeout=WAIT_MS)
    await alice.button("member.acts", name="Bob").click()
    sheet = alice.page.get_by_role("dialog")
    await sheet.get_by_role("button", name=alice.t("member.remove"), exact=True).click()
    await sheet.get_by_role("switch").click()
    await sheet.get_by_role("button", name=alice.t("member.remove"), exact=True).click()
    await expect(alice.button("member.unban")).to_be_visible(timeout=WAIT_MS)
