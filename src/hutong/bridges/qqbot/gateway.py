"""The gateway: a socket on which a bot hears its dispatches, numbered, and after a break goes on where it was.

A session's id says with which event of the bot's it began and what was wanted; the number of a dispatch is its place
among the wanted ones after that, so it can be counted again from the bot's own events, on any process and after any
restart. Now and then a bookmark is kept of what a heartbeat says was heard, so that it need not be counted from the
beginning, which may be long ago.
"""

import asyncio
import secrets
import struct
import time
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeVar

import msgspec
import structlog
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from hutong.bridges.desk import Desk
from hutong.domains.openplatform import find_bookmark, keep_bookmark, last_events_of
from hutong.kit.errors import HutongError

from .guests import Guest, find_guest, origin_of
from .hearing import Dispatch, EventsLost, Hearing, Wanted
from .intents import are_known
from .seals import Seals

__all__ = ["attend"]

log = structlog.get_logger()

T = TypeVar("T")

_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11

_BAD_OPCODE, _BAD_PAYLOAD, _AUTH_FAILED, _BAD_SESSION, _BAD_SEQ = 4001, 4002, 4004, 4006, 4007
_TOO_FAST, _EXPIRED, _BAD_SHARD, _BAD_INTENTS, _BANNED = 4008, 4009, 4010, 4013, 4915

HEARTBEAT_MS = 45_000
_MISSED_MAX = 3
_FIRST_WORD_S = 60
_SHARDS_MAX = 1_024

_NAME_BYTES = 8
_BEGINNING = struct.Struct(f">QIHH{_NAME_BYTES}s")

MARKED_EVERY = 200
_MARKED_EVERY_S = 3_600


class Identify(msgspec.Struct):
    """``d`` of a first word."""

    token: str
    intents: int
    shard: tuple[int, int] | None = None


class Resume(msgspec.Struct):
    """``d`` of the first word after a break."""

    token: str
    session_id: str
    seq: int


class Word(msgspec.Struct):
    """What a bot says on the socket."""

    op: int
    d: msgspec.Raw = msgspec.Raw(b"null")


class Session(NamedTuple):
    """What a session began with: the last event before it, and what was wanted of those after it. ``name`` tells apart
    those that began alike."""

    base: int
    wanted: Wanted
    name: bytes


class Mark(NamedTuple):
    """An event that was gone through, and how many dispatches there were up to it."""

    event: int
    place: int


