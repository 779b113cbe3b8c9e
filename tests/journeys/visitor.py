"""Somebody at a phone or a desk, who does what people do: reads what stands there, and presses it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import BrowserContext, Locator, Page, expect

from .words import words

PASSWORD = "seven green lanterns"
WAIT_MS = 30_000

Size = Literal["phone", "desk"]

VIEWPORTS: dict[Size, tuple[int, int]] = {"phone": (390, 844), "desk": (1440, 900)}
LANGUAGES: dict[Size, str] = {"phone": "zh", "desk": "en"}


@dataclass(frozen=True)
class Visitor:
    """At a phone the client speaks Chinese, at a desk English; ``troubles`` are the errors of the page's scripts."""

    name: str
    size: Size
    context: BrowserContext
    page: Page
    troubles: list[str]

    def t(self, key: str, **params: object) -> str:
        return words(LANGUAGES[self.size], key, **params)

    def button(self, key: str, **params: object) -> Locator:
        return self.page.get_by_role("button", name=self.t(key, **params), exact=True)

    def link(self, key: str, **params: object) -> Locator:
        return self.page.get_by_role("link", name=self.t(key, **params), exact=True)

    def field(self, key: str, **params: object) -> Locator:
        return self.page.get_by_label(self.t(key, **params), exact=True)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer")

    def message(self, text: str) -> Locator:
        """The message that says this, the newest of them."""
        return self.log.locator("li[data-seq]").filter(has_text=text).last

    async def go(self, place: str) -> None:
        await self.page.goto(place)

    async def sign_up(self) -> None:
        await self.go("/sign-up")
        await self.say_who_one_is()
        await expect(self.page.get_by_role("heading", name=self.t("list.title"), exact=True)).to_be_visible()

    async def say_who_one_is(self) -> None:
        """Signs up on the page that is open."""
        await self.field("sign_up.nickname").fill(self.name)
        await self.field("sign_in.password").fill(PASSWORD)
        await self.button("sign_up.do").click()

    async def sign_in(self, login: str) -> None:
        """Signs in on the page that is open."""
        await self.field("sign_in.login").fill(login)
        await self.field("sign_in.password").fill(PASSWORD)
        await self.button("sign_in.do").click()

    async def open_group(self, name: str) -> str:
        """Creates a group of this name, and returns the path of its conversation."""
        await self.go("/create")
        await self.field("group.name").fill(name)
        await self.button("create.do").click()
        await expect(self.composer).to_be_visible(timeout=WAIT_MS)
        return "/" + self.page.url.split("/", 3)[3]

    async def make_link(self, place: str) -> str:
        """Makes an invitation to the group at ``place``, and returns its address."""
        await self.go(f"{place}/invitations")
        await self.button("invite.make").click()
        await self.page.get_by_role("dialog").get_by_role("button", name=self.t("invite.make"), exact=True).click()
        address = self.page.locator(".address")
        await expect(address).to_be_visible(timeout=WAIT_MS)
        return (await address.inner_text()).strip()

    async def follow(self, link: str) -> None:
        """Opens an invitation and joins by it."""
        await self.go(link)
        await self.button("group.join").click()
        await expect(self.composer).to_be_visible(timeout=WAIT_MS)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.button("compose.send").click()

    async def attach(self, what: str, *files: Path) -> None:
        """Chooses files for the message that is being written: ``attach.picture`` or ``attach.file``."""
        await self.button("attach.label").click()
        async with self.page.expect_file_chooser() as chooser:
            await self.page.get_by_role("menuitem", name=self.t(what), exact=True).click()
        await (await chooser.value).set_files(list(files))
        chosen = self.page.get_by_role("list", name=self.t("attach.chosen"))
        await expect(chosen.get_by_role("listitem")).to_have_count(len(files))

    async def sees(self, picture: Locator) -> None:
        """It has come, and is more than a place for it."""
        await expect(picture).to_be_visible(timeout=WAIT_MS)
        await expect(picture).to_have_js_property("complete", True, timeout=WAIT_MS)
        assert await picture.evaluate("(it) => it.naturalWidth") > 0

    async def hears(self, text: str) -> None:
        """It stands in the conversation, as something that the server has."""
        await expect(self.message(text)).to_be_visible(timeout=WAIT_MS)

    async def choose(self, text: str, what: str) -> None:
        """Opens what can be done with a message, and does it."""
        await self.message(text).focus()
        await self.page.keyboard.press("Enter")
        await self.page.get_by_role("dialog").get_by_role("button", name=self.t(what), exact=True).click()

    async def reply(self, to: str, text: str) -> None:
        await self.choose(to, "message.reply")
        await self.say(text)

    async def violations(self, axe: str) -> list[str]:
        """What axe finds on the page as it is, each as its rule and the place."""
        await self.page.evaluate(axe)
        found: dict[str, Any] = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {node['html'][:160]} ({node['failureSummary']})"
            for one in found["violations"]
            for node in one["nodes"]
        ]
