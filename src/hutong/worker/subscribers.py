"""Brings facts to those who subscribe to them: from JetStream, at least once each, again after a while when it fails.

Every subscriber is a durable consumer, so several workers share its tasks and none is lost while no worker runs. A task
that fails is tried again after a delay that grows; after the last one it becomes a dead letter.
"""

import asyncio
from collections.abc import Sequence

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from prometheus_client import Counter

from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.infra.jobs import Subscriber, Task, bury, is_handled

from .relay import STREAM, make_stream

__all__ = ["BACK_OFF_S", "attend"]

log = structlog.get_logger()

BACK_OFF_S = (5, 30, 120, 600, 3_600)
"""How long to wait after the first failure, the second …; after as many failures as this has numbers and one more, a
task is given up."""

_FETCH_WAIT_S = 5
_AWAY_WAIT_S = 1.0
_SPARE_S = 30

TASKS = Counter("hutong_tasks_total", "Facts brought to subscribers.", ("subscriber", "outcome"))


async def attend(
    subscriber: Subscriber, bus: Bus, database: Database, *, back_off_s: Sequence[float] = BACK_OFF_S
) -> None:
    """Handles tasks until it is cancelled; comes back by itself when the bus was away. Raises what keeps it from saying
    how a task went; that task comes again."""
    itself = asyncio.current_task()
    running: set[asyncio.Task[None]] = set()
    try:
        # Until Python 3.12 whoever waits with a bound may lose the word that it is cancelled, and the NATS client does.
        while itself is None or not itself.cancelling():
            try:
                await _bring_tasks(subscriber, bus, database, back_off_s, running)
            except (NatsError, OSError) as error:
                log.warning("subscriber.interrupted", subscriber=subscriber.name, reason=str(error) or repr(error))
                await asyncio.sleep(_AWAY_WAIT_S)
    finally:
        # What is broken off here comes again.
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _bring_tasks(
    subscriber: Subscriber, bus: Bus, database: Database, back_off_s: Sequence[float], running: set[asyncio.Task[None]]
) -> None:
    """Starts tasks as they come, as long as there is a place: one that takes long does not hold up those behind it.
    Raises what one of them has raised."""
    pull, itself = await _subscribe(subscriber, bus), asyncio.current_task()
    while itself is None or not itself.cancelling():
        if len(running) >= subscriber.at_once_max:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        done = {task for task in running if task.done()}
        running -= done
        for task in done:
            task.result()
        for message in await _fetch(pull, subscriber.at_once_max - len(running)):
            running.add(asyncio.create_task(_take(subscriber, database, message, back_off_s)))


async def _subscribe(subscriber: Subscriber, bus: Bus) -> JetStreamContext.PullSubscription:
    await make_stream(bus)
    config = ConsumerConfig(
        durable_name=subscriber.name,
        filter_subjects=[f"facts.{topic}" for topic in subscriber.topics],
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=subscriber.timeout_s + _SPARE_S,
        max_ack_pending=subscriber.at_once_max * 8,
    )
    await bus.jetstream.add_consumer(STREAM, config)
    return await bus.jetstream.pull_subscribe_bind(subscriber.name, STREAM)


async def _fetch(pull: JetStreamContext.PullSubscription, count: int) -> list[Msg]:
    try:
        return await pull.fetch(count, timeout=_FETCH_WAIT_S)
    except TimeoutError:
        # The client's own, or that of what it waits with: nothing has come.
        return []


async def _take(subscriber: Subscriber, database: Database, message: Msg, back_off_s: Sequence[float]) -> None:
    """Handles one task and answers for it: done, again later, or given up."""
    task = Task(
        subscriber=subscriber.name,
        fact_id=int((message.headers or {}).get("Nats-Msg-Id", "0")),
        topic=message.subject.removeprefix("facts."),
        payload=message.data,
        attempt=message.metadata.num_delivered or 1,
    )
    try:
        async with asyncio.timeout(subscriber.timeout_s):
            async with database.transaction() as session:
                done = await is_handled(session, task)
            if not done:
                await subscriber.handle(task)
    except Exception as error:
        # The edge of a job: it is tried again later, and the others go on.
        log.exception("subscriber.failed", subscriber=task.subscriber, fact=task.fact_id, attempt=task.attempt)
        await _put_off(task, database, message, f"{type(error).__name__}: {error}", back_off_s)
    else:
        TASKS.labels(task.subscriber, "done").inc()
        await message.ack()


async def _put_off(task: Task, database: Database, message: Msg, reason: str, back_off_s: Sequence[float]) -> None:
    if task.attempt <= len(back_off_s):
        TASKS.labels(task.subscriber, "failed").inc()
        await message.nak(delay=back_off_s[task.attempt - 1])
        return
    async with database.transaction() as session:
        await bury(session, task, reason)
    TASKS.labels(task.subscriber, "given up").inc()
    await message.term()
