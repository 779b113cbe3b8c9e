"""Groups and people talk with a bot."""

import uuid
from typing import Any

import pytest

from tests.gateway.conftest import Citizen, Town

from .conftest import Robot

pytestmark = pytest.mark.usefixtures("no_facts_of_others")


async def say(person: Citizen, chat: int, *segments: dict[str, Any]) -> int:
    body = {"key": str(uuid.uuid4()), "segments": segments}
    return int((await person.http.post(f"chats/{chat}/messages", json=body)).raise_for_status().json()["seq"])


async def heard(person: Citizen, chat: int) -> list[dict[str, Any]]:
    """The messages of a conversation."""
    answer = await person.http.get(f"chats/{chat}/messages", params={"after": 0})
    return list(answer.raise_for_status().json()["messages"])


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


async def test_a_bot_hears_its_name_and_answers(town: Town, robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat)
    async with robot.session() as socket:
        await say(robot.alice, chat, {"type": "mention", "number": robot.number, "name": "@Frog"}, text(" 你好"))
        told = await socket.until("GROUP_AT_MESSAGE_CREATE")

        d = told["d"]
        assert (d["content"], d["author"]["member_role"], d["author"]["username"]) == (" 你好", "owner", "Alice")
        body = {"msg_type": 0, "content": "呱", "msg_id": d["id"], "msg_seq": 1}
        answer = await robot.http.post(f"v2/groups/{d['group_openid']}/messages", json=body)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    said = (await heard(robot.alice, chat))[-1]
    assert (said["from"]["number"], said["segments"]) == (robot.number, [text("呱")])


async def test_a_reply_to_the_bot_calls_it(robot: Robot) -> None:
    chat = await robot.alice.create_group()
    await robot.install(chat, "read_mentions", "send")
    async with robot.session() as socket:
        await say(robot.alice, chat, {"type": "mention", "number": robot.number}, text("Sun?"))
        d = (await socket.until("GROUP_AT_MESSAGE_CREATE"))["d"]
        body = {"content": "Rain.", "msg_id": d["id"]}
        (await robot.http.post(f"v2/groups/{d['group_openid']}/messages", json=body)).raise_for_status()
        await say(robot.alice, chat, {"type": "reply", "seq": 2}, text("Really?"))
        told = await socket.until("GROUP_AT_MESSAGE_CREATE")

    assert (told["d"]["content"], told["s"]) == ("Really?", 3)
    assert told["d"]["msg_elements"][0]["content"] == "Rain."


async def test_a_button_is_pressed_and_answered(town: Town, robot: Robot) -> None:
    (bob,) = await town.people("Bob")
    chat = await robot.alice.create_group()
    await robot.install(chat)
    await bob.join(chat)
    speaker = await bob.online()
    button = {
        "id": "7",
        "render_data": {"label": "Sun", "style": 1},
        "action": {"type": 1, "data": "sun", "permission": {"type": 2}},
    }
    async with robot.session() as socket:
        await say(robot.alice, chat, text("x"))
        group = (await socket.until("GROUP_MESSAGE_CREATE"))["d"]["group_openid"]
        body = {
            "msg_type": 2,
            "markdown": {"content": "# Choose"},
            "keyboard": {"content": {"rows": [{"buttons": [button]}]}},
        }
        sent = (await robot.http.post(f"v2/groups/{group}/messages", json=body)).raise_for_status().json()
        said = (await heard(bob, chat))[-1]
        shown = said["segments"][-1]["rows"][0][0]
        press = {"key": str(uuid.uuid4()), "button": shown["data"]}
        (await bob.http.post(f"chats/{chat}/messages/{said['seq']}/presses", json=press)).raise_for_status()
        pressed = await socket.until("INTERACTION_CREATE")

        resolved = pressed["d"]["data"]["resolved"]
        assert (resolved["button_id"], resolved["button_data"], resolved["message_id"]) == ("7", "sun", sent["id"])
        for _ in range(2):
            answer = await robot.http.put(f"interactions/{pressed['d']['id']}", json={"code": 2})
            assert (answer.status_code, answer.content) == (204, b"")
        thanks = {"content": "thanks", "event_id": pressed["id"]}
        (await robot.http.post(f"v2/groups/{group}/messages", json=thanks)).raise_for_status()

    told = await speaker.until(lambda frame: frame["on"] == "answered")
    assert (told["press"], told["code"]) == (pressed["d"]["id"], 2)
    for name, code in (("made-up", 0), (pressed["d"]["id"], 9)):
        refused = await robot.http.put(f"interactions/{name}", json={"code": code})
        assert (refused.status_code, refused.json()["code"]) == (400, 50_035)
