"""The message writer: stores what people say, many messages in one short transaction.

A process holds one; ``deliver`` is called after each commit, before the bus is told. What gathers while a commit runs
is the next batch. A batch raises the counters of its chats, which locks them and hands out dense numbers, and inserts
its messages; when that is committed the senders are answered, the frames go to the people online, and a fact with the
ranges lies in the outbox.

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
from .frames import chat_subject, message_frame, pack
from .models import refusal_to_speak
from .segments import Draft

__all__ = ["MessageWriter", "Outgoing", "StoredRun"]

log = structlog.get_logger()

_IDS_IN_BLOCK = 1_000
_DATABASE_WAIT_S = 60.0
_RETRIES_MAX = 50
_GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError)
_TRY_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)

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


class Outgoing:
    """A message on its way. ``settle`` is called once: with None when ``seq``, ``id`` and ``at`` are known and
    stored, else with the error. ``origin`` is the sender's own, handed on untouched."""

    __slots__ = (
        "at", "chat", "draft", "frame", "id", "key", "members_rev", "origin", "sender", "sender_json", "seq", "settle",
    )  # fmt: skip

    def __init__(
        self,
        *,
        chat: int,
        sender: int,
        sender_json: bytes,
        key: str,
        draft: Draft,
        members_rev: int,
        settle: "Callable[[Outgoing, HutongError | None], None]",
        origin: Any = None,
    ) -> None:
        self.chat = chat
        self.sender = sender
        self.sender_json = sender_json
        self.key = key
        self.draft = draft
        self.members_rev = members_rev
        self.settle = settle
        self.origin = origin
        self.seq = 0
        self.id = 0
        self.at = b""
        self.frame = b""

    @property
    def name(self) -> tuple[int, int, str]:
        """What makes it the same message when it is sent again."""
        return self.chat, self.sender, self.key


class StoredRun(msgspec.Struct, frozen=True):
    """Messages of one chat that were stored together, in rising and dense seq."""

    chat: int
    members_rev: int
    messages: list[Outgoing]


class _Refused(Exception):  # not an error of the house: it carries the errors of single messages
    def __init__(self, refusals: dict[int, HutongError]) -> None:
        self.refusals = refusals


class MessageWriter:
    """Takes messages at any time with ``submit``; ``run`` stores them until it is cancelled."""

    def __init__(
        self,
        database_url: str,
        *,
        clock: Clock,
        say: Say,
        batch_max: int,
        queue_max: int,
    ) -> None:
        self._database_url = database_url
        self._clock = clock
        self._say = say
        self.deliver: Callable[[list[StoredRun]], None] | None = None
        self._batch_max = batch_max
        self._queue_max = queue_max
        self._queue: list[Outgoing] = []
        self._waiting = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._ids: list[int] = []
        self._in_doubt: set[tuple[int, int, str]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
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

    async def run(self) -> None:
        try:
            while True:
                await self._waiting.wait()
                batch, self._queue = self._queue[: self._batch_max], self._queue[self._batch_max :]
                if not self._queue:
                    self._waiting.clear()
                await self._flush(batch)
                if not self._queue:
                    self._idle.set()
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _flush(self, batch: list[Outgoing]) -> None:
        """Stores the batch, or what of it can be stored; every message is settled when this returns."""
        gone_since: float | None = None
        retries_left = _RETRIES_MAX
        batch = self._without_twins(batch)
        while batch:
            try:
                batch = await self._attempt(batch)
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
        now = self._clock()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
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
            message.seq = next_seq[chat]
            next_seq[chat] += 1
            message.id = self._ids.pop()
            message.at = at
            message.frame = message_frame(
                chat, message.seq, message.id, message.sender_json, message.draft.segments, at
            )
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
            self._say(chat_subject(run.chat), pack("m", first.seq, run.members_rev, first.sender, frames))

    def _without_twins(self, batch: list[Outgoing]) -> list[Outgoing]:
        """The batch with each key once; a twin is settled together with the message that it repeats."""
        first: dict[tuple[int, int, str], Outgoing] = {}
        kept: list[Outgoing] = []
        for message in batch:
            earlier = first.setdefault(message.name, message)
            if earlier is message:
                kept.append(message)
            else:
                _settle_together(earlier, message)
        return kept

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
            message.seq, message.id, message.at = row[3], row[4], iso_utc(row[5].astimezone(UTC)).encode()
            message.frame = message_frame(
                message.chat, message.seq, message.id, message.sender_json, message.draft.segments, message.at
            )
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


def _settle_together(earlier: Outgoing, twin: Outgoing) -> None:
    settle_earlier = earlier.settle

    def settle_both(message: Outgoing, error: HutongError | None) -> None:
        settle_earlier(message, error)
        twin.seq, twin.id, twin.at = message.seq, message.id, message.at
        twin.settle(twin, error)

    earlier.settle = settle_both
