"""The message writer: stores what people say, many messages in one short transaction.

A process holds one; ``deliver`` is called after each commit, before the bus is told. What gathers while a commit runs
is the next batch. A batch raises the counters of its chats, which locks them and hands out dense numbers, and inserts
its messages; when that is committed the senders are answered, the frames go to the people online, and a fact with the
ranges lies in the outbox. Plain messages, which are nearly all, go to the database in one statement; what needs another
look goes the careful way, in a transaction of several.

Promises: a message is answered only after its commit; the same key is stored once and answered alike; a message that
cannot be stored fails alone and spends no number; one that was checked against an older membership is checked again
within the transaction. When PostgreSQL goes away the batch is kept and tried again until it is back: whether the lost
commit had happened is found out by the keys.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec
import structlog

from hutong.infra.db import Say, connect_raw
from hutong.infra.outbox import OUTBOX_INSERT
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.errors import HutongError

from .errors import NoSuchChat, WriterBusy
from .facts import LinksSent, MessagesSent, SentMessage, SentRange
from .frames import chat_subject, pack_messages
from .models import refusal_to_speak
from .outgoing import Outgoing, StoredRun, without_twins
from .pace import Pace

__all__ = ["MessageWriter"]

log = structlog.get_logger()

_IDS_IN_BLOCK = 1_000
_DATABASE_WAIT_S = 60.0
_RETRIES_MAX = 50
_NO_REV = -1
"""A ``members_rev`` that no chat has."""
_GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError)
_TRY_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)

_STORE_AT_ONCE = """
WITH raised AS (
  UPDATE chat_chat AS c SET last_seq = c.last_seq + u.n
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (chat_id, n, members_rev)
  WHERE c.chat_id = u.chat_id AND c.members_rev = u.members_rev AND c.dissolved_at IS NULL
  RETURNING c.chat_id, c.last_seq, u.n
), stored AS (
  INSERT INTO chat_message (chat_id, seq, id, sender_number, key, segments, sent_at)
  SELECT m.chat_id, r.last_seq - r.n + m.place, m.id, m.sender, m.key, m.segments, $10
  FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])
    AS m (chat_id, place, id, sender, key, segments) JOIN raised r USING (chat_id)
), told AS (
  INSERT INTO infra_outbox (topic, payload)
  SELECT 'chat.MessagesSent', jsonb_build_object('ranges', jsonb_agg(
    jsonb_build_object('chat', chat_id, 'first_seq', last_seq - n + 1, 'last_seq', last_seq)))
  FROM raised HAVING count(*) > 0
)
SELECT chat_id, last_seq FROM raised
"""
_RAISE_COUNTERS = """
UPDATE chat_chat AS c SET last_seq = c.last_seq + u.n
FROM unnest($1::bigint[], $2::bigint[]) AS u (chat_id, n)
WHERE c.chat_id = u.chat_id AND c.dissolved_at IS NULL
RETURNING c.chat_id, c.last_seq, c.members_rev, c.muted_all
"""
_INSERT_MESSAGES = """
INSERT INTO chat_message (chat_id, seq, id, sender_number, key, segments, sent_at)
SELECT u.chat_id, u.seq, u.id, u.sender, u.key, u.segments, $7
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
  AS u (chat_id, seq, id, sender, key, segments)
"""
_INSERT_MENTIONS = """
INSERT INTO chat_mention (chat_id, account_number, seq)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
"""
_INSERT_MEDIA = """
INSERT INTO chat_media (chat_id, media_id, seq)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
"""
_SEATS = """
SELECT m.chat_id, m.account_number, m.role, m.muted_until
FROM chat_member m JOIN unnest($1::bigint[], $2::bigint[]) AS u (chat_id, number)
  ON m.chat_id = u.chat_id AND m.account_number = u.number
"""
_FIND_REPEATED = """
SELECT m.chat_id, m.sender_number, m.key, m.seq, m.id, m.sent_at, c.members_rev
FROM chat_message m JOIN unnest($1::bigint[], $2::bigint[], $3::text[]) AS u (chat_id, sender, key)
  ON m.chat_id = u.chat_id AND m.sender_number = u.sender AND m.key = u.key
  JOIN chat_chat c ON c.chat_id = m.chat_id
