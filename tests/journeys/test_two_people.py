"""Two people sign up, one opens a group, the other joins by a link; they talk, and lose the network and come back."""

import pytest
from playwright.async_api import expect

from .conftest import Come
from .meeting import meet
from .visitor import WAIT_MS, Size

# What was read is put on the shelf a moment later; this waits for it.
ON_THE_SHELF = """async (chat) => {
  const answer = (asking) => new Promise((found) => { asking.onsuccess = () => found(asking.result); });
  const shelf = await answer(indexedDB.open("hutong"));
  for (;;) {
    const page = await answer(shelf.transaction("pages").objectStore("pages").get(chat));
    if (page?.messages.length > 0) break;
    await new Promise((later) => setTimeout(later, 50));
  }
  shelf.close();
}"""


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_two_people_talk_reply_and_recall(come: Come, size: Size) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Suzhou")
    await alice.say("Who brings the tea?")
    await bob.hears("Who brings the tea?")
    await expect(alice.page.get_by_text(alice.t("talk.online", n=2))).to_be_visible(timeout=WAIT_MS)
    await bob.reply("Who brings the tea?", "I do, and cups.")
    await alice.hears("I do, and cups.")
    quote = alice.message("I do, and cups.").get_by_role("button", name="Alice")
    await expect(quote).to_contain_text("Who brings the tea?")

    await alice.say("This was for somebody else.")
    await bob.hears("This was for somebody else.")
    await alice.choose("This was for somebody else.", "message.recall")
    await expect(bob.log.get_by_text(bob.t("talk.recalled", who="Alice"))).to_be_visible(timeout=WAIT_MS)
    await expect(bob.log.get_by_text("This was for somebody else.")).to_have_count(0)
    await expect(alice.log.get_by_text(alice.t("talk.recalled_me"))).to_be_visible()


async def test_what_the_server_refuses_in_passing_is_told_once(come: Come) -> None:
    alice, _, _ = await meet(come, "desk", "Readers of Taizhou")
    await alice.say("Keep this in sight.")
    await alice.hears("Keep this in sight.")
    refusal = {"status": 409, "code": "chat.pins_full", "detail": "", "params": {"pins_max": 20}}
    await alice.page.route("**/pins/*", lambda route: route.fulfill(status=409, json=refusal))
    await alice.choose("Keep this in sight.", "message.pin")
    await expect(alice.page.get_by_text(alice.t("error.chat.pins_full", pins_max=20))).to_have_count(1)


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_break_of_the_network_loses_nothing(come: Come, size: Size) -> None:
    alice, bob, _ = await meet(come, size, "Readers of Hangzhou")
    await alice.say("Before the break.")
    await bob.hears("Before the break.")

    await bob.context.set_offline(True)
    await expect(bob.page.get_by_text(bob.t("net.offline"))).to_be_visible(timeout=WAIT_MS)
    await bob.say("Written without a network.")
    await expect(bob.log.get_by_text(bob.t("talk.waiting"))).to_be_visible()
    await alice.say("Said while Bob was away.")
    await alice.hears("Said while Bob was away.")

    await bob.context.set_offline(False)
    await bob.hears("Said while Bob was away.")
    await alice.hears("Written without a network.")
    await bob.hears("Written without a network.")
    await expect(bob.page.get_by_text(bob.t("net.offline"))).to_have_count(0)
    await expect(bob.log.get_by_text("Written without a network.")).to_have_count(1)


async def test_what_waits_to_be_sent_outlives_the_page(come: Come) -> None:
    alice, bob, place = await meet(come, "phone", "Readers of Wuxi")
    await bob.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await bob.page.reload()
    await expect(bob.composer).to_be_visible(timeout=WAIT_MS)
    await bob.context.set_offline(True)
    await bob.say("Sent before the page was closed.")
    await expect(bob.log.get_by_text(bob.t("talk.waiting"))).to_be_visible()
    await bob.page.close()
    await bob.context.set_offline(False)
    page = await bob.context.new_page()
    await page.goto(place)
    await alice.hears("Sent before the page was closed.")


async def test_the_client_opens_without_a_network(come: Come) -> None:
    alice, bob, place = await meet(come, "phone", "Readers of Yangzhou")
    await alice.say("Read me on the train.")
    await bob.hears("Read me on the train.")
    await bob.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await bob.page.reload()
    await bob.hears("Read me on the train.")
    await bob.page.evaluate(ON_THE_SHELF, int(place.rsplit("/", 1)[1]))
    await bob.context.set_offline(True)
    await bob.page.reload()
    await bob.hears("Read me on the train.")
    # Some Chromiums say after a reload that there is a network; then the client finds out by itself.
    without = bob.page.get_by_text(bob.t("net.offline")).or_(bob.page.get_by_text(bob.t("net.connecting")))
    await expect(without).to_be_visible(timeout=WAIT_MS)
