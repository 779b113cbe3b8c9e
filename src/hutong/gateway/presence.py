"""Who is online, told to the other gateways through the database and to the people in a chat by frames.

When somebody comes or goes only a note is made. Once a second what was noted is written in one transaction, and the
chats that it concerns are counted in one query. A chat hears of it seldom, and all of them together only so much, so
that many thousand people who come at once cost no more than a few.
"""

import asyncio
import time

import msgspec

from hutong.domains.chat import (
    ChatRow,
    Presence,
    beat,
    chat_subject,
    chats_of,
    forget_dead_gateways,
    leave_gateway,
    note_presence,
    pack,
    presence_in,
)
from hutong.infra.bus import Bus
from hutong.infra.db import Database
from hutong.kit.ids import new_code

from .fanout import FanOut
from .frames import CLIENT_KINDS
from .online import Online
from .room import Due, Room

__all__ = ["PresenceBook"]

_CHATS_AT_ONCE_MAX = 200
_SHARE_OF_A_CHAT = 20
"""One chat may use up this part of what all chats may hear: a large one hears of it more seldom."""


class _Told(msgspec.Struct, tag_field="on", tag="presence"):
    chat: int
    online: int | bool
    number: int = 0


_decode_told = msgspec.json.Decoder(_Told).decode


