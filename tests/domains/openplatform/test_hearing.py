"""Events: each bot hears what its scopes let it hear, in order, once, also of the time when it was away."""

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from hutong.api import House
from hutong.domains.chat import unpack
from hutong.domains.chat.pace import Pace
from hutong.domains.openplatform import last_events_of, set_app_state
from hutong.domains.openplatform.jobs import bring_bot_events, compare_bot_seats, empty_recalled, sweep_bot_events
from hutong.kit.clock import system_clock
from hutong.settings import Limits
from tests.cast import Cast
from tests.conftest import HandClock

from .conftest import Robot, TellBots, install, make_robot, say


def told(events: list[dict[str, Any]]) -> list[Any]:
    """Texts of messages, and what changed."""
    return [event["segments"][-1]["text"] if event["on"] == "message" else event["on"] for event in events]


async def test_a_bot_that_reads_all_hears_everything_but_itself(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await say(cast.bob.http, chat, "Before it came.")
    await install(cast.alice, chat, robot, "read_all", "send", "members")
    await say(cast.bob.http, chat, "Good morning.")
    await say(robot.http, chat, "I am a bot.")
    seq = await say(cast.alice.http, chat, "Good morning, Bob.")
    (await cast.bob.http.put(f"chats/{chat}/messages/{seq}/reactions/👍")).raise_for_status()
    await tell_bots()

    events = await robot.heard()
    assert told(events) == ["Good morning.", "Good morning, Bob.", "reacted"]
    assert [event["event"] for event in events] == [2, 3, 4]
    assert events[0]["from"]["number"] == cast.bob.number
    assert [event["seq"] for event in events[:2]] == [2, 4]
    assert told(await robot.heard(after=3)) == ["reacted"]


async def test_a_bot_that_reads_mentions_hears_what_is_meant_for_it(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "read_mentions", "send")
    own = await say(robot.http, chat, "Ask me.")
    other = await say(cast.bob.http, chat, "Not meant for it.")
    await say(cast.bob.http, chat, {"type": "mention", "number": robot.number}, "Hello, bot.")
    await say(cast.bob.http, chat, {"type": "reply", "seq": own}, "I ask you.")
    await say(cast.bob.http, chat, {"type": "reply", "seq": other}, "I ask myself.")
    await say(cast.alice.http, chat, {"type": "mention", "all": True}, "Everybody!")
    (await cast.chen.http.put(f"groups/{chat}/members/me")).raise_for_status()
    await tell_bots()

    assert told(await robot.heard()) == ["Hello, bot.", "I ask you.", "Everybody!"]


async def test_members_come_and_go_for_bots_that_may_see_them(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "members")
    (await cast.chen.http.put(f"groups/{chat}/members/me")).raise_for_status()
    await say(cast.chen.http, chat, "Here I am.")
    (await cast.chen.http.delete(f"groups/{chat}/members/me")).raise_for_status()
    (await cast.alice.http.patch(f"groups/{chat}", json={"name": "Writers"})).raise_for_status()
    await tell_bots()

    events = await robot.heard()
    assert told(events) == ["joined", "left", "chat"]
    assert [event["number"] for event in events[:2]] == [cast.chen.number] * 2


async def test_whoever_was_sent_away_hears_that_and_nothing_more(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    (await cast.alice.http.delete(f"groups/{chat}/bots/{robot.number}")).raise_for_status()
    await say(cast.alice.http, chat, "Now we are among ourselves.")
    await tell_bots()
    await say(cast.alice.http, chat, "Still.")
    await tell_bots()

    events = await robot.heard()
    assert [(event["on"], event["number"], event["removed_by"]) for event in events] == [
        ("left", robot.number, cast.alice.number)
    ]
    assert (await cast.bob.http.get(f"groups/{chat}/bots")).json() == []


async def test_the_end_of_a_group_is_the_last_event(cast: Cast, robot: Robot, chat: int, tell_bots: TellBots) -> None:
    await install(cast.alice, chat, robot, "read_all")
    (await cast.alice.http.delete(f"groups/{chat}")).raise_for_status()
    await tell_bots()
    assert told(await robot.heard()) == ["dissolved"]
    assert (await robot.http.get("bots/me")).json()["installs"] == []


async def test_somebody_writes_to_a_bot_and_it_answers(cast: Cast, robot: Robot, tell_bots: TellBots) -> None:
    (await cast.alice.http.put(f"apps/{robot.app}/testers/{cast.bob.number}")).raise_for_status()
    direct = (await cast.bob.http.post("directs", json={"number": robot.number})).raise_for_status().json()["chat"]
    await say(cast.bob.http, direct, "What have I lent?")
    await tell_bots()
    (event,) = await robot.heard()
    assert (event["chat"], told([event])) == (direct, ["What have I lent?"])
    assert await say(robot.http, direct, "Three books.") == 2


async def test_two_who_look_at_once_write_everything_down_once(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House
) -> None:
    spoken: list[bytes] = []
    house.database.say = lambda subject, payload: spoken.append(payload) if subject.startswith("bot.") else None
    await install(cast.alice, chat, robot, "read_all")
    for number in range(30):
        await say(cast.bob.http, chat, f"{number}")
    await asyncio.gather(*[tell_bots() for _ in range(4)])

    assert told(await robot.heard()) == [f"{number}" for number in range(30)]
    parcels = [unpack(payload) for payload in spoken]
    assert [parcel.first for parcel in parcels] == sorted({parcel.first for parcel in parcels})
    assert sum(len(parcel.frames) for parcel in parcels) == 31


async def test_what_was_recalled_is_gone_after_a_while(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    seq = await say(cast.bob.http, chat, "A secret.")
    (await cast.bob.http.put(f"chats/{chat}/messages/{seq}/recall")).raise_for_status()
    await tell_bots()
    assert told((await robot.heard())[1:]) == ["recalled"]
    limits = house.settings.limits

    clock.advance(seconds=limits.recalled_seen_by_bots_s - 1)
    await empty_recalled(house.database, clock=clock)
    clock.advance(seconds=1)
    await empty_recalled(house.database, clock=clock)
    gone, recalled = await robot.heard()
    assert (gone["event"], gone["segments"], gone["recalled"]) == (2, [], True)
    assert (recalled["on"], recalled["seq"]) == ("recalled", seq)


async def test_whoever_was_away_too_long_is_told_that_something_is_missing(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    await say(cast.bob.http, chat, "Long ago.")
    await tell_bots()
    limits = house.settings.limits
    clock.advance(days=limits.bot_events_kept_days, seconds=1)
    await sweep_bot_events(house.database, clock=clock, limits=limits)
    await say(cast.bob.http, chat, "Just now.")
    await tell_bots()

    answer = (await robot.http.get("bots/me/events", params={"after": 0})).json()
    assert (told(answer["events"]), answer["missed"], answer["last_event"]) == (["Just now."], True, 3)
    assert (await robot.http.get("bots/me/events", params={"after": 2})).json()["missed"] is False


async def test_a_bot_hears_where_it_was_let_in_and_what_it_may_do_there(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "read_mentions", "members")
    await install(cast.alice, chat, robot, "send")
    direct = (await cast.bob.http.post("directs", json={"number": robot.number})).raise_for_status().json()["chat"]
    await tell_bots()

    events = await robot.all_heard()
    assert [(event["chat"], event["new"], event["scopes"]) for event in events] == [
        (chat, True, ["read_mentions", "members"]),
        (chat, False, ["send"]),
        (direct, True, ["read_all", "send"]),
    ]
    assert [event["by"]["name"] for event in events] == ["Alice", "Alice", "Bob"]


async def test_what_was_said_before_goes_by_the_scopes_of_before(
    app: Litestar, cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        other = await make_robot(app, cast.alice, stack)
        await install(cast.alice, chat, other, "read_all")
        await say(cast.bob.http, chat, "Before the first came.")
        await install(cast.alice, chat, robot, "send")
        await say(cast.bob.http, chat, "Before it may read.")
        await install(cast.alice, chat, robot, "read_all")
        await say(cast.bob.http, chat, "Now it may.")
        await install(cast.alice, chat, robot, "send")
        await say(cast.bob.http, chat, "Now it may not.")
        await tell_bots()

        assert told(await robot.heard()) == ["Now it may."]
        assert len([one for one in await other.heard() if one["on"] == "message"]) == 4


async def test_a_suspended_app_hears_nothing(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=system_clock, limits=Limits())
    await say(cast.bob.http, chat, "Among ourselves.")
    await tell_bots()
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "reviewed", clock=system_clock, limits=Limits())
    await say(cast.bob.http, chat, "Welcome back.")
    await tell_bots()
    assert told(await robot.heard()) == ["Welcome back."]


async def test_a_group_that_outgrows_the_sandbox_is_not_heard(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    limits = msgspec.structs.replace(house.settings.limits, sandbox_members_max=3)
    for name in ("chen", "mo"):
        (await getattr(cast, name).http.put(f"groups/{chat}/members/me")).raise_for_status()
    await say(cast.bob.http, chat, "We are four, with the bot.")
    await bring_bot_events(house.database, clock=house.clock, limits=limits)
    assert told(await robot.heard()) == []


async def test_many_messages_and_changes_come_in_the_order_of_things(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    writer = house.writer
    writer.pace = Pace(10_000)
    for number in range(210):
        await say(cast.bob.http, chat, f"{number}")
    clock.advance(seconds=1)
    (await cast.bob.http.put(f"chats/{chat}/messages/205/reactions/👍")).raise_for_status()
    clock.advance(seconds=1)
    await say(cast.bob.http, chat, "The last.")
    await tell_bots()
    events: list[dict[str, Any]] = []
    while some := await robot.all_heard(len(events)):
        events += some
    assert told(events)[1:] == [*[f"{number}" for number in range(210)], "reacted", "The last."]


async def test_late_word_that_a_bot_has_left_does_not_end_its_return(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    (await cast.alice.http.delete(f"groups/{chat}/bots/{robot.number}")).raise_for_status()
    await install(cast.alice, chat, robot, "read_all")
    await tell_bots()
    await say(cast.bob.http, chat, "Still here?")
    await tell_bots()
    assert told(await robot.heard())[-1] == "Still here?"
    assert [one["number"] for one in (await cast.bob.http.get(f"groups/{chat}/bots")).json()] == [robot.number]


async def test_words_of_seats_that_were_lost_are_made_up_for(cast: Cast, robot: Robot, chat: int, house: House) -> None:
    await install(cast.alice, chat, robot, "read_all")
    direct = (await cast.bob.http.post("directs", json={"number": robot.number})).raise_for_status().json()["chat"]
    (await cast.alice.http.delete(f"groups/{chat}/bots/{robot.number}")).raise_for_status()

    await compare_bot_seats(house.database, clock=house.clock)

    assert [one["chat"] for one in (await robot.http.get("bots/me")).json()["installs"]] == [direct]


async def test_a_bot_may_write_at_once_where_it_has_opened_a_conversation(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    direct = (await robot.http.post("directs", json={"number": cast.bob.number})).raise_for_status().json()["chat"]
    assert await say(robot.http, direct, "Your book is here.") == 1


async def test_an_event_tells_what_its_sender_is_there(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    (await cast.bob.http.patch(f"groups/{chat}/members/me", json={"card": "Bo"})).raise_for_status()
    await say(cast.bob.http, chat, "As a member.")
    await tell_bots()
    (await cast.alice.http.patch(f"groups/{chat}/members/{cast.bob.number}", json={"role": "admin"})).raise_for_status()
    await say(cast.bob.http, chat, "As an admin.")
    await say(cast.alice.http, chat, "As the owner.")
    await tell_bots()

    senders = [event["from"] for event in await robot.heard() if event["on"] == "message"]
    bob = {"number": cast.bob.number, "name": "Bo", "nickname": "Bob"}
    assert senders == [
        bob | {"role": "member"},
        bob | {"role": "admin"},
        {"number": cast.alice.number, "name": "Alice", "role": "owner"},
    ]


async def test_who_asks_to_join_is_told_to_bots_that_may_let_them_in(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots
) -> None:
    await install(cast.alice, chat, robot, "moderate")
    (await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})).raise_for_status()
    (await cast.chen.http.put(f"groups/{chat}/members/me", json={"answer": "I read."})).raise_for_status()
    await tell_bots()
    before = told(await robot.heard())
    role = f"groups/{chat}/members/{robot.number}"
    (await cast.alice.http.patch(role, json={"role": "admin"})).raise_for_status()
    (await cast.mo.http.put(f"groups/{chat}/members/me", json={"answer": "I write."})).raise_for_status()
    await tell_bots()
    await tell_bots()

    assert "requested" not in before
    asked = [event for event in await robot.heard() if event["on"] == "requested"]
    assert [(event["number"], event["name"], event["answer"]) for event in asked] == [
        (cast.mo.number, "Mo", "I write.")
    ]


async def test_a_bot_whose_app_is_suspended_is_told_of_nothing(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, house: House
) -> None:
    await install(cast.alice, chat, robot, "moderate")
    role = f"groups/{chat}/members/{robot.number}"
    (await cast.alice.http.patch(role, json={"role": "admin"})).raise_for_status()
    (await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})).raise_for_status()
    await tell_bots()
    before = len(await robot.all_heard())
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=system_clock, limits=Limits())
    (await cast.mo.http.put(f"groups/{chat}/members/me", json={"answer": "I write."})).raise_for_status()
    (await cast.bob.http.post("directs", json={"number": robot.number})).raise_for_status()
    await tell_bots()

    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "reviewed", clock=system_clock, limits=Limits())
        numbers = await last_events_of(session, [robot.number])
    assert numbers == {robot.number: before}
