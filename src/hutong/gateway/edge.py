"""The gateway of one process: takes what clients say, and hears what was committed here and elsewhere.

No business rule lives here. What a person says is checked against the seats kept in memory and given to the message
writer; what was committed goes to the fan-out.
"""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import (
    Draft,
    MessageWriter,
    Outgoing,
    StoredRun,
    mark_read,
    pack,
    prepare,
    read_segments,
    refusal_to_speak,
    unpack,
)
from hutong.domains.openplatform import admit_bot, check_talk
from hutong.infra.bus import LOOK, Bus
from hutong.infra.db import Database
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import HutongError, Unavailable
from hutong.settings import Limits

from . import follow, recovery
from .books import Books
from .connection import CLOSE_RESTART, CLOSE_REVOKED, Connection
from .fanout import FanOut
from .feeds import Feeds
from .frames import Hello, Read, Send, Typing, error_frame, framed, sent_frame
from .online import Online
from .room import Due, Place, Room

__all__ = ["Gateway"]

log = structlog.get_logger()

_TYPING_EVERY_S = 1.0
_PRESENCE_EVERY_S = 1.0
_BEAT_EVERY_S = 10.0


class Gateway:
    """Everything that one process knows of the people connected to it."""

    def __init__(self, *, database: Database, bus: Bus, writer: MessageWriter, limits: Limits, clock: Clock) -> None:
        self.database = database
        self.bus = bus
        self.writer = writer
        self.limits = limits
        self.clock = clock
        self.fanout = FanOut(
            limits,
            needs_reload=self._reload,
            may_have_hole=self._look_for_hole,
            begins=self._introduce,
        )
        self.books = Books(database, bus, self.fanout, clock, self.heard, writer.handed_on)
        self.feeds = Feeds(self.books, self.spawn, limits.bot_frames_waiting_max)
        self.connections: set[Connection] = set()
        self._reads: dict[tuple[int, int], tuple[int, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # What arrives from clients

    def expect_hello(self, connection: Connection) -> asyncio.TimerHandle:
        self.connections.add(connection)
        loop = asyncio.get_running_loop()
        return loop.call_later(self.limits.hello_timeout_s, connection.close, CLOSE_REVOKED, "no hello came")

    def missed(self, connection: Connection, chat_id: int) -> tuple[int, int] | None:
        """How far a chat is by now that a slow reader has missed frames of; None if it is not theirs any more."""
        room = self.fanout.rooms.get(chat_id)
        if room is None or connection.online is None or connection.online.number not in room.places:
            return None
        return room.last_seq, room.last_rev

    def slows_down(self, connection: Connection) -> None:
        self.fanout.slow.add(connection)

    def catches_up(self, connection: Connection) -> None:
        self.fanout.slow.discard(connection)
        self.feeds.catches_up(connection)

    def greet(self, connection: Connection, hello: Hello) -> None:
        self.spawn(self._welcome(connection, hello))

    async def _welcome(self, connection: Connection, hello: Hello) -> None:
        """Whom something of ours keeps from being welcomed comes back in a moment, and does not wait here for ever."""
        welcomed = False
        try:
            actor = await follow.sign_in(self.books, connection, hello)
            if actor is not None and actor.is_bot:
                await self.feeds.welcome(connection, hello, actor)
            elif actor is not None:
                await follow.welcome(self.books, connection, hello, actor)
            welcomed = True
        finally:
            if not welcomed:
                connection.close(CLOSE_RESTART, "come back in a moment")

    def take(self, connection: Connection, frame: Send | Read | Typing) -> None:
        online = self.fanout.online[connection.online.number] if connection.online else None
        if online is None:
            return
        if type(frame) is Send:
            self._take_message(connection, online, frame)
        elif type(frame) is Read:
            if not self._reads:
                asyncio.get_running_loop().call_later(self.limits.read_marks_every_ms / 1000, self._write_reads)
            self._reads[frame.chat, online.number] = (frame.seq, name_of(connection))
        else:
            self._pass_typing_on(connection, online, frame.chat)

    def _take_message(self, connection: Connection, online: Online, frame: Send) -> None:
        try:
            self.writer.pace.spend(online.number)
            if online.is_bot:
                self.feeds.check_turn(connection)
            draft = read_segments(
                frame.segments,
                text_chars_max=self.limits.text_chars_max,
                segments_max=self.limits.segments_max,
                by_bot=online.is_bot,
            )
            room = self.fanout.rooms.get(frame.chat)
            place = room.places.get(online.number) if room is not None else None
            if online.is_bot:
                self.feeds.in_turn(connection, self._take_slowly(connection, online, frame, draft))
                return
            if room is None or place is None or room.with_bot or not draft.is_plain or self._seems_muted(room, place):
                self.spawn(self._take_slowly(connection, online, frame, draft))
                return
            sender_json = online.shown_as(place.card) if place.card else online.sender_json
            self._submit(connection, online, frame, draft, sender_json, room.members_rev)
        except HutongError as error:
            connection.refuse(frame.ref, error)

    def _seems_muted(self, room: Room, place: Place) -> bool:
        """Whether memory has the sender muted. It is not the last word: a mute that was lifted in another process is
        told by the bus a moment later, so the table decides."""
        if place.muted_until is None and not room.muted_all:
            return False
        return refusal_to_speak(place.role, place.muted_until, room.muted_all, self.clock()) is not None

    def _submit(
        self,
        connection: Connection,
        online: Online,
        frame: Send,
        draft: Draft,
        sender_json: bytes,
        members_rev: int,
        *,
        slowly: bool = False,
    ) -> None:
        self.writer.submit(
            Outgoing(
                chat=frame.chat,
                sender=online.number,
                sender_json=sender_json,
                key=frame.key,
                draft=draft,
                members_rev=members_rev,
                settle=self._settle_slow if slowly else self._settle,
                origin=(connection, frame.ref),
            )
        )

    async def _take_slowly(self, connection: Connection, online: Online, frame: Send, draft: Draft) -> None:
        """For somebody whose seat is not known here yet (they have only just joined) or who seems to be muted or writes
        to a bot, and for messages that need more than a look into memory."""
        refusal: HutongError | None = Unavailable()
        try:
            actor = Actor(online.number, online.nickname, connection.session_id, online.avatar, is_bot=online.is_bot)
            async with self.database.transaction() as session:
                if actor.is_bot:
                    await self._admit_bot(session, actor, frame.chat)
                ready = await prepare(
                    session,
                    actor,
                    frame.chat,
                    draft,
                    key=frame.key,
                    may_talk=check_talk,
                    clock=self.clock,
                    limits=self.limits,
                )
            self._submit(connection, online, frame, ready.draft, ready.sender_json, ready.members_rev, slowly=True)
            refusal = None
        except HutongError as error:
            refusal = error
        finally:
            if refusal is not None:
                connection.refuse(frame.ref, refusal)

    async def _admit_bot(self, session: AsyncSession, actor: Actor, chat_id: int) -> None:
        await admit_bot(
            session,
            actor,
            "post_message",
            "send",
            chat_id,
            database=self.database,
            clock=self.clock,
            limits=self.limits,
        )

    def _pass_typing_on(self, connection: Connection, online: Online, chat_id: int) -> None:
        room = self.fanout.rooms.get(chat_id)
        place = room.places.get(online.number) if room is not None else None
        now = time.monotonic()
        if room is None or place is None or now - connection.typed_at < _TYPING_EVERY_S:
            return
        connection.typed_at = now
        who = online.shown_as(place.card)
        frame = b'{"on":"typing","chat":%d,"from":%b}' % (chat_id, who)
        self.fanout.accept(room, Due("e", 0, room.members_rev, (frame,), online.number))
        self.fanout.flush()
        self.bus.say(f"chat.{chat_id}", pack("e", 0, room.members_rev, online.number, [frame]))

    def _settle(self, message: Outgoing, error: HutongError | None) -> None:
        connection, ref = message.origin
        if error is not None:
            self.fanout.queue(connection, error_frame(ref, error))
        else:
            self.fanout.queue(connection, sent_frame(ref, message.chat, message.seq, message.id, message.at))

    def _settle_slow(self, message: Outgoing, error: HutongError | None) -> None:
        """Where the sender has no place here yet, what they said is noted, so that following the chat does not bring
        it to them a second time."""
        self._settle(message, error)
        connection = message.origin[0]
        room = self.fanout.rooms.get(message.chat)
        if error is None and (room is None or message.sender not in room.places):
            connection.said = (connection.said or set()) | {(message.chat, message.seq)}

    def _write_reads(self) -> None:
        reads, self._reads = self._reads, {}
        self.spawn(self._store_reads([(chat, number, seq, by) for (chat, number), (seq, by) in reads.items()]))

    async def _store_reads(self, marks: list[tuple[int, int, int, str]]) -> None:
        async with self.database.transaction() as session:
            await mark_read(session, marks)

    # What was committed

    def deliver_runs(self, runs: list[StoredRun]) -> None:
        """Hands on what this process's writer has committed."""
        for run in runs:
            room = self.fanout.rooms.get(run.chat)
            if room is None:
                continue
            messages = run.messages
            frames = tuple([message.frame for message in messages])
            origins = tuple([message.origin[0] if message.origin else None for message in messages])
            self.fanout.accept(room, Due("m", messages[0].seq, run.members_rev, frames, 0, origins))
        self.fanout.flush()

    async def heard(self, subject: str, payload: bytes) -> None:
        """Hands on what another process said."""
        self.hear(subject, payload)

    def hear(self, subject: str, payload: bytes) -> None:
        place, _, name = subject.partition(".")
        if place == "bot":
            return
        if place == "account":
            online = self.fanout.online.get(int(name))
            if online is not None and payload == LOOK:
                self.spawn(recovery.check_account(self.books, online.number))
            elif online is not None:
                self._hear_of_account(online, msgspec.json.decode(payload))
            return
        room = self.fanout.rooms.get(int(name))
        if room is None:
            return
        if payload == LOOK:
            self.spawn(recovery.catch_up(self.books, room))
            return
        parcel = unpack(payload)
        if parcel.kind == "e":
            self.books.presence.heard(room, parcel.frames[0])
        self.fanout.accept(room, Due(parcel.kind, parcel.first, parcel.members_rev, parcel.frames, parcel.sender))
        self.fanout.flush()

    def _hear_of_account(self, online: Online, news: dict[str, Any]) -> None:
        match news["on"]:
            case "seated" | "unseated" if online.is_bot:
                pass
            case "seated":
                self.spawn(follow.follow(self.books, online, news["chat"]))
            case "unseated":
                why = {name: value for name, value in news.items() if name not in ("on", "chat")}
                follow.unfollow(self.books, online, news["chat"], **why)
            case "revoked":
                for connection in list(online.connections):
                    if news["session"] in (0, connection.session_id):
                        connection.close(CLOSE_REVOKED, "signed out")
            case "renamed":
                online.rename(news["nickname"], news["avatar"])
            case _:
                by = news.pop("by", "")
                frame = framed(msgspec.json.encode(news))
                for connection in online.connections:
                    if name_of(connection) != by:
                        connection.write(frame)

    # Coming and going

    async def start(self) -> None:
        self.bus.on_return.append(self._after_break)
        await self.bus.listen("account.*", self.heard)
        self.spawn(_again_and_again(self.limits.rooms_compared_every_s, self._keep_house))
        self.spawn(_again_and_again(self.limits.sessions_compared_every_s, self._check_sessions))
        self.spawn(_again_and_again(_BEAT_EVERY_S, self.books.presence.beat))
        self.spawn(_again_and_again(_PRESENCE_EVERY_S, self.books.presence.keep))

    async def _keep_house(self) -> None:
        await recovery.keep_house(self.books)
        await self.feeds.look_again()

    async def _after_break(self) -> None:
        await recovery.after_break(self.books)
        await self.feeds.look_again()
        self.books.presence.look_again()
        await self._check_sessions()

    async def _check_sessions(self) -> None:
        """The word that somebody was signed out may get lost, or come while they are still being welcomed."""
        await recovery.check_sessions(self.books, list(self.fanout.online))

    async def stop(self) -> None:
        """Tells every client to come back to the next process, after a moment that each draws for itself."""
        for task in self._tasks:
            task.cancel()
        for connection in list(self.connections):
            connection.close(CLOSE_RESTART, "restarting")
        if self._reads:
            await self._store_reads([(chat, number, seq, by) for (chat, number), (seq, by) in self._reads.items()])
        await self.books.presence.end()

    def depart(self, connection: Connection) -> None:
        """Forgets a connection that is closed, and its account with the last one."""
        self.connections.discard(connection)
        self.fanout.slow.discard(connection)
        if connection.hello_timer is not None:
            connection.hello_timer.cancel()
        signed, connection.online = connection.online, None
        online = self.fanout.online.get(signed.number) if signed else None
        if online is None or connection not in online.connections:
            return
        online.connections.remove(connection)
        if online.is_bot:
            self.feeds.leave(connection)
        self.books.presence.goes(online)
        for room in online.rooms:
            room.leave(connection)
        if not online.connections:
            del self.fanout.online[online.number]
            for room in online.rooms:
                room.places.pop(online.number, None)

    def _reload(self, room: Room) -> None:
        self.spawn(recovery.reload(self.books, room))

    def _introduce(self, room: Room) -> None:
        self.spawn(follow.introduce(self.books, room))

    def _look_for_hole(self, room: Room) -> None:
        """What was held back for a while: if it still is, what is missing will not come by itself."""
        if room.held and not room.busy:
            self.spawn(recovery.catch_up(self.books, room))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _again_and_again(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Whatever goes wrong once, the next time comes."""
    while True:
        await _logged(work())
        await asyncio.sleep(seconds)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        # The edge of one socket frame: the connection and the others go on.
        log.exception("gateway.work_failed")


def name_of(connection: Connection) -> str:
    """A name for a connection that no other process uses."""
    return f"{os.getpid()}-{id(connection)}"
