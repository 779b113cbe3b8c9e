"""The world's OneBot v11 clients, unmodified, against a running hutong: they connect, hear, answer, ask, and are there
again after a restart."""

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest

from hutong.bridges.onebot11.ids import message_id

from .conftest import Town, text_of
from .programs import Program, node_program, python_program

_ASKED_MAX, _ASKED_EVERY_S = 20, 5


@pytest.fixture
def town_settings() -> dict[str, str]:
    """Bots that hutong goes to are on this machine."""
    return {"HUTONG_PRIVATE_ADDRESSES_ALLOWED": "true"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def told(program: Program, what: str) -> Any:
    """What a script says of something, as JSON."""
    return json.loads((await program.until(f"{what} {{")).split(" ", 1)[1])


def forward(town: Town) -> str:
    return f"ws://127.0.0.1:{town.server.port}/bridges/onebot11/"


def nonebot_settings(port: int, **more: Any) -> str:
    return json.dumps({"host": "127.0.0.1", "port": port, "log_level": "WARNING", "command_start": ["/"], **more})


async def call(town: Town, text: str) -> int:
    """Bob says something to the bot."""
    return await town.bob.say(
        town.chat, [{"type": "mention", "number": town.bot.number}, {"type": "text", "text": f" {text}"}]
    )


async def answers_again(town: Town) -> None:
    """A client may have come to the server that was going, and comes once more; until then nobody hears what is
    said."""
    first = await call(town, "There again?")
    for _ in range(_ASKED_MAX):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ASKED_EVERY_S):
                await town.bob.hear(town.chat, "You said: There again?", after=first)
                return
        await call(town, "There again?")
    raise AssertionError("The bot has not come back.")


async def talk_to_nonebot(town: Town, bot: Program) -> None:
    """Everything that the script can do."""
    seq = await call(town, "Good morning.")
    answered = await told(bot, "answered")
    assert (answered["kind"], answered["sender"]["role"], answered["sender"]["nickname"]) == ("group", "member", "Bob")
    answer = await town.bob.hear(town.chat, "You said: Good morning.", after=seq)
    assert [part["type"] for part in answer["segments"]] == ["reply", "mention", "text"]
    assert answer["segments"][0]["seq"] == seq

    await town.bob.say(town.chat, "/who am I")
    knows = await told(bot, "knows")
    assert (knows["facts"], knows["raw"], knows["words"]) == ("Bob member of Lane, one of 3", "/who am I", "am I")
    await town.bob.hear(town.chat, "Bob member of Lane, one of 3", after=seq)
    await town.bob.say(town.chat, "/quiet")
    await town.alice.say(town.chat, "/quiet")
    assert text_of(await town.bob.hear(town.chat, "As you say, ", after=seq)) == "As you say, owner"
    await town.bob.say(town.chat, "/picture")
    pictured = await town.bob.hear(town.chat, "Here: ", after=seq)
    assert [part["type"] for part in pictured["segments"]] == ["text", "image"]
    assert (await told(bot, "refused"))["retcode"] == 102
    secret = await town.bob.say(town.chat, "Forget this.")
    await town.until_heard(secret)
    await town.bob.ask("PUT", f"chats/{town.chat}/messages/{secret}/recall")
    recalled = await told(bot, "recalled")
    assert (recalled["by"], recalled["text"]) == (town.bob.number, "Forget this.")


async def test_nonebot_comes_by_forward_websocket(town: Town) -> None:
    settings = nonebot_settings(
        free_port(),
        driver="~httpx+~websockets",
        onebot_ws_urls=[forward(town)],
        onebot_access_token=town.bot.token,
    )
    async with python_program("nonebot", "onebot.py", settings) as bot:
        assert (await told(bot, "connected"))["login"] == {"user_id": town.bot.number, "nickname": "Librarian"}
        await talk_to_nonebot(town, bot)
        await town.restart()
        await told(bot, "connected")
        await answers_again(town)


async def outlet(town: Town, kind: str, url: str, secret: str, **options: Any) -> None:
    """Alice says where hutong is to find the bot."""
    body = {"kind": kind, "url": url, "secret": secret, "options": options}
    await town.alice.ask("POST", f"apps/{town.app}/bots/{town.bot.number}/outlets", body)


