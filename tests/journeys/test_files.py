"""Two people send each other pictures and files, look at them and keep them."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.files import BLUE, RED, png

from .conftest import Come
from .meeting import meet
from .visitor import WAIT_MS, Size


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """A wide one and a high one."""
    made = [tmp_path / "harbour.png", tmp_path / "lane.png"]
    made[0].write_bytes(png(1200, 800, RED))
    made[1].write_bytes(png(600, 900, BLUE))
    return made


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_pictures_are_sent_looked_at_and_answered(come: Come, axe: str, size: Size, pictures: list[Path]) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Ningbo")
    await alice.attach("attach.picture", *pictures)
    found = await alice.violations(axe)
    await alice.say("The harbour, and a lane.")
    await bob.hears("The harbour, and a lane.")
    shown = bob.message("The harbour, and a lane.").locator("img")
    await expect(shown).to_have_count(2)
    await bob.sees(shown.first)

    await bob.button("picture.open", n=1, who="Alice").click()
    viewer = bob.page.get_by_role("dialog")
    large = viewer.get_by_role("img")
    await bob.sees(large)
    address = await large.get_attribute("src")
    found += await bob.violations(axe)
    await bob.page.keyboard.press("ArrowRight")
    await expect(large).not_to_have_attribute("src", str(address))
    await bob.sees(large)
    async with bob.page.expect_download() as download:
        await viewer.get_by_role("link", name=bob.t("file.download"), exact=True).click()
    assert (await (await download.value).path()).stat().st_size > 0
    await bob.page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)

    await bob.reply("The harbour, and a lane.", "Where is that?")
    await alice.hears("Where is that?")
    await alice.sees(alice.message("Where is that?").get_by_role("button", name="Alice").locator("img"))
    assert found + await alice.violations(axe) == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_picture_has_its_place_before_it_comes(come: Come, size: Size, pictures: list[Path]) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Taizhou")
    await bob.context.route("**/media/*/large", lambda route: route.abort())
    await alice.attach("attach.picture", pictures[0])
    await alice.button("compose.send").click()
    sent = alice.log.locator("li[data-seq] img")
    await alice.sees(sent)
    there = await sent.bounding_box()
    kept = bob.log.get_by_role("button", name=bob.t("picture.open", n=1, who="Alice"), exact=True)
    await expect(kept).to_be_visible(timeout=WAIT_MS)
    box = await kept.bounding_box()
    assert there is not None
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (round(there["width"]), round(there["height"]))
    listed = bob.page.get_by_role("link").filter(has_text=bob.t("gist.image"))
    if size == "phone":
        await bob.go("/")
    await expect(listed).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_file_is_sent_and_kept(come: Come, axe: str, size: Size, tmp_path: Path) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Jiaxing")
    book = tmp_path / "账本 2026.csv"
    book.write_text("tea,12\ncups,40\n")
    await alice.attach("attach.file", book)
    found = await alice.violations(axe)
    await alice.button("compose.send").click()
    card = bob.log.get_by_role("link").filter(has_text=book.name)
    await expect(card).to_be_visible(timeout=WAIT_MS)
    async with bob.page.expect_download() as download:
        await card.click()
    kept = await download.value
    assert kept.suggested_filename == book.name
    assert (await kept.path()).read_bytes() == book.read_bytes()
    assert found + await bob.violations(axe) == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_pictures_wait_for_the_network(come: Come, axe: str, size: Size, pictures: list[Path]) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Huzhou")
    await alice.context.set_offline(True)
    await expect(alice.page.get_by_text(alice.t("net.offline"))).to_be_visible(timeout=WAIT_MS)
    await alice.attach("attach.picture", *pictures)
    await alice.say("For later.")
    await expect(alice.log.get_by_text(alice.t("talk.waiting_files"))).to_be_visible()
    found = await alice.violations(axe)
    await alice.context.set_offline(False)
    await bob.hears("For later.")
    await bob.sees(bob.message("For later.").locator("img").last)
    assert found == []


async def test_what_cannot_be_shown_may_go_as_a_file(come: Come, tmp_path: Path) -> None:
    alice, bob, _ = await meet(come, "desk", "Readers of Quzhou")
    broken = tmp_path / "broken.png"
    broken.write_bytes(png()[:40])
    await alice.attach("attach.picture", broken)
    await alice.button("compose.send").click()
    await expect(alice.log.get_by_role("alert")).to_be_visible(timeout=WAIT_MS)
    await alice.button("attach.as_file").click()
    card = bob.log.get_by_role("link").filter(has_text="broken.png")
    await expect(card).to_be_visible(timeout=WAIT_MS)
