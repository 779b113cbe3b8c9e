"""Somebody has the events of a bot sent to a program, sees what became of each, and has one sent again."""

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import expect

from .conftest import Come
from .makers import grant_all, let_in, make_bot, register
from .meeting import meet
from .visitor import WAIT_MS, Size, Visitor


@dataclass
class Program:
    """The other end: it takes what is well, and refuses what says ``refuse`` until it is ``mended``."""

    port: int = 0
    mended: bool = False
    taken: asyncio.Queue[tuple[dict[str, str], bytes]] = field(default_factory=asyncio.Queue)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                fields = {name.lower(): value for name, value in fields.items()}
                body = await reader.readexactly(int(fields["content-length"]))
                good = self.mended or b"refuse" not in body
                if good:
                    self.taken.put_nowait((fields, body))
                status = b"204 No Content" if good else b"500 Internal Server Error\r\nContent-Length: 0"
                writer.write(b"HTTP/1.1 " + status + b"\r\n\r\n")
                await writer.drain()
        writer.close()


@pytest.fixture
async def program() -> AsyncGenerator[Program]:
    program = Program()
    server = await asyncio.start_server(program.serve, "127.0.0.1", 0)
    program.port = server.sockets[0].getsockname()[1]
    yield program
    server.close()


async def add_outlet(visitor: Visitor, address: str) -> str:
    """Adds a webhook on the page that is open, after an address that is none; returns its secret."""
    sheet = visitor.page.get_by_role("dialog")
    await visitor.button("outlets.add").click()
    url = sheet.get_by_label(visitor.t("outlets.url"), exact=True)
    await url.fill("bot.example/hook")
    await sheet.get_by_role("button", name=visitor.t("outlets.add"), exact=True).click()
    await expect(url).to_have_attribute("aria-invalid", "true")
    await url.fill(address)
    await sheet.get_by_role("button", name=visitor.t("outlets.add"), exact=True).click()
    shown = sheet.locator("pre")
    await expect(shown).to_be_visible(timeout=WAIT_MS)
    secret = (await shown.inner_text()).strip()
    await sheet.get_by_role("button", name=visitor.t("do.close")).click()
    await expect(visitor.page.get_by_text(address, exact=True)).to_be_visible(timeout=WAIT_MS)
    return secret


@pytest.mark.parametrize("size", ["phone", "desk"])
async def test_what_became_of_events_stands_in_the_log_and_one_is_sent_again(
    come: Come, axe: str, size: Size, program: Program
) -> None:
    alice, bob, place = await meet(come, size, "Readers of Yuyao")
    await register(alice, "Messenger")
    await make_bot(alice, f"messenger-{size}")
    home = alice.page.url
    await let_in(alice, place, f"messenger-{size}", "Messenger")
    await grant_all(alice, place)
    await alice.go(f"{home}/outlets")
    secret = await add_outlet(alice, program.address)
    found = await alice.violations(axe)

    await bob.go(place)
    await bob.say("Take this.")
    await bob.say("You will refuse this.")
    await bob.hears("You will refuse this.")
    log = alice.page.get_by_role("list", name=alice.t("outlets.log"))
    refused = log.get_by_role("listitem").filter(has_text=alice.t("outlets.told.answered", status=500))
    async with asyncio.timeout(WAIT_MS / 1000):
        while await refused.count() == 0:
            await alice.page.reload()
            await expect(alice.page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT_MS)
    await expect(log.get_by_role("listitem").filter(has_text=alice.t("outlets.log.delivered"))).to_have_count(1)
    found += await alice.violations(axe)

    fields, body = program.taken.get_nowait()
    assert b"Take this." in body
    signed = fields["hutong-timestamp"].encode() + b"." + body
    assert fields["hutong-signature"] == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()

    program.mended = True
    await refused.click()
    await alice.button("outlets.resend").click()
    async with asyncio.timeout(WAIT_MS / 1000):
        _, body = await program.taken.get()
    assert b"You will refuse this." in body

    await alice.page.get_by_role("switch", name=alice.t("outlets.on")).uncheck()
    await expect(alice.page.get_by_text(alice.t("outlets.off"), exact=True)).to_be_visible(timeout=WAIT_MS)
    await alice.button("outlets.replay").click()
    sheet = alice.page.get_by_role("dialog")
    since = sheet.get_by_label(alice.t("outlets.replay.since"))
    await since.fill("2999-01-01T00:00")
    await sheet.get_by_role("button", name=alice.t("outlets.resend"), exact=True).click()
    await expect(since).to_have_attribute("aria-invalid", "true")
    found += await alice.violations(axe)
    await since.fill("2020-01-01T00:00")
    await sheet.get_by_role("button", name=alice.t("outlets.resend"), exact=True).click()
    await expect(sheet).to_have_count(0, timeout=WAIT_MS)
    await expect(alice.page.get_by_text(alice.t("outlets.off"), exact=True)).to_be_visible()

    await alice.button("outlets.drop").click()
    await sheet.get_by_role("button", name=alice.t("outlets.drop"), exact=True).click()
    await expect(alice.page.get_by_text(alice.t("outlets.none"))).to_be_visible(timeout=WAIT_MS)
    assert found == []
