"""A small town for real clients: a running hutong with a group, two people in it, and a bot."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server, a_server

PASSWORD = "seven green lanterns"
HEARD_WITHIN_S = 120
SCOPES = ("read_all", "send", "members", "moderate")


class Speaker:
    """An account here, and what it does by HTTP."""

    def __init__(self, server: Server, number: int, token: str) -> None:
        self.server = server
        self.number = number
        self.token = token

    async def ask(self, method: str, path: str, body: object = None, **params: Any) -> Any:
        """The answer's body, None without one. Raises ``httpx.HTTPStatusError`` on a refusal."""
        async with self.server.speaker(self.token) as http:
            answer = (await http.request(method, path, json=body, params=params)).raise_for_status()
        return answer.json() if answer.content else None

    async def say(self, chat: int, what: str | list[dict[str, Any]]) -> int:
        """The seq of the new message."""
        segments = [{"type": "text", "text": what}] if isinstance(what, str) else what
        body = {"key": str(uuid.uuid4()), "segments": segments}
        return int((await self.ask("POST", f"chats/{chat}/messages", body))["seq"])

    async def messages(self, chat: int) -> list[dict[str, Any]]:
        """All of a conversation."""
        found: list[dict[str, Any]] = []
        while (page := await self.ask("GET", f"chats/{chat}/messages", after=len(found), limit=100))["messages"]:
            found += page["messages"]
        return found

    async def hear(self, chat: int, part: str, *, after: int = 0) -> dict[str, Any]:
        """The first message of somebody else after the seq whose text has ``part`` in it, waited for."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            while True:
                page = await self.ask("GET", f"chats/{chat}/messages", after=after, limit=100)
                for message in page["messages"]:
                    after = message["seq"]
                    if part in text_of(message) and message["from"]["number"] != self.number:
                        return dict(message)
                await asyncio.sleep(0.05)


class Town:
    """``alice`` owns the group ``chat`` and the app with the bot in it; ``bob`` belongs to the group."""

    def __init__(self, server: Server, alice: Speaker, bob: Speaker) -> None:
        self.server = server
        self.alice = alice
        self.bob = bob
        self.chat = 0
        self.app = 0
        self.bot: Speaker

    async def restart(self) -> None:
        """Stops the server as an operator does, and starts it again on the same port."""
        assert await self.server.stop() == 0
        await self.server.start()

    async def direct(self, person: Speaker) -> int:
        """The conversation of the person and the bot."""
        return int((await person.ask("POST", "directs", {"number": self.bot.number}))["chat"])

    async def until_heard(self, seq: int) -> None:
        """Waits until this message of the group has become an event of the bot."""
        last = 0
        async with asyncio.timeout(HEARD_WITHIN_S):
            while True:
                told = await self.bot.ask("GET", "bots/me/events", after=last)
                if any(one["on"] == "message" and one["seq"] == seq for one in told["events"]):
                    return
                last = told["events"][-1]["event"] if told["events"] else last
                await asyncio.sleep(0.05)

    async def grant(self, *scopes: str) -> None:
        await self.alice.ask("PUT", f"groups/{self.chat}/bots/{self.bot.number}", {"scopes": scopes})

    async def another_bot(self, name: str) -> Speaker:
        """A bot of the same app, not in the group yet."""
        bot = await self.alice.ask("POST", f"apps/{self.app}/bots", {"nickname": name})
        tokens = f"apps/{self.app}/bots/{bot['number']}/tokens"
        return Speaker(self.server, bot["number"], (await self.alice.ask("POST", tokens, {}))["token"])


@pytest.fixture
def town_settings() -> dict[str, str]:
    """Environment variables of the town's server; a test module may have a fixture of this name of its own."""
    return {}


@pytest.fixture
async def town(data_folder: Path, town_settings: dict[str, str]) -> AsyncGenerator[Town]:
    """A town in which the bot may do everything that a scope allows."""
    async with a_server(data_folder, 1, town_settings) as server:
        yield await settle(server)


async def settle(server: Server) -> Town:
    town = Town(server, await sign_up(server, "Alice"), await sign_up(server, "Bob"))
    town.chat = (await town.alice.ask("POST", "groups", {"name": "Lane"}))["chat"]
    await town.bob.ask("PUT", f"groups/{town.chat}/members/me")
    town.app = (await town.alice.ask("POST", "apps", {"name": "Library"}))["app"]
    town.bot = await town.another_bot("Librarian")
    await town.grant(*SCOPES)
    return town


async def sign_up(server: Server, nickname: str) -> Speaker:
    async with server.speaker() as http:
        account = (await http.post("accounts", json={"nickname": nickname, "password": PASSWORD})).json()
        login = {"login": str(account["number"]), "password": PASSWORD}
        token = (await http.post("sessions", json=login)).json()["token"]
    return Speaker(server, account["number"], token)


def text_of(message: dict[str, Any]) -> str:
    return "".join(segment.get("text", "") for segment in message["segments"])
