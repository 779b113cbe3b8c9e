"""Two people send each other pictures and files, look at them and keep them."""

from pathlib import Path

import pytest
from playwright.async_api import Route, expect

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


# Hands the page a picture as a keyboard or a mouse would, and has it drawn here, so that it is one.
HANDED = """async ([kind, size]) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  canvas.getContext("2d").fillRect(0, 0, size, size);
  const blob = await new Promise((drawn) => canvas.toBlob(drawn, "image/png"));
  const bag = new DataTransfer();
  bag.items.add(new File([blob], `${kind}.png`, { type: "image/png" }));
  const field = document.getElementById("composer");
  const how = { bubbles: true, cancelable: true };
  if (kind === "paste") return void field.dispatchEvent(new ClipboardEvent("paste", { ...how, clipboardData: bag }));
  field.dispatchEvent(new DragEvent("dragover", { ...how, dataTransfer: bag }));
  await new Promise((shown) => setTimeout(shown, 50));
  field.dispatchEvent(new DragEvent("drop", { ...how, dataTransfer: bag }));
}"""


async def test_pictures_are_pasted_dropped_and_left_out(come: Come) -> None:
    alice, bob, _ = await meet(come, "desk", "Readers of Haining")
    chosen = alice.page.get_by_role("list", name=alice.t("attach.chosen")).get_by_role("listitem")
    await alice.page.evaluate(HANDED, ["paste", 40])
    await expect(chosen).to_have_count(1)
    await alice.page.evaluate(HANDED, ["drop", 60])
    await expect(chosen).to_have_count(2)
    await alice.button("attach.leave_out", name="paste.png").click()
    await expect(chosen).to_have_count(1)
    await alice.page.keyboard.press("Enter")
    picture = bob.log.locator("li[data-seq] img")
    await expect(picture).to_have_count(1, timeout=WAIT_MS)
    await bob.sees(picture)


async def test_what_is_too_large_is_told_before_it_goes(come: Come, pictures: list[Path]) -> None:
    alice = await come("Alice", "phone")
    site = await (await alice.context.request.get("/api/v1/site")).json()
    site["limits"]["upload_bytes_max"] = 1_000
    await alice.context.route("**/api/v1/site", lambda route: route.fulfill(json=site))
    await alice.sign_up()
    await alice.open_group("Readers of Deqing")
    async with alice.page.expect_file_chooser() as chooser:
        await alice.button("attach.label").click()
        await alice.page.get_by_role("menuitem", name=alice.t("attach.picture"), exact=True).click()
    await (await chooser.value).set_files(pictures[0])
    told = alice.t("attach.too_large", name="harbour.png", size="1,000 B")
    await expect(alice.page.get_by_text(told)).to_be_visible()
    await expect(alice.page.get_by_role("list", name=alice.t("attach.chosen"))).to_have_count(0)


async def test_a_picture_is_forwarded_to_another_group(come: Come, pictures: list[Path]) -> None:
    alice, bob, place = await meet(come, "desk", "Readers of Anji")
    await alice.attach("attach.picture", pictures[1])
    await alice.say("Pass it on.")
    await bob.hears("Pass it on.")
    there = await bob.open_group("Walkers of Anji")
    await bob.go(place)
    await bob.sees(bob.message("Pass it on.").locator("img"))
    await expect(bob.composer).to_be_focused()
    await bob.choose("Pass it on.", "message.forward")
    await bob.page.get_by_role("dialog").get_by_role("button", name="Walkers of Anji").click()
    await bob.go(there)
    await bob.hears("Pass it on.")
    picture = bob.message("Pass it on.").locator("img")
    await bob.sees(picture)
    assert there in str(await picture.get_attribute("src"))


async def test_an_upload_goes_on_where_it_was_cut(come: Come, tmp_path: Path) -> None:
    alice, bob, _ = await meet(come, "phone", "Readers of Changxing")
    long = tmp_path / "recording.bin"
    long.write_bytes(bytes(range(256)) * 6_000)
    sent: list[str] = []
    cut = True

    async def piece(route: Route) -> None:
        n = route.request.url.rsplit("/", 1)[1]
        sent.append(n)
        await (route.abort() if cut and n == "1" else route.continue_())

    await alice.context.route("**/media/uploads/*/pieces/*", piece)
    await alice.attach("attach.file", long)
    await alice.button("compose.send").click()
    await expect(alice.log.get_by_role("progressbar")).to_have_attribute("value", "34", timeout=WAIT_MS)
    cut = False
    card = bob.log.get_by_role("link").filter(has_text="recording.bin")
    await expect(card).to_be_visible(timeout=WAIT_MS)
    assert sent.count("0") == 1
    assert sent[-2:] == ["1", "2"]
