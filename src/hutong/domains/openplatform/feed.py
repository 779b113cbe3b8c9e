"""What one listener hears of a bot: first what it has missed, from the table, then each event as it is written down.

What the bus brings is handed on where it is the next; where something is missing before it, it is read from the table.
So nothing is left out, and nothing comes twice.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from hutong.domains.chat import unpack
from hutong.domains.identity import live_sessions
from hutong.infra.bus import LOOK, Bus, Following
from hutong.infra.db import Database
from hutong.kit.actor import Actor
from hutong.kit.errors import HutongError

from .errors import AppSuspended, NoSuchBot, TokenRevoked
from .queries import bot_with_app, events_after, last_events_of

__all__ = ["Feed", "Heard", "Sink", "stream"]

log = structlog.get_logger()

Heard = tuple[int, bytes]
"""The number of an event, and its frame."""

Sink = Callable[[Sequence[Heard]], bool]
"""Takes events in rising number. False where there is no room for them now: ``Feed.resume`` brings them again."""

_AT_ONCE_MAX = 200
_WAITING_MAX = 1_000


class Feed:
    """Hands a bot's events to a sink, in order, from one number on. ``last`` is the last that the sink has taken,
    ``newest`` the newest that there is. ``ended`` is told once when the bot may hear no more."""

    def __init__(
        self, database: Database, bus: Bus, actor: Actor, *, sink: Sink, ended: Callable[[HutongError], None]
    ) -> None:
        self._database = database
        self._bus = bus
        self._actor = actor
        self._sink = sink
        self._ended = ended
        self._following: Following | None = None
        self._reading: asyncio.Task[None] | None = None
        self._full = False
        self._in_doubt = False
        self._is_open = False
        self._is_closed = False
        self.number = actor.number
        self.last = 0
        self.newest = 0

    async def open(self, after: int | None) -> None:
        """Finds out how far things are; nothing is handed on before ``flow``. Without a number the sink hears what
        comes from now on. Raises ``NoSuchBot``, ``AppSuspended``."""
        # Listens first: what is committed after that is either in the table or comes by the bus.
        self._following = await self._bus.follow(f"bot.{self._actor.number}", self._hear)
        if self._is_closed:
            await self._following.close()
            return
        if self._bus.is_up:
            await self._bus.flush()
        async with self._database.transaction() as session:
            bot, app = await bot_with_app(session, self._actor.number)
        if app.state == "suspended":
            raise AppSuspended
        self.newest = max(self.newest, bot.last_event)
        self.last = self.newest if after is None else min(after, self.newest)

    def flow(self) -> None:
        """From here on the sink is given what there is."""
        self._is_open = True
        self._go_on()

    def resume(self) -> None:
        """There is room again."""
        self._full = False
        self._go_on()

    def look(self) -> None:
        """Compares with the table: something may have got lost."""
        self._in_doubt = True
        self._go_on()

    def note(self, newest: int) -> None:
        """The table has events up to this number."""
        if newest > self.newest:
            self.newest = newest
            self._go_on()

    def end(self, error: HutongError) -> None:
        """The bot may hear no more."""
        if not self._is_closed:
            self._is_closed = True
            self._ended(error)

    async def close(self) -> None:
        self._is_closed = True
        following, self._following = self._following, None
        if following is not None:
            await following.close()
        if self._reading is not None:
            self._reading.cancel()

    def _hear(self, payload: bytes) -> None:
        if payload == LOOK:
            self.look()
            return
        parcel = unpack(payload)
        self.newest = max(self.newest, parcel.first + len(parcel.frames) - 1)
        if not self._is_open or self._is_closed or self._full or self._reading is not None:
            return
        if parcel.first > self.last + 1:
            self._go_on()
            return
        fresh = parcel.frames[self.last + 1 - parcel.first :]
        self._hand_on(list(enumerate(fresh, self.last + 1)))

    def _hand_on(self, found: Sequence[Heard]) -> None:
        if not found:
            return
        if self._sink(found):
            self.last = found[-1][0]
        else:
            self._full = True

    def _go_on(self) -> None:
        """Reads from the table where there is something to read, and nobody does so already."""
        behind = self.last < self.newest or self._in_doubt
        if self._is_open and behind and not self._is_closed and not self._full and self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
            self._reading.add_done_callback(self._has_read)

    async def _read(self) -> None:
        try:
            while (self.last < self.newest or self._in_doubt) and not self._full and not self._is_closed:
                await self._read_some()
        finally:
            self._reading = None

    def _has_read(self, reading: asyncio.Task[None]) -> None:
        """What went wrong does not end the feed: it goes on at the next word from the bus or the next look."""
        if not reading.cancelled() and (error := reading.exception()) is not None:
            log.error("openplatform.feed_failed", bot=self.number, exc_info=error)

    async def _read_some(self) -> None:
        self._in_doubt = False
        async with self._database.transaction() as session:
            found = await events_after(session, self._actor.number, event=self.last, limit=_AT_ONCE_MAX)
            newest = (await last_events_of(session, [self._actor.number])).get(self._actor.number)
        if newest is None:
            self.end(TokenRevoked())
            return
        self.newest = max(self.newest, newest)
        first = found[0][0] if found else newest + 1
        if first > self.last + 1:
            found = [(first - 1, _lost(self.last + 1, first - 1)), *found]
        self._hand_on(found)


def _lost(first: int, last: int) -> bytes:
    """Tells a bot that the events ``first`` to ``last`` are not kept any more."""
    return b'{"on":"gap","events":true,"from":%d,"to":%d}' % (first, last)


async def _refusal(database: Database, actor: Actor) -> HutongError | None:
    """Why a bot that came in with a token would not be let in now; None where it would."""
    async with database.transaction() as session:
        if actor.session_id and (actor.number, actor.session_id) not in await live_sessions(session, [actor.number]):
            return TokenRevoked()
        try:
            _, app = await bot_with_app(session, actor.number)
        except NoSuchBot as error:
            return error
    return AppSuspended() if app.state == "suspended" else None


class _Listener:
    """One who asks for a bot's events, list by list."""

    def __init__(self, database: Database, bus: Bus, actor: Actor, checked_every_s: int) -> None:
        self._database = database
        self._actor = actor
        self._checked_every_s = checked_every_s
        self._waiting: deque[Heard] = deque()
        self._news = asyncio.Event()
        self._in_doubt = False
        self._why: HutongError | None = None
        self.feed = Feed(database, bus, actor, sink=self._take, ended=self._end)

    def hear_of_account(self, payload: bytes) -> None:
        """Whatever it is that became of the account, the table says whether the token is still good."""
        self._in_doubt = True
        self._news.set()

    def _take(self, found: Sequence[Heard]) -> bool:
        if len(self._waiting) > _WAITING_MAX:
            return False
        self._waiting.extend(found)
        self._news.set()
        return True

    def _end(self, error: HutongError) -> None:
        self._why = error
        self._news.set()

    async def each(self) -> AsyncGenerator[list[Heard]]:
        while True:
            if self._in_doubt:
                self._in_doubt = False
                self._why = await _refusal(self._database, self._actor)
            if self._why is not None:
                raise self._why
            if self._waiting:
                found = list(self._waiting)
                self._waiting.clear()
                yield found
                self.feed.resume()
                continue
            self._news.clear()
            try:
                async with asyncio.timeout(self._checked_every_s):
                    await self._news.wait()
            except TimeoutError:
                self.feed.look()
                self._in_doubt = True


@asynccontextmanager
async def stream(
    database: Database, bus: Bus, actor: Actor, after: int | None, *, checked_every_s: int
) -> AsyncGenerator[AsyncGenerator[list[Heard]]]:
    """A bot's events after a number (None: those that come from now on), in lists of those that are there together, as
    long as one asks for more. Raises ``NoSuchBot``, ``AppSuspended``, and out of the iteration ``TokenRevoked`` or
    ``AppSuspended`` when that happens."""
    listener = _Listener(database, bus, actor, checked_every_s)
    of_account = await bus.follow(f"account.{actor.number}", listener.hear_of_account)
    try:
        await listener.feed.open(after)
        listener.feed.flow()
        yield listener.each()
    finally:
        await listener.feed.close()
        await of_account.close()
