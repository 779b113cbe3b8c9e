"""What a bot does, for the bridges: each call is let in as at the HTTP edge, by its scope and its quota, and is one
verb in one transaction.

Every method raises what ``openplatform.admit_bot`` raises and what its verb raises, all of them ``HutongError``.
"""

import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains import chat, identity, openplatform
from hutong.domains.chat import (
    AnnouncementDraft,
    AnnouncementView,
    BanView,
    ChatPlace,
    DecisionDraft,
    Draft,
    GroupPatch,
    GroupView,
    MemberView,
    MessageWriter,
    Person,
    RequestView,
)
from hutong.domains.identity import Acquaintance, Profile
from hutong.domains.media import StoredVersion, Variant, get_version
from hutong.domains.openplatform import AnswerDraft, CommandDraft, Heard, MyBotView
from hutong.infra.blobs import Blobs
from hutong.infra.bus import Bus
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Limits, Settings

from .bringing import Bringing, CannotBring

__all__ = ["Desk", "Sent"]

_PLACE_KEPT_S = 10.0
_PLACES_MAX = 10_000
_MEMBERS_AT_ONCE = 100

_decode = msgspec.json.decode


class Sent(NamedTuple):
    """A message that is stored. ``at`` is as on the wire, UTC."""

    chat: int
    seq: int
    id: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """For all bots of this process."""

    settings: Settings
    database: Database
    bus: Bus
    writer: MessageWriter
    blobs: Blobs
    darkroom: Darkroom
    clock: Clock
    _places: dict[tuple[int, int], tuple[float, ChatPlace]] = field(default_factory=dict)
    _secrets: dict[int, bytes] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        return self.settings.limits

    @asynccontextmanager
    async def admitted(
        self, actor: Actor, method: str, scope: str = "", in_chat: int | None = None
    ) -> AsyncGenerator[AsyncSession]:
        """A transaction for a bot that may call ``method``, which wants ``scope`` in the chat."""
        async with self.database.transaction() as session:
            await openplatform.admit_bot(
                session, actor, method, scope, in_chat, database=self.database, clock=self.clock, limits=self.limits
            )
            yield session

    # Who it is

    async def come_in(self, token: str) -> Actor | None:
        """The bot whose token this is; None where it is nobody's, or a person's."""
        async with self.database.transaction() as session:
            actor = await identity.find_actor(session, token, clock=self.clock)
        return actor if actor is not None and actor.is_bot else None

    async def me(self, actor: Actor) -> MyBotView:
        async with self.admitted(actor, "get_me") as session:
            return await openplatform.view_me(session, actor.number)

    async def secret(self, number: int) -> bytes:
        """What the opaque ids of a bot's app are made with. It never changes. Raises ``NoSuchBot``."""
        known = self._secrets.get(number)
        if known is None:
            async with self.database.transaction() as session:
                known = self._secrets[number] = await openplatform.app_secret(session, number)
        return known

    def feed(self, actor: Actor, after: int | None) -> AbstractAsyncContextManager[AsyncIterator[list[Heard]]]:
        """The bot's events after a number, in lists of those that are there together: see ``openplatform.stream``."""
        checked_every_s = self.limits.sessions_compared_every_s
        return openplatform.stream(self.database, self.bus, actor, after, checked_every_s=checked_every_s)

    # Where it is

    async def place(self, actor: Actor, chat_id: int) -> ChatPlace:
        """What kind of conversation it is, and with whom; may be some seconds old. Costs no call."""
        now = time.monotonic()
        known = self._places.get((actor.number, chat_id))
        if known is not None and known[0] > now:
            return known[1]
        async with self.database.transaction() as session:
            place = await chat.chat_place(session, actor.number, chat_id)
        if len(self._places) >= _PLACES_MAX:
            self._places.clear()
        self._places[actor.number, chat_id] = (now + _PLACE_KEPT_S, place)
        return place

    async def groups(self, actor: Actor) -> list[ChatPlace]:
        return [one for one in await self._everywhere(actor) if one.kind == "group"]

    async def people(self, actor: Actor) -> list[Person]:
        """With whom it has a conversation of two."""
        return [one.peer for one in await self._everywhere(actor) if one.peer is not None]

    async def _everywhere(self, actor: Actor) -> list[ChatPlace]:
        async with self.admitted(actor, "get_me") as session:
            return await chat.chat_places(session, actor.number)

    async def group(self, actor: Actor, chat_id: int) -> GroupView:
        async with self.admitted(actor, "get_group_view", "", chat_id) as session:
            return await chat.view_group(session, actor.number, chat_id)

    async def direct_with(self, actor: Actor, number: int) -> int:
        """The conversation with somebody, opened where there is none. Who may write to whom is theirs to say."""
        async with self.admitted(actor, "post_direct") as session:
            found, _ = await chat.open_direct(
                session, actor, number, may_talk=openplatform.check_talk, clock=self.clock, limits=self.limits
            )
            await openplatform.follow_direct(session, found, actor.number, number, clock=self.clock)
        return found

    async def rename(self, actor: Actor, chat_id: int, name: str) -> None:
        async with self.admitted(actor, "patch_group", "moderate", chat_id) as session:
            await chat.change_group(
                session, actor, chat_id, GroupPatch(name=name), clock=self.clock, limits=self.limits
            )
        self._places.pop((actor.number, chat_id), None)

    async def leave(self, actor: Actor, chat_id: int) -> None:
        async with self.admitted(actor, "delete_my_seat", "", chat_id) as session:
            await chat.leave_group(session, actor, chat_id, clock=self.clock)

    # What it says

    async def send(
        self, actor: Actor, chat_id: int, segments: Sequence[Mapping[str, Any]], *, key: str | None = None
    ) -> Sent:
        """Answers when the message is stored. The same ``key`` again gives the same answer."""
        self.writer.pace.spend(actor.number)
        key = key or secrets.token_urlsafe(16)
        draft = self._draft_of(segments)
        async with self.admitted(actor, "post_message", "send", chat_id) as session:
            ready = await chat.prepare(
                session,
                actor,
                chat_id,
                draft,
                key=key,
                may_talk=openplatform.check_talk,
                clock=self.clock,
                limits=self.limits,
            )
        stored = await self.writer.send(
            chat=chat_id,
            sender=actor.number,
            sender_json=ready.sender_json,
            key=key,
            draft=ready.draft,
            members_rev=ready.members_rev,
        )
        return Sent(chat_id, stored.seq, stored.id, stored.at.decode())

    def _draft_of(self, segments: Sequence[Mapping[str, Any]]) -> Draft:
        raw, limits = msgspec.json.encode(segments), self.limits
        return chat.read_segments(
            raw, text_chars_max=limits.text_chars_max, segments_max=limits.segments_max, by_bot=True
        )

    async def edit(self, actor: Actor, chat_id: int, seq: int, segments: Sequence[Mapping[str, Any]]) -> None:
        """Puts other segments in the place of what it has said itself."""
        draft = self._draft_of(segments)
        async with self.admitted(actor, "patch_message", "send", chat_id) as session:
            await chat.edit_message(session, actor, chat_id, seq, draft, clock=self.clock)

    async def answer(self, actor: Actor, press: str, answer: AnswerDraft) -> None:
        """Tells whoever has pressed a button of the bot's what it has to say to that, once."""
        async with self.admitted(actor, "put_press") as session:
            await openplatform.answer_press(session, actor, press, answer, clock=self.clock)

    async def set_commands(self, actor: Actor, commands: Sequence[CommandDraft]) -> None:
        async with self.admitted(actor, "put_commands") as session:
            await openplatform.set_commands(session, actor, commands, limits=self.limits)

    async def commands(self, actor: Actor) -> list[CommandDraft]:
        async with self.admitted(actor, "get_my_commands") as session:
            return await openplatform.commands_of(session, actor.number)

    async def recall(self, actor: Actor, chat_id: int, seq: int) -> None:
        async with self.admitted(actor, "put_recall", "send", chat_id) as session:
            await chat.recall_message(session, actor, chat_id, seq, clock=self.clock, limits=self.limits)

    async def react(self, actor: Actor, chat_id: int, seq: int, emoji: str) -> None:
        async with self.admitted(actor, "put_reaction", "send", chat_id) as session:
            await chat.react(session, actor, chat_id, seq, emoji, clock=self.clock, limits=self.limits)

    async def unreact(self, actor: Actor, chat_id: int, seq: int, emoji: str) -> None:
        async with self.admitted(actor, "delete_reaction", "send", chat_id) as session:
            await chat.take_reaction_back(session, actor, chat_id, seq, emoji, clock=self.clock)

    async def pin(self, actor: Actor, chat_id: int, seq: int) -> None:
        async with self.admitted(actor, "put_pin", "moderate", chat_id) as session:
            await chat.pin_message(session, actor, chat_id, seq, clock=self.clock, limits=self.limits)

    async def unpin(self, actor: Actor, chat_id: int, seq: int) -> None:
        async with self.admitted(actor, "delete_pin", "moderate", chat_id) as session:
            await chat.unpin_message(session, actor, chat_id, seq, clock=self.clock)

    async def announce(self, actor: Actor, chat_id: int, text: str) -> int:
        async with self.admitted(actor, "post_announcement", "moderate", chat_id) as session:
            draft = AnnouncementDraft(text)
            return await chat.announce(session, actor, chat_id, draft, clock=self.clock, limits=self.limits)

    # What it reads

    async def announcements(self, actor: Actor, chat_id: int) -> list[AnnouncementView]:
        """Of a group, the newest first."""
        async with self.admitted(actor, "get_announcements", "read_all", chat_id) as session:
            return await chat.list_announcements(session, actor.number, chat_id)

    async def message(self, actor: Actor, chat_id: int, seq: int) -> dict[str, Any]:
        """A message as its frame: one that the bot has heard or said, or with ``read_all`` any. One that was recalled
        is still told for as long as the operator lets bots see it. Raises ``NoSuchMessage``."""
        async with self.admitted(actor, "get_message", "", chat_id) as session:
            found: dict[str, Any] = _decode(await openplatform.readable_message(session, actor.number, chat_id, seq))
        return found

    async def history(
        self, actor: Actor, chat_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[dict[str, Any]]:
        """Messages in rising seq: those after ``after``, else those before ``before``, else the newest."""
        async with self.admitted(actor, "get_messages", "read_all", chat_id) as session:
            rows, _ = await chat.page_of_messages(session, chat_id, after=after, before=before, limit=limit)
            shown = await chat.shown_messages(session, actor.number, chat_id, rows)
        return [_decode(one) for one in shown]

    async def pinned(self, actor: Actor, chat_id: int) -> list[int]:
        """The seqs of what is pinned, the newest pin first."""
        async with self.admitted(actor, "get_messages", "read_all", chat_id) as session:
            return await chat.pinned_seqs(session, chat_id)

    # Files

    @property
    def bringing(self) -> Bringing:
        """How files come here: see there."""
        return Bringing(
            settings=self.settings,
            database=self.database,
            blobs=self.blobs,
            darkroom=self.darkroom,
            clock=self.clock,
        )

    async def file(
        self, actor: Actor, chat_id: int, media: str, variant: Variant = "original"
    ) -> tuple[StoredVersion, AsyncIterator[bytes]]:
        """One version of a file that a message in the chat carries. Raises ``NoSuchMedia``."""
        async with self.admitted(actor, "get_media", "read_mentions", chat_id) as session:
            await chat.visible_media(session, actor.number, chat_id, media)
            version = await get_version(session, media, variant)
        return version, await self.blobs.read(version.key, 0, version.size_bytes)

    async def whole_file(
        self, actor: Actor, chat_id: int, media: str, variant: Variant = "original"
    ) -> tuple[StoredVersion, bytes]:
        """The same with all that it holds, to be sent once more. Raises ``NoSuchMedia``, and ``CannotBring`` before a
        byte of one is read that is larger than what a bot may send."""
        version, pieces = await self.file(actor, chat_id, media, variant)
        bytes_max = self.limits.bridge_file_bytes_max
        if version.size_bytes > bytes_max:
            raise CannotBring(reason=f"it has more than {bytes_max} bytes")
        return version, b"".join([piece async for piece in pieces])

    # People

    async def person(self, actor: Actor, number: int) -> Profile:
        async with self.admitted(actor, "get_profile") as session:
            return await identity.view_profile(
                session, actor.number, number, Acquaintance(chat.groups_in_common, chat.sees_group)
            )

    async def member(self, actor: Actor, chat_id: int, number: int) -> MemberView:
        """Somebody's seat. Its own it may always see. Raises ``NoSuchMember``."""
        scope = "" if number == actor.number else "members"
        async with self.admitted(actor, "get_members", scope, chat_id) as session:
            return await chat.seat_view(session, chat_id, number)

    async def speaker(self, chat_id: int, number: int) -> MemberView | None:
        """The seat of somebody who has said something that the bot hears, to say it as another protocol does; None
        where they have left. It costs no call."""
        async with self.database.transaction() as session:
            return await chat.find_seat(session, chat_id, number)

    async def members(self, actor: Actor, chat_id: int) -> list[MemberView]:
        found: list[MemberView] = []
        cursor: str | None = None
        async with self.admitted(actor, "get_members", "members", chat_id) as session:
            while not found or cursor is not None:
                page = await chat.list_members(session, chat_id, cursor=cursor, limit=_MEMBERS_AT_ONCE)
                found += page.items
                cursor = page.next
                if not page.items:
                    break
        return found

    async def mute(self, actor: Actor, chat_id: int, number: int, seconds: int) -> None:
        """Silences somebody, for whole minutes: what is begun of one counts."""
        minutes = max(1, -(-seconds // 60))
        async with self.admitted(actor, "put_mute", "moderate", chat_id) as session:
            await chat.mute_member(session, actor, chat_id, number, minutes, clock=self.clock, limits=self.limits)

    async def unmute(self, actor: Actor, chat_id: int, number: int) -> None:
        async with self.admitted(actor, "delete_mute", "moderate", chat_id) as session:
            await chat.unmute_member(session, actor, chat_id, number, clock=self.clock)

    async def mute_all(self, actor: Actor, chat_id: int, muted: bool) -> None:
        async with self.admitted(actor, "put_mute_all" if muted else "delete_mute_all", "moderate", chat_id) as session:
            await chat.mute_all(session, actor, chat_id, muted=muted, clock=self.clock)

    async def remove(self, actor: Actor, chat_id: int, number: int, *, ban: bool = False) -> None:
        async with self.admitted(actor, "delete_member", "moderate", chat_id) as session:
            await chat.remove_member(session, actor, chat_id, number, ban=ban, clock=self.clock)

    async def banned(self, actor: Actor, chat_id: int) -> list[BanView]:
        """Who is kept out, the latest hundred of them."""
        async with self.admitted(actor, "get_bans", "moderate", chat_id) as session:
            await chat.group_seat(session, actor.number, chat_id, "owner", "admin")
            return (await chat.list_bans(session, chat_id, limit=_MEMBERS_AT_ONCE)).items

    async def unban(self, actor: Actor, chat_id: int, number: int) -> None:
        async with self.admitted(actor, "delete_ban", "moderate", chat_id) as session:
            await chat.lift_ban(session, actor, chat_id, number)

    async def set_card(self, actor: Actor, chat_id: int, card: str) -> None:
        """How the bot itself is called in the group; nobody may name another."""
        async with self.admitted(actor, "patch_my_seat", "", chat_id) as session:
            await chat.set_card(session, actor, chat_id, card, clock=self.clock, limits=self.limits)

    async def requests(
        self, actor: Actor, chat_id: int, *, cursor: str | None = None, limit: int = _MEMBERS_AT_ONCE
    ) -> Page[RequestView]:
        """Who waits to be let in, the longest first."""
        async with self.admitted(actor, "get_requests", "moderate", chat_id) as session:
            await chat.group_seat(session, actor.number, chat_id, "owner", "admin")
            return await chat.list_requests(session, chat_id, cursor=cursor, limit=limit)

    async def decide(self, actor: Actor, chat_id: int, number: int, accept: bool, reason: str = "") -> None:
        async with self.admitted(actor, "put_request", "moderate", chat_id) as session:
            draft = DecisionDraft(accept, reason)
            await chat.decide_request(session, actor, chat_id, number, draft, clock=self.clock, limits=self.limits)
