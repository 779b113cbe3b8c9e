"""Buttons and forms: whoever presses tells the bot, and the bot answers whoever has pressed."""

import asyncio
import uuid
from typing import Any

import httpx
import msgspec
import pytest

from hutong.api import House
from hutong.domains.openplatform import set_app_state
from hutong.domains.openplatform.jobs import sweep_bot_events
from hutong.infra.db import Database
from tests.cast import Cast, Person
from tests.conftest import HandClock
from tests.domains.chat.talk import fill, refused

from .conftest import Robot, install, say


def buttons(*labels: str, **more: Any) -> dict[str, Any]:
    return {"type": "buttons", "rows": [[{"label": label, "data": label.lower(), **more} for label in labels]]}


FORM: dict[str, Any] = {
    "type": "form",
    "title": "Order",
    "data": "order",
    "fields": [
        {"name": "who", "label": "Name", "required": True, "min": 2, "max": 10},
        {"name": "count", "label": "Pieces", "kind": "number", "min": 1, "max": 9},
        {"name": "size", "label": "Size", "kind": "choice", "choices": ["S", "M"]},
        {"name": "day", "label": "Day", "kind": "date", "min": "2026-11-24"},
    ],
}


async def press(
    who: Person, chat: int, seq: int, button: str, /, key: str | None = None, **values: Any
) -> httpx.Response:
    body: dict[str, Any] = {"key": key or str(uuid.uuid4()), "button": button} | ({"values": values} if values else {})
    return await who.http.post(f"chats/{chat}/messages/{seq}/presses", json=body)


@pytest.fixture
async def here(cast: Cast, robot: Robot, chat: int) -> int:
    """Alice's group, in which the bot may speak and reads nothing."""
    await install(cast.alice, chat, robot, "send")
    return chat


