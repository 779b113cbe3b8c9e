"""A person and a group get a picture of their own, and everybody sees it."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.files import BLUE, RED, png

from .conftest import Come
from .meeting import meet
from .visitor import WAIT_MS, Size, Visitor


async def wear(visitor: Visitor, picture: Path, axe: str) -> list[str]:
    """Chooses a picture on the page that is open, a little nearer than it is; returns what axe finds meanwhile."""
    async with visitor.page.expect_file_chooser() as chooser:
        await visitor.button("avatar.choose").click()
    await (await chooser.value).set_files(picture)
    sheet = visitor.page.get_by_role("dialog")
    await expect(sheet).to_be_visible()
    await visitor.field("avatar.crop.nearer").fill("2")
    await expect(visitor.button("avatar.crop.do")).to_be_enabled(timeout=WAIT_MS)
    found = await visitor.violations(axe)
    await visitor.button("avatar.crop.do").click()
    await expect(sheet).to_have_count(0, timeout=WAIT_MS)
    await visitor.sees(visitor.page.locator("form .avatar img"))
    return found


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_pictures_of_people_and_groups(come: Come, axe: str, size: Size, tmp_path: Path) -> None:
    alice, bob, place = await meet(come, size, "Readers of Lishui")
    face, door = tmp_path / "face.png", tmp_path / "door.png"
    face.write_bytes(png(640, 900, RED))
    door.write_bytes(png(900, 640, BLUE))
    await alice.go("/me/profile")
    found = await wear(alice, face, axe) + await alice.violations(axe)
    await alice.go(f"{place}/settings")
    found += await wear(alice, door, axe) + await alice.violations(axe)

    await alice.go(place)
    await alice.say("Do you know me?")
    await bob.hears("Do you know me?")
    await bob.sees(bob.message("Do you know me?").locator(".avatar img"))
    await bob.go(f"{place}/about")
    await bob.sees(bob.page.locator(".page .head .avatar img"))
    await bob.go("/")
    await bob.sees(bob.page.get_by_role("link").filter(has_text="Readers of Lishui").locator(".avatar img"))

    await alice.go("/me/profile")
    await alice.button("avatar.drop").click()
    await expect(alice.page.locator("form .avatar img")).to_have_count(0, timeout=WAIT_MS)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_group_gets_its_picture_while_it_is_being_opened(
    come: Come, axe: str, size: Size, tmp_path: Path
) -> None:
    alice = await come("Alice", size)
    await alice.sign_up()
    door = tmp_path / "door.png"
    door.write_bytes(png(900, 640, BLUE))
    await alice.go("/create")
    found = await wear(alice, door, axe)
    await alice.button("avatar.drop").click()
    await expect(alice.page.locator("form .avatar img")).to_have_count(0)
    await wear(alice, door, axe)
    await alice.field("group.name").fill("Readers of Jinhua")
    found += await alice.violations(axe)
    await alice.button("create.do").click()
    await expect(alice.composer).to_be_visible(timeout=WAIT_MS)

    await alice.go("/")
    worn = alice.page.get_by_role("link").filter(has_text="Readers of Jinhua").locator(".avatar img")
    await alice.sees(worn)
    assert "/api/v1/avatars/" in (await worn.get_attribute("src") or "")
    assert found == []
