"""What goes wrong while somebody is welcomed passes, and leaves nothing behind."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains import identity
from hutong.gateway import edge, follow
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.settings import Limits, Settings

from .conftest import Town

RESTART = 1012
REVOKED = 4401


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Of a gateway that compares more often than usual, so that nobody here waits long."""
    return msgspec.structs.replace(settings, limits=Limits(sessions_compared_every_s=1))


def failing_once(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    failures = iter([TimeoutError("the bus does not answer")])

    async def fails() -> None:
        for failure in failures:
            raise failure
        await work()

    return fails


async def never(bus: Bus) -> None:
    raise TimeoutError("the bus does not answer")


async def test_a_chat_is_heard_again_after_the_bus_did_not_answer_when_it_was_opened(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    bus = town.parts.house.bus
    monkeypatch.setattr(bus, "flush", failing_once(bus.flush))
    unlucky = await town.connect(authorization=f"Bearer {alice.token}")
    unlucky.do("hello")
    assert await unlucky.until_closed() == RESTART
    client, other = await alice.online(), await bob.online()
    await client.say(chat, "Is anybody there?")
    await other.until(lambda frame: frame["on"] == "message")
    assert other.texts(chat) == ["Is anybody there?"]


async def test_one_is_welcomed_while_the_bus_is_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    with monkeypatch.context() as away:
        away.setattr(Bus, "is_up", False)
        away.setattr(Bus, "flush", never)
        client = await alice.online()
        await client.say(chat, "The table knows.")
    assert [frame["on"] for frame in client.frames] == ["welcome", "sent"]


async def test_who_cannot_be_signed_in_just_now_is_told_to_come_back_and_not_that_they_are_signed_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alice,) = await town.people("Alice")

    async def away(session: AsyncSession, token: str) -> None:
        raise ConnectionRefusedError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(follow, "find_actor", away)
        client = await town.connect(authorization=f"Bearer {alice.token}")
        client.do("hello")
        assert await client.until_closed() == RESTART
    assert (await (await alice.online()).hello())["code"] == "socket.bad_frame"


async def test_a_message_that_cannot_be_looked_at_just_now_is_answered(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    client = await alice.online()

    async def away(*args: Any, **fields: Any) -> None:
        raise ConnectionRefusedError("the database is away")

    monkeypatch.setattr(edge, "prepare", away)
    segments = [{"type": "mention", "all": True}]
    answer = await client.answer(client.do("send", chat=chat, key="one", segments=segments))
    assert answer["code"] == "hutong.unavailable"


async def test_a_device_whose_signing_out_nobody_told_is_found_out(town: Town) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()
    beside = Database(town.parts.house.settings.database_url)
    async with beside.transaction() as session:
        await identity.revoke_other_sessions(session, alice.number, 0)
    await beside.close()
    assert await client.until_closed() == REVOKED