class _Closing(Exception):
    """Ends a connection with a code."""

    def __init__(self, code: int, reason: str, *, is_invalid: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.is_invalid = is_invalid


def seal_session(seals: Seals, bot: int, session: Session) -> str:
    """The id of a session."""
    return seals.text(f"session:{bot}", _BEGINNING.pack(session.base, *session.wanted, session.name))


def open_session(seals: Seals, bot: int, name: str) -> Session | None:
    content = seals.text_of(f"session:{bot}", name)
    if content is None or len(content) != _BEGINNING.size:
        return None
    base, intents, shard, shards, own = _BEGINNING.unpack(content)
    return Session(base, Wanted(intents, shard, shards), own)


async def attend(socket: WebSocket[Any, Any, Any], desk: Desk, leaving: asyncio.Event) -> None:
    """Serves one connection to its end."""
    await socket.accept()
    attendance = _Attendance(socket, desk)
    try:
        await attendance.serve(leaving)
    except _Closing as closing:
        await attendance.close(closing)
    except HutongError as error:
        # The bot may hear no more: its token was revoked, or its app suspended.
        code = _BANNED if error.code == "openplatform.app_suspended" else _AUTH_FAILED
        await attendance.close(_Closing(code, error.code))
    except EventsLost:
        await attendance.close(_Closing(_BAD_SEQ, "what was missed is not kept any more", is_invalid=True))
    except WebSocketDisconnect:
        log.debug("qqbot.disconnected")


class _Attendance:
    """One connection, from hello to the end."""

    def __init__(self, socket: WebSocket[Any, Any, Any], desk: Desk) -> None:
        self._socket = socket
        self._desk = desk
        self._second = 0
        self._words = 0
        self._mark = self._kept = self._now = Mark(0, 0)
        self._kept_at = time.monotonic()

    async def serve(self, leaving: asyncio.Event) -> None:
        await self._say({"op": _HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
        guest, session, heard = await self._first_word()
        hearing = Hearing(self._desk, guest.actor, guest.seals, guest.origin, session.wanted)
        after = session.base
        if heard is not None:
            after = await self._find_place(guest, session, hearing, heard - 1)
        else:
            await self._welcome(guest, session)
        self._kept = self._mark = self._now = Mark(after, hearing.place)
        await _first_to_end(
            self._tell(guest, hearing, after, is_resumed=heard is not None),
            self._listen(guest, session),
            self._leave(leaving),
        )

    async def _find_place(self, guest: Guest, session: Session, hearing: Hearing, places: int) -> int:
        """The event after which a session goes on that has heard so many dispatches."""
        async with self._desk.database.transaction() as opened:
            kept = await find_bookmark(opened, guest.number, session.name.hex())
        begin = Mark(*kept) if kept is not None and kept[1] <= places else Mark(session.base, 0)
        hearing.place = begin.place
        after = await hearing.pass_by(begin.event, places)
        if after is None:
            raise _Closing(_BAD_SEQ, "this place is not known", is_invalid=True)
        return after

    async def close(self, closing: _Closing) -> None:
        try:
            if closing.is_invalid:
                await self._say({"op": _INVALID, "d": False})
            await self._socket.close(closing.code, closing.reason)
        except (WebSocketDisconnect, RuntimeError):
            # The other side was faster.
            log.debug("qqbot.gone_already")

    async def _first_word(self) -> tuple[Guest, Session, int | None]:
        """Who it is, the session, and where it was in it; None for one that begins."""
        ends_at = time.monotonic() + _FIRST_WORD_S
        while True:
            word = await self._hear(max(0.0, ends_at - time.monotonic()))
            match word.op:
                case 1:
                    await self._say({"op": _ACK})
                case 2:
                    identify = _read(word.d, Identify)
                    guest = await self._let_in(identify.token)
                    return guest, await self._begin(guest, identify), None
                case 6:
                    resume = _read(word.d, Resume)
                    guest = await self._let_in(resume.token)
                    session = open_session(guest.seals, guest.number, resume.session_id)
                    if session is None:
                        raise _Closing(_BAD_SESSION, "no such session", is_invalid=True)
                    if resume.seq < 1:
                        raise _Closing(_BAD_SEQ, "a session begins at 1", is_invalid=True)
                    return guest, session, resume.seq
                case _:
                    raise _Closing(_BAD_OPCODE, "identify or resume first")

    async def _let_in(self, token: str) -> Guest:
        text = token if " " in token.strip() else f"QQBot {token}"
        guest = await find_guest(self._desk, text, origin_of(self._socket, self._desk))
        if guest is None:
            raise _Closing(_AUTH_FAILED, "this access token is not good")
        return guest

    async def _begin(self, guest: Guest, identify: Identify) -> Session:
        if not are_known(identify.intents):
            raise _Closing(_BAD_INTENTS, "there are no such intents")
        shard, shards = identify.shard or (0, 1)
        if not 0 <= shard < shards <= _SHARDS_MAX:
            raise _Closing(_BAD_SHARD, "there is no such shard")
        async with self._desk.database.transaction() as session:
            base = (await last_events_of(session, [guest.number])).get(guest.number, 0)
        return Session(base, Wanted(identify.intents, shard, shards), secrets.token_bytes(_NAME_BYTES))

    async def _welcome(self, guest: Guest, session: Session) -> None:
        ready = {
            "version": 1,
            "session_id": seal_session(guest.seals, guest.number, session),
            "user": {"id": str(guest.number), "username": guest.actor.nickname, "bot": True},
            "shard": [session.wanted.shard, session.wanted.shards],
        }
        await self._say({"op": _DISPATCH, "s": 1, "t": "READY", "id": "READY:1", "d": ready})

    async def _tell(self, guest: Guest, hearing: Hearing, after: int, *, is_resumed: bool) -> None:
        """All dispatches after one, to the end. What there was before a break is told first, and then that this was
        all."""
        async with self._desk.database.transaction() as session:
            missed_to = (await last_events_of(session, [guest.number])).get(guest.number, 0)
        if is_resumed and missed_to <= after:
            await self._say_resumed(hearing)
            is_resumed = False
        async with self._desk.feed(guest.actor, after) as feed:
            async for found in feed:
                for number, raw in found:
                    dispatch = await hearing.find_dispatch(raw)
                    if dispatch is not None and dispatch.said is not None:
                        await self._say_dispatch(dispatch)
                    self._now = Mark(number, hearing.place)
                    if is_resumed and number >= missed_to:
                        await self._say_resumed(hearing)
                        is_resumed = False

    async def _say_resumed(self, hearing: Hearing) -> None:
        await self._say({"op": _DISPATCH, "s": hearing.place + 1, "t": "RESUMED", "id": "RESUMED:1", "d": ""})

    async def _say_dispatch(self, dispatch: Dispatch) -> None:
        frame = {"op": _DISPATCH, "s": dispatch.place + 1, "t": dispatch.name, "id": dispatch.id}
        await self._say(frame | {"d": dispatch.said})

    async def _listen(self, guest: Guest, session: Session) -> None:
        """Answers heartbeats. Whoever is silent for too long is gone, and may come back."""
        while True:
            word = await self._hear(_MISSED_MAX * HEARTBEAT_MS / 1_000)
            if word.op != _HEARTBEAT:
                raise _Closing(_BAD_OPCODE, "only heartbeats are expected now")
            await self._say({"op": _ACK})
            heard = _read(word.d, object)
            await self._note(guest, session, heard if isinstance(heard, int) else 0)

    async def _note(self, guest: Guest, session: Session, heard: int) -> None:
        """A heartbeat tells how many dispatches were heard: with the mark that was set at one before, a bookmark is
        kept where the last one is far back. The next mark is where things are now."""
        mark, now = self._mark, time.monotonic()
        if mark.place > heard - 1:
            return
        self._mark = self._now
        if mark == self._kept:
            return
        if mark.event - self._kept.event >= MARKED_EVERY or now - self._kept_at >= _MARKED_EVERY_S:
            async with self._desk.database.transaction() as opened:
                name = session.name.hex()
                await keep_bookmark(opened, guest.number, name, mark.event, mark.place, clock=self._desk.clock)
            self._kept, self._kept_at = mark, now

    async def _leave(self, leaving: asyncio.Event) -> None:
        await leaving.wait()
        await self._say({"op": _RECONNECT})
        raise _Closing(_EXPIRED, "the server is going away: resume")

    async def _hear(self, timeout_s: float) -> Word:
        try:
            async with asyncio.timeout(timeout_s):
                raw = await self._socket.receive_data("text")
        except TimeoutError as error:
            raise _Closing(_EXPIRED, "no heartbeat") from error
        self._count()
        return _read(raw, Word)

    def _count(self) -> None:
        second = int(time.monotonic() / 10)
        self._words = self._words + 1 if second == self._second else 1
        self._second = second
        if self._words > self._desk.limits.frames_per_10_s_max:
            raise _Closing(_TOO_FAST, "too many frames")

    async def _say(self, frame: dict[str, Any]) -> None:
        await self._socket.send_data(msgspec.json.encode(frame).decode(), mode="text")


def _read(raw: str | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind, strict=False)
    except (ValueError, RecursionError) as error:
        raise _Closing(_BAD_PAYLOAD, "this cannot be read") from error


async def _first_to_end(*steps: Coroutine[Any, Any, None]) -> None:
    """Runs them side by side until one of them ends, which none does without an error; raises that."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
