"""Mini apps: opened beside a conversation, told only what one allows, shared, and without any right of ours."""

import io
import zipfile
from pathlib import Path
from typing import Any

from playwright.async_api import FrameLocator, expect

from .conftest import Come
from .visitor import WAIT_MS, Visitor

EXAMPLE = Path(__file__).parents[2] / "docs" / "bots" / "mini-app"

_PROBE = """
async () => {
  const answer = {origin: self.origin};
  try { answer.cookie = document.cookie } catch (error) { answer.cookie = error.name }
  try { answer.storage = String(localStorage.length) } catch (error) { answer.storage = error.name }
  try { answer.outside = parent.document.title } catch (error) { answer.outside = error.name }
  try { answer.api = String((await fetch("/api/v1/accounts/me", {credentials: "include"})).status) }
  catch (error) { answer.api = error.name }
  return answer;
}
"""


def packed(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return content.getvalue()


async def ask(visitor: Visitor, method: str, path: str, **body: Any) -> Any:
    """Asks the interface as the page of the visitor does."""
    cookies = {cookie["name"]: cookie["value"] for cookie in await visitor.context.cookies()}
    headers = {"x-csrf-token": cookies["hutong_csrf"], "origin": f"http://{visitor.page.url.split('/')[2]}"}
    answer = await visitor.context.request.fetch(f"/api/v1{path}", method=method, headers=headers, **body)
    assert answer.ok, await answer.text()
    return await answer.json() if await answer.body() else None


async def install_shelf(owner: Visitor, place: str) -> int:
    """An app with the example as its mini app, and its bot in the group at ``place``. Returns the app."""
    app = (await ask(owner, "POST", "/apps", data={"name": "书架", "scopes": ["send"]}))["app"]
    bot = (await ask(owner, "POST", f"/apps/{app}/bots", data={"nickname": "管书的"}))["number"]
    await ask(owner, "POST", f"/apps/{app}/bundles?live=true", data=packed(EXAMPLE))
    await ask(owner, "PUT", f"/groups/{place.rsplit('/', 1)[-1]}/bots/{bot}", data={"scopes": ["send"]})
    number: int = app
    return number


def frame_of(visitor: Visitor) -> FrameLocator:
    return visitor.page.frame_locator("iframe")


async def test_a_mini_app_is_told_what_one_allows_and_shares_what_one_sends(come: Come, axe: str) -> None:
    wen = await come("小文", "phone")
    await wen.sign_up()
    place = await wen.open_group("读书会")
    app = await install_shelf(wen, place)

    await wen.go(f"{place}/about")
    await wen.link("mini.open", name="书架").click()
    shelf = frame_of(wen)
    await expect(shelf.get_by_role("heading", name="一起读")).to_be_visible(timeout=WAIT_MS)
    await expect(wen.page.get_by_role("heading", name="书架", exact=True)).to_be_visible()
    assert await wen.violations(axe) == []

    await shelf.get_by_role("button", name="告诉书架我是谁").click()
    await wen.button("mini.no").click()
    await expect(shelf.get_by_role("status")).to_have_text("好的，那就不问了。")
    await shelf.get_by_role("button", name="告诉书架我是谁").click()
    question = wen.page.get_by_role("dialog")
    await expect(question).to_contain_text(wen.t("mini.who.text"))
    assert await wen.violations(axe) == []
    await wen.button("mini.who.yes").click()
    await expect(shelf.get_by_role("status")).to_have_text("你好，小文！")

    await shelf.get_by_role("button", name="请大家喝茶").click()
    await expect(shelf.get_by_role("status")).to_have_text("这里还不能付款。")

    await shelf.get_by_role("button", name="推荐给大家").click()
    await expect(wen.page.get_by_role("dialog")).to_contain_text("一起读《边城》")
    await wen.button("mini.share.yes").click()
    await expect(shelf.get_by_role("status")).to_have_text("已经推荐给大家了。")
    await shelf.get_by_role("button", name="看完了").click()
    await expect(wen.page.locator("iframe")).to_have_count(0)

    await wen.go(place)
    await wen.log.get_by_role("link", name="一起读《边城》").click()
    await expect(frame_of(wen).locator("li.wanted")).to_have_text("《边城》", timeout=WAIT_MS)
    # It knows already, so nobody is asked again.
    await frame_of(wen).get_by_role("button", name="告诉书架我是谁").click()
    await expect(frame_of(wen).get_by_role("status")).to_have_text("你好，小文！")
    await wen.button("mini.close").click()
    await expect(wen.composer).to_be_visible()

    # The page had an address of its own once.
    for address in ("/me/granted", "/me/known-apps"):
        await wen.go(address)
        await expect(wen.page.get_by_role("heading", name=wen.t("known.title"))).to_be_visible()
        await expect(wen.button("mini.granted.revoke")).to_be_visible()
    assert await wen.violations(axe) == []
    await wen.button("mini.granted.revoke").click()
    await expect(wen.page.get_by_text(wen.t("known.none.title"))).to_be_visible()
    assert (await ask(wen, "POST", f"{place}/apps/{app}/launch", data={}))["permissions"] == []


async def test_a_mini_app_reaches_nothing_of_ours(come: Come) -> None:
    """In its frame; by itself, under our own address, its page is not shown at all."""
    mei = await come("Mei", "desk")
    await mei.sign_up()
    place = await mei.open_group("Readers")
    app = await install_shelf(mei, place)
    await mei.go(f"{place}/apps/{app}")
    await expect(frame_of(mei).get_by_role("heading", name="Reading together")).to_be_visible(timeout=WAIT_MS)
    frame = mei.page.frames[1]
    await expect(frame.locator("#books li")).to_have_count(3, timeout=WAIT_MS)
    assert await frame.evaluate(_PROBE) == {
        "origin": "null",
        "cookie": "SecurityError",
        "storage": "SecurityError",
        "outside": "SecurityError",
        "api": "TypeError",
    }
    await mei.page.goto(mei.page.url.split("/chats/")[0] + f"/mini/{app}/")
    await expect(mei.page.get_by_role("navigation").first).to_be_visible(timeout=WAIT_MS)
    assert "/mini/" not in mei.page.url


async def test_a_mini_app_follows_the_looks_of_the_client(come: Come, axe: str) -> None:
    mei = await come("Mei", "desk")
    await mei.sign_up()
    place = await mei.open_group("Readers")
    app = await install_shelf(mei, place)
    await mei.go(f"{place}/apps/{app}?start=book-2")
    shelf = frame_of(mei)
    await expect(shelf.locator("li.wanted")).to_have_text("Tales of Hulan River", timeout=WAIT_MS)
    await expect(shelf.locator("html")).to_have_attribute("data-theme", "dark")
    assert await mei.violations(axe) == []
    await mei.page.emulate_media(color_scheme="light")
    await expect(shelf.locator("html")).to_have_attribute("data-theme", "light")
    # By keyboard: in, a question, out of it, and the way back is one key further.
    await shelf.get_by_role("button", name="Tell the shelf who I am").press("Enter")
    await expect(mei.page.get_by_role("dialog")).to_be_visible()
    await mei.page.keyboard.press("Escape")
    await expect(shelf.get_by_role("status")).to_have_text("All right, never mind.")
    await mei.button("mini.close").press("Enter")
    await expect(mei.page.locator("iframe")).to_have_count(0)


async def test_its_maker_sends_pages_and_takes_older_ones_again(come: Come, axe: str, tmp_path: Path) -> None:
    wen = await come("小文", "phone")
    await wen.sign_up()
    app = (await ask(wen, "POST", "/apps", data={"name": "书架"}))["app"]
    pages = tmp_path / "pages.zip"
    pages.write_bytes(packed(EXAMPLE))
    await wen.go(f"/me/apps/{app}")
    await wen.link("mini.make").click()
    await expect(wen.page.get_by_text(wen.t("mini.pages.none"))).to_be_visible()
    for version in (1, 2):
        async with wen.page.expect_file_chooser() as chooser:
            await wen.button("mini.pages.send").click()
        await (await chooser.value).set_files(pages)
        await expect(wen.page.get_by_text(wen.t("mini.pages.sent", version=version))).to_be_visible()
    await wen.button("mini.pages.put_live").click()
    first = wen.page.get_by_role("listitem").filter(has_text=wen.t("mini.pages.version", version=1))
    await expect(first).to_contain_text(wen.t("mini.pages.live"))

    await wen.field("mini.url").fill("http://shelf.example.org/")
    await wen.button("do.save").click()
    await expect(wen.page.get_by_text(wen.t("error.openplatform.bad_mini_url"))).to_be_visible()
    await wen.field("mini.url").fill("https://shelf.example.org/")
    await wen.button("do.save").click()
    await expect(wen.button("do.save")).to_have_count(0)
    assert (await ask(wen, "GET", f"/apps/{app}"))["mini_app"] == "https://shelf.example.org/"
    await wen.button("mini.key.show").click()
    await expect(wen.page.locator("pre")).to_have_text((await ask(wen, "GET", f"/apps/{app}/launch-key"))["key"])
    assert await wen.violations(axe) == []
