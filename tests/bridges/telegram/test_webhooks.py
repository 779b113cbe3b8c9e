"""Updates that are sent to where a bot wants them."""

from typing import Any

import msgspec
import pytest

from hutong.api import House
from hutong.bridges.telegram.porter import TelegramPorter
from hutong.domains.openplatform import Consignment, Outgoing
from tests.cast import Cast

from .conftest import Program, TellBots, said, say

URL = "https://bot.example.org/hook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def event_of(program: Program, chat: int, on: str, options: dict[str, Any] | None = None, **more: Any) -> Outgoing:
    frame = {"event": 5, "on": on, "chat": chat, "at": "2026-11-23T06:00:00.123Z"} | more
    return Outgoing(program.number, 1, "s3cret", options or {}, 5, msgspec.json.encode(frame))


def update_in(consignment: Consignment | None) -> Any:
    assert consignment is not None
    return msgspec.json.decode(consignment.body)


async def test_who_has_a_webhook_is_not_served_otherwise(
    program: Program, chat: int, cast: Cast, tell_bots: TellBots
) -> None:
    await say(cast.bob.http, chat, "One")
    await tell_bots()
    assert await program.ask("setWebhook", url=URL, secret_token="s3cret", allowed_updates=["message"]) is True
    info = await program.ask("getWebhookInfo")
    assert info == {
        "url": URL,
        "has_custom_certificate": False,
        "pending_update_count": 1,
        "allowed_updates": ["message"],
    }
    assert (await program.refusal("getUpdates"))[0] == 409
    assert await program.ask("deleteWebhook") is True
    assert (await program.ask("getWebhookInfo"))["url"] == ""
    assert [one["message"]["text"] for one in await program.updates()] == ["One"]


async def test_what_is_pending_may_be_dropped(program: Program, chat: int, cast: Cast, tell_bots: TellBots) -> None:
    await say(cast.bob.http, chat, "One")
    await tell_bots()
    assert await program.ask("deleteWebhook", drop_pending_updates=True) is True
    assert await program.updates() == []
    await say(cast.bob.http, chat, "Two")
    await tell_bots()
    assert [one["message"]["text"] for one in await program.updates()] == ["Two"]


@pytest.mark.parametrize(
    "values", [{"url": "ftp://example.org"}, {"url": "nowhere"}, {"url": URL, "secret_token": "not allowed!"}]
)
async def test_an_address_or_a_secret_that_is_none_is_refused(program: Program, values: dict[str, str]) -> None:
    assert (await program.refusal("setWebhook", **values))[0] == 400


async def test_an_update_carries_the_secret(program: Program, chat: int, house: House, cast: Cast) -> None:
    porter = TelegramPorter(house.desk)
    person = {"number": cast.bob.number, "name": "Bob"}
    message: dict[str, Any] = {"seq": 1, "from": person, "segments": [{"type": "text", "text": "Hello"}]}
    consignment = await porter.render(event_of(program, chat, "message", **message))
    update = update_in(consignment)
    assert (update["update_id"], update["message"]["text"]) == (10, "Hello")
    assert consignment is not None
    assert consignment.headers == {HEADER: "s3cret"}
    assert await porter.render(event_of(program, chat, "recalled", seq=1)) is None


async def test_who_comes_is_told_once_and_as_it_is_wanted(program: Program, chat: int, house: House) -> None:
    porter = TelegramPorter(house.desk)
    joined: dict[str, Any] = {"rev": 3, "number": 10_077, "name": "Dora", "role": "member"}
    usual = update_in(await porter.render(event_of(program, chat, "joined", **joined)))
    assert usual["message"]["new_chat_members"][0]["id"] == 10_077
    options = {"allowed_updates": ["message", "chat_member"]}
    wanted = update_in(await porter.render(event_of(program, chat, "joined", options, **joined)))
    assert wanted["chat_member"]["new_chat_member"]["user"]["id"] == 10_077


async def test_the_answer_may_be_a_call(program: Program, chat: int, house: House, cast: Cast) -> None:
    porter = TelegramPorter(house.desk)
    event = event_of(program, chat, "message")
    call = {"method": "sendMessage", "chat_id": -chat, "text": "<b>Hi</b>", "parse_mode": "HTML"}
    await porter.answered(event, msgspec.json.encode(call))
    assert await said(cast.bob.http, chat, 1) == [{"type": "markdown", "text": "**Hi**"}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"[1]",
        b'{"ok":true}',
        b'{"method":"dance"}',
        b'{"method":3}',
        b'{"method":"sendMessage","text":"x"}',
    ],
)
async def test_an_answer_that_is_no_good_call_is_nothing(
    program: Program, chat: int, house: House, body: bytes
) -> None:
    porter = TelegramPorter(house.desk)
    await porter.answered(event_of(program, chat, "message"), body)
    assert (await program.ask("sendMessage", chat_id=-chat, text="First"))["message_id"] == 1
