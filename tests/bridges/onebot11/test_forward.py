"""Forward WebSocket: a bot's program comes to us."""

import asyncio
from base64 import b64encode
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest
from websockets.exceptions import InvalidStatus

from hutong.bridges.onebot11.ids import message_id
from tests.files import png, send_file
from tests.gateway.conftest import OpenTown, Town

from .conftest import Wired, a_bot, install


async def test_a_bot_hears_answers_and_reads_what_it_answered(wired: Wired) -> None:
    bot = await wired.call()
    assert (await bot.until(lambda one: True)).items() >= {
        "post_type": "meta_event",
        "meta_event_type": "lifecycle",
        "sub_type": "connect",
        "self_id": wired.bot.number,
    }.items()
    seq = await wired.say(wired.bob, {"type": "mention", "number": wired.bot.number}, " What have I lent?")

    heard = await bot.hears(post_type="message")
    assert heard["message_id"] == message_id(wired.chat, seq)
    assert heard["raw_message"] == f"[CQ:at,qq={wired.bot.number}] What have I lent?"
    assert heard["sender"]["role"] == "member"
    reply = [
        {"type": "reply", "data": {"id": str(heard["message_id"])}},
        {"type": "at", "data": {"qq": heard["user_id"]}},
        {"type": "text", "data": {"text": " Three books."}},
    ]
    sent = await bot.do("send_msg", group_id=wired.chat, user_id=wired.bob.number, message_type="group", message=reply)

    said = await wired.said(wired.bob, seq + 1)
    assert said["segments"] == [
        {"type": "reply", "seq": seq},
        {"type": "mention", "number": wired.bob.number},
        {"type": "text", "text": " Three books."},
    ]
    own = await bot.do("get_msg", message_id=str(sent["message_id"]))
    assert (own["sender"]["user_id"], own["real_id"], own["message_type"]) == (
        wired.bot.number,
        sent["message_id"],
        "group",
    )


async def test_the_owner_of_a_group_is_told_as_its_owner(wired: Wired) -> None:
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    await wired.say(wired.alice, "Be quiet, please.")
    heard = await bot.hears(post_type="message")
    assert (heard["sender"]["role"], heard["sender"]["nickname"], heard["sender"]["card"]) == ("owner", "Alice", "")
    told = await bot.do("get_msg", message_id=heard["message_id"])
    assert told["sender"]["role"] == "owner"


async def test_actions_at_once_are_answered_each_under_its_echo(wired: Wired) -> None:
    bot = await wired.call()
    answers = await asyncio.gather(*[bot.do("send_group_msg", group_id=wired.chat, message=f"{n}") for n in range(20)])
    assert len({one["message_id"] for one in answers}) == 20


async def test_an_echo_keeps_its_type(wired: Wired) -> None:
    bot = await wired.call("/api")
    for echo in ("1", 2, {"seq": 3}, None):
        await bot.socket.send(msgspec.json.encode({"action": "get_status", "echo": echo}).decode())
        answer = await bot.until(lambda one: "echo" in one)
        assert (type(answer["echo"]), answer["echo"]) == (type(echo), echo)
        bot.told.clear()


async def test_what_is_no_action_is_answered_and_the_connection_stays(wired: Wired) -> None:
    bot = await wired.call()
    await bot.socket.send("what?")
    assert await bot.until(lambda one: one.get("retcode") == 1400)
    assert (await bot.ask("get_guild_service_profile"))["retcode"] == 1404
    assert (await bot.ask("get_stars_async"))["retcode"] == 1404
    assert (await bot.ask("send_like", user_id=1))["retcode"] == 102
    assert (await bot.ask("send_group_msg", group_id=wired.chat))["retcode"] == 100
    assert (await bot.ask("send_group_msg", group_id=99_999, message="x"))["retcode"] == 100
    assert (await bot.do("get_login_info")) == {"user_id": wired.bot.number, "nickname": "Librarian"}


async def test_each_path_serves_its_half(wired: Wired) -> None:
    events, actions = await wired.call("/event/"), await wired.call("/api/")
    await events.hears(meta_event_type="lifecycle")
    await actions.do("send_group_msg", group_id=wired.chat, message="From the one half.")
    await wired.say(wired.bob, "To the other.")
    await events.hears(raw_message="To the other.")
    await events.socket.send(b'{"action":"get_status","echo":"x"}')
    await actions.do("get_status")
    assert [one for one in actions.told if "post_type" in one] == []
    assert [one for one in events.told if "retcode" in one] == []


async def test_messages_come_as_strings_where_that_is_wanted(wired: Wired) -> None:
    bot = await wired.call(query="?message_format=string")
    other = await wired.call()
    await bot.hears(post_type="meta_event")
    await other.hears(post_type="meta_event")
    await wired.say(wired.bob, {"type": "mention", "number": wired.bot.number}, "[hi]")
    assert (await bot.hears(post_type="message"))["message"] == f"[CQ:at,qq={wired.bot.number}]&#91;hi&#93;"
    assert len((await other.hears(post_type="message"))["message"]) == 2


async def test_what_is_put_off_is_done(wired: Wired) -> None:
    bot = await wired.call()
    answer = await bot.ask("send_group_msg_rate_limited", group_id=wired.chat, message="One.")
    assert (answer["status"], answer["retcode"], answer["data"]) == ("async", 1, None)
    await bot.ask("send_group_msg_rate_limited", group_id=wired.chat, message="Two.")
    await bot.ask("send_group_msg_async", group_id=wired.chat, message="Three.")
    hears = await wired.bob.online(resume={str(wired.chat): 0})
    for text in ("One.", "Two.", "Three."):
        await hears.until(partial(says, text))


