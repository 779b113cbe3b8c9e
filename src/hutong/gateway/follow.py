"""How a connection comes to hear of conversations: the welcome with what was missed, and chats joined later.

The order matters. First the room is opened, that is, the bus is listened to and the counters are read after that; then
the connection waits in ``welcoming``, where frames are kept for it; then its state is read from the database and
written; then what was kept and is newer follows. So nothing is missed, and nothing comes twice.
"""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import (
    ChatRow,
    Seat,
    changes_after,
    chat_rows,
    chat_subject,
    counters_of_many,
    message_frames,
    seats_in,
    seats_of,
)
from hutong.domains.identity import find_actor
from hutong.infra.web import SignInNeeded
from hutong.kit.actor import Actor
from hutong.kit.clock import iso_utc

from .books import Books
from .connection import CLOSE_REVOKED, Connection
from .errors import BadFrame
from .frames import Hello, error_frame, framed, gap_frame
from .online import Online
from .room import Room, after

__all__ = ["bring_online", "follow", "introduce", "open_rooms", "sign_in", "unfollow", "welcome"]


async def sign_in(books: Books, connection: Connection, hello: Hello) -> Actor | None:
    """Finds out whose the connection is. Returns None where it is nobody's, or is not there any more; it is told."""
    token = hello.token or connection.token
    if connection.online is not None:
        connection.refuse(hello.ref, BadFrame(reason="this connection has said hello before"))
        return None
    async with books.database.transaction() as session:
        actor = await find_actor(session, token) if token else None
    if connection.transport.is_disconnected or connection.online is not None:
        return None
    if actor is None:
        connection.write(error_frame(hello.ref, SignInNeeded()))
        connection.close(CLOSE_REVOKED, "the token is not valid")
        return None
    connection.hello_timer.cancel()
    connection.hello_timer = None
    connection.token = None
    connection.session_id = actor.session_id
    connection.client = hello.client
    return actor


async def welcome(books: Books, connection: Connection, hello: Hello, actor: Actor) -> None:
    """Tells the connection of somebody who has signed in where everything stands, and sends what it missed."""
    online = bring_online(books, connection, actor)
    rooms = await _take_seats(books, connection, online)
    async with books.database.transaction() as session:
        rows = await chat_rows(session, online.number, with_silent=True)
        missed = [await _missed_frames(books, session, row, hello) for row in rows]
    for row in rows:
        books.presence.fill_in(row)
    frame = {
        "on": "welcome",
        "ref": hello.ref,
        "account": {"number": online.number, "nickname": online.nickname, "avatar": online.avatar},
        "chats": [row for row in rows if row.silent is not True],
        "at": iso_utc(books.clock()),
    }
    covered = {row.chat: row for row in rows}
    connection.write(framed(msgspec.json.encode(frame)) + b"".join(missed))
    for room in rooms:
        _stop_waiting(connection, room, covered.get(room.id))
    books.presence.came(online)
    for row in rows:
        if row.silent is True and books.fanout.rooms[row.chat].last_seq:
            # The first words were said while the welcome was put together.
            await introduce(books, books.fanout.rooms[row.chat])


def bring_online(books: Books, connection: Connection, actor: Actor) -> Online:
    """The connection is its account's from here on."""
    online = books.fanout.online.get(actor.number)
    if online is None:
        online = Online(actor.number, actor.nickname, actor.avatar, is_bot=actor.is_bot)
        books.fanout.online[actor.number] = online
    connection.online = online
    online.connections.append(connection)
    return online


async def _take_seats(books: Books, connection: Connection, online: Online) -> list[Room]:
    """Puts the connection into every room of its account, where it waits. Returns the rooms."""
    async with books.database.transaction() as session:
        seats = await seats_of(session, online.number)
    await open_rooms(books, [seat.chat for seat in seats])
    rooms: list[Room] = []
    for seat in seats:
        room = books.fanout.rooms[seat.chat]
        fresh = seat if seat.members_rev >= room.members_rev else await _fresh_seat(books, room, online.number)
        if fresh is not None and connection.online is online:
            _sit_down(room, online, fresh)
            _wait_in(connection, room)
            rooms.append(room)
    return rooms


async def _fresh_seat(books: Books, room: Room, number: int) -> Seat | None:
    """The seat as it stands, read until no change of the members came between. None if there is none."""
    while True:
        async with books.database.transaction() as session:
            seats = await seats_in(session, room.id, [number])
        if not seats or seats[0].members_rev >= room.members_rev:
            return seats[0] if seats else None


def _sit_down(room: Room, online: Online, seat: Seat) -> None:
    room.seat(seat)
    if room not in online.rooms:
        online.rooms.append(room)


def _wait_in(connection: Connection, room: Room) -> None:
    if room.welcoming is None:
        room.welcoming = {}
    room.welcoming.setdefault(connection, [])


def _stop_waiting(connection: Connection, room: Room, row: ChatRow | None) -> None:
    """Writes what was kept and is newer than the row; from here on the connection hears of the room at once."""
    kept = room.welcoming.pop(connection, None) if room.welcoming else None
    if not room.welcoming:
        room.welcoming = None
    if kept is None or row is None:
        return
    last = {"m": row.last_seq, "c": row.last_rev, "e": 0}
    for due in kept:
        fresh = due if due.kind == "e" else after(due, last[due.kind])
        origins = fresh.origins or (None,) * len(fresh.frames)
        foreign = [f for f, origin in zip(fresh.frames, origins, strict=True) if origin is not connection]
        connection.write(b"".join([framed(frame) for frame in foreign]))
    if connection not in room.audience:
        room.audience.append(connection)


