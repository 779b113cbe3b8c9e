"""One that is slow, broken or gone holds up nobody else."""

import contextlib
from datetime import timedelta

import msgspec
from litestar import Litestar
from sqlalchemy import delete, select

from hutong.api import House
from hutong.domains.openplatform import Consignment, Outgoing, Porters, Webhooks
from hutong.domains.openplatform.models import BotEvent, Outlet
from hutong.worker.courier import Courier
from tests.cast import Cast
from tests.conftest import HandClock

from ..conftest import Robot, TellBots, install, make_robot, say
from .conftest import BROKEN, NEVER, OK, OtherEnd, Post, an_outlet, log_of, outlets_of


async def test_an_app_with_many_slow_outlets_leaves_room_for_others(
    app: Litestar, cast: Cast, chat: int, house: House, tell_bots: TellBots, other_end: OtherEnd
) -> None:
    limits = msgspec.structs.replace(house.settings.limits, deliveries_at_once_max=6)
    small = msgspec.structs.replace(house.settings, limits=limits)
    courier = Courier(database=house.database, porters=house.porters, settings=small, clock=house.clock)
    other_end.answer = lambda nth: OK if other_end.heads[-1]["hutong-bot"] == str(good.number) else NEVER
    async with contextlib.AsyncExitStack() as stack:
        slow, good = await make_robot(app, cast.alice, stack), await make_robot(app, cast.alice, stack)
        await install(cast.alice, chat, slow, "read_all")
        for _ in range(8):
            await an_outlet(cast, slow, other_end.url)
        await say(cast.bob.http, chat, "Good morning.")
        await tell_bots()
        for _ in range(3):
            await courier.look()
        assert len(other_end.bodies) == 3

        await install(cast.alice, chat, good, "read_all")
        await an_outlet(cast, good, other_end.url)
        await say(cast.bob.http, chat, "Good evening.")
        await tell_bots()
        for _ in range(2):
            await courier.look()
        (going,) = (await cast.alice.http.get(outlets_of(good))).json()
        assert (going["waiting"], going["last_error"]) == (0, "")
        await courier.stop()


async def test_whoever_stops_leaves_the_rest_to_others_at_once(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd, house: House
) -> None:
    other_end.answer = lambda nth: NEVER if nth == 2 else OK
    await install(cast.alice, chat, robot, "read_all")
    await an_outlet(cast, robot, other_end.url)
    for text in ("One.", "Two.", "Three."):
        await say(cast.bob.http, chat, text)
    await tell_bots()
    await post.courier.look()
    await other_end.until(2)
    await post.courier.stop()

    await Post(house).goes_out()
    assert other_end.told == ["One.", "Two.", "Two.", "Three."]


async def test_an_event_that_cannot_be_written_down_keeps_nobody_waiting(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, other_end: OtherEnd, house: House, clock: HandClock
) -> None:
    class Broken(Webhooks):
        async def render(self, outgoing: Outgoing) -> Consignment | None:
            if b"poison" in outgoing.frame:
                raise KeyError("poison")
            return await super().render(outgoing)

    porters = Porters({"webhook": Broken(lambda: clock().timestamp())})
    courier = Courier(database=house.database, porters=porters, settings=house.settings, clock=clock)
    await install(cast.alice, chat, robot, "read_all")
    outlet = await an_outlet(cast, robot, other_end.url)
    for text in ("before", "poison", "after"):
        await say(cast.bob.http, chat, text)
    await tell_bots()
    for _ in range(4):
        await courier.look()
        await courier.settle()
        clock.advance(seconds=10)

    assert other_end.told == ["before", "after"]
    after, poison, _ = await log_of(cast, robot, outlet)
    assert (after["event"], after["state"], poison["event"], poison["state"]) == (4, "delivered", 3, "dead")
    assert "Something went wrong here" in poison["error"]
    path = f"{outlets_of(robot)}/{outlet['outlet']}"
    (await cast.alice.http.post(f"{path}/resend", json={"event": 3})).raise_for_status()
    for _ in range(4):
        await courier.look()
        await courier.settle()
        clock.advance(seconds=10)
    assert (await log_of(cast, robot, outlet))[0]["state"] == "dead"


async def test_a_bot_that_is_given_up_meanwhile_keeps_no_other_waiting(
    app: Litestar, cast: Cast, chat: int, tell_bots: TellBots, other_end: OtherEnd, house: House, clock: HandClock
) -> None:
    class GivenUp(Webhooks):
        async def render(self, outgoing: Outgoing) -> Consignment | None:
            if outgoing.bot == going.number and other_end.bodies:
                (await cast.alice.http.delete(f"apps/{going.app}/bots/{going.number}")).raise_for_status()
            return await super().render(outgoing)

    porters = Porters({"webhook": GivenUp(lambda: clock().timestamp())})
    courier = Courier(database=house.database, porters=porters, settings=house.settings, clock=clock)
    other_end.answer = lambda nth: BROKEN if other_end.heads[-1]["hutong-bot"] == str(going.number) else OK
    async with contextlib.AsyncExitStack() as stack:
        going, good = await make_robot(app, cast.alice, stack), await make_robot(app, cast.alice, stack)
        for one in (going, good):
            await install(cast.alice, chat, one, "read_all")
        await an_outlet(cast, going, other_end.url)
        await say(cast.bob.http, chat, "Good morning.")
        await tell_bots()
        await courier.look()
        await courier.settle()
        clock.advance(seconds=house.settings.limits.outlet_warned_after_s + 1)
        await courier.look()
        await courier.settle()

        await an_outlet(cast, good, other_end.url)
        await say(cast.bob.http, chat, "Good evening.")
        await tell_bots()
        await courier.look()
        await courier.settle()
    assert [head["hutong-bot"] for head in other_end.heads] == [str(going.number)] * 2 + [str(good.number)]


async def test_an_outlet_whose_events_are_not_kept_any_more_lets_others_go_first(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, house: House, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    await an_outlet(cast, robot, "http://127.0.0.1:9/nobody")
    await say(cast.bob.http, chat, "Good morning.")
    await tell_bots()
    async with house.database.transaction() as session:
        await session.execute(delete(BotEvent))
    await post.goes_out()
    async with house.database.transaction() as session:
        assert await session.scalar(select(Outlet.next_at)) == clock() + timedelta(seconds=1)
