"""Before an app is reviewed, its bots talk in twos only with those who may try it out."""

import httpx
import pytest

from hutong.api import House
from hutong.domains.openplatform import AppState, set_app_state
from tests.cast import Cast, Person

from .conftest import Robot, install, say

REFUSED = (403, "openplatform.sandbox_is_for_testers")


async def opened(http: httpx.AsyncClient, number: int) -> int:
    return int((await http.post("directs", json={"number": number})).raise_for_status().json()["chat"])


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def says(http: httpx.AsyncClient, chat: int, key: str) -> httpx.Response:
    body = {"key": key, "segments": [{"type": "text", "text": "Hello."}]}
    return await http.post(f"chats/{chat}/messages", json=body)


async def make_tester(cast: Cast, robot: Robot, person: Person, method: str = "PUT") -> None:
    answer = await cast.alice.http.request(method, f"apps/{robot.app}/testers/{person.number}")
    answer.raise_for_status()


async def put(house: House, robot: Robot, state: AppState) -> None:
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, state, clock=house.clock, limits=house.settings.limits)


async def test_only_those_who_try_it_out_begin_to_talk_with_a_bot(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    await make_tester(cast, robot, cast.chen)
    for person in (cast.alice, cast.bob, cast.chen):
        await say(person.http, await opened(person.http, robot.number), "Hello.")

    assert refused(await cast.mo.http.post("directs", json={"number": robot.number})) == REFUSED


async def test_a_bot_begins_to_talk_only_with_those_who_try_it_out(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    await make_tester(cast, robot, cast.chen)
    for person in (cast.alice, cast.bob, cast.chen):
        await say(robot.http, await opened(robot.http, person.number), "Hello.")

    assert refused(await robot.http.post("directs", json={"number": cast.mo.number})) == REFUSED


async def test_who_tries_it_out_no_more_is_told_so_and_so_is_the_bot(cast: Cast, robot: Robot, house: House) -> None:
    await make_tester(cast, robot, cast.bob)
    chat = await opened(cast.bob.http, robot.number)
    buttons = [{"type": "text", "text": "Yes?"}, {"type": "buttons", "rows": [[{"label": "Yes", "data": "yes"}]]}]
    sent = await robot.http.post(f"chats/{chat}/messages", json={"key": "first-words", "segments": buttons})
    pressed = f"chats/{chat}/messages/{sent.raise_for_status().json()['seq']}/presses"
    press = {"key": "press-it-once", "button": "yes"}
    await make_tester(cast, robot, cast.bob, "DELETE")

    assert refused(await says(cast.bob.http, chat, "from-bob")) == REFUSED
    assert refused(await says(robot.http, chat, "from-robot")) == REFUSED
    assert refused(await cast.bob.http.post(pressed, json=press)) == REFUSED

    await put(house, robot, "reviewed")
    assert (await says(cast.bob.http, chat, "from-bob")).status_code == 201
    assert (await says(robot.http, chat, "from-robot")).status_code == 201
    assert (await cast.bob.http.post(pressed, json=press)).status_code < 300


@pytest.mark.parametrize("state", ["reviewed", "suspended"])
async def test_beyond_the_sandbox_anybody_writes_to_a_bot(
    cast: Cast, robot: Robot, house: House, state: AppState
) -> None:
    await put(house, robot, state)
    await say(cast.mo.http, await opened(cast.mo.http, robot.number), "Hello.")


async def test_test_users_stay_when_nobody_signs_in_with_the_app_any_more(cast: Cast, robot: Robot) -> None:
    await make_tester(cast, robot, cast.bob)
    client = f"apps/{robot.app}/client"
    (await cast.alice.http.put(client, json={"redirects": ["https://x.example/"]})).raise_for_status()
    (await cast.alice.http.delete(client)).raise_for_status()
    assert [one["number"] for one in (await cast.alice.http.get(f"apps/{robot.app}/testers")).json()] == [
        cast.bob.number
    ]
