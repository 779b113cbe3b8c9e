"""The directory of apps: somebody publishes one, whoever runs the hutong looks at it, others find, use and rate it."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.files import BLUE, RED, png

from .conftest import Come, Operate
from .makers import register
from .test_mini_apps import EXAMPLE, ask, frame_of, packed
from .visitor import WAIT_MS, Size, Visitor

WHY = "Who has tried it in a storm?"


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


async def make_app(visitor: Visitor, name: str) -> int:
    """An app with a bot; its page is open."""
    await register(visitor, name)
    app = int(visitor.page.url.rpartition("/")[2])
    await ask(visitor, "POST", f"/apps/{app}/bots", data={"nickname": name})
    return app


async def begin(visitor: Visitor, app: int, button: str) -> None:
    """Opens the draft of a version."""
    await visitor.go(f"/me/apps/{app}/publish")
    await visitor.button(button).click()
    await expect(visitor.field("publish.tagline")).to_be_visible(timeout=WAIT_MS)


async def describe(visitor: Visitor, tagline: str) -> None:
    await visitor.field("publish.tagline").fill(tagline)
    await visitor.field("directory.category").select_option("study")
    await visitor.field("directory.about").fill("It keeps count of the pages.\nCall it by its name.")


async def hand_in(visitor: Visitor) -> None:
    await visitor.button("publish.submit").click()
    await expect(visitor.page.get_by_text(visitor.t("publish.submitted"))).to_be_visible(timeout=WAIT_MS)
    await expect(visitor.page.get_by_text(visitor.t("publish.state.submitted"), exact=True)).to_be_visible()


async def publish(visitor: Visitor, operate: Operate, name: str, tagline: str) -> int:
    """An app whose first version is in the directory."""
    app = await make_app(visitor, name)
    await begin(visitor, app, "publish.first")
    await describe(visitor, tagline)
    await hand_in(visitor)
    await operate("approve-version", app, 1)
    return app


async def draw(visitor: Visitor, tmp_path: Path) -> None:
    """Gives the version that is open an icon and three screenshots, of which the last is put before the second, and
    the first is left out."""
    icon = tmp_path / "icon.png"
    icon.write_bytes(png(320, 320, RED))
    async with visitor.page.expect_file_chooser() as chooser:
        await visitor.button("icon.choose").click()
    await (await chooser.value).set_files(icon)
    await visitor.button("avatar.crop.do").click()
    await visitor.sees(visitor.page.locator(".wearing img"))

    files = [tmp_path / f"{n}.png" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(png(390, 800 + n, BLUE))
    async with visitor.page.expect_file_chooser() as chooser:
        await visitor.button("publish.pictures.add").click()
    await (await chooser.value).set_files(files)
    shown = visitor.page.get_by_role("list", name=visitor.t("directory.pictures")).get_by_role("listitem")
    await expect(visitor.button("publish.pictures.drop", n=3)).to_be_visible(timeout=WAIT_MS)
    await visitor.button("publish.pictures.earlier", n=3).click()
    await visitor.button("publish.pictures.drop", n=1).click()
    await expect(shown).to_have_count(2)


async def told(visitor: Visitor, key: str, **params: object) -> Locator:
    """The notice that says this, which is a link."""
    await visitor.go("/me/notices")
    notice = visitor.link(key, **params)
    await expect(notice).to_be_visible(timeout=WAIT_MS)
    return notice


async def seek(visitor: Visitor, words: str) -> Locator:
    """Looks for an app in the directory; returns what leads to those that were found."""
    await visitor.go("/discover")
    await visitor.page.get_by_role("link").filter(has_text=visitor.t("directory.door")).click()
    await visitor.field("directory.search").fill(words)
    return visitor.page.get_by_role("list", name=visitor.t("directory.title")).get_by_role("link")


async def let_into(visitor: Visitor, group: str) -> None:
    """Lets the bot of the app whose page is open into a group."""
    await visitor.button("bots.choose").click()
    await dialog(visitor).get_by_role("button").filter(has_text=group).click()
    await dialog(visitor).get_by_role("button", name=visitor.t("bots.grant"), exact=True).click()
    await expect(visitor.composer).to_be_visible(timeout=WAIT_MS)


async def counted(visitor: Visitor, path: str, count: str) -> None:
    """Until what has happened is counted, which takes a moment."""
    async with asyncio.timeout(WAIT_MS / 1_000):
        while True:
            told = await ask(visitor, "GET", path)
            if (told[0] if isinstance(told, list) else told)[count] > 0:
                return
            await asyncio.sleep(0.2)


async def rate(visitor: Visitor, stars: int, text: str, axe: str) -> list[str]:
    """Rates the app whose page is open, after a try without stars; returns what axe finds meanwhile."""
    sheet = dialog(visitor)
    await visitor.button("ratings.mine.write").click()
    await sheet.get_by_role("button", name=visitor.t("ratings.mine.send")).click()
    await expect(sheet.get_by_text(visitor.t("ratings.mine.needed"))).to_be_visible()
    found = await visitor.violations(axe)
    await sheet.get_by_role("radio", name=visitor.t("directory.stars.give", n=stars), exact=True).check(force=True)
    await sheet.get_by_label(visitor.t("ratings.mine.words")).fill(text)
    await sheet.get_by_role("button", name=visitor.t("ratings.mine.send")).click()
    await expect(sheet).to_have_count(0, timeout=WAIT_MS)
    await expect(visitor.page.get_by_text(text)).to_be_visible(timeout=WAIT_MS)
    return found + await visitor.violations(axe)


async def sure(visitor: Visitor, key: str) -> None:
    """Presses a button that asks first, and means it."""
    await visitor.button(key).click()
    await dialog(visitor).get_by_role("button", name=visitor.t(key), exact=True).click()
    await expect(dialog(visitor)).to_have_count(0, timeout=WAIT_MS)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_page_is_written_kept_and_shown_once_it_was_looked_at(
    come: Come, operate: Operate, axe: str, size: Size, tmp_path: Path
) -> None:
    name = f"Bookmark {size}"
    alice = await come("Alice", size)
    await alice.sign_up()
    app = await make_app(alice, name)
    await alice.go(f"/me/apps/{app}")
    await alice.link("publish.title").click()
    await expect(alice.page.get_by_text(alice.t("publish.none"))).to_be_visible(timeout=WAIT_MS)
    found = await alice.violations(axe)
    await begin(alice, app, "publish.first")
    await alice.button("publish.submit").click()
    await expect(alice.field("publish.tagline")).to_have_attribute("aria-invalid", "true")
    await describe(alice, "Keeps your page")
    await draw(alice, tmp_path)
    await expect(alice.page.get_by_text(alice.t("publish.kept"))).to_be_visible(timeout=WAIT_MS)
    found += await alice.violations(axe)

    # What was written is there again, without anything to press.
    await alice.page.reload()
    await expect(alice.field("publish.tagline")).to_have_value("Keeps your page", timeout=WAIT_MS)
    await alice.sees(alice.page.get_by_role("list", name=alice.t("directory.pictures")).get_by_role("img").first)
    await alice.button("publish.preview").click()
    await expect(dialog(alice).get_by_role("heading", name=name)).to_be_visible()
    found += await alice.violations(axe)
    await alice.page.keyboard.press("Escape")
    await hand_in(alice)
    found += await alice.violations(axe)
    await expect((await seek(alice, "Bookmark")).filter(has_text=name)).to_have_count(0)

    assert name in await operate("submissions")
    await operate("approve-version", app, 1)
    await (await told(alice, "notice.directory.version_approved", name=name, version=1)).click()
    await expect(alice.page.get_by_text(alice.t("publish.live", version=1), exact=True)).to_be_visible(timeout=WAIT_MS)
    found += await alice.violations(axe)

    await (await seek(alice, "Bookmark")).filter(has_text=name).click()
    await alice.button("directory.picture.open", n=1).click()
    await alice.sees(dialog(alice).get_by_role("img", name=alice.t("directory.picture.of", n=1, name=name)))
    await alice.page.keyboard.press("ArrowRight")
    await alice.sees(dialog(alice).get_by_role("img", name=alice.t("directory.picture.of", n=2, name=name)))
    found += await alice.violations(axe)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_an_app_is_found_let_in_rated_and_answered(come: Come, operate: Operate, axe: str, size: Size) -> None:
    name, group = f"Lantern {size}", "Readers of Yueqing"
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    place = await bob.open_group(group)
    app = await publish(alice, operate, name, "Lights the way")

    await (await seek(bob, "Lantern")).filter(has_text=name).click()
    await expect(bob.page.get_by_role("heading", name=name)).to_be_visible(timeout=WAIT_MS)
    await expect(bob.page.get_by_text(bob.t("ratings.who"))).to_be_visible()
    found = await bob.violations(axe)
    await let_into(bob, group)
    assert bob.page.url.endswith(place)

    await counted(bob, f"/directory/{app}", "groups")
    await bob.go(f"/directory/{app}")
    await expect(bob.page.get_by_text(bob.t("directory.groups", n=1))).to_be_visible(timeout=WAIT_MS)
    found += await rate(bob, 4, "We never lose our way.", axe)

    await (await told(alice, "notice.directory.rated", name=name)).click()
    await alice.button("ratings.reply").click()
    await dialog(alice).get_by_label(alice.t("ratings.reply.words")).fill("I am glad.")
    found += await alice.violations(axe)
    await dialog(alice).get_by_role("button", name=alice.t("ratings.reply.send")).click()
    await expect(dialog(alice)).to_have_count(0, timeout=WAIT_MS)
    found += await alice.violations(axe)
    await (await told(bob, "notice.directory.replied", name=name)).click()
    await expect(bob.page.get_by_text("I am glad.")).to_be_visible(timeout=WAIT_MS)
    await sure(bob, "ratings.mine.drop")
    await expect(bob.button("ratings.mine.write")).to_be_visible(timeout=WAIT_MS)
    await expect(bob.page.get_by_text("I am glad.")).to_have_count(0)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_new_version_is_gone_back_from_and_taken_out(
    come: Come, operate: Operate, axe: str, size: Size
) -> None:
    name = f"Kite {size}"
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    app = await publish(alice, operate, name, "Flies in a breeze")
    await begin(alice, app, "publish.new")
    await alice.field("publish.tagline").fill("Flies in a storm")
    await alice.field("directory.news").fill("It has a tail now.")
    await hand_in(alice)
    await operate("reject-version", app, 2, WHY)
    await (await told(alice, "notice.directory.version_rejected", name=name, version=2, reasons=WHY)).click()
    await expect(alice.page.get_by_text(WHY)).to_be_visible(timeout=WAIT_MS)
    found = await alice.violations(axe)
    await alice.link("publish.mend").click()
    await alice.field("publish.tagline").fill("Flies in a wind")
    await hand_in(alice)
    await operate("approve-version", app, 2)
    await bob.go(f"/directory/{app}")
    await expect(bob.page.get_by_text("Flies in a wind")).to_be_visible(timeout=WAIT_MS)
    await expect(bob.page.get_by_text("It has a tail now.")).to_be_visible()

    await alice.go(f"/me/apps/{app}/publish")
    changes = alice.page.get_by_role("list", name=alice.t("diff.title", version=1))
    await expect(changes.get_by_role("listitem")).to_have_text([alice.t("diff.tagline", after="Flies in a wind")])
    found += await alice.violations(axe)
    await sure(alice, "publish.put_live")
    await expect(alice.page.get_by_text(alice.t("publish.live", version=1), exact=True)).to_be_visible(timeout=WAIT_MS)
    await bob.go(f"/directory/{app}")
    await expect(bob.page.get_by_text("Flies in a breeze")).to_be_visible(timeout=WAIT_MS)

    await sure(alice, "publish.take_out")
    await expect(alice.page.get_by_text(alice.t("publish.take_out.done"))).to_be_visible(timeout=WAIT_MS)
    found += await alice.violations(axe)
    await bob.go(f"/directory/{app}")
    await expect(bob.page.get_by_text(bob.t("directory.gone.title"))).to_be_visible(timeout=WAIT_MS)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_an_app_is_offered_to_groups_and_its_developer_is_told_what_came_of_it(
    come: Come, operate: Operate, axe: str, size: Size
) -> None:
    name, kind = f"Drum {size}", "brand" if size == "phone" else "model"
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    near, far = [
        (await ask(bob, "POST", "/groups", data={"name": each, "kind": kind}))["chat"] for each in ("Near", "Far")
    ]
    app = await publish(alice, operate, name, "Says when it is time")
    await alice.go(f"/me/apps/{app}/grants")
    await expect(alice.page.get_by_text(alice.t("grants.none"))).to_be_visible(timeout=WAIT_MS)
    found = await alice.violations(axe)
    await operate("grant", app, "--showings", 50, "--days", 7, "--kind", kind)

    offered = bob.page.get_by_role("button").filter(has_text="Says when it is time")
    await bob.go(f"/chats/{far}/bots")
    await expect(offered).to_be_visible(timeout=WAIT_MS)
    found += await bob.violations(axe)
    await bob.button("offers.refuse", name=name).click()
    await expect(offered).to_have_count(0, timeout=WAIT_MS)

    await bob.go("/directory")
    await expect(bob.page.get_by_text(bob.t("offers.for", group="Near"))).to_be_visible(timeout=WAIT_MS)
    found += await bob.violations(axe)
    await offered.click()
    await let_into(bob, "Near")
    await bob.go(f"/chats/{near}/bots")
    await expect(bob.page.get_by_text(bob.t("bots.of_app", app=name))).to_be_visible(timeout=WAIT_MS)
    await expect(bob.page.get_by_text(bob.t("offers.title"))).to_have_count(0)

    await counted(alice, f"/apps/{app}/grants", "installed")
    await alice.go("/me/notices")
    await alice.page.get_by_role("link").filter(has_text=name).first.click()
    report = alice.page.get_by_role("article")
    await expect(report.get_by_text(alice.t("grants.on"))).to_be_visible(timeout=WAIT_MS)
    await report.get_by_text(alice.t("grants.table")).click()
    await expect(report.get_by_role("row").last.get_by_role("cell")).to_have_text(["2", "1", "1"])
    found += await alice.violations(axe)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_whoever_finds_an_app_writes_to_it_and_opens_its_mini_app(
    come: Come, operate: Operate, axe: str, size: Size
) -> None:
    name = f"Shelf {size}"
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    app = await make_app(alice, name)
    await ask(alice, "POST", f"/apps/{app}/bundles?live=true", data=packed(EXAMPLE))
    await begin(alice, app, "publish.first")
    await expect(alice.page.get_by_role("radio", name=alice.t("publish.mini.here"))).to_be_checked()
    await describe(alice, "What we read")
    await alice.page.get_by_role("radio", name=alice.t("publish.mini.elsewhere")).check()
    await alice.field("publish.mini.address").fill("shelf.example.org")
    await alice.button("publish.submit").click()
    await expect(alice.page.get_by_text(alice.t("publish.mini.bad"))).to_be_visible()
    found = await alice.violations(axe)
    await alice.page.get_by_role("radio", name=alice.t("publish.mini.here")).check()
    await hand_in(alice)
    await operate("approve-version", app, 1)
    await alice.go(f"/me/apps/{app}/mini")
    await expect(alice.page.get_by_text(alice.t("mini.published"))).to_be_visible(timeout=WAIT_MS)
    found += await alice.violations(axe)

    await bob.go(f"/directory/{app}")
    await bob.button("directory.mini").click()
    title = "一起读" if size == "phone" else "Reading together"
    await expect(frame_of(bob).get_by_role("heading", name=title)).to_be_visible(timeout=WAIT_MS)
    await bob.go(f"/directory/{app}")
    await bob.button("bots.write").click()
    await bob.say("What shall I read?")
    await bob.go(f"/directory/{app}")
    await expect(bob.button("ratings.mine.write")).to_be_visible(timeout=WAIT_MS)
    assert found == []
