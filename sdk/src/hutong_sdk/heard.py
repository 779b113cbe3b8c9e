"""What a bot hears, as its handlers get it."""

import contextvars
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from .client import Client
from .segments import Segment, quote, text_of
from .views import Person, Sent

__all__ = ["Change", "Heard", "Message", "Press", "begin_keys", "key_of_its_own"]

_NAMES = uuid.UUID("3c6f4b1e-8a57-4a0b-9d52-6f1f0c8f7d11")
_next_key: contextvars.ContextVar[Callable[[], str] | None] = contextvars.ContextVar("next_key", default=None)


def begin_keys(bot: int, event: int, handler: str) -> None:
    """From here on in this task, what is said has keys that follow from the bot, the event and the handler, and are the
    same ones where that handler hears that event again. So a bot that was ended in the middle and starts over says
    nothing twice."""
    said = 0

    def next_key() -> str:
        nonlocal said
        said += 1
        return str(uuid.uuid5(_NAMES, f"{bot}/{event}/{handler}/{said}"))

    _next_key.set(next_key)


def key_of_its_own() -> str | None:
    """The next key of the handler that is running; None outside of one."""
    next_key = _next_key.get()
    return next_key() if next_key is not None else None


class Heard:
    """Something that happened in a chat. ``frame`` is all that the server said of it, and ``event`` its number."""

    def __init__(self, client: Client, number: int, frame: dict[str, Any]) -> None:
        self.client = client
        self.bot_number = number
        self.frame = frame
        self.event = int(frame.get("event", 0))
        self.on = str(frame["on"])
        self.chat = int(frame.get("chat", 0))

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.frame["at"])

    async def say(self, *what: str | Segment) -> Sent:
        """Says something in the same chat; once, even where the event is heard again after a break."""
        return await self.client.send(self.chat, *what)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.event}: {self.on} in {self.chat}>"


class Message(Heard):
    """A message. ``words`` are what stands behind a command's name."""

    words: str = ""

    @property
    def seq(self) -> int:
        return int(self.frame["seq"])

    @property
    def sender(self) -> Person:
        return msgspec.convert(self.frame["from"], Person)

    @property
    def segments(self) -> list[Segment]:
        """None where the message was recalled meanwhile."""
        return list(self.frame.get("segments", ()))

    @property
    def text(self) -> str:
        """The words alone, without mentions, files and the rest."""
        return text_of(self.segments)

    @property
    def is_recalled(self) -> bool:
        return bool(self.frame.get("recalled", False))

    @property
    def mentions(self) -> list[int]:
        """Whom it names."""
        return [part["number"] for part in self.segments if part["type"] == "mention" and part.get("number")]

    @property
    def mentions_me(self) -> bool:
        return self.bot_number in self.mentions

    @property
    def answers(self) -> int | None:
        """The seq of the message that it answers."""
        return next((int(part["seq"]) for part in self.segments if part["type"] == "reply"), None)

    @property
    def files(self) -> list[Segment]:
        """Pictures, voices, films and other files; ``media`` of each is what ``fetch`` takes."""
        return [part for part in self.segments if "media" in part]

    async def reply(self, *what: str | Segment) -> Sent:
        """Answers, with this message quoted."""
        return await self.say(quote(self.seq), *what)

    async def react(self, emoji: str) -> None:
        await self.client.react(self.chat, self.seq, emoji)

    async def recall(self) -> None:
        """Takes it away, where the bot moderates."""
        await self.client.recall(self.chat, self.seq)

    async def pin(self) -> None:
        await self.client.pin(self.chat, self.seq)

    async def fetch(self, file: Segment) -> bytes:
        """The bytes of one of its ``files``."""
        return await self.client.fetch(self.chat, file["media"])


class Change(Heard):
    """Something other than a message: who joined, what was recalled, who was muted. ``on`` says which; the names in
    ``frame`` are those of the protocol's page."""

    @property
    def seq(self) -> int | None:
        """The message that it is about."""
        return self.frame.get("seq")

    @property
    def number(self) -> int | None:
        """Whom it is about."""
        return self.frame.get("number")

    @property
    def name(self) -> str:
        return str(self.frame.get("name", ""))

    @property
    def by(self) -> int | None:
        """Who did it."""
        by = self.frame.get("by")
        return by["number"] if isinstance(by, dict) else by


class Press(Heard):
    """Somebody has pressed a button of the bot, or sent its form. ``words`` are what stands behind the first colon of
    its ``data``."""

    words: str = ""

    @property
    def seq(self) -> int:
        """The message with the button."""
        return int(self.frame["seq"])

    @property
    def person(self) -> Person:
        """Who has pressed."""
        return msgspec.convert(self.frame["by"], Person)

    @property
    def data(self) -> str:
        return str(self.frame["data"])

    @property
    def values(self) -> dict[str, str | int | float]:
        """What was filled in; what was left empty is not there."""
        return dict(self.frame.get("values", {}))

    async def answer(self, text: str = "", *, alert: bool = False, code: int = 0) -> None:
        """Tells who has pressed what came of it, in passing, or with ``alert`` so that they have to see it. Until then
        their button waits. ``code``: 0 done, 1 went wrong, 2 too often, 3 done before, 4 not allowed, 5 for admins."""
        await self.client.answer_press(self.frame["press"], text, alert=alert, code=code)

    async def edit(self, *what: str | Segment) -> None:
        """Changes the message with the button."""
        await self.client.edit(self.chat, self.seq, *what)