async def test_nonebot_is_come_to_by_reverse_websocket(town: Town) -> None:
    port = free_port()
    await outlet(town, "onebot11_ws", f"ws://127.0.0.1:{port}/onebot/v11/ws", "an-open-secret")
    settings = nonebot_settings(port, driver="~fastapi", onebot_access_token="an-open-secret")
    async with python_program("nonebot", "onebot.py", settings) as bot:
        await told(bot, "connected")
        await talk_to_nonebot(town, bot)
        await town.restart()
        await told(bot, "connected")
        await answers_again(town)


async def test_a_nonebot_that_was_away_hears_what_it_missed(town: Town) -> None:
    port = free_port()
    await outlet(town, "onebot11_ws", f"ws://127.0.0.1:{port}/onebot/v11/ws", "an-open-secret")
    settings = nonebot_settings(port, driver="~fastapi", onebot_access_token="an-open-secret")
    async with python_program("nonebot", "onebot.py", settings) as bot:
        await told(bot, "connected")
        seq = await call(town, "One.")
        await town.bob.hear(town.chat, "You said: One.", after=seq)
    seq = await call(town, "While you were away.")
    async with python_program("nonebot", "onebot.py", settings):
        await town.bob.hear(town.chat, "You said: While you were away.", after=seq)


async def test_nonebot_hears_by_http_post_and_acts_by_http(town: Town) -> None:
    port = free_port()
    settings = nonebot_settings(
        port,
        driver="~fastapi+~httpx",
        onebot_secret="signed",
        onebot_access_token=town.bot.token,
        onebot_api_roots={f"{town.bot.number}": f"http://127.0.0.1:{town.server.port}/bridges/onebot11/"},
    )
    async with python_program("nonebot", "onebot.py", settings) as bot:
        await outlet(town, "onebot11_http", f"http://127.0.0.1:{port}/onebot/v11/http", "signed")
        await talk_to_nonebot(town, bot)
        await town.restart()
        seq = await call(town, "There again?")
        await town.bob.hear(town.chat, "You said: There again?", after=seq)


async def test_nonebot_is_spoken_to_between_two(town: Town) -> None:
    settings = nonebot_settings(
        free_port(),
        driver="~httpx+~websockets",
        onebot_ws_urls=[forward(town)],
        onebot_access_token=town.bot.token,
    )
    async with python_program("nonebot", "onebot.py", settings) as bot:
        await told(bot, "connected")
        direct = await town.direct(town.bob)
        await town.bob.say(direct, "Psst.")
        assert (await told(bot, "answered"))["kind"] == "private"
        await town.bob.hear(direct, "You said: Psst.")


@pytest.mark.parametrize("message_format", ["array", "string"])
async def test_koishi_comes_by_websocket(town: Town, message_format: str) -> None:
    endpoint = f"{forward(town)}?message_format={message_format}"
    bot_ = {"selfId": f"{town.bot.number}", "token": town.bot.token, "protocol": "ws", "endpoint": endpoint}
    settings = json.dumps({"port": free_port(), "bot": bot_ | {"retryInterval": 500, "retryLazy": 500}})
    async with node_program("koishi", "onebot.js", settings) as bot:
        await until_status(bot, ONLINE)
        await talk_to_koishi(town, bot)
        await town.restart()
        # The adapter takes itself offline in the moment in which it was going to connect again, whatever the server is.
        await until_status(bot, OFFLINE)
        await bot.say("start")
        await until_status(bot, ONLINE)
        seq = await town.bob.say(town.chat, "say There again.")
        await town.bob.hear(town.chat, "There again.", after=seq)


OFFLINE, ONLINE = 0, 1


async def until_status(bot: Program, wanted: int) -> None:
    while (await told(bot, "status"))["status"] != wanted:
        pass


