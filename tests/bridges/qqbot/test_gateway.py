"""The gateway: sessions, and what becomes of them after breaks."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text as text_of_sql

from hutong.bridges.qqbot import gateway
from tests.gateway.conftest import Citizen, OpenTown, Town

from .conftest import ALL, Robot, Socket
from .test_talking import say, text

GROUPS, MEMBERS = 1 << 25, 1 << 24

pytestmark = pytest.mark.usefixtures("no_facts_of_others")


async def number_of(socket: Socket, words: str) -> int:
    """The number of the dispatch that tells of these words."""
    while "MESSAGE" not in (frame := await socket.next()).get("t", "") or frame["d"]["content"] != words:
        pass
    return int(frame["s"])


async def a_group(robot: Robot, *scopes: str) -> int:
    chat = await robot.alice.create_group()
    await robot.install(chat, *scopes)
    return chat


def told(socket: Socket) -> list[tuple[int, str]]:
    return [(frame["s"], frame["t"]) for frame in socket.frames if frame["op"] == 0]


async def test_a_session_begins_with_ready_and_counts_without_holes(town: Town, robot: Robot) -> None:
    (bob,) = await town.people("Bob")
    chat = await a_group(robot)
    async with robot.session(GROUPS) as socket:
        ready = socket.frames[-1]
        await say(robot.alice, chat, text("1"))
        await bob.join(chat)
        await robot.alice.http.put(f"chats/{chat}/pins/1")
        await say(bob, chat, text("2"))
        await number_of(socket, "2")

    assert ready["d"]["user"] == {"id": str(robot.number), "username": "Frog", "bot": True}
    assert ready["d"]["shard"] == [0, 1]
    assert told(socket) == [(1, "READY"), (2, "GROUP_MESSAGE_CREATE"), (3, "GROUP_MESSAGE_CREATE")]


async def test_a_session_goes_on_where_it_was(town: Town, robot: Robot) -> None:
    (bob,) = await town.people("Bob")
    chat = await a_group(robot)
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
        await say(robot.alice, chat, text("1"))
        heard = await number_of(first, "1")
    await bob.join(chat)
    await say(robot.alice, chat, text("2"))
    async with robot.session() as other:
        # When another session is told of it, it is written down.
        await say(robot.alice, chat, text("3"))
        await number_of(other, "3")

    async with robot.socket() as again:
        await again.say(6, {"token": robot.authorization, "session_id": name, "seq": heard})
        resumed = await again.until("RESUMED")
        await say(robot.alice, chat, text("4"))
        await number_of(again, "4")

    assert told(again)[:4] == [
        (heard + 1, "GROUP_MEMBER_ADD"),
        (heard + 2, "GROUP_MESSAGE_CREATE"),
        (heard + 3, "GROUP_MESSAGE_CREATE"),
        (heard + 3, "RESUMED"),
    ]
    assert resumed["d"] == ""
    assert told(again)[-1][0] == heard + 4


async def test_a_session_that_missed_nothing_is_resumed_at_once(robot: Robot) -> None:
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
    async with robot.socket() as again:
        await again.say(6, {"token": robot.authorization, "session_id": name, "seq": 1})
        assert (await again.next())["t"] == "RESUMED"


async def test_another_process_goes_on_with_a_session(open_town: OpenTown, robot: Robot) -> None:
    chat = await a_group(robot)
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
        await say(robot.alice, chat, text("1"))
        heard = await number_of(first, "1")

    elsewhere = await open_town()
    robot.http.base_url = f"{elsewhere.origin}/bridges/qqbot/"
    async with robot.socket() as again:
        await again.say(6, {"token": robot.authorization, "session_id": name, "seq": heard})
        await again.until("RESUMED")
        await say(robot.alice, chat, text("2"))
        assert await number_of(again, "2") == heard + 1


async def test_events_of_one_group_go_to_one_shard(robot: Robot) -> None:
    chats = [await a_group(robot) for _ in range(2)]
    async with robot.session(shard=(0, 2)) as even, robot.session(shard=(1, 2)) as odd:
        for chat in chats:
            await say(robot.alice, chat, text(str(chat)))
        for socket, rest in ((even, 0), (odd, 1)):
            (mine,) = (chat for chat in chats if chat % 2 == rest)
            told_first = await socket.until("GROUP_MESSAGE_CREATE")
            assert (told_first["d"]["content"], told_first["s"]) == (str(mine), 2)


async def test_a_recalled_message_leaves_its_place_empty(open_town: OpenTown) -> None:
    town = await open_town(recalled_seen_by_bots_s=0)
    robot = await a_robot(town)
    chat = await a_group(robot)
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
        seq = await say(robot.alice, chat, text("secret"))
        await number_of(first, "secret")
        (await robot.alice.http.put(f"chats/{chat}/messages/{seq}/recall")).raise_for_status()
        await say(robot.alice, chat, text("after"))
        await number_of(first, "after")
    await gone(town, robot)

    async with robot.socket() as again:
        await again.say(6, {"token": robot.authorization, "session_id": name, "seq": 1})
        await again.until("RESUMED")

    assert [(frame["s"], frame["d"]["content"]) for frame in again.frames if "GROUP" in frame.get("t", "")] == [
        (3, "after")
    ]


async def a_robot(town: Town) -> Robot:
    (alice,) = await town.people("Alice")
    app = (await alice.http.post("apps", json={"name": "Weather"})).json()["app"]
    number = (await alice.http.post(f"apps/{app}/bots", json={"nickname": "Frog"})).json()["number"]
    token = (await alice.http.post(f"apps/{app}/bots/{number}/tokens", json={})).json()["token"]
    robot = Robot(town, alice, app, number, token)
    await robot.come_in()
    return robot


async def gone(town: Town, robot: Robot) -> None:
    """Waits until what was recalled is taken out of the bot's events."""
    async with asyncio.timeout(60):
        while True:
            answer = await robot.alice.http.get(
                "bots/me/events", params={"after": 0}, headers={"authorization": f"Bearer {robot.token}"}
            )
            if "secret" not in answer.raise_for_status().text:
                return
            await asyncio.sleep(0.2)


