"""Somebody looks for groups."""

import re

from playwright.async_api import Request, expect

from .conftest import Come
from .visitor import WAIT_MS

# Longer than the page waits before it asks for what is typed.
A_WHILE_MS = 1_500


async def test_what_was_found_stays_without_asking_again(come: Come) -> None:
    alice = await come("Alice", "desk")
    await alice.sign_up()
    await alice.open_group("Readers of Wenzhou")
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.split("?")[0].endswith("/api/v1/groups"):
            asked.append(request.url)

    alice.page.on("request", note)
    await alice.go("/discover")
    await expect(alice.page.get_by_role("main").get_by_text("Readers of Wenzhou")).to_be_visible(timeout=WAIT_MS)
    await alice.page.wait_for_timeout(A_WHILE_MS)
    assert len(asked) == 1, asked


async def test_whoever_is_new_is_told_their_number_for_good(come: Come) -> None:
    alice = await come("Alice", "desk")
    await alice.sign_up()
    main = alice.page.get_by_role("main")
    await expect(main.get_by_text(alice.t("talk.welcome.title", name="Alice"))).to_be_visible(timeout=WAIT_MS)
    await alice.go("/me")
    shown = await main.get_by_text(re.compile(alice.t("me.number", number=r"\d+"))).inner_text()
    await alice.go("/")
    number = re.findall(r"\d+", shown)[0]
    told = alice.page.get_by_text(alice.t("list.empty.number", number=number))
    await expect(told).to_be_visible(timeout=WAIT_MS)
    await alice.open_group("Readers of Zhoushan")
    await expect(told).to_have_count(0)


async def test_what_is_too_long_to_be_a_name_is_counted_and_finds_nothing(come: Come) -> None:
    alice = await come("Alice", "phone")
    await alice.sign_up()
    await alice.go("/discover")
    await alice.field("find.label").fill("x" * 201)
    await expect(alice.page.get_by_text("201 / 200")).to_be_visible()
    await expect(alice.page.get_by_text(alice.t("find.none.title"))).to_be_visible(timeout=WAIT_MS)