"""


class _Refused(Exception):  # not an error of the house: it carries the errors of single messages
    def __init__(self, refusals: dict[int, HutongError]) -> None:
        self.refusals = refusals


class MessageWriter:
    """Takes messages at any time with ``submit``; ``run`` stores them until it is cancelled. ``pace`` is asked by
    whoever takes a message from a person, before anything else is done about it."""

    def __init__(
        self,
        database_url: str,
        *,
        clock: Clock,
        say: Say,
        batch_max: int,
        queue_max: int,
        messages_per_10_s_max: int,
    ) -> None:
        self._database_url = database_url
        self._clock = clock
        self._say = say
        self.deliver: Callable[[list[StoredRun]], None] | None = None
        self._batch_max = batch_max
        self._queue_max = queue_max
        self.pace = Pace(messages_per_10_s_max)
        self._queue: list[Outgoing] = []
        self._waiting = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._ids: list[int] = []
        self._in_doubt: set[tuple[int, int, str]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._flushed: asyncio.Event | None = None
        self._takes_one_statement = True
        self.messages_total = 0
        self.batches_total = 0

    def submit(self, message: Outgoing) -> None:
        """Takes the message to be stored. Raises ``WriterBusy`` when too many are waiting."""
        if len(self._queue) >= self._queue_max:
            raise WriterBusy
        self._queue.append(message)
        self._idle.clear()
        self._waiting.set()

    async def send(self, **fields: Any) -> Outgoing:
        """Stores one message, given the fields of ``Outgoing``, and returns it with its numbers, or raises."""
        answer: asyncio.Future[Outgoing] = asyncio.get_running_loop().create_future()

        def settle(message: Outgoing, error: HutongError | None) -> None:
            if answer.cancelled():
                return
            if error is None:
                answer.set_result(message)
            else:
                answer.set_exception(error)

        self.submit(Outgoing(settle=settle, **fields))
        return await answer

    async def drain(self) -> None:
        """Returns when everything taken so far is settled."""
        await self._idle.wait()

    async def handed_on(self) -> None:
        """Returns when whatever this writer had committed by the time of the call has been delivered: somebody who has
        just read a message in the table would otherwise be ahead of ``deliver``."""
        if self._flushed is not None:
            await self._flushed.wait()
        else:
            # What was stored in this very turn of the loop is delivered in the next.
            await asyncio.sleep(0)

    async def run(self) -> None:
        try:
            while True:
                await self._waiting.wait()
                batch, self._queue = self._queue[: self._batch_max], self._queue[self._batch_max :]
                if not self._queue:
                    self._waiting.clear()
                self._flushed = asyncio.Event()
                await self._flush(batch)
                self._flushed.set()
                self._flushed = None
                if not self._queue:
                    self._idle.set()
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _flush(self, batch: list[Outgoing]) -> None:
        """Stores the batch, or what of it can be stored; every message is settled when this returns."""
        gone_since: float | None = None
        retries_left = _RETRIES_MAX
        attempt = self._attempt_at_once if self._takes_one_statement else self._attempt
        batch = without_twins(batch)
        while batch:
            try:
                batch = await attempt(batch)
                attempt = self._attempt
            except _TRY_AGAIN as error:
                log.info("writer.retry", reason=type(error).__name__)
                retries_left -= 1
                if retries_left == 0:
                    batch = self._refuse_all(batch, WriterBusy(log="deadlocks without end"))
            except _GONE as error:
                gone_since = gone_since or time.monotonic()
                self._in_doubt.update(message.name for message in batch)
                await self._after_loss(error)
                if time.monotonic() - gone_since > _DATABASE_WAIT_S:
                    batch = self._refuse_all(batch, WriterBusy(log="the database stayed away"))
            except Exception as error:
                # The edge of the writer: whatever is wrong with one message must not stop the others.
                log.exception("writer.batch_failed", messages=len(batch))
                self._drop_connection()
                if len(batch) == 1:
                    batch = self._refuse_all(batch, WriterBusy(log=repr(error)))
                    continue
                for message in batch:
                    await self._flush([message])
                return
        self._in_doubt.clear()

    async def _attempt_at_once(self, batch: list[Outgoing]) -> list[Outgoing]:
        """One statement, and so one journey to the database: stores the messages of those chats where all were checked
        against the membership as it stands and are plain. Returns the rest, for which no number was spent.

        What is stored is handed on in the next turn of the loop, when the next batch is on its way already: so the
        database works while this process writes to its sockets.
        """
        connection = await self._connected()
        if len(self._ids) < len(batch):
            await self._take_ids(connection)
        now = self._now()
        counts: Counter[int] = Counter()
        revs: dict[int, int] = {}
        places: list[int] = []
        for message in batch:
            chat = message.chat
            counts[chat] += 1
            places.append(counts[chat])
            message.id = self._ids.pop()
            if revs.setdefault(chat, message.members_rev) != message.members_rev or not message.draft.is_one_row:
                revs[chat] = _NO_REV
        try:
            rows = await connection.fetch(
                _STORE_AT_ONCE,
                list(counts),
                list(counts.values()),
                list(revs.values()),
                [message.chat for message in batch],
                places,
                [message.id for message in batch],
                [message.sender for message in batch],
                [message.key for message in batch],
                [message.draft.segments.decode() for message in batch],
                now,
            )
        except asyncpg.UniqueViolationError:
            return await self._settle_repeated(batch)
        except asyncpg.FeatureNotSupportedError as error:
            log.info("writer.takes_several_statements", reason=str(error))
            self._takes_one_statement = False
            return batch
        before = {row[0]: row[1] - counts[row[0]] for row in rows}
        return self._hand_on_soon(batch, places, revs, before, iso_utc(now).encode())

    def _hand_on_soon(
        self, batch: list[Outgoing], places: list[int], revs: dict[int, int], before: dict[int, int], at: bytes
    ) -> list[Outgoing]:
        """Hands on the messages of the chats whose last seq ``before`` the batch is known. Returns the others."""
        runs = {chat: StoredRun(chat, revs[chat], []) for chat in before}
        rest: list[Outgoing] = []
        for message, place in zip(batch, places, strict=True):
            if message.chat in before:
                message.become(before[message.chat] + place, at)
                runs[message.chat].messages.append(message)
            else:
                rest.append(message)
        if runs:
            stored = [message for message in batch if message.chat in before]
            asyncio.get_running_loop().call_soon(self._hand_on, stored, list(runs.values()))
        return rest

    def _now(self) -> datetime:
        """The moment in whole milliseconds, as frames tell it."""
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    async def _attempt(self, batch: list[Outgoing]) -> list[Outgoing]:
        """One transaction. Returns what is still to be stored: nothing, or the batch without what cannot be."""
        try:
            runs = await self._store(batch)
        except _Refused as refused:
            return self._settle_refused(batch, refused.refusals)
        except asyncpg.UniqueViolationError:
            return await self._settle_repeated(batch)
        self._hand_on(batch, runs)
        return []

    async def _store(self, batch: list[Outgoing]) -> list[StoredRun]:
        connection = await self._connected()
        counts = Counter(message.chat for message in batch)
        if len(self._ids) < len(batch):
            await self._take_ids(connection)
        now = self._now()
        async with connection.transaction():
            rows = await connection.fetch(_RAISE_COUNTERS, list(counts), list(counts.values()))
            chats = {row[0]: row for row in rows}
            await self._check_again(connection, batch, chats, now)
            runs = self._number(batch, chats, counts, now)
            await self._insert(connection, batch, runs, now)
        return runs

    def _number(
        self, batch: list[Outgoing], chats: dict[int, Any], counts: Counter[int], now: datetime
    ) -> list[StoredRun]:
        next_seq = {chat: chats[chat][1] - count + 1 for chat, count in counts.items()}
        runs = {chat: StoredRun(chat, chats[chat][2], []) for chat in counts}
        at = iso_utc(now).encode()
        for message in batch:
            chat = message.chat
            message.id = self._ids.pop()
            message.become(next_seq[chat], at)
            next_seq[chat] += 1
            runs[chat].messages.append(message)
        return list(runs.values())

    async def _insert(
        self, connection: asyncpg.Connection, batch: list[Outgoing], runs: list[StoredRun], now: datetime
    ) -> None:
        await connection.execute(
            _INSERT_MESSAGES,
            [message.chat for message in batch],
            [message.seq for message in batch],
            [message.id for message in batch],
            [message.sender for message in batch],
            [message.key for message in batch],
            [message.draft.segments.decode() for message in batch],
            now,
        )
        mentions = [(m.chat, number, m.seq) for m in batch if m.draft.mentions for number in m.draft.mentions]
        if mentions:
            await connection.execute(_INSERT_MENTIONS, *map(list, zip(*mentions, strict=True)))
        media = [(m.chat, name, m.seq) for m in batch if m.draft.media for name in dict.fromkeys(m.draft.media)]
        if media:
            await connection.execute(_INSERT_MEDIA, *map(list, zip(*media, strict=True)))
        fact = MessagesSent(ranges=[SentRange(r.chat, r.messages[0].seq, r.messages[-1].seq) for r in runs])
        await connection.execute(OUTBOX_INSERT, "chat.MessagesSent", msgspec.json.encode(fact).decode())
        links = [SentMessage(m.chat, m.seq) for m in batch if m.draft.links]
        if links:
            await connection.execute(
                OUTBOX_INSERT, "chat.LinksSent", msgspec.json.encode(LinksSent(messages=links)).decode()
            )

    async def _check_again(
        self, connection: asyncpg.Connection, batch: list[Outgoing], chats: dict[int, Any], now: datetime
    ) -> None:
        """Raises ``_Refused`` for messages whose chat is gone or whose sender's seat no longer lets them speak."""
        refusals: dict[int, HutongError] = {}
        stale: list[Outgoing] = []
        for message in batch:
            row = chats.get(message.chat)
            if row is None:
                refusals[id(message)] = NoSuchChat()
            elif row[2] != message.members_rev:
                stale.append(message)
        if stale:
            rows = await connection.fetch(_SEATS, [m.chat for m in stale], [m.sender for m in stale])
            seats = {(row[0], row[1]): row for row in rows}
            for message in stale:
                seat = seats.get((message.chat, message.sender))
                refusal = (
                    NoSuchChat() if seat is None else refusal_to_speak(seat[2], seat[3], chats[message.chat][3], now)
                )
                if refusal is not None:
                    refusals[id(message)] = refusal
        if refusals:
            raise _Refused(refusals)

    def _hand_on(self, batch: list[Outgoing], runs: list[StoredRun]) -> None:
        self.messages_total += len(batch)
        self.batches_total += 1
        for message in batch:
            message.settle(message, None)
        if self.deliver is not None:
            self.deliver(runs)
        for run in runs:
            first = run.messages[0]
            frames = [message.frame for message in run.messages]
            for parcel in pack_messages(first.seq, run.members_rev, first.sender, frames):
                self._say(chat_subject(run.chat), parcel)

    def _settle_refused(self, batch: list[Outgoing], refusals: dict[int, HutongError]) -> list[Outgoing]:
        rest = []
        for message in batch:
            refusal = refusals.get(id(message))
            if refusal is None:
                rest.append(message)
            else:
                message.settle(message, refusal)
        return rest

    def _refuse_all(self, batch: list[Outgoing], error: HutongError) -> list[Outgoing]:
        return self._settle_refused(batch, {id(message): error for message in batch})

    async def _settle_repeated(self, batch: list[Outgoing]) -> list[Outgoing]:
        """Answers what is stored already with the numbers of the first time, and returns the rest.

        What was stored by a commit whose answer got lost has not been delivered yet, so that is made good here.
        """
        connection = await self._connected()
        rows = await connection.fetch(
            _FIND_REPEATED, [m.chat for m in batch], [m.sender for m in batch], [m.key for m in batch]
        )
        stored = {(row[0], row[1], row[2]): row for row in rows}
        rest: list[Outgoing] = []
        lost: dict[int, StoredRun] = {}
        for message in batch:
            row = stored.get(message.name)
            if row is None:
                rest.append(message)
                continue
            message.id = row[4]
            message.become(row[3], iso_utc(row[5].astimezone(UTC)).encode())
            if message.name in self._in_doubt:
                lost.setdefault(message.chat, StoredRun(message.chat, row[6], [])).messages.append(message)
            else:
                message.settle(message, None)
        for run in lost.values():
            run.messages.sort(key=lambda message: message.seq)
            for message in run.messages:
                self._hand_on([message], [StoredRun(run.chat, run.members_rev, [message])])
        if len(rest) == len(batch):
            raise RuntimeError("the database refused a repetition that it cannot find")
        return rest

    async def _take_ids(self, connection: asyncpg.Connection) -> None:
        first = await connection.fetchval("SELECT nextval('chat_message_ids')")
        self._ids = list(range(first + _IDS_IN_BLOCK - 1, first - 1, -1)) + self._ids

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect_raw(self._database_url)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _after_loss(self, error: Exception) -> None:
        log.warning("writer.database_away", reason=str(error) or type(error).__name__)
        self._drop_connection()
        await asyncio.sleep(0.2)
