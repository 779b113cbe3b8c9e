"""A bot hears everything once and in order, whatever becomes of the connection, and goes on where it was."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from hutong_sdk import Bot, Change, Message, Press, SignInNeeded

from .conftest import answering

BOT = 10009


def said(event: int, text: str, chat: int = 80001, *, bot: bool = False, mention: int | None = None) -> dict[str, Any]:
    segments: list[dict[str, Any]] = [{"type": "text", "text": text}]
    if mention is not None:
        segments.insert(0, {"type": "mention", "number": mention})
    return {
        "event": event, "on": "message", "chat": chat, "seq": event, "id": event, "segments": segments,
        "from": {"number": 10001, "name": "Alice", "bot": bot}, "at": "2026-11-23T05:48:40.123Z",
    }  # fmt: skip


def joined(event: int) -> dict[str, Any]:
    return {"event": event, "on": "joined", "chat": 80001, "rev": 3, "number": 10002, "name": "Bob"}


class Sockets:
    """What is said on each connection after the welcome, one after the other; the last one stays open."""

    def __init__(self, *connections: list[dict[str, Any]], newest: int = 0, close_code: int = 1012) -> None:
        self.connections: Iterator[list[dict[str, Any]]] = iter(connections)
        self.left = len(connections)
        self.newest = newest
        self.close_code = close_code
        self.hellos: list[dict[str, Any]] = []
        self.sends: list[Any] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path == f"/api/v1/accounts/{BOT}":
            return web.Response(body=b'{"number":10009,"nickname":"Librarian","handle":"librarian"}')
        if request.path != "/socket":
            self.sends.append(msgspec.json.decode(await request.read()))
            return web.Response(body=b'{"chat":80001,"seq":7,"id":9,"at":"2026-11-23T05:48:40.123Z"}')
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.hellos.append(await socket.receive_json())
        account = {"number": BOT, "nickname": "Librarian", "bot": True}
        await socket.send_json({"on": "welcome", "ref": 1, "account": account, "chats": [], "events": self.newest})
        for frame in next(self.connections, []):
            self.newest = max(self.newest, frame.get("event", 0))
            await socket.send_json(frame)
        self.left -= 1
        if self.left > 0 or self.close_code == 4401:
            await socket.close(code=self.close_code)
        else:
            await socket.receive()
        return socket


@asynccontextmanager
async def listening(sockets: Sockets, bot_of: Callable[[str], Bot], after: int | None = None) -> AsyncGenerator[Bot]:
    async with answering(sockets) as url:
        bot = bot_of(url)
        task = asyncio.create_task(bot.listen(after))
        yield bot
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if reached():
                return
            await asyncio.sleep(0)


def noting(heard: list[str], **settings: Any) -> Callable[[str], Bot]:
    """A bot that takes down what it hears."""

    def make(url: str) -> Bot:
        bot = Bot(url, "token", **settings)

        @bot.on_message
        async def hear(message: Message) -> None:
            heard.append(message.text)

        @bot.on_change("joined")
        async def see(change: Change) -> None:
            heard.append(f"+{change.name}")

        return bot

    return make


async def test_what_comes_again_is_dropped_and_each_connection_goes_on_where_the_last_one_ended() -> None:
    heard: list[str] = []
    sockets = Sockets([said(5, "a"), joined(6)], [said(6, "again"), said(7, "b")], [said(8, "c")], newest=4)
    async with listening(sockets, noting(heard)) as bot:
        await until(lambda: heard[-1:] == ["c"])
        assert heard == ["a", "+Bob", "b", "c"]
        await until(lambda: bot.last_event == 8)
    assert [hello.get("events") for hello in sockets.hellos] == [None, 6, 7]


async def test_it_goes_on_where_its_file_says_and_keeps_it(tmp_path: Path) -> None:
    heard: list[str] = []
    kept = tmp_path / "last"
    kept.write_text("41\n")
    sockets = Sockets([said(42, "missed"), said(43, "too")], newest=43)
    async with listening(sockets, noting(heard, remember=kept)) as bot:
        await until(lambda: bot.last_event == 43)
    assert sockets.hellos[0]["events"] == 41
    assert heard == ["missed", "too"]
    assert kept.read_text() == "43\n"


async def test_a_server_that_was_put_back_is_heard_from_where_it_is() -> None:
    heard: list[str] = []
    sockets = Sockets([said(3, "anew")], newest=2)
    async with listening(sockets, noting(heard), after=90):
        await until(lambda: heard == ["anew"])


async def test_what_is_not_kept_any_more_is_passed_over() -> None:
    heard: list[str] = []
    sockets = Sockets([{"on": "gap", "events": True, "from": 1, "to": 9}, said(10, "later")], newest=10)
    async with listening(sockets, noting(heard), after=0) as bot:
        await until(lambda: bot.last_event == 10)
    assert heard == ["later"]


async def test_a_token_that_is_not_good_any_more_ends_the_bot() -> None:
    async with answering(Sockets([], close_code=4401)) as url:
        with pytest.raises(SignInNeeded):
            await Bot(url, "token").listen()


async def test_a_message_goes_to_what_is_most_particular_and_never_to_bots() -> None:
    heard: list[str] = []

    def make(url: str) -> Bot:
        bot = noting(heard)(url)

        @bot.on_mention
        async def hear(message: Message) -> None:
            heard.append(f"@{message.text}")

        @bot.on_command("add")
        async def add(message: Message) -> None:
            heard.append(f"/{message.words}")

        return bot

    frames = [
        said(1, "hello"),
        said(2, "hello", mention=BOT),
        said(3, "/Add 1 2"),
        said(4, " /add 3", mention=BOT),
        said(5, "/subtract 1"),
        said(6, "hello", mention=10001),
        said(7, "beep", bot=True),
        said(8, "/add"),
        said(9, "/add@Librarian 5"),
        said(10, f"/add@{BOT}\n6"),
        said(11, "/add@another 7"),
        said(12, "/addition"),
    ]
    async with listening(Sockets(frames), make) as bot:
        await until(lambda: bot.last_event == 12)
    assert heard == ["hello", "@hello", "/1 2", "/3", "/subtract 1", "hello", "/", "/5", "/6", "/addition"]


async def test_commands_that_people_are_shown_are_set_and_presses_find_their_way() -> None:
    heard: list[str] = []

    def make(url: str) -> Bot:
        bot = Bot(url, "token")

        @bot.on_command("Help", "Says what there is", "[topic]")
        async def help_with(message: Message) -> None:
            heard.append(message.words)

        @bot.on_command("secret")
        async def tell(message: Message) -> None:
            heard.append(message.words)

        @bot.on_press("vote")
        async def vote(press: Press) -> None:
            heard.append(f"{press.person.name} {press.words} {press.values}")

        return bot

    pressed = {"on": "pressed", "chat": 80001, "seq": 3, "by": {"number": 10001, "name": "Alice"}, "press": "p"}
    frames = [
        {"event": 1, **pressed, "data": "vote:tea:green"},
        {"event": 2, **pressed, "data": "vote", "values": {"cups": 2}},
        {"event": 3, **pressed, "data": "votes:tea"},
    ]
    sockets = Sockets(frames)
    async with listening(sockets, make) as bot:
        await until(lambda: bot.last_event == 3)
    assert heard == ["Alice tea:green {}", "Alice  {'cups': 2}"]
    assert sockets.sends == [[{"name": "help", "about": "Says what there is", "usage": "[topic]"}]]


async def test_a_chat_is_heard_in_its_order_and_waits_for_no_other_one() -> None:
    heard: list[str] = []
    go_on = asyncio.Event()

    def make(url: str) -> Bot:
        bot = Bot(url, "token")

        @bot.on_message
        async def hear(message: Message) -> None:
            if message.text == "slow":
                await go_on.wait()
            heard.append(message.text)

        return bot

    frames = [said(1, "before"), said(2, "slow"), said(3, "after"), said(4, "other", chat=80002)]
    async with listening(Sockets(frames), make) as bot:
        await until(lambda: "other" in heard)
        assert heard == ["before", "other"]
        assert bot.last_event == 1
        go_on.set()
        await until(lambda: bot.last_event == 4)
    assert heard == ["before", "other", "slow", "after"]


async def test_what_was_not_finished_is_heard_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hutong_sdk.bot._ENDS_WITHIN_S", 0)
    kept = tmp_path / "last"
    heard: list[str] = []
    never = asyncio.Event()

    def make(url: str) -> Bot:
        bot = Bot(url, "token", remember=kept)

        @bot.on_message
        async def hear(message: Message) -> None:
            heard.append(message.text)
            if heard == ["quick", "slow"]:
                await never.wait()

        return bot

    async with listening(Sockets([said(1, "quick"), said(2, "slow"), said(3, "after")]), make, after=0) as bot:
        await until(lambda: heard == ["quick", "slow"])
    assert bot.last_event == 1
    sockets = Sockets([said(2, "slow"), said(3, "after")], newest=3)
    async with listening(sockets, make) as bot:
        await until(lambda: bot.last_event == 3)
    assert sockets.hellos[0]["events"] == 1
    assert heard == ["quick", "slow", "slow", "after"]


async def test_a_file_that_holds_something_else_is_not_taken_for_a_number(tmp_path: Path) -> None:
    kept = tmp_path / "notes.txt"
    kept.write_text("milk, bread")
    with pytest.raises(ValueError, match="milk"):
        await Bot("http://127.0.0.1:9", "token", remember=kept).listen()
    assert kept.read_text() == "milk, bread"


async def test_a_handler_that_fails_does_not_hold_up_the_others() -> None:
    heard: list[str] = []

    def make(url: str) -> Bot:
        bot = Bot(url, "token")

        @bot.on_message
        async def fail(message: Message) -> None:
            raise ValueError(message.text)

        @bot.on_message
        async def hear(message: Message) -> None:
            heard.append(message.text)

        return bot

    async with listening(Sockets([said(1, "a"), said(2, "b")]), make) as bot:
        await until(lambda: bot.last_event == 2)
    assert heard == ["a", "b"]


async def test_what_is_said_on_hearing_the_same_again_has_the_same_keys() -> None:
    def make(url: str) -> Bot:
        bot = Bot(url, "token")

        @bot.on_message
        async def twice(message: Message) -> None:
            await message.say("one")
            await message.reply("two")

        @bot.on_message
        async def once(message: Message) -> None:
            await bot.send(80002, "three")

        return bot

    keys = []
    for _ in range(2):
        sockets = Sockets([said(1, "a"), said(2, "b")])
        async with listening(sockets, make, after=0) as bot:
            await until(lambda bot=bot: bot.last_event == 2)  # type: ignore[misc] # mypy does not see the bound one's type
        keys.append([send["key"] for send in sockets.sends])
        assert sockets.sends[1]["segments"][0] == {"type": "reply", "seq": 1}
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 6
