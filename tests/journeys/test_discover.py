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
