"""Somebody makes a bot and tries it out, an owner lets it into a group, and it answers there."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from playwright.async_api import expect

from .conftest import Come
from .makers import grant_all, let_in, make_bot, make_token, register
from .meeting import meet
from .visitor import WAIT_MS, Size


class _Wire(WSListener):
    def __init__(self) -> None:
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.frames.put_nowait(msgspec.json.decode(frame.get_payload_as_bytes()))


async def echo(transport: WSTransport, wire: _Wire) -> None:
    """Says again whatever the bot hears."""
    while True:
        frame = await wire.frames.get()
        if frame["on"] == "message":
            said = "".join(part["text"] for part in frame["segments"] if part["type"] == "text").strip()
            body = {"chat": frame["chat"], "key": f"echo-{frame['event']}"}
            body |= {"segments": [{"type": "text", "text": f"I heard: {said}"}]}
            transport.send(WSMsgType.TEXT, msgspec.json.encode({"do": "send", **body}))


@contextlib.asynccontextmanager
async def program(address: str, token: str) -> AsyncGenerator[None]:
    """A bot as somebody's program runs it: it says again what it hears."""
    transport, wire = await ws_connect(_Wire, address.replace("http", "ws") + "/socket", use_aiofastnet=False)
    assert isinstance(wire, _Wire)
    transport.send(WSMsgType.TEXT, msgspec.json.encode({"do": "hello", "token": token, "client": "bot"}))
    async with asyncio.timeout(WAIT_MS / 1000):
        assert (await wire.frames.get())["on"] == "welcome"
    answering = asyncio.create_task(echo(transport, wire))
    try:
        yield
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        transport.disconnect()


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_a_bot_is_made_let_in_answers_and_is_sent_away(come: Come, address: str, axe: str, size: Size) -> None:
    name, handle = "Echo", f"echo-{size}"
    alice, bob, place = await meet(come, size, "Readers of Shaoxing")
    await register(alice, name)
    number = await make_bot(alice, handle)
    home = alice.page.url
    token = await make_token(alice)
    found = await alice.violations(axe)
    await let_in(alice, place, handle, name)
    found += await alice.violations(axe)

    await bob.go(f"{place}/bots")
    may = bob.page.get_by_role("list", name=bob.t("bots.may")).get_by_role("listitem")
    await expect(may.filter(has_text=bob.t("scope.read_mentions"))).to_be_visible(timeout=WAIT_MS)
    await expect(bob.button("bots.away")).to_have_count(0)
    await expect(bob.button("bots.change")).to_have_count(0)

    async with program(address, token):
        await grant_all(alice, place)
        await bob.go(place)
        await bob.say("Good morning.")
        await bob.hears("I heard: Good morning.")
    await expect(bob.message("I heard: Good morning.").get_by_text(bob.t("talk.bot"))).to_be_visible()

    await alice.go(f"{place}/bots")
    await alice.button("bots.away").click()
    sheet = alice.page.get_by_role("dialog")
    await sheet.get_by_role("button", name=alice.t("bots.away"), exact=True).click()
    await expect(alice.page.get_by_text(alice.t("bots.none"))).to_be_visible(timeout=WAIT_MS)

    await alice.go(home.removeprefix(address))
    await alice.button("bot.give_up").click()
    end = sheet.get_by_role("button", name=alice.t("bot.give_up"), exact=True)
    await expect(end).to_be_disabled()
    await sheet.get_by_label(alice.t("apps.give_up.type", name=name)).fill(name)
    await end.click()
    await expect(alice.page.get_by_text(alice.t("apps.bots.none"))).to_be_visible(timeout=WAIT_MS)
    await bob.go(f"/people/{number}")
    await expect(bob.page.get_by_text(bob.t("missing.title"))).to_be_visible(timeout=WAIT_MS)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_the_inspector_shows_what_a_bot_hears_and_speaks_for_it(come: Come, axe: str, size: Size) -> None:
    alice, bob, place = await meet(come, size, "Readers of Jinhua")
    await register(alice, "Parrot")
    number = await make_bot(alice, f"parrot-{size}")
    home = alice.page.url
    await make_token(alice)
    await let_in(alice, place, f"parrot-{size}", "Parrot")
    await grant_all(alice, place)

    # A page that is opened anew has no token in its memory, and takes none that is wrong.
    await alice.go(f"{home}/try")
    await alice.field("try.token").fill(f"{number}.wrong")
    await alice.button("try.start").click()
    await expect(alice.page.get_by_text(alice.t("try.refused"))).to_be_visible(timeout=WAIT_MS)
    found = await alice.violations(axe)
    await alice.go(home)
    await make_token(alice)
    dialog = alice.page.get_by_role("dialog")
    await dialog.get_by_role("link", name=alice.t("bot.token.try")).click()
    await expect(alice.page.get_by_text(alice.t("try.open"))).to_be_visible(timeout=WAIT_MS)

    heard = alice.page.get_by_role("list", name=alice.t("try.title"))
    await bob.go(place)
    await bob.say("Who is listening?")
    await expect(heard.get_by_text("Who is listening?")).to_be_visible(timeout=WAIT_MS)
    await alice.button("try.pause").click()
    await bob.say("And now?")
    await expect(alice.page.get_by_text(alice.t("try.aside", n=1))).to_be_visible(timeout=WAIT_MS)
    await alice.button("try.go_on").click()
    await heard.get_by_text("And now?").click()
    await expect(heard.locator("pre")).to_contain_text('"on": "message"')
    found += await alice.violations(axe)

    saying = alice.page.locator("details.card")
    if await saying.get_attribute("open") is None:
        await alice.page.get_by_text(alice.t("try.say"), exact=True).click()
    await saying.get_by_label(alice.t("try.say.text"), exact=True).last.fill("I am.")
    await alice.button("try.say.do").click()
    await bob.hears("I am.")
    await alice.field("try.say.raw").check()
    await alice.field("try.say.segments").fill('[{"text": "no type"}]')
    await alice.button("try.say.do").click()
    await expect(alice.page.get_by_text(alice.t("try.say.type"))).to_be_visible()
    found += await alice.violations(axe)
    assert found == []


