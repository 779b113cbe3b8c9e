"""Commands: bots say which they have, people of a conversation see them, and each is heard by whom it is meant for."""

from typing import Any

import pytest

from hutong.domains.openplatform.commands import Callsigns, call_in, is_command_name
from tests.cast import Cast
from tests.domains.chat.talk import refused

from .conftest import Robot, TellBots, install, say

HELP = {"name": "help", "about": "What I can do", "usage": "[topic]"}
LEND = {"name": "借书", "about": "借一本书", "usage": ""}


async def test_members_see_the_commands_of_the_bots_that_are_there(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "read_mentions")
    assert (await robot.http.put("bots/me/commands", json=[HELP, LEND])).status_code == 204
    assert (await robot.http.get("bots/me/commands")).json() == [HELP, LEND]

    bot = {"bot": robot.number, "bot_name": "Librarian", "handle": None}
    assert (await cast.bob.http.get(f"chats/{chat}/commands")).json() == [HELP | bot, LEND | bot]
    assert refused(await cast.chen.http.get(f"chats/{chat}/commands")) == (404, "hutong.not_found")
    (await robot.http.put("bots/me/commands", json=[LEND])).raise_for_status()
    assert [one["name"] for one in (await cast.bob.http.get(f"chats/{chat}/commands")).json()] == ["借书"]


@pytest.mark.parametrize(
    "wrong", [[HELP, HELP], [HELP, HELP | {"name": "/Help"}], [HELP | {"name": "help me"}], [HELP | {"name": "a" * 33}]]
)
async def test_a_list_that_is_none_is_refused(robot: Robot, wrong: list[Any]) -> None:
    (await robot.http.put("bots/me/commands", json=[LEND])).raise_for_status()
    assert refused(await robot.http.put("bots/me/commands", json=wrong)) == (400, "openplatform.bad_command")
    assert (await robot.http.get("bots/me/commands")).json() == [LEND]


async def test_people_have_no_commands(cast: Cast, chat: int) -> None:
    assert (await cast.bob.http.put("bots/me/commands", json=[HELP])).status_code == 404


async def test_a_bot_that_reads_mentions_hears_the_commands_that_are_for_it(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "read_mentions")
    (await robot.http.put("bots/me/commands", json=[HELP, LEND])).raise_for_status()
    meant = ["/help", "/Help me", "/借书 红楼梦", f"/other@{robot.number} now"]
    for said in [*meant, "/other", "/helpless", "Say /help", f"/help@{cast.mo.number}", "/help@somebody"]:
        await say(cast.bob.http, chat, said)
    await tell_bots()
    assert [event["segments"][0]["text"] for event in await robot.heard()] == meant


@pytest.mark.parametrize(
    ("said", "is_called"),
    [("/go@Librarian", True), ("/go@librarian now", True), ("/go@reader", False), ("/go", False), ("/help@7", True)],
)
def test_a_handle_says_whom_a_command_is_for(said: str, is_called: bool) -> None:
    call = call_in([{"type": "reply", "seq": 1}, {"type": "text", "text": said}])
    assert call is not None
    assert call.is_for(7, Callsigns("librarian", {"help"})) is is_called


def test_names_of_commands_are_small_letters() -> None:
    assert [is_command_name(name) for name in ("help", "签到", "a_1", "Help", "a-b", "", "a b")] == [True] * 3 + [
        False
    ] * 4
