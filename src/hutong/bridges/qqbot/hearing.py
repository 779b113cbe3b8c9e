"""What a bot hears, as dispatches: what must be looked up to tell of its events is looked up here."""

import contextlib
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from hutong.bridges.desk import Desk
from hutong.bridges.files import FileLinks
from hutong.domains.chat import NoSuchMessage
from hutong.domains.media import NoSuchMedia, get_version
from hutong.domains.openplatform import events_after, readable_message
from hutong.kit.actor import Actor
from hutong.kit.errors import NotFound

from .intents import wants
from .seals import Seals
from .telling import About, Frame, Sender, find_name, read_frame, tell

__all__ = ["Dispatch", "EventsLost", "Hearing", "Wanted"]

_SHOWN = ("image", "video", "voice")
"""The kinds of files whose types are told; any other one is a file."""

_ROLE_KEPT_S = 10.0
_ROLES_MAX = 2_000
_AT_ONCE_MAX = 500


class Wanted(NamedTuple):
    """Which dispatches: those of these intents, of the conversations of this shard."""

    intents: int
    shard: int = 0
    shards: int = 1


class Dispatch(NamedTuple):
    """One, ready to be told. ``place`` is how many of those that are wanted there were up to it; ``said`` is None where
    the place is taken by a message that was recalled."""

    place: int
    name: str
    id: str
    said: dict[str, Any] | None


class EventsLost(Exception):
    """Some events are not kept any more."""


class Hearing:
    """The ears of one listener of a bot. ``place`` counts the wanted dispatches that it has gone through."""

    def __init__(self, desk: Desk, actor: Actor, seals: Seals, origin: str, wanted: Wanted, place: int = 0) -> None:
        self._desk = desk
        self._actor = actor
        self._seals = seals
        self._origin = origin
        self._wanted = wanted
        self._roles: dict[tuple[int, int], tuple[float, str]] = {}
        self.place = place

    async def find_dispatch(self, raw: bytes) -> Dispatch | None:
        """What an event becomes for this listener, if it is to hear of it. Raises ``EventsLost`` where some are not
        kept any more, so that nobody can tell how many dispatches there were."""
        frame = read_frame(raw)
        if frame.on == "gap":
            raise EventsLost
        name = await self._find_name(frame)
        if name is None:
            return None
        self.place += 1
        said: dict[str, Any] | None = None
        if not (frame.recalled and frame.on == "message"):
            about = await self._about(frame)
            name = "GROUP_AT_MESSAGE_CREATE" if name.startswith("GROUP_MESSAGE") and _answers(about) else name
            said = tell(name, frame, about)
        return Dispatch(self.place, name, self._seals.dispatch(name, frame.chat, frame.event), said)

    async def pass_by(self, after: int, places: int) -> int | None:
        """Goes through what was heard before: as many of the wanted dispatches after an event. Returns the event of the
        last of them; None where that cannot be told any more, because events are not kept or there were never so
        many."""
        last = after
        while self.place < places:
            async with self._desk.database.transaction() as session:
                found = await events_after(session, self._actor.number, event=last, limit=_AT_ONCE_MAX)
            if not found:
                return None
            for number, raw in found:
                if number != last + 1:
                    return None
                last = number
                if await self._find_name(read_frame(raw)) is not None:
                    self.place += 1
                    if self.place == places:
                        break
        return last

    async def _find_name(self, frame: Frame) -> str | None:
        if frame.chat % self._wanted.shards != self._wanted.shard:
            return None
        bot = self._actor.number
        # Nearly all that happens is told by the same intent in either kind of conversation, or not at all.
        if find_name(frame, bot, direct=False) is None and find_name(frame, bot, direct=True) is None:
            return None
        name = find_name(frame, bot, direct=await self._is_direct(frame))
        return name if name is not None and wants(self._wanted.intents, name) else None

    async def _is_direct(self, frame: Frame) -> bool:
        """A conversation that the bot is in no more was a group: it cannot leave the others."""
        try:
            return (await self._desk.place(self._actor, frame.chat)).kind == "direct"
        except NotFound:
            return False

    async def _about(self, frame: Frame) -> About:
        direct = await self._is_direct(frame)
        number = frame.sender.number if isinstance(frame.sender, Sender) else 0
        secret, limits = await self._desk.secret(self._actor.number), self._desk.limits
        links = FileLinks(
            self._origin, self._actor.number, secret, good_for_s=limits.bridge_link_good_for_s, clock=self._desk.clock
        )
        quoted = await self._quoted(frame)
        return About(
            bot=self._actor.number,
            seals=self._seals,
            direct=direct,
            link=partial(links.url, frame.chat),
            role="member" if direct or not number else await self._role(frame.chat, number),
            quoted=quoted,
            types=await self._types([*frame.segments, *(quoted.segments if quoted is not None else [])]),
        )

    async def _types(self, segments: Sequence[dict[str, Any]]) -> dict[str, str]:
        shown = [str(part.get("media")) for part in segments if part.get("type") in _SHOWN]
        found: dict[str, str] = {}
        if shown:
            async with self._desk.database.transaction() as session:
                for media in shown:
                    with contextlib.suppress(NoSuchMedia):
                        found[media] = (await get_version(session, media, "original")).type
        return found

    async def _role(self, chat: int, number: int) -> str:
        now = time.monotonic()
        known = self._roles.get((chat, number))
        if known is not None and known[0] > now:
            return known[1]
        seat = await self._desk.speaker(chat, number)
        role = seat.role if seat is not None else "member"
        if len(self._roles) >= _ROLES_MAX:
            self._roles.clear()
        self._roles[chat, number] = (now + _ROLE_KEPT_S, role)
        return role

    async def _quoted(self, frame: Frame) -> Frame | None:
        seqs = [part.get("seq") for part in frame.segments if part.get("type") == "reply"]
        if not seqs or not isinstance(seqs[0], int):
            return None
        try:
            async with self._desk.database.transaction() as session:
                return read_frame(await readable_message(session, self._actor.number, frame.chat, seqs[0]))
        except NoSuchMessage:
            return None


def _answers(about: About) -> bool:
    """Whether a message replies to one of the bot's, which is to call it; it is told by the same intent."""
    quoted = about.quoted.sender if about.quoted is not None else None
    return isinstance(quoted, Sender) and quoted.number == about.bot