def _own_seqs(connection: Connection, room: Room) -> set[int]:
    """What the connection itself has said before and while it was waiting: it got ``sent`` for that."""
    kept = room.welcoming.get(connection, []) if room.welcoming else []
    before = {seq for chat, seq in connection.said or () if chat == room.id}
    connection.said = {one for one in connection.said or () if one[0] != room.id} or None
    return before | {
        due.first + place
        for due in kept
        for place, origin in enumerate(due.origins or ())
        if due.kind == "m" and origin is connection
    }


async def _missed_frames(books: Books, session: AsyncSession, row: ChatRow, hello: Hello) -> bytes:
    """The frames of one chat after what the client has seen, or ``gap`` where they are too many."""
    limit = books.fanout.limits.resume_frames_max
    frames: list[bytes] = []
    seen_rev = hello.revs.get(row.chat, row.last_rev)
    if row.last_rev - seen_rev > limit:
        frames.append(gap_frame(row.chat, seen_rev + 1, row.last_rev, revs=True))
    elif row.last_rev > seen_rev:
        changes = await changes_after(session, row.chat, rev=seen_rev, limit=limit)
        frames += [framed(frame) for rev, frame in changes if rev <= row.last_rev]
    seen_seq = hello.resume.get(row.chat, row.last_seq)
    if row.last_seq - seen_seq > limit:
        frames.append(gap_frame(row.chat, seen_seq + 1, row.last_seq))
    elif row.last_seq > seen_seq:
        messages = await message_frames(session, row.chat, after=seen_seq, limit=limit)
        frames += [framed(frame) for seq, frame in messages if seq <= row.last_seq]
    return b"".join(frames)


async def open_rooms(books: Books, chat_ids: list[int]) -> None:
    """Makes sure that the gateway follows these chats: listens first, then reads how far they are."""
    if all(chat in books.fanout.rooms and not books.fanout.rooms[chat].members_rev < 0 for chat in chat_ids):
        return
    async with books.opening:
        new = [Room(chat) for chat in dict.fromkeys(chat_ids) if chat not in books.fanout.rooms]
        try:
            await _open(books, new)
        finally:
            # Where that failed, the next one who comes begins anew.
            for room in new:
                if room.busy:
                    del books.fanout.rooms[room.id]
                    await room.close()


async def _open(books: Books, rooms: list[Room]) -> None:
    for room in rooms:
        room.busy = True
        books.fanout.rooms[room.id] = room
    for room in rooms:
        room.subscription = await books.bus.listen(chat_subject(room.id), books.heard)
    if rooms:
        if books.bus.is_up:
            # Else the rooms are compared with the tables when it is back.
            await books.bus.flush()
        async with books.database.transaction() as session:
            counters = await counters_of_many(session, [room.id for room in rooms])
        for room in rooms:
            room.last_seq, room.last_rev, room.members_rev, room.muted_all = counters[room.id]
            room.busy = False
            books.fanout.try_held(room)


async def follow(books: Books, online: Online, chat_id: int) -> None:
    """An account has joined a chat: its connections here hear of it from the moment of joining on."""
    await open_rooms(books, [chat_id])
    room = books.fanout.rooms[chat_id]
    seat = await _fresh_seat(books, room, online.number)
    if seat is None or not online.connections:
        return
    _sit_down(room, online, seat)
    newcomers = [c for c in online.connections if c not in room.audience]
    for connection in newcomers:
        _wait_in(connection, room)
    async with books.database.transaction() as session:
        rows = await chat_rows(session, online.number, chats=[chat_id], with_silent=True)
        since_joining = (
            await message_frames(session, chat_id, after=rows[0].read_seq, limit=books.fanout.limits.resume_frames_max)
            if rows
            else []
        )
    await books.handed_on()
    for row in rows:
        books.presence.fill_in(row)
    shown = _row_frame(rows[0]) if rows and rows[0].silent is not True else b""
    for connection in online.connections:
        if connection not in newcomers:
            connection.write(shown)
    for connection in newcomers:
        if rows and connection.online is online:
            own = _own_seqs(connection, room)
            frames = [framed(frame) for seq, frame in since_joining if seq <= rows[0].last_seq and seq not in own]
            connection.write(shown + b"".join(frames))
        _stop_waiting(connection, room, rows[0] if rows else None)
    books.presence.changed(chat_id)


async def introduce(books: Books, room: Room) -> None:
    """The first words were said in a room: where it is a direct conversation, it comes into the other side's list."""
    books.presence.changed(room.id)
    for number in list(room.places):
        async with books.database.transaction() as session:
            rows = await chat_rows(session, number, chats=[room.id])
        if not rows or rows[0].kind != "direct":
            return
        online = books.fanout.online.get(number)
        for connection in online.connections if online is not None else ():
            if connection in room.audience:
                connection.write(_row_frame(rows[0]))


def _row_frame(row: ChatRow) -> bytes:
    return framed(msgspec.json.encode({"on": "chat", "chat": row.chat, "row": row}))


def unfollow(books: Books, online: Online, chat_id: int, **why: object) -> None:
    """An account has left a chat or was removed: its connections here are told, and hear nothing more of it. ``why``
    goes into the frame: who left, and who removed them."""
    room = books.fanout.rooms.get(chat_id)
    if room is None:
        return
    room.forget(online.number)
    if room in online.rooms:
        online.rooms.remove(room)
    frame = framed(msgspec.json.encode({"on": "left", "chat": chat_id, **why}))
    for connection in online.connections:
        room.leave(connection)
        connection.write(frame)
    books.presence.changed(chat_id)
