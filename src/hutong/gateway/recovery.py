"""How a gateway comes level with the database again: holes in the numbers, changed memberships, a break of the bus."""

from hutong.domains.chat import changes_after, counters_of_many, message_frames, seats_in, seats_of
from hutong.domains.identity import live_sessions, names_of

from . import follow
from .books import Books
from .connection import CLOSE_REVOKED
from .frames import gap_frame
from .room import Due, Room

__all__ = ["after_break", "catch_up", "check_account", "check_sessions", "keep_house", "reload"]

_ACCOUNTS_AT_ONCE = 1_000


async def reload(books: Books, room: Room) -> None:
    """Loads the seats of everybody who is here anew, and then hands on what was held back meanwhile."""
    if room.busy:
        return
    room.busy = True
    try:
        while True:
            numbers = list(room.places)
            async with books.database.transaction() as session:
                counters = (await counters_of_many(session, [room.id]))[room.id]
                seats = {seat.number: seat for seat in await seats_in(session, room.id, numbers)}
            for number in numbers:
                seat = seats.get(number)
                if seat is not None:
                    room.seat(seat)
                elif number in room.places:
                    _tell_left(books, room, number)
            room.members_rev = counters[2]
            room.muted_all = counters[3]
            if set(room.places) <= set(numbers):
                break
    finally:
        room.busy = False
    books.fanout.try_held(room)
    books.fanout.flush()


def _tell_left(books: Books, room: Room, number: int) -> None:
    """Somebody's seat is gone, and the word of it got lost on its way here."""
    online = books.fanout.online.get(number)
    room.forget(number)
    if online is not None:
        follow.unfollow(books, online, room.id, number=number, name=online.nickname)


async def catch_up(books: Books, room: Room) -> None:
    """Hands on what the table has and the room has not; a long stretch is told as ``gap``."""
    if room.busy:
        return
    limit = books.fanout.limits.catch_up_frames_max
    async with books.database.transaction() as session:
        last_seq, last_rev, members_rev, _ = (await counters_of_many(session, [room.id]))[room.id]
        room_seq, room_rev = room.last_seq, room.last_rev
        changes = await changes_after(session, room.id, rev=room_rev, limit=limit)
        messages = await message_frames(session, room.id, after=room_seq, limit=limit)
    # What this process has only just committed comes by itself, and with the connections that it came from.
    await books.handed_on()
    if members_rev > room.members_rev:
        await reload(books, room)
    for kind, found, last, have in (("c", changes, last_rev, room.last_rev), ("m", messages, last_seq, room.last_seq)):
        if last - have > limit:
            _tell_gap(room, kind, have + 1, last)
        elif found:
            frames = tuple([frame for _, frame in found])
            books.fanout.accept(room, Due(kind, found[0][0], room.members_rev, frames))
    books.fanout.try_held(room)
    books.fanout.flush()


def _tell_gap(room: Room, kind: str, first: int, last: int) -> None:
    frame = gap_frame(room.id, first, last, revs=kind == "c")
    for connection in room.audience:
        connection.write(frame)
    if kind == "m":
        room.last_seq = max(room.last_seq, last)
    else:
        room.last_rev = max(room.last_rev, last)


async def after_break(books: Books) -> None:
    """The bus is back: what was said meanwhile is in the tables."""
    rooms = list(books.fanout.rooms.values())
    async with books.database.transaction() as session:
        counters = await counters_of_many(session, [room.id for room in rooms])
    await books.handed_on()
    for room in rooms:
        now = counters.get(room.id)
        if now is not None and (now[0] > room.last_seq or now[1] > room.last_rev or now[2] > room.members_rev):
            await catch_up(books, room)


async def check_sessions(books: Books, numbers: list[int]) -> None:
    """What was said of these accounts may have got lost: closes the connections whose session is no longer good, and
    takes over another name."""
    for start in range(0, len(numbers), _ACCOUNTS_AT_ONCE):
        some = numbers[start : start + _ACCOUNTS_AT_ONCE]
        async with books.database.transaction() as session:
            good = await live_sessions(session, some)
            cards = await names_of(session, some)
        for number in some:
            online = books.fanout.online.get(number)
            if online is None:
                continue
            if number in cards:
                online.rename(cards[number].nickname, cards[number].avatar)
            for connection in list(online.connections):
                if (number, connection.session_id) not in good:
                    connection.close(CLOSE_REVOKED, "signed out")


async def check_account(books: Books, number: int) -> None:
    """The same for one account, and takes the seats that it was given meanwhile."""
    await check_sessions(books, [number])
    there = books.fanout.online.get(number)
    if there is None or there.is_bot:
        return
    async with books.database.transaction() as session:
        seats = await seats_of(session, number)
    for seat in seats:
        online = books.fanout.online.get(number)
        if online is not None and all(room.id != seat.chat for room in online.rooms):
            await follow.follow(books, online, seat.chat)


async def keep_house(books: Books) -> None:
    """Compares all rooms with the table, and closes those that nobody here is in any more. Done every few seconds."""
    await after_break(books)
    async with books.opening:
        for room in [r for r in books.fanout.rooms.values() if not r.places and not r.welcoming and not r.busy]:
            del books.fanout.rooms[room.id]
            await room.close()
