"""How a bot hears its events over the socket. Its connections have no place in any room."""

from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec

from hutong.domains.chat import chat_rows
from hutong.domains.openplatform import AppSuspended, Feed, Heard, last_events_of
from hutong.kit.actor import Actor
from hutong.kit.clock import iso_utc
from hutong.kit.errors import HutongError

from .books import Books
from .connection import CLOSE_REVOKED, Connection
from .errors import TooMuchWaiting
from .follow import bring_online
from .frames import Hello, error_frame, framed

__all__ = ["Feeds"]


class Feeds:
    """The connections of bots to this process."""

    def __init__(self, books: Books, spawn: Callable[[Coroutine[Any, Any, None]], None], waiting_max: int) -> None:
        """``waiting_max`` is how many messages of one connection may wait for the one before them."""
        self._books = books
        self._spawn = spawn
        self._waiting_max = waiting_max
        self._feeds: dict[Connection, Feed] = {}
        self._turns: dict[Connection, deque[Coroutine[Any, Any, None]]] = {}

    async def welcome(self, connection: Connection, hello: Hello, actor: Actor) -> None:
        """Tells the bot where it is and how many events there are, and sends those after the one that it heard last;
        without one it hears what comes."""
        books = self._books
        online = bring_online(books, connection, actor)
        feed = self._feed_for(connection, actor)
        try:
            await feed.open(hello.events)
        except AppSuspended as error:
            connection.write(error_frame(hello.ref, error))
            connection.close(CLOSE_REVOKED, "the app is suspended")
            return
        async with books.database.transaction() as session:
            rows = await chat_rows(session, actor.number)
        if connection.online is None:
            # It went away meanwhile, and the feed with it.
            return
        frame = {
            "on": "welcome",
            "ref": hello.ref,
            "account": {"number": actor.number, "nickname": actor.nickname, "avatar": actor.avatar, "bot": True},
            "chats": rows,
            "events": feed.newest,
            "at": iso_utc(books.clock()),
        }
        connection.write(framed(msgspec.json.encode(frame)))
        books.presence.came(online)
        feed.flow()

    def _feed_for(self, connection: Connection, actor: Actor) -> Feed:
        def take(found: Sequence[Heard]) -> bool:
            if connection.is_too_slow:
                return False
            connection.write(b"".join([framed(frame) for _, frame in found]))
            return True

        def ended(error: HutongError) -> None:
            connection.write(error_frame(0, error))
            connection.close(CLOSE_REVOKED, "signed out")

        feed = Feed(self._books.database, self._books.bus, actor, sink=take, ended=ended)
        self._feeds[connection] = feed
        return feed

    def catches_up(self, connection: Connection) -> None:
        """A slow reader has read what waited for it."""
        feed = self._feeds.get(connection)
        if feed is not None:
            feed.resume()

    async def look_again(self) -> None:
        """Compares with the table, for the case that the bus has lost something."""
        if not self._feeds:
            return
        async with self._books.database.transaction() as session:
            newest = await last_events_of(session, {feed.number for feed in self._feeds.values()})
        for feed in self._feeds.values():
            feed.note(newest.get(feed.number, 0))

    def check_turn(self, connection: Connection) -> None:
        """Raises ``TooMuchWaiting`` where too much that the bot has sent waits already."""
        if len(self._turns.get(connection, ())) >= self._waiting_max:
            raise TooMuchWaiting(count_max=self._waiting_max)

    def in_turn(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        """Does what a bot asks for in the order in which it came, one after the other."""
        waiting = self._turns.get(connection)
        if waiting is not None:
            waiting.append(work)
            return
        self._turns[connection] = deque([work])
        self._spawn(self._take_turns(connection))

    async def _take_turns(self, connection: Connection) -> None:
        waiting = self._turns[connection]
        try:
            while waiting:
                work = waiting[0]
                await work
                del waiting[0]
        finally:
            del self._turns[connection]
            for unspoken in waiting:
                unspoken.close()

    def leave(self, connection: Connection) -> None:
        """A connection is gone."""
        feed = self._feeds.pop(connection, None)
        if feed is not None:
            self._spawn(feed.close())
