"""What a bot can do, one method each: a typed face of the HTTP interface."""

import uuid
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from .cloud import Cloud
from .errors import Conflict
from .segments import Segment, as_segments
from .uploads import upload
from .views import Command, Group, JoinRequest, Me, MediaFile, Member, Profile, Sent, StoredMessage
from .wire import Param, Wire

__all__ = ["Client"]


class _Messages(msgspec.Struct):
    messages: list[StoredMessage]
    more: bool


class _Members(msgspec.Struct):
    items: list[Member]
    next: str | None = None


class _Requests(msgspec.Struct):
    items: list[JoinRequest]
    next: str | None = None


class Client(Wire):
    """A bot's hands, without its ears: what it says and does where it has been let in.

    Every method raises ``Refused`` (in its families) and ``Unreachable``. Doing the same again is harmless, but where
    it is said.
    """

    @property
    def cloud(self) -> Cloud:
        """What the app keeps on the server: values and files."""
        return Cloud(self)

    async def me(self) -> Me:
        """Who the bot is, and where it is installed."""
        return await self.get(Me, "bots/me")

    async def send(self, chat: int, *what: str | Segment, key: str | None = None) -> Sent:
        """Says something. The same ``key`` again says it once, and gives the same answer."""
        body = {"key": key or str(uuid.uuid4()), "segments": as_segments(what)}
        return msgspec.json.decode(await self.call("POST", f"chats/{chat}/messages", body), type=Sent)

    async def edit(self, chat: int, seq: int, *what: str | Segment) -> None:
        """Changes what the bot has said itself. Nobody is called by that, and no call is taken back."""
        await self.call("PATCH", f"chats/{chat}/messages/{seq}", {"segments": as_segments(what)})

    async def recall(self, chat: int, seq: int) -> None:
        """Takes back a message of the bot's own, or anybody's where it moderates."""
        await self.call("PUT", f"chats/{chat}/messages/{seq}/recall")

    async def react(self, chat: int, seq: int, emoji: str) -> None:
        await self.call("PUT", f"chats/{chat}/messages/{seq}/reactions/{emoji}")

    async def unreact(self, chat: int, seq: int, emoji: str) -> None:
        await self.call("DELETE", f"chats/{chat}/messages/{seq}/reactions/{emoji}")

    async def pin(self, chat: int, seq: int) -> None:
        await self.call("PUT", f"chats/{chat}/pins/{seq}")

    async def unpin(self, chat: int, seq: int) -> None:
        await self.call("DELETE", f"chats/{chat}/pins/{seq}")

    async def direct(self, number: int) -> int:
        """The chat between this person and the bot, opened where there is none yet."""
        return int((await self.ask("POST", "directs", {"number": number}))["chat"])

    async def message(self, chat: int, seq: int) -> StoredMessage:
        return await self.get(StoredMessage, f"chats/{chat}/messages/{seq}")

    async def history(
        self, chat: int, *, after: int | None = None, before: int | None = None, limit: int = 50
    ) -> list[StoredMessage]:
        """At most ``limit`` messages in rising seq: those after or before one, or the newest."""
        path = f"chats/{chat}/messages"
        return (await self.get(_Messages, path, after=after, before=before, limit=limit)).messages

    async def upload(
        self,
        file: Path | bytes,
        name: str | None = None,
        *,
        purpose: Literal["message", "file", "avatar"] = "message",
    ) -> MediaFile:
        """Brings a file there, in pieces; ``name`` is the file's own unless told otherwise. Send its ``segment``."""
        return await upload(self, file, name, purpose)

    async def send_file(
        self, chat: int, file: Path | bytes, name: str | None = None, *, key: str | None = None
    ) -> Sent:
        """Says a picture, a voice, a film or another file, as which the server takes it."""
        return await self.send(chat, (await self.upload(file, name)).segment, key=key)

    async def fetch(self, chat: int, media: str, variant: Literal["original", "large", "small"] = "original") -> bytes:
        """A file that a message of this chat carries. All of it is held in memory."""
        return await self.call("GET", f"chats/{chat}/media/{media}/{variant}")

    async def group(self, chat: int) -> Group:
        return await self.get(Group, f"groups/{chat}")

    async def members(self, chat: int, query: str | None = None) -> AsyncIterator[Member]:
        """Everybody in a group, the owner and the admins first."""
        cursor: str | None = None
        while True:
            page = await self.get(_Members, f"groups/{chat}/members", query=query, cursor=cursor)
            for member in page.items:
                yield member
            cursor = page.next
            if cursor is None:
                return

    async def profile(self, number: int) -> Profile:
        return await self.get(Profile, f"accounts/{number}")

    async def mute(self, chat: int, number: int, minutes: int, reason: str = "") -> None:
        """From now on, whatever was before."""
        await self.call("PUT", f"groups/{chat}/mutes/{number}", {"minutes": minutes, "reason": reason})

    async def unmute(self, chat: int, number: int) -> None:
        await self.call("DELETE", f"groups/{chat}/mutes/{number}")

    async def mute_all(self, chat: int, muted: bool = True) -> None:
        """Lets nobody but owner and admins speak, or everybody again."""
        await self.call("PUT" if muted else "DELETE", f"groups/{chat}/mutes/all")

    async def remove(self, chat: int, number: int, *, ban: bool = False) -> None:
        """Removes a member, and keeps them out with ``ban``."""
        await self.call("DELETE", f"groups/{chat}/members/{number}", params={"ban": ban})

    async def unban(self, chat: int, number: int) -> None:
        await self.call("DELETE", f"groups/{chat}/bans/{number}")

    async def announce(self, chat: int, text: str) -> None:
        """Makes an announcement; twice, where it is called twice."""
        await self.call("POST", f"groups/{chat}/announcements", {"text": text}, again=False)

    async def rename(self, chat: int, name: str) -> None:
        await self.call("PATCH", f"groups/{chat}", {"name": name})

    async def set_card(self, chat: int, card: str) -> None:
        """How the bot is called in this group; by its nickname with an empty one."""
        await self.call("PATCH", f"groups/{chat}/members/me", {"card": card})

    async def set_commands(self, commands: Iterable[Command]) -> None:
        """All commands of the bot, as people are shown them. Those of ``on_command`` set themselves."""
        await self.call("PUT", "bots/me/commands", list(commands))

    async def answer_press(self, press: str, text: str = "", *, alert: bool = False, code: int = 0) -> None:
        """Tells whoever has pressed a button what came of it. What was answered already stays so."""
        try:
            await self.call("PUT", f"presses/{press}", {"text": text, "alert": alert, "code": code})
        except Conflict as answered:
            if answered.code != "openplatform.press_answered":
                raise

    async def leave(self, chat: int) -> None:
        await self.call("DELETE", f"groups/{chat}/members/me")

    async def requests(self, chat: int) -> list[JoinRequest]:
        """Who asks to join, the longest waiting first; at most 100."""
        return (await self.get(_Requests, f"groups/{chat}/requests")).items

    async def decide(self, chat: int, number: int, *, accept: bool, reason: str = "") -> None:
        """Lets somebody in who asked, or refuses them and tells them why."""
        await self.call("PUT", f"groups/{chat}/requests/{number}", {"accept": accept, "reason": reason})

    async def ask(self, method: str, path: str, body: object = None, **params: Param) -> Any:
        """Anything else that the HTTP interface has: the answer's JSON, None without one."""
        said = await self.call(method, path, body, params=params)
        return msgspec.json.decode(said) if said else None
