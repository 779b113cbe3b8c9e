"""Somebody looks for groups."""

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


async def test_what_is_too_long_to_be_a_name_is_counted_and_finds_nothing(come: Come) -> None:
    alice = await come("Alice", "phone")
    await alice.sign_up()
    await alice.go("/discover")
    await alice.field("find.label").fill("x" * 201)
    await expect(alice.page.get_by_text("201 / 200")).to_be_visible()
    await expect(alice.page.get_by_text(alice.t("find.none.title"))).to_be_visible(timeout=WAIT_MS)
