"""How two people come to sit in one group."""

from playwright.async_api import expect

from .conftest import Come
from .visitor import WAIT_MS, Size, Visitor


async def meet(come: Come, size: Size, group: str) -> tuple[Visitor, Visitor, str]:
    """Alice has opened a group, and Bob has joined it by her link. Both look at the conversation."""
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    place = await alice.open_group(group)
    await bob.follow(await alice.make_link(place))
    await alice.go(place)
    await expect(alice.composer).to_be_visible(timeout=WAIT_MS)
    return alice, bob, place