async def test_the_bot_hears_who_has_pressed_what(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes", "No"))
    pressed = await press(cast.bob, here, seq, "yes")
    assert pressed.status_code == 201

    (event,) = await robot.heard()
    assert event == {
        "event": 2,
        "on": "pressed",
        "chat": here,
        "seq": seq,
        "press": pressed.json()["press"],
        "by": {"number": cast.bob.number, "name": "Bob"},
        "data": "yes",
        "at": "2026-11-23T06:00:00.000Z",
    }


async def test_pressed_twice_under_one_key_is_pressed_once(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes", "No"))
    answers = await asyncio.gather(*[press(cast.bob, here, seq, "yes", key="k") for _ in range(5)])
    assert len({answer.json()["press"] for answer in answers}) == 1
    again = await press(cast.bob, here, seq, "yes", key="another")
    assert again.json()["press"] != answers[0].json()["press"]
    assert len(await robot.heard()) == 2


async def test_a_button_is_for_those_whom_it_names(cast: Cast, robot: Robot, here: int) -> None:
    for_admins = await say(robot.http, here, "Ban him?", buttons("Ban", who="admins"))
    for_bob = await say(robot.http, here, "Your turn.", buttons("Roll", who=[cast.bob.number]))
    assert refused(await press(cast.bob, here, for_admins, "ban")) == (403, "openplatform.not_your_button")
    assert (await press(cast.alice, here, for_admins, "ban")).status_code == 201
    assert refused(await press(cast.alice, here, for_bob, "roll")) == (403, "openplatform.not_your_button")
    assert (await press(cast.bob, here, for_bob, "roll")).status_code == 201


async def test_what_is_not_there_cannot_be_pressed(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    bobs = await say(cast.bob.http, here, "I say yes.")
    assert refused(await press(cast.bob, here, seq, "no")) == (404, "openplatform.no_such_button")
    assert refused(await press(cast.bob, here, seq, "yes", who="x")) == (404, "openplatform.no_such_button")
    assert refused(await press(cast.bob, here, bobs, "yes")) == (404, "openplatform.no_such_button")
    assert refused(await press(cast.chen, here, seq, "yes")) == (404, "chat.no_such_chat")
    assert refused(await press(cast.bob, here, 99, "yes")) == (404, "chat.no_such_message")
    edited = {"segments": [{"type": "text", "text": "It is decided."}]}
    (await robot.http.patch(f"chats/{here}/messages/{seq}", json=edited)).raise_for_status()
    assert refused(await press(cast.bob, here, seq, "yes")) == (404, "openplatform.no_such_button")


async def test_a_bot_that_was_sent_away_hears_no_press(cast: Cast, robot: Robot, here: int, tell_bots: Any) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    (await cast.alice.http.delete(f"groups/{here}/bots/{robot.number}")).raise_for_status()
    assert refused(await press(cast.bob, here, seq, "yes")) == (404, "openplatform.no_such_bot")
    await tell_bots()
    assert refused(await press(cast.bob, here, seq, "yes")) == (404, "openplatform.no_such_bot")


async def test_a_bot_that_may_hear_nothing_hears_no_press(
    cast: Cast, robot: Robot, here: int, house: House, database: Database
) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    limits = house.settings.limits
    await fill(database, here, limits.sandbox_members_max + 1)
    assert refused(await press(cast.bob, here, seq, "yes")) == (409, "openplatform.sandbox_is_full")
    await fill(database, here, 3)
    async with database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=house.clock, limits=limits)
    assert refused(await press(cast.bob, here, seq, "yes")) == (403, "openplatform.app_suspended")


async def test_what_was_filled_in_comes_cleaned(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, FORM)
    values = {"who": " Bob ", "count": "3", "size": "M", "day": "2026-11-30"}
    assert (await press(cast.bob, here, seq, "order", **values)).status_code == 201
    (event,) = await robot.heard()
    assert event["values"] == {"who": "Bob", "count": 3, "size": "M", "day": "2026-11-30"}


@pytest.mark.parametrize(
    ("wrong", "label", "reason"),
    [
        ({"who": " "}, "Name", "it must not be empty"),
        ({"who": "B"}, "Name", "2 is the least"),
        ({"who": "B" * 11}, "Name", "10 is the most"),
        ({"who": 12}, "Name", "it is no text"),
        ({"count": "many"}, "Pieces", "it is no number"),
        ({"count": 10}, "Pieces", "9 is the most"),
        ({"count": 10**40}, "Pieces", "it is no number"),
        ({"size": "XL"}, "Size", "it is none of the choices"),
        ({"day": "2026-13-01"}, "Day", "it is no date"),
        ({"day": "2026-11-23"}, "Day", "2026-11-24 is the least"),
        ({"colour": "red"}, "colour", "there is no such field"),
    ],
)
async def test_an_answer_that_does_not_suit_the_form_is_refused(
    cast: Cast, robot: Robot, here: int, wrong: dict[str, Any], label: str, reason: str
) -> None:
    seq = await say(robot.http, here, FORM)
    answer = await press(cast.bob, here, seq, "order", **({"who": "Bob"} | wrong))
    assert refused(answer) == (400, "chat.bad_answer")
    assert answer.json()["params"] == {"field": next(iter(wrong)), "label": label, "reason": reason}
    assert await robot.heard() == []


async def test_the_answer_goes_to_whoever_has_pressed_and_once(
    cast: Cast, robot: Robot, here: int, house: House
) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    pressed = (await press(cast.bob, here, seq, "yes")).json()["press"]
    said: list[tuple[str, Any]] = []
    house.database.say = lambda subject, payload: said.append((subject, msgspec.json.decode(payload)))
    answer = {"text": "Counted.", "alert": True}
    assert (await robot.http.put(f"presses/{pressed}", json=answer)).status_code == 204

    told = {"on": "answered", "chat": here, "seq": seq, "press": pressed, "bot": robot.number, "code": 0, **answer}
    assert said == [(f"account.{cast.bob.number}", told)]
    again = await robot.http.put(f"presses/{pressed}", json={})
    assert refused(again) == (409, "openplatform.press_answered")


async def test_a_press_is_answered_by_its_bot_alone(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    pressed = (await press(cast.bob, here, seq, "yes")).json()["press"]
    assert refused(await cast.bob.http.put(f"presses/{pressed}", json={})) == (404, "openplatform.no_such_press")
    assert refused(await robot.http.put("presses/another", json={})) == (404, "openplatform.no_such_press")


async def test_nobody_presses_without_end(cast: Cast, robot: Robot, here: int, house: House) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    count_max = house.settings.limits.presses_per_minute_max
    answers = [await press(cast.bob, here, seq, "yes", key=f"{number}") for number in range(count_max + 1)]
    assert [answer.status_code for answer in answers] == [201] * count_max + [429]


async def test_presses_are_forgotten_with_the_events(
    cast: Cast, robot: Robot, here: int, house: House, clock: HandClock
) -> None:
    seq = await say(robot.http, here, "Shall we?", buttons("Yes"))
    pressed = (await press(cast.bob, here, seq, "yes")).json()["press"]
    clock.advance(days=house.settings.limits.bot_events_kept_days, seconds=1)
    await sweep_bot_events(house.database, clock=clock, limits=house.settings.limits)
    assert (await robot.http.put(f"presses/{pressed}", json={})).status_code == 404
