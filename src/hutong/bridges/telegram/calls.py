"""One call of a bot: who it is, what it hands over, and how it names conversations."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import msgspec

from hutong.bridges.desk import Desk, Sent
from hutong.domains import chat, identity, openplatform
from hutong.domains.chat import ChatPlace, NoSuchChat
from hutong.domains.identity import Acquaintance
from hutong.kit.actor import Actor
from hutong.kit.errors import HutongError, NotFound

from .buttons import read_markup, web_apps_in
from .entities import Entity, Marked, cut, found_in, in_order
from .parameters import ChatId, Parameters
from .reading import Frame, Scene, message_of
from .refusals import Refusal, bad_request, unauthorized
from .saying import Segment
from .shapes import NOTICES, chat_of_group, chat_of_person, user_of

__all__ = ["Bot", "Call", "Where", "bot_named", "chat_of", "find_frame", "let_in", "our_token"]


_NAMED_MAX = 20
_NOBODY_CALLED_IN = ("code", "pre", "text_link", "text_mention")


class Bot(NamedTuple):
    """A bot that has come in. ``me`` is how it knows itself."""

    actor: Actor
    token: str
    me: dict[str, Any]

    @property
    def number(self) -> int:
        return self.actor.number


class Where(NamedTuple):
    """A conversation: its number here, and how the bot knows it."""

    chat: int
    told: dict[str, Any]

    @property
    def is_group(self) -> bool:
        return bool(self.told["type"] != "private")


def our_token(token: str) -> str:
    """A token as these bots write it, ``10042:…``, as we do: ``10042.…``. Clients insist on the colon, and nothing else
    of it is ever different."""
    number, colon, secret = token.partition(":")
    return f"{number}.{secret}" if colon else token


async def let_in(desk: Desk, token: str) -> Bot:
    """The bot that a token lets in. Raises ``Refusal`` 401."""
    actor = await desk.come_in(our_token(token))
    if actor is None:
        raise unauthorized()
    return await bot_named(desk, actor, token)


async def bot_named(desk: Desk, actor: Actor, token: str) -> Bot:
    async with desk.database.transaction() as session:
        account = await identity.get_account(session, actor.number)
    username = account.handle or f"bot{actor.number}"
    return Bot(actor, token, user_of(actor.number, account.nickname, is_bot=True, username=username))


def chat_of(place: ChatPlace) -> dict[str, Any]:
    """A conversation as the bot knows it."""
    if place.peer is not None:
        return chat_of_person(place.peer.number, place.peer.name)
    return chat_of_group(place.chat, place.name)


async def find_frame(desk: Desk, number: int, chat_id: int, seq: int) -> Frame | None:
    """A message that the bot may read, to tell of something else; None where it may not, or there is none."""
    try:
        async with desk.database.transaction() as session:
            found: Frame = msgspec.json.decode(await openplatform.readable_message(session, number, chat_id, seq))
    except NotFound:
        return None
    return found


@dataclass(frozen=True, slots=True)
class Call:
    """A bot calls a method."""

    desk: Desk
    bot: Bot
    parameters: Parameters
    origin: str = ""
    """The address under which the bot knows us, to begin a link with."""

    @property
    def actor(self) -> Actor:
        return self.bot.actor

    def with_values(self, **values: Any) -> "Call":
        """The same call with these parameters alone."""
        return replace(self, parameters=Parameters(values))

    async def where(self, name: str = "chat_id") -> Where:
        """The conversation that a parameter names."""
        return await self.place(self.parameters.chat(name))

    async def place(self, chat_id: ChatId) -> Where:
        """A group by its number below zero or its handle, or the conversation with a person by theirs. Raises
        ``Refusal``: 403 where the bot is not, or may not write."""
        if isinstance(chat_id, str):
            chat_id = await self._number_of(chat_id.removeprefix("@"))
        if chat_id > 0:
            return await self._with_person(chat_id)
        try:
            place = await self.desk.place(self.actor, -chat_id)
        except NoSuchChat:
            raise Refusal(403, "bot is not a member of the supergroup chat") from None
        return Where(place.chat, chat_of(place))

    async def _number_of(self, handle: str) -> int:
        try:
            async with self.desk.database.transaction() as session:
                found = await identity.who_holds(
                    session, self.actor.number, handle, Acquaintance(chat.groups_in_common, chat.sees_group)
                )
        except NotFound:
            raise bad_request("chat not found") from None
        return -found.number if found.kind == "group" else found.number

    async def _with_person(self, number: int) -> Where:
        if number == self.actor.number:
            raise Refusal(403, "bot can't send messages to itself")
        try:
            chat_id = await self.desk.direct_with(self.actor, number)
            return Where(chat_id, chat_of(await self.desk.place(self.actor, chat_id)))
        except NotFound:
            raise bad_request("chat not found") from None
        except HutongError as error:
            if error.code == "chat.out_of_reach":
                raise Refusal(403, "bot can't initiate conversation with a user") from None
            raise

    # Messages

    async def buttons(self, where: Where) -> Segment | None:
        """Those of the reply markup. A page of the bot's own mini app opens as such, with launch data."""
        markup = self.parameters.record("reply_markup", "reply keyboard markup")
        minis: dict[str, str] = {}
        if pages := web_apps_in(markup):
            async with self.desk.database.transaction() as session:
                for page in sorted(pages):
                    path = await openplatform.find_mini_link(session, self.actor.number, where.chat, page)
                    minis |= {page: self.origin + path} if path else {}
        return read_markup(markup, str(self.bot.me["username"]), minis)

    async def naming(self, where: Where, marked: Marked) -> Marked:
        """The text with marks on those whom it calls by their handle, as far as they are here."""
        taken = [one for one in marked.entities if one.type in _NOBODY_CALLED_IN]
        called = [one for one in found_in(marked.text, taken) if one.type == "mention"][:_NAMED_MAX]
        numbers = [await self._member_called(where, cut(marked.text, one)[1:]) for one in called]
        named = {
            one.offset: Entity("text_mention", one.offset, one.length, user={"id": number})
            for one, number in zip(called, numbers, strict=True)
            if number is not None
        }
        kept = [one for one in marked.entities if one.type != "mention" or one.offset not in named]
        return Marked(marked.text, in_order([*kept, *named.values()]))

    async def _member_called(self, where: Where, handle: str) -> int | None:
        async with self.desk.database.transaction() as session:
            number = await identity.find_person(session, handle.lower())
        seat = await self.desk.speaker(where.chat, number) if number is not None else None
        return seat.number if seat is not None else None

    async def reply_to(self, where: Where) -> int | None:
        """The seq of the message that the new one replies to."""
        about = self.parameters.record("reply_parameters", "reply parameters") or {}
        given = Parameters(about)
        seq = given.number("message_id") or self.parameters.number("reply_to_message_id")
        if not 0 < seq < NOTICES or ("chat_id" in about and (await self.place(given.chat())).chat != where.chat):
            return None
        if await find_frame(self.desk, self.actor.number, where.chat, seq) is not None:
            return seq
        if given.flag("allow_sending_without_reply") or self.parameters.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")

    def message_id(self, name: str = "message_id") -> int:
        seq = self.parameters.number(name)
        if seq <= 0:
            raise bad_request("message identifier is not specified")
        return seq

    async def frame(self, where: Where, seq: int, missing: str) -> Frame:
        """A message that the bot names. Raises ``Refusal`` with what to say where there is none."""
        try:
            found = await self.desk.message(self.actor, where.chat, seq)
        except NotFound:
            raise bad_request(missing) from None
        if not found.get("segments"):
            raise bad_request(missing)
        return found

    async def say(self, where: Where, segments: list[Segment]) -> dict[str, Any]:
        """Sends, and tells the message as it is now."""
        return await self.told(where, await self._send(where, segments))

    async def _send(self, where: Where, segments: list[Segment]) -> Sent:
        try:
            return await self.desk.send(self.actor, where.chat, segments)
        except HutongError as error:
            if error.code == "chat.message_empty":
                raise bad_request("message text is empty") from None
            raise

    async def told(self, where: Where, sent: Sent) -> dict[str, Any]:
        frame = await find_frame(self.desk, self.actor.number, where.chat, sent.seq)
        return await self.as_message(where, frame or {"chat": where.chat, "seq": sent.seq, "at": sent.at})

    async def as_message(self, where: Where, frame: Frame) -> dict[str, Any]:
        seq = next((part["seq"] for part in frame.get("segments", ()) if part.get("type") == "reply"), None)
        replied = await find_frame(self.desk, self.actor.number, where.chat, seq) if seq is not None else None
        return message_of(frame, Scene(self.bot.me, where.told, replied))