async def talk_to_koishi(town: Town, bot: Program) -> None:
    """Everything that the script can do."""
    seq = await town.bob.say(town.chat, "who")
    heard = await told(bot, "heard")
    assert (heard["text"], heard["user"], heard["name"]) == ("who", f"{town.bob.number}", "Bob")
    await town.bob.hear(town.chat, "Bob of Lane said who", after=seq)
    seq = await town.bob.say(town.chat, "say Good morning.")
    answer = await town.bob.hear(town.chat, "Good morning.", after=seq)
    assert answer["segments"][0] == {"type": "reply", "seq": seq}
    assert {"type": "mention", "number": town.bob.number} in answer["segments"]
    await town.bob.say(town.chat, "delete")
    gone = await town.bob.hear(town.chat, "Gone.", after=seq)
    before = await town.bob.ask("GET", f"chats/{town.chat}/messages/{gone['seq'] - 1}")
    assert (before["segments"], before["from"]["number"]) == ([], town.bot.number)


async def test_koishi_is_come_to_by_reverse_websocket(town: Town) -> None:
    port = free_port()
    await outlet(town, "onebot11_ws", f"ws://127.0.0.1:{port}/onebot", "an-open-secret")
    bot_ = {"selfId": f"{town.bot.number}", "token": "an-open-secret", "protocol": "ws-reverse", "path": "/onebot"}
    async with node_program("koishi", "onebot.js", json.dumps({"port": port, "bot": bot_})) as bot:
        await until_status(bot, ONLINE)
        await talk_to_koishi(town, bot)
        await town.restart()
        await until_status(bot, ONLINE)
        seq = await town.bob.say(town.chat, "say There again.")
        await town.bob.hear(town.chat, "There again.", after=seq)


async def talk_to_aiocqhttp(town: Town, bot: Program) -> None:
    """Everything that the script can do."""
    seq = await town.bob.say(town.chat, "Good morning.")
    heard = await told(bot, "heard")
    assert (heard["text"], heard["sender"]["role"], heard["self_id"]) == ("Good morning.", "member", town.bot.number)
    answer = await town.bob.hear(town.chat, "You said: Good morning.", after=seq)
    assert answer["segments"][0]["number"] == town.bob.number
    seq = await town.bob.say(town.chat, "who")
    await town.bob.hear(town.chat, f"Bob member {message_id(town.chat, seq)} 1", after=seq)
    seq = await town.bob.say(town.chat, "quick")
    quick = await town.bob.hear(town.chat, "A quick answer.", after=seq)
    assert quick["segments"][0] == {"type": "mention", "number": town.bob.number}
    await town.bob.say(town.chat, "refuse")
    await town.bob.hear(town.chat, "Refused with 102.", after=seq)
    secret = await town.bob.say(town.chat, "Forget this.")
    await town.until_heard(secret)
    await town.bob.ask("PUT", f"chats/{town.chat}/messages/{secret}/recall")
    assert (await told(bot, "recalled"))["text"] == "Forget this."


async def test_aiocqhttp_is_come_to_by_reverse_websocket(town: Town) -> None:
    port = free_port()
    await outlet(town, "onebot11_ws", f"ws://127.0.0.1:{port}/ws/", "an-open-secret")
    settings = json.dumps({"port": port, "token": "an-open-secret"})
    async with python_program("aiocqhttp", "onebot.py", settings) as bot:
        assert (await told(bot, "connected"))["login"] == {"user_id": town.bot.number, "nickname": "Librarian"}
        await talk_to_aiocqhttp(town, bot)
        await town.restart()
        await told(bot, "connected")
        seq = await town.bob.say(town.chat, "There again?")
        await town.bob.hear(town.chat, "You said: There again?", after=seq)


async def test_aiocqhttp_hears_by_http_post_and_acts_by_http(town: Town) -> None:
    port = free_port()
    api_root = f"http://127.0.0.1:{town.server.port}/bridges/onebot11/"
    settings = json.dumps({"port": port, "token": town.bot.token, "secret": "signed", "api_root": api_root})
    async with python_program("aiocqhttp", "onebot.py", settings) as bot:
        await outlet(town, "onebot11_http", f"http://127.0.0.1:{port}/", "signed")
        await talk_to_aiocqhttp(town, bot)
        await town.restart()
        seq = await town.bob.say(town.chat, "There again?")
        await town.bob.hear(town.chat, "You said: There again?", after=seq)
