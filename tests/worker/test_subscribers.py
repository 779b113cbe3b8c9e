"""Subscribers: every fact at least once, again after a failure, given up in the end, and done once by its id."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from nats.aio.msg import Msg
from nats.js.errors import APIError
from sqlalchemy import select

from hutong.domains.chat import GroupCreated
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.jobs import DeadLetter, HandledFact, Subscriber, Task, count_dead_letters, mark_handled, sweep_handled
from hutong.infra.outbox import publish
from hutong.settings import Settings
from hutong.worker import subscribers
from hutong.worker.relay import STREAM, make_stream, relay_facts
from hutong.worker.subscribers import attend
from tests.conftest import HandClock

TOPIC = "chat.GroupCreated"
WAIT_S = 20.0


class Desk:
    """Somebody who handles tasks, and fails as often as told."""

    def __init__(self, database: Database, *, fails: int = 0) -> None:
        self.database = database
        self.fails = fails
        self.seen: list[Task] = []
        self.done: list[int] = []
        self._news = asyncio.Event()

    async def handle(self, task: Task) -> None:
        self.seen.append(task)
        self._news.set()
        if len(self.seen) <= self.fails:
            raise RuntimeError("the ink is dry")
        async with self.database.transaction() as session:
            await mark_handled(session, task)
        self.done.append(task.fact_id)
        self._news.set()

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not there():
                await self._news.wait()
                self._news.clear()


async def test_the_stream_is_kept_by_as_many_servers_as_are_wanted(settings: Settings, bus: Bus) -> None:
    await make_stream(bus)
    assert (await bus.jetstream.stream_info(STREAM)).config.num_replicas == 1

    three = Bus(settings.nats_url, replicas=3)
    await three.connect()
    with pytest.raises(APIError, match="replicas > 1 not supported"):
        await make_stream(three)
    await three.close()


async def test_the_stream_keeps_so_many_bytes_and_discards_the_oldest(settings: Settings, bus: Bus) -> None:
    await make_stream(bus)
    bounded = Bus(settings.nats_url, facts_bytes_max=20_000)
    await bounded.connect()
    for number in range(50):
        await bounded.jetstream.publish(f"facts.{TOPIC}", bytes(1_000), headers={"Nats-Msg-Id": str(number)})
    assert (await bus.jetstream.stream_info(STREAM)).state.messages == 50

    await make_stream(bounded)
    await bounded.jetstream.publish(f"facts.{TOPIC}", b"the newest")

    state = (await bus.jetstream.stream_info(STREAM)).state
    assert state.bytes <= 20_000
    assert 10 < state.messages < 20
    assert state.last_seq == 51
    await bounded.close()


async def test_a_nats_with_less_room_says_so(settings: Settings, bus: Bus) -> None:
    greedy = Bus(settings.nats_url, facts_bytes_max=2**50)
    await greedy.connect()
    with pytest.raises(APIError, match="insufficient storage resources"):
        await make_stream(greedy)
    await greedy.close()


async def _announce(database: Database, *chats: int) -> None:
    for chat in chats:
        async with database.transaction() as session:
            publish(session, GroupCreated(chat=chat, owner=10001))


@asynccontextmanager
async def _at_work(desk: Desk, bus: Bus, *, relay: bool = True, at_once_max: int = 1) -> AsyncGenerator[None]:
    """One task at a time, so that one is answered for before the next begins; or several."""
    subscriber = Subscriber("test-desk", (TOPIC,), desk.handle, at_once_max=at_once_max)
    tasks = [asyncio.create_task(attend(subscriber, bus, desk.database, back_off_s=(0.05, 0.05)))]
    if relay:
        tasks.append(asyncio.create_task(relay_facts(desk.database.url, bus)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_every_fact_of_the_topic_is_handled(database: Database, bus: Bus) -> None:
    desk = Desk(database)
    await _announce(database, 1, 2, 3)
    async with _at_work(desk, bus):
        await desk.until(lambda: len(desk.done) == 3)
    assert sorted(task.read(GroupCreated).chat for task in desk.seen) == [1, 2, 3]
    assert {(task.topic, task.attempt) for task in desk.seen} == {(TOPIC, 1)}


async def test_a_task_that_takes_long_holds_up_none_behind_it(database: Database, bus: Bus) -> None:
    class SlowDesk(Desk):
        go_on = asyncio.Event()

        async def handle(self, task: Task) -> None:
            if task.read(GroupCreated).chat == 1:
                await self.go_on.wait()
            await super().handle(task)

    desk = SlowDesk(database)
    await _announce(database, 1, 2, 3, 4, 5, 6)
    async with _at_work(desk, bus, at_once_max=2):
        await desk.until(lambda: len(desk.done) == 5)
        assert 1 not in {task.read(GroupCreated).chat for task in desk.seen}
        desk.go_on.set()
        await desk.until(lambda: len(desk.done) == 6)


async def test_what_fails_is_tried_again_later(database: Database, bus: Bus) -> None:
    desk = Desk(database, fails=2)
    await _announce(database, 1)
    async with _at_work(desk, bus):
        await desk.until(lambda: len(desk.done) == 1)
    assert [task.attempt for task in desk.seen] == [1, 2, 3]
    async with database.transaction() as session:
        assert await count_dead_letters(session) == {}


async def test_what_keeps_failing_becomes_a_dead_letter_and_the_others_go_on(database: Database, bus: Bus) -> None:
    desk = Desk(database, fails=3)
    await _announce(database, 1)
    async with _at_work(desk, bus):
        await desk.until(lambda: len(desk.seen) == 3)
        await _announce(database, 2)
        await desk.until(lambda: len(desk.done) == 1)
    async with database.transaction() as session:
        letter = (await session.scalars(select(DeadLetter))).one()
        assert await count_dead_letters(session) == {"test-desk": 1}
    assert (letter.topic, letter.payload, letter.attempts) == (TOPIC, {"chat": 1, "owner": 10001}, 3)
    assert letter.reason == "RuntimeError: the ink is dry"
    assert [task.read(GroupCreated).chat for task in desk.seen] == [1, 1, 1, 2]


async def test_the_same_fact_told_again_much_later_is_handled_once(database: Database, bus: Bus) -> None:
    """As after a crash between handling and saying so, when JetStream has forgotten the first time."""
    desk = Desk(database)
    fact = b'{"chat":1,"owner":2}'
    await make_stream(bus)
    async with _at_work(desk, bus, relay=False):
        await bus.jetstream.publish("facts.chat.MemberJoined", fact, headers={"Nats-Msg-Id": "6"})
        await bus.jetstream.publish(f"facts.{TOPIC}", fact, headers={"Nats-Msg-Id": "7"})
        await desk.until(lambda: desk.done == [7])
        await bus.jetstream.delete_stream(STREAM)
    await make_stream(bus)
    for fact_id in ("7", "8"):
        await bus.jetstream.publish(f"facts.{TOPIC}", fact, headers={"Nats-Msg-Id": fact_id})
    async with _at_work(desk, bus, relay=False):
        await desk.until(lambda: 8 in desk.done)
    assert [task.fact_id for task in desk.seen] == [7, 8]


async def test_it_ends_although_the_word_of_it_was_lost(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = asyncio.Event()

    async def lose_the_word(*_: object) -> list[Msg]:
        waits.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(WAIT_S)
        return []

    monkeypatch.setattr(subscribers, "_fetch", lose_the_word)
    working = asyncio.create_task(attend(Subscriber("test-desk", (TOPIC,), Desk(database).handle), bus, database))
    await asyncio.wait_for(waits.wait(), WAIT_S)
    working.cancel()
    await asyncio.wait([working], timeout=WAIT_S / 2)
    assert working.done()


async def test_marking_twice_is_marking_once(database: Database) -> None:
    task = Task("test-desk", 7, TOPIC, b"{}", 1)
    async with database.transaction() as session:
        assert [await mark_handled(session, task), await mark_handled(session, task)] == [True, False]
    old, new = HandClock(), HandClock()
    new.advance(days=40)
    async with database.transaction() as session:
        await mark_handled(session, Task("old", 7, TOPIC, b"{}", 1), clock=old)
        await mark_handled(session, Task("new", 7, TOPIC, b"{}", 1), clock=new)
        await sweep_handled(session, older_than=timedelta(days=28), clock=new)
        kept = await session.scalars(select(HandledFact.subscriber).where(HandledFact.subscriber != "test-desk"))
        assert list(kept) == ["new"]
