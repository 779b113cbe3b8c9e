"""The demo's apps stand in the directory, were rated, and their bots answer their commands."""

from random import Random

import pytest
from litestar import Litestar

from hutong.api import House
from hutong.cli.demo.apps import APPS, answer_new, answer_to, heard_so_far
from hutong.cli.demo.plan import LEADS, make_plan
from hutong.cli.demo.seed import seed
from hutong.cli.demo.talk import all_dialogues
from hutong.domains.identity import find_person, open_sessions
from hutong.domains.openplatform.jobs import bring_bot_events
from tests.cast import speaker
from tests.domains.directory.conftest import Tell, tell
from tests.domains.openplatform.conftest import say

__all__ = ["tell"]

DRAW = Random(1)  # noqa: S311  # the same every time


@pytest.mark.parametrize(
    ("command", "said", "answer"),
    [
        ("抓阄", "", "写上要抓的，用空格隔开。"),
        ("抓阄", "小王", "抓到：小王"),
        ("骰子", "1", "二到一千面，才掷得出来。"),
        ("骰子", "x", "二到一千面，才掷得出来。"),
        ("页码", "", "这样写：/页码 120 360"),
        ("页码", "400 360", "这样写：/页码 120 360"),
        ("页码", "120 360", "读了 33%，还有 240 页；每天二十页，再读 12 天。"),
        ("页码", "359 360", "读了 99%，还有 1 页；每天二十页，再读 1 天。"),
    ],
)
def test_each_command_has_an_answer(command: str, said: str, answer: str) -> None:
    assert answer_to(command, said.split(), DRAW) == answer


def test_dice_fall_on_every_side_and_lots_on_everybody() -> None:
    assert {answer_to("骰子", [], DRAW) for _ in range(200)} == {f"6 面骰子，掷出 {side}。" for side in range(1, 7)}
    assert {answer_to("抓阄", ["甲", "乙"], DRAW) for _ in range(50)} == {"抓到：甲", "抓到：乙"}


async def test_apps_are_found_rated_and_answer_in_a_group(app: Litestar, house: House, tell: Tell) -> None:
    plan = make_plan(700, all_dialogues(), house.clock())
    await seed(house.database, plan, house.clock(), lambda groups: None)
    await tell()
    async with house.database.transaction() as session:
        number = await find_person(session, str(LEADS[0].handle))
        assert number is not None
        [token] = await open_sessions(session, [number], clock=house.clock)
    async with speaker(app, token) as http:
        found = (await http.get("directory")).json()["items"]
        assert {(one["name"], one["ratings"]) for one in found} == {(one.name, len(one.ratings)) for one in APPS}
        assert {one["name"]: one["groups"] for one in found} == {one.name: len(one.groups) for one in APPS}
        rows = (await http.get("chats", params={"limit": 100})).json()["items"]
        chat = next(row["chat"] for row in rows if row["name"] == "深夜读书人")
        commands = (await http.get(f"chats/{chat}/commands")).json()
        assert {one["name"] for one in commands} == {"抓阄", "骰子"}

        heard = await heard_so_far(house)
        seq = await say(http, chat, "/抓阄 小王")
        await say(http, chat, "抓阄 小王")
        await bring_bot_events(house.database, clock=house.clock, limits=house.settings.limits)
        for _ in range(2):
            await answer_new(house, heard, DRAW)
        said = (await http.get(f"chats/{chat}/messages", params={"after": seq + 1})).json()["messages"]
    assert len(said) == 1
    assert said[0]["from"]["name"] == "抓阄"
    assert said[0]["segments"] == [{"type": "reply", "seq": seq}, {"type": "text", "text": "抓到：小王"}]
