"""The outbox relay: brings facts to JetStream, in order, each at least once.

One process relays at a time, held by an advisory lock that ends with its connection. A fact is deleted from the outbox
once JetStream has it; what was published twice because of a crash in between is dropped by its message id.
"""

import asyncio

import asyncpg
import structlog
from nats.errors import Error as NatsError
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError

from hutong.infra.bus import Bus
from hutong.infra.db import connect_raw

__all__ = ["FACTS_KEPT_S", "STREAM", "make_stream", "relay_facts"]

log = structlog.get_logger()

STREAM = "FACTS"
_STREAM_IS_THERE = 10_058
"""What NATS answers when a stream has other bounds than those that are asked for."""
_LOCK = 0x4855_0001
_BATCH_MAX = 500
_IDLE_WAIT_S = 0.2
_AWAY_WAIT_S = 1.0
FACTS_KEPT_S = 14 * 24 * 3600
_GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, NatsError)


async def relay_facts(database_url: str, bus: Bus) -> None:
    """Relays until it is cancelled; comes back by itself when the database or the bus was away."""
    itself = asyncio.current_task()
    # Until Python 3.12 whoever waits with a bound may lose the word that it is cancelled, and the NATS client does.
    while itself is None or not itself.cancelling():
        try:
            connection = await connect_raw(database_url)
        except _GONE as error:
            log.warning("relay.database_away", reason=str(error) or type(error).__name__)
            await asyncio.sleep(_AWAY_WAIT_S)
            continue
        try:
            await _relay_while_connected(connection, bus)
        except _GONE as error:
            log.warning("relay.interrupted", reason=str(error) or type(error).__name__)
            await asyncio.sleep(_AWAY_WAIT_S)
        finally:
            connection.terminate()


async def _relay_while_connected(connection: asyncpg.Connection, bus: Bus) -> None:
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    await make_stream(bus)
    itself = asyncio.current_task()
    while itself is None or not itself.cancelling():
        if await _relay_batch(connection, bus) < _BATCH_MAX:
            await asyncio.sleep(_IDLE_WAIT_S)


async def make_stream(bus: Bus) -> None:
    """Makes the stream, or gives it the bounds as they are now. Beyond them the oldest facts are discarded, handled or
    not: a subscriber that never comes back must not fill the disk. Raises ``APIError`` where NATS has less room."""
    config = StreamConfig(
        name=STREAM,
        subjects=["facts.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=FACTS_KEPT_S,
        max_bytes=bus.facts_bytes_max,
        discard=DiscardPolicy.OLD,
        duplicate_window=600,
        num_replicas=bus.replicas,
    )
    try:
        await bus.jetstream.add_stream(config)
    except BadRequestError as error:
        if error.err_code != _STREAM_IS_THERE:
            raise
        await bus.jetstream.update_stream(config)


async def _relay_batch(connection: asyncpg.Connection, bus: Bus) -> int:
    """Publishes what is waiting, up to a batch, and deletes it. Returns how many facts that were."""
    rows = await connection.fetch("SELECT id, topic, payload FROM infra_outbox ORDER BY id LIMIT $1", _BATCH_MAX)
    for row in rows:
        await bus.jetstream.publish(
            f"facts.{row['topic']}", row["payload"].encode(), headers={"Nats-Msg-Id": str(row["id"])}
        )
    if rows:
        await connection.execute("DELETE FROM infra_outbox WHERE id = ANY ($1::bigint[])", [row["id"] for row in rows])
    return len(rows)