async def test_a_bot_is_added_from_its_card_and_written_to(come: Come, axe: str) -> None:
    alice, bob = await come("Alice", "phone"), await come("Bob", "phone")
    await alice.sign_up()
    await bob.sign_up()
    await register(alice, "Librarian")
    number = await make_bot(alice, "librarian")
    place = await bob.open_group("Readers of Quzhou")
    await bob.go(f"/people/{number}")
    await expect(bob.page.get_by_text(bob.t("bots.of_app", app="Librarian"))).to_be_visible(timeout=WAIT_MS)
    found = await bob.violations(axe)
    await bob.button("bots.choose").click()
    sheet = bob.page.get_by_role("dialog")
    await sheet.get_by_role("button").filter(has_text="Readers of Quzhou").click()
    found += await bob.violations(axe)
    await sheet.get_by_role("button", name=bob.t("bots.grant"), exact=True).click()
    await expect(bob.composer).to_be_visible(timeout=WAIT_MS)
    assert bob.page.url.endswith(place)

    await bob.go(f"/people/{number}")
    await bob.button("bots.write").click()
    await expect(bob.composer).to_be_visible(timeout=WAIT_MS)
    assert found == []


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_test_users_are_named_and_may_write_to_a_bot(come: Come, axe: str, size: Size) -> None:
    alice, bob = await come("Alice", size), await come("Bob", size)
    await alice.sign_up()
    await bob.sign_up()
    number = (await bob.page.evaluate("fetch('/api/v1/accounts/me').then((answer) => answer.json())"))["number"]
    await register(alice, "Librarian")
    page = alice.page.url
    bot = await make_bot(alice, f"tried_out_at_the_{size}")

    await bob.go(f"/people/{bot}")
    await bob.button("bots.write").click()
    refused = bob.t("error.openplatform.sandbox_is_for_testers")
    await expect(bob.page.get_by_text(refused)).to_be_visible(timeout=WAIT_MS)

    await alice.go(page)
    await alice.link("apps.testers").click()
    await expect(alice.page.get_by_text(alice.t("apps.testers.text"))).to_be_visible(timeout=WAIT_MS)
    await alice.field("apps.testers.who").fill("99999")
    await alice.button("apps.testers.add").click()
    await expect(alice.field("apps.testers.who")).to_have_attribute("aria-invalid", "true", timeout=WAIT_MS)
    await alice.field("apps.testers.who").fill(str(number))
    await alice.button("apps.testers.add").click()
    drop = alice.page.get_by_role("button", name=alice.t("apps.testers.drop_one", name="Bob"))
    await expect(drop).to_be_visible(timeout=WAIT_MS)
    assert await alice.violations(axe) == []

    await bob.go(f"/people/{bot}")
    await bob.button("bots.write").click()
    await expect(bob.composer).to_be_visible(timeout=WAIT_MS)

    await drop.click()
    await expect(drop).to_have_count(0, timeout=WAIT_MS)
    await bob.say("Are you there?")
    await expect(bob.page.get_by_text(refused)).to_be_visible(timeout=WAIT_MS)