async def test_a_session_goes_on_from_its_bookmark_when_what_was_before_is_not_kept(
    town: Town, robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "MARKED_EVERY", 1)
    chat = await a_group(robot)
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
        await say(robot.alice, chat, text("1"))
        heard = await number_of(first, "1")
        for _ in range(2):
            # With the first one the mark is set where things are, and with the second one it was heard.
            await first.say(1, heard)
            assert (await first.next())["op"] == 11
        # The bookmark is kept before the next word is read.
        await first.say(1, heard)
        assert (await first.next())["op"] == 11
    async with town.parts.house.database.transaction() as session:
        await session.execute(
            text_of_sql("DELETE FROM openplatform_event WHERE bot_number = :number"), {"number": robot.number}
        )
    await say(robot.alice, chat, text("2"))

    async with robot.socket() as again:
        await again.say(6, {"token": robot.authorization, "session_id": name, "seq": heard})
        assert await number_of(again, "2") == heard + 1
    async with robot.socket() as lost:
        await lost.say(6, {"token": robot.authorization, "session_id": name, "seq": 1})
        assert await lost.until_closed() == 4007


async def test_heartbeats_are_answered(robot: Robot) -> None:
    async with robot.session() as socket:
        for last in (None, 1):
            await socket.say(1, last)
            assert (await socket.next())["op"] == 11


async def test_a_silent_bot_is_let_go(robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "HEARTBEAT_MS", 30)
    async with robot.session() as socket:
        assert await socket.until_closed() == 4009


async def test_a_bot_is_told_to_come_back_when_the_server_goes(town: Town, robot: Robot) -> None:
    async with robot.session() as socket:
        town.parts.house.leaving.set()
        assert await socket.until_closed() == 4009
        assert socket.frames[-1] == {"op": 7}


@pytest.mark.parametrize(
    ("op", "d", "code", "is_invalid"),
    [
        (2, {"token": "QQBot made.up", "intents": ALL}, 4004, False),
        (2, {"token": "", "intents": ALL}, 4004, False),
        (2, {"token": None, "intents": 1 << 5}, 4013, False),
        (2, {"token": None, "intents": ALL, "shard": [1, 1]}, 4010, False),
        (2, {"token": None, "intents": ALL, "shard": [-1, 1]}, 4010, False),
        (2, {"intents": ALL}, 4002, False),
        (2, [], 4002, False),
        (6, {"token": None, "session_id": "made up", "seq": 1}, 4006, True),
        (6, {"token": "QQBot made.up", "session_id": "x", "seq": 1}, 4004, False),
        (99, None, 4001, False),
    ],
)
async def test_a_first_word_that_will_not_do(robot: Robot, op: int, d: Any, code: int, is_invalid: bool) -> None:
    if isinstance(d, dict) and "token" in d and d["token"] is None:
        d = d | {"token": robot.authorization}
    async with robot.socket() as socket:
        await socket.say(op, d)
        assert await socket.until_closed() == code
    assert ({"op": 9, "d": False} in socket.frames) == is_invalid