def says(text: str, frame: dict[str, Any]) -> bool:
    return text in str(frame.get("segments"))


async def test_a_picture_goes_and_comes_and_is_sent_on(wired: Wired) -> None:
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    content = png(900, 700)
    file = "base64://" + b64encode(content).decode()
    first = await bot.do("send_group_msg", group_id=wired.chat, message=[{"type": "image", "data": {"file": file}}])
    media = await send_file(wired.bob.http, png())
    await wired.say(wired.bob, {"type": "image", "media": media})

    heard = await bot.hears(post_type="message")
    data = heard["message"][0]["data"]
    async with httpx.AsyncClient() as http:
        fetched = await http.get(data["url"])
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/png")
    for source in (data["file"], data["url"]):
        again = await bot.do("send_group_msg", group_id=wired.chat, message=f"[CQ:image,file={source}]")
        told = await bot.do("get_msg", message_id=again["message_id"])
        assert told["message"][0]["type"] == "image"
    assert (await bot.do("get_image", file=data["file"]))["url"].startswith(wired.town.origin)
    own = await bot.do("get_msg", message_id=first["message_id"])
    assert own["message"][0]["data"]["file_size"].isdigit()


async def test_a_file_of_this_machine_is_not_sent(wired: Wired) -> None:
    bot = await wired.call()
    for source, retcode in (("file:///etc/passwd", 102), ("base64://!", 100), ("cat.jpg", 100)):
        message = [{"type": "image", "data": {"file": source}}]
        assert (await bot.ask("send_group_msg", group_id=wired.chat, message=message))["retcode"] == retcode


async def test_a_file_at_a_private_address_is_not_fetched(wired: Wired) -> None:
    bot = await wired.call()
    message = [{"type": "image", "data": {"file": f"{wired.town.origin}/healthz"}}]
    answer = await bot.ask("send_group_msg", group_id=wired.chat, message=message)
    assert (answer["retcode"], answer["message"]) == (102, "bridges.cannot_bring")


class TestWithSmallFiles:
    @pytest.fixture
    async def town(self, open_town: OpenTown) -> Town:
        return await open_town(bridge_file_bytes_max=1_000)

    async def test_a_received_file_is_not_read_that_is_too_large_to_be_sent_on(self, wired: Wired) -> None:
        bot = await wired.call()
        media = await send_file(wired.bob.http, b"x" * 1_001)
        await wired.say(wired.bob, {"type": "file", "media": media})
        heard = await bot.hears(post_type="message")

        source = heard["message"][0]["data"]["file"]
        answer = await bot.ask("send_group_msg", group_id=wired.chat, message=f"[CQ:image,file={source}]")

        assert (answer["retcode"], answer["message"]) == (102, "bridges.cannot_bring")
        assert "it has more than 1000 bytes" in answer["wording"]


@pytest.mark.parametrize(("token", "status"), [("", 401), ("10009.wrong", 403)])
async def test_who_has_no_good_token_is_refused_at_the_upgrade(wired: Wired, token: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await wired.call(token=token)
    assert refused.value.response.status_code == status


async def test_a_person_is_no_bot(wired: Wired) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await wired.call(token=wired.alice.token)
    assert refused.value.response.status_code == 403


async def test_the_token_may_stand_in_the_address(wired: Wired) -> None:
    bot = await wired.call(token="", query=f"?access_token={wired.bot.token}")
    await bot.do("get_status")


@pytest.mark.parametrize("path", ["/", "/api"])
async def test_a_bot_whose_token_is_revoked_is_out(wired: Wired, path: str) -> None:
    bot = await wired.call(path)
    await bot.do("get_status")
    app = (await wired.alice.http.get("apps")).json()[0]["app"]
    (await wired.alice.http.delete(f"apps/{app}/bots/{wired.bot.number}/tokens")).raise_for_status()
    assert await bot.until_closed() == 1008


async def test_a_bot_without_the_scope_is_told_so(wired: Wired) -> None:
    await install(wired.alice, wired.chat, wired.bot, "read_all")
    bot = await wired.call()
    answer = await bot.ask("send_group_msg", group_id=wired.chat, message="Hear me!")
    assert answer["retcode"] == 102
    assert answer["message"] == "openplatform.scope_missing"
    assert answer["wording"] == "This bot was not granted the scope send here."


async def test_bots_hear_each_their_own(wired: Wired) -> None:
    second = await a_bot(wired.town, wired.alice, "Doorman")
    await install(wired.alice, wired.chat, second, "read_mentions")
    one, two = await wired.call(), await wired.call(token=second.token)
    await one.hears(post_type="meta_event")
    await two.hears(post_type="meta_event")
    await wired.say(wired.bob, "For the first.")
    await wired.say(wired.bob, {"type": "mention", "number": second.number}, "For both.")
    await one.hears(raw_message="For the first.", self_id=wired.bot.number)
    await two.hears(raw_message=f"[CQ:at,qq={second.number}]For both.", self_id=second.number)
    assert len([told for told in two.told if told["post_type"] == "message"]) == 1


async def test_a_heartbeat_comes_where_it_is_asked_for(wired: Wired) -> None:
    bot = await wired.call(query="?heartbeat=1")
    beat = await bot.hears(meta_event_type="heartbeat")
    assert (beat["interval"], beat["status"]) == (1_000, {"online": True, "good": True})