class PresenceBook:
    """``came``, ``goes`` and ``changed`` note; ``keep`` is called once a second, ``beat`` every ten.

    ``gateway`` is the name under which the database knows this process.
    """

    def __init__(self, database: Database, bus: Bus, fanout: FanOut) -> None:
        self.gateway = new_code(20)
        self.monotonic = time.monotonic
        self._database = database
        self._bus = bus
        self._fanout = fanout
        self._noted: dict[int, int] = {}
        self._chats: dict[int, None] = {}
        self._kept_at = self.monotonic()
        self._one_writes = asyncio.Lock()

    # What is noted

    def came(self, online: Online) -> None:
        """A connection of the account has been welcomed."""
        self._note(online, changes_chats=not online.clients)

    def goes(self, online: Online) -> None:
        """A connection of the account is closed; the account still has its rooms."""
        self._note(online, changes_chats=not online.connections)

    def changed(self, chat_id: int) -> None:
        """Somebody who is online has joined the chat or left it."""
        self._chats[chat_id] = None

    def look_again(self) -> None:
        """What other processes said may have got lost."""
        self._chats.update(dict.fromkeys(self._fanout.rooms))

    def heard(self, room: Room, frame: bytes) -> None:
        """Another process has told a chat something of the moment; if it was of who is online, it need not be told
        again."""
        if not frame.startswith(b'{"on":"presence"'):
            return
        told = _decode_told(frame)
        room.told_at = self.monotonic()
        if told.number:
            others = (room.online if isinstance(room.online, frozenset) else frozenset()) - {told.number}
            room.online = others | {told.number} if told.online else others
        else:
            room.online = told.online

    def fill_in(self, row: ChatRow) -> None:
        """Says in the row of a group how many are online, where that has been counted."""
        room = self._fanout.rooms.get(row.chat)
        if row.kind == "group" and room is not None and isinstance(room.online, int):
            row.online = room.online

    def _note(self, online: Online, *, changes_chats: bool) -> None:
        self._noted.setdefault(online.number, online.clients)
        if changes_chats:
            for room in online.rooms:
                self._chats[room.id] = None

    # What is done about it

    async def beat(self) -> None:
        """Says that this process lives. If it was taken for dead it says again who is here; whom another one that died
        has left behind is away."""
        async with self._one_writes:
            async with self._database.transaction() as session:
                here: dict[int, int] = {}
                if await beat(session, self.gateway):
                    here = {number: self._clients_of(number) for number in self._fanout.online}
                    await note_presence(session, self.gateway, _one_by_one(here), [])
                deserted = await chats_of(session, await forget_dead_gateways(session))
            self._is_written(here)
            for chat in deserted:
                self._chats[chat] = None
            if here:
                self.look_again()

    async def keep(self) -> None:
        """Writes what was noted and tells what has come of it."""
        async with self._one_writes:
            noted, self._noted = self._noted, {}
            due: list[int] = []
            try:
                await self._write(noted)
                noted = {}
                due = self._due()
                await self._count_and_tell(due)
                due = []
            finally:
                # What has failed is done the next time; what was noted of an account since begins where this began.
                self._noted |= noted
                self._chats.update(dict.fromkeys(due))

    async def end(self) -> None:
        """Says that nobody is here any more."""
        async with self._database.transaction() as session:
            await leave_gateway(session, self.gateway)

    async def _write(self, noted: dict[int, int]) -> None:
        here = {number: self._clients_of(number) for number in noted}
        came = _one_by_one({number: here[number] & ~before for number, before in noted.items()})
        gone = _one_by_one({number: before & ~here[number] for number, before in noted.items()})
        if came or gone:
            async with self._database.transaction() as session:
                await note_presence(session, self.gateway, came, gone)
        self._is_written(here)

    def _is_written(self, here: dict[int, int]) -> None:
        """What was noted while it was being written begins with what is written now."""
        for number, clients in here.items():
            online = self._fanout.online.get(number)
            if online is not None:
                online.clients = clients
            if number in self._noted:
                self._noted[number] = clients

    def _clients_of(self, number: int) -> int:
        """The kinds of the account's clients here, a bit for each."""
        online = self._fanout.online.get(number)
        bits = 0
        for connection in online.connections if online is not None else ():
            bits |= 1 << CLIENT_KINDS.index(connection.client)
        return bits

    def _due(self) -> list[int]:
        """The chats that may hear of it now, as far as the allowance reaches; those that wait are tried again."""
        now = self.monotonic()
        limits = self._fanout.limits
        allowed = limits.presence_frames_per_s_max * min(now - self._kept_at, 5.0)
        self._kept_at = now
        due: list[int] = []
        for chat in list(self._chats):
            if allowed <= 0 or len(due) >= _CHATS_AT_ONCE_MAX:
                break
            room = self._fanout.rooms.get(chat)
            readers = len(room.audience) if room is not None else 0
            every_s = max(limits.presence_told_every_s, readers * _SHARE_OF_A_CHAT / limits.presence_frames_per_s_max)
            if room is None or now - room.told_at >= every_s:
                allowed -= readers
                due.append(chat)
                del self._chats[chat]
        return due

    async def _count_and_tell(self, due: list[int]) -> None:
        if not due:
            return
        async with self._database.transaction() as session:
            counted = await presence_in(session, due)
        now = self.monotonic()
        for chat, presence in counted.items():
            room = self._fanout.rooms.get(chat)
            for number, frame in _news(chat, room.online if room is not None else None, presence):
                if room is not None:
                    room.told_at = now
                    self._fanout.accept(room, Due("e", 0, presence.members_rev, (frame,), number))
                self._bus.say(chat_subject(chat), pack("e", 0, presence.members_rev, number, [frame]))
            if room is not None:
                room.online = presence.here if presence.both else presence.online
        self._fanout.flush()


def _one_by_one(clients: dict[int, int]) -> list[tuple[int, str]]:
    """Each account with each kind of its clients."""
    return [
        (number, kind) for number, bits in clients.items() for bit, kind in enumerate(CLIENT_KINDS) if bits & 1 << bit
    ]


def _news(chat: int, before: int | frozenset[int] | None, now: Presence) -> list[tuple[int, bytes]]:
    """The frames that tell what has changed, each with the account that need not hear it (0: everybody hears it)."""
    if not now.both:
        frame = b'{"on":"presence","chat":%d,"online":%d}' % (chat, now.online)
        return [(0, frame)] if before != now.online else []
    changed = before ^ now.here if isinstance(before, frozenset) else now.both
    frame = b'{"on":"presence","chat":%d,"number":%d,"online":%b}'
    return [(who, frame % (chat, who, b"true" if who in now.here else b"false")) for who in sorted(changed)]