@pytest.mark.parametrize("seq", [0, -1, 2, 1_000])
async def test_a_place_that_never_was_is_invalid(robot: Robot, seq: int) -> None:
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
    async with robot.socket() as again:
        await again.say(6, {"token": robot.authorization, "session_id": name, "seq": seq})
        assert await again.until_closed() == 4007
    assert {"op": 9, "d": False} in again.frames


async def test_a_session_is_of_one_bot_alone(town: Town, robot: Robot) -> None:
    other = await a_robot(town)
    async with robot.session() as first:
        name = first.frames[-1]["d"]["session_id"]
    async with other.socket() as again:
        await again.say(6, {"token": other.authorization, "session_id": name, "seq": 1})
        assert await again.until_closed() == 4006


@pytest.mark.parametrize(
    "words", ["", "{", "[]", "[" * 10_000, '"op"', '{"op":"x"}', "null", '{"op":2,"d":{"token":5}}']
)
async def test_what_cannot_be_read_ends_the_connection(robot: Robot, words: str) -> None:
    async with robot.socket() as socket:
        await socket.connection.send(words)
        assert await socket.until_closed() == 4002


async def test_a_second_identify_ends_the_connection(robot: Robot) -> None:
    async with robot.session() as socket:
        await socket.say(2, {"token": robot.authorization, "intents": ALL})
        assert await socket.until_closed() == 4001


async def test_revoked_in_flight(robot: Robot) -> None:
    async with robot.session() as socket:
        await robot.alice.http.delete(f"apps/{robot.app}/bots/{robot.number}/tokens")
        assert await socket.until_closed() == 4004
    answer = await robot.http.get("users/@me")
    assert (answer.status_code, answer.json()["code"]) == (401, 11_243)


async def test_a_bot_hears_with_its_scopes_alone(town: Town, robot: Robot) -> None:
    (bob,) = await town.people("Bob")
    chat = await a_group(robot, "read_mentions")
    async with robot.session() as socket:
        await say(robot.alice, chat, text("not for you"))
        await bob.join(chat)
        await say(robot.alice, chat, {"type": "mention", "number": robot.number}, text("hello"))
        assert (await socket.next())["d"]["content"] == " hello"


async def speak_first(person: Citizen, robot: Robot, words: str) -> int:
    chat = int((await person.http.post("directs", json={"number": robot.number})).raise_for_status().json()["chat"])
    await say(person, chat, text(words))
    return chat


async def test_a_person_becomes_a_friend_and_is_answered(town: Town, robot: Robot) -> None:
    (bob,) = await town.people("Bob")
    (await robot.alice.http.put(f"apps/{robot.app}/testers/{bob.number}")).raise_for_status()
    async with robot.session() as socket:
        chat = await speak_first(bob, robot, "Hi")
        friend = await socket.until("FRIEND_ADD")
        word = await socket.until("C2C_MESSAGE_CREATE")
        assert (friend["s"], word["s"], word["d"]["content"]) == (2, 3, "Hi")
        openid = word["d"]["author"]["user_openid"]
        assert friend["d"]["openid"] == openid

        for body in ({"content": "1", "event_id": friend["id"]}, {"content": "2", "msg_id": word["d"]["id"]}):
            answer = await robot.http.post(f"v2/users/{openid}/messages", json=body)
            assert answer.status_code == 200, answer.text

    page = (await bob.http.get(f"chats/{chat}/messages", params={"after": 1})).json()["messages"]
    assert [message["segments"][0]["text"] for message in page] == ["1", "2"]


async def test_a_bot_hears_that_it_comes_and_goes(robot: Robot) -> None:
    async with robot.session() as socket:
        chat = await a_group(robot)
        came = await socket.until("GROUP_ADD_ROBOT")
        await robot.install(chat, "read_all")
        await socket.until("GROUP_MSG_REJECT")
        await robot.alice.http.delete(f"groups/{chat}/bots/{robot.number}")
        went = await socket.until("GROUP_DEL_ROBOT")
    assert came["d"]["group_openid"] == went["d"]["group_openid"]
    assert came["id"].startswith("GROUP_ADD_ROBOT:")
