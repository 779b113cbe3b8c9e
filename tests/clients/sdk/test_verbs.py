"""Every verb of the SDK's client against a running hutong: the shapes on both sides agree."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hutong_sdk import Client, Denied, NotFound, SignInNeeded, everybody, face, link, mention, quote

from ..conftest import Town


def client_of(town: Town) -> Client:
    return Client(town.server.address, town.bot.token)


async def test_what_is_said_is_found_reacted_to_pinned_and_taken_back(town: Town) -> None:
    async with client_of(town) as client:
        me = await client.me()
        assert (me.number, [install.chat for install in me.installs]) == (town.bot.number, [town.chat])
        first = await client.send(town.chat, "Good morning, ", mention(town.bob.number), face("smile"), key="one")
        assert await client.send(town.chat, "Not again.", key="one") == first
        second = await client.send(town.chat, quote(first.seq), link("https://example.org", "Somewhere"))
        found = await client.history(town.chat, after=first.seq - 1)
        assert [message.seq for message in found] == [first.seq, second.seq]
        assert found[0].text == "Good morning,"
        assert found[0].sender.bot
        assert found[0].at == first.at
        await client.react(town.chat, first.seq, "👍")
        assert (await client.message(town.chat, first.seq)).reactions[0]["emoji"] == "👍"
        await client.unreact(town.chat, first.seq, "👍")
        await client.recall(town.chat, first.seq)
        assert (await client.message(town.chat, first.seq)).recalled
        with pytest.raises(Denied):
            await client.send(town.chat, everybody())
        with pytest.raises(NotFound):
            await client.message(town.chat, 99)
        direct = await client.direct(town.bob.number)
        await client.send(direct, "Between us.")
        await town.bob.hear(direct, "Between us.")


async def test_an_admin_looks_after_the_group(town: Town) -> None:
    await town.alice.ask("PATCH", f"groups/{town.chat}/members/{town.bot.number}", {"role": "admin"})
    bob = town.bob.number
    async with client_of(town) as client:
        said = await client.send(town.chat, "Welcome.")
        await client.pin(town.chat, said.seq)
        await client.unpin(town.chat, said.seq)
        await client.announce(town.chat, "Tea at four.")
        await client.rename(town.chat, "Long Lane")
        await client.set_card(town.chat, "The librarian")
        group = await client.group(town.chat)
        assert (group.name, group.members, group.owner, group.my_role) == ("Long Lane", 3, town.alice.number, "admin")
        assert [member.name async for member in client.members(town.chat)] == ["Alice", "The librarian", "Bob"]
        await client.mute(town.chat, bob, 10, "Shouting")
        (muted,) = [member async for member in client.members(town.chat, query="Bob")]
        assert muted.mute_reason == "Shouting"
        assert muted.muted_until is not None
        assert muted.muted_until > datetime.now(UTC)
        await client.unmute(town.chat, bob)
        await client.mute_all(town.chat)
        assert (await client.group(town.chat)).mute_all
        await client.mute_all(town.chat, False)
        await client.remove(town.chat, bob, ban=True)
        await client.unban(town.chat, bob)
        await town.alice.ask("PATCH", f"groups/{town.chat}", {"join_mode": "approval", "question": "Who are you?"})
        await town.bob.ask("PUT", f"groups/{town.chat}/members/me", {"answer": "Bob"})
        (request,) = await client.requests(town.chat)
        assert (request.number, request.answer) == (bob, "Bob")
        await client.decide(town.chat, bob, accept=True)
        assert (await client.profile(bob)).nickname == "Bob"
        await client.leave(town.chat)
        assert (await client.group(town.chat)).my_role is None


async def test_a_file_goes_up_in_pieces_and_comes_back_as_it_was(town: Town, tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    path = tmp_path / "ten.bin"
    await asyncio.to_thread(path.write_bytes, content)
    async with client_of(town) as client:
        sent = await client.send_file(town.chat, path)
        (file,) = (await client.message(town.chat, sent.seq)).segments
        assert (file["type"], file["name"], file["size"]) == ("file", "ten.bin", len(content))
        assert await client.fetch(town.chat, file["media"]) == content


async def test_a_revoked_token_is_told_from_everything_else(town: Town) -> None:
    await town.alice.ask("DELETE", f"apps/{town.app}/bots/{town.bot.number}/tokens")
    async with client_of(town) as client:
        with pytest.raises(SignInNeeded):
            await client.me()
