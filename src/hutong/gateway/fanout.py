"""The fan-out: frames of a room, in the order of their numbers, to every connection that is there.

Frames that become due for a connection together (those of one commit, and the answers to what it sent) leave in one
write: ``accept`` and ``queue`` gather, ``flush`` writes. An idle gateway flushes at once; it never waits on a clock.
To write to the thousands of a large group takes longer than a commit, so the rest of it leaves in the next turns of the
loop: what is said meanwhile is read and on its way to the database before the last of them has heard.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from hutong.settings import Limits

from .connection import Connection
from .frames import framed
from .online import Online
from .room import Due, Room

__all__ = ["FanOut"]


class FanOut:
    """The rooms that this process follows and the accounts that are connected to it.

    ``needs_reload`` is called for a room whose seats must be loaded anew, ``may_have_hole`` some time after frames of a
    room had to be held back, ``begins`` when the first words were said in one.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        needs_reload: Callable[[Room], None],
        may_have_hole: Callable[[Room], None],
        begins: Callable[[Room], None],
    ) -> None:
        self.limits = limits
        self.rooms: dict[int, Room] = {}
        self.online: dict[int, Online] = {}
        self.slow: set[Connection] = set()
        self.frames_total = 0
        self.writes_total = 0
        self._needs_reload = needs_reload
        self._may_have_hole = may_have_hole
        self._begins = begins
        self._dirty: deque[Connection] = deque()
        self._flush_is_due = False

    def accept(self, room: Room, due: Due) -> None:
        """Hands frames on if it is their turn, else keeps them until it is."""
        match room.verdict(due):
            case "deliver":
                self._hand_on(room, due)
                if room.held:
                    self.try_held(room)
            case "reload" if room.apply_change(due):
                self._hand_on(room, due)
                if room.dissolved:
                    self._empty(room)
            case "reload":
                room.hold(due)
                self._needs_reload(room)
            case "hold":
                room.hold(due)
                if not room.busy:
                    loop = asyncio.get_running_loop()
                    loop.call_later(self.limits.hole_wait_ms / 1000, self._may_have_hole, room)

    def _empty(self, room: Room) -> None:
        """Nobody has a place any more in a chat that was dissolved. The room is closed at the next comparison."""
        for number in room.places:
            online = self.online.get(number)
            if online is not None and room in online.rooms:
                online.rooms.remove(room)
        room.places.clear()
        room.audience.clear()

    def try_held(self, room: Room) -> None:
        """Tries what was held back once more."""
        for due in room.take_held():
            self.accept(room, due)

    def queue(self, connection: Connection, frames: bytes) -> None:
        """Puts framed bytes to what leaves at the next flush, which comes by itself."""
        if connection.pending is None:
            connection.pending = frames
            self._dirty.append(connection)
        else:
            connection.pending += frames
        self._flush_soon()

    def flush(self) -> None:
        """One write for each connection that is due something, as many as a turn of the loop may take."""
        dirty = self._dirty
        writes = 0
        for _ in range(min(len(dirty), self.limits.writes_per_turn_max)):
            connection = dirty.popleft()
            pending, connection.pending = connection.pending, None
            if pending:
                connection.put(pending)
                writes += 1
        self.writes_total += writes
        if dirty:
            self._flush_soon()

    def _flush_soon(self) -> None:
        if not self._flush_is_due:
            self._flush_is_due = True
            asyncio.get_running_loop().call_soon(self._flush_in_turn)

    def _flush_in_turn(self) -> None:
        self._flush_is_due = False
        self.flush()

    def _hand_on(self, room: Room, due: Due) -> None:
        due = room.take_fresh(due)
        if due.first == 1 and due.kind == "m":
            self._begins(room)
        if room.welcoming:
            for waiting in room.welcoming.values():
                waiting.append(due)
        audience = room.audience
        if not audience:
            return
        blob = b"".join([framed(frame) for frame in due.frames])
        apart = self._connections_apart(room, due)
        dirty = self._dirty
        for connection in audience:
            pending = connection.pending
            if pending is None:
                connection.pending = blob
                dirty.append(connection)
            else:
                connection.pending = pending + blob
        for connection, (before, own) in apart.items():
            connection.pending = (before or b"") + own
        self.frames_total += len(due.frames) * len(audience)

    def _connections_apart(self, room: Room, due: Due) -> dict[Connection, tuple[bytes | None, bytes]]:
        """The connections that are not due all of it, with what they had pending and what they are due: who sent a
        message here got ``sent`` for it, and a slow reader is told ``gap`` when it has caught up."""
        apart: dict[Connection, tuple[bytes | None, bytes]] = {}
        if due.origins is not None:
            for origin in dict.fromkeys(due.origins):
                if origin is not None and origin.online is not None:
                    others = [f for f, o in zip(due.frames, due.origins, strict=True) if o is not origin]
                    apart[origin] = (origin.pending, b"".join([framed(frame) for frame in others]))
        elif due.kind == "e" and due.sender in self.online:
            for connection in self.online[due.sender].connections:
                apart[connection] = (connection.pending, b"")
        for connection in self.slow:
            if connection.is_too_slow and connection in room.audience:
                connection.miss(room.id, due.kind, due.first)
                apart[connection] = (connection.pending, b"")
        return apart
