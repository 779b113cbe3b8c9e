"""Outlets: events go to where the bot wants them, signed, in order, and again while nobody answers."""

import contextlib
import hashlib
import hmac

import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import func, select

from hutong.api import House
from hutong.domains.openplatform import keep_outlet, set_app_state
from hutong.domains.openplatform.actions import clear_outlets
from hutong.domains.openplatform.jobs import sweep_bot_events
from hutong.domains.openplatform.models import Delivery, Outlet
from hutong.kit.clock import system_clock
from hutong.settings import Limits, Settings
from hutong.worker.courier import Courier
from tests.cast import Cast
from tests.conftest import HandClock

from ..conftest import Robot, TellBots, install, make_robot, say
from .conftest import BROKEN, OK, OtherEnd, Post, an_outlet, log_of, outlets_of


async def test_events_arrive_signed_and_in_order(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    outlet = await an_outlet(cast, robot, other_end.url)
    for number in range(120):
        await say(cast.bob.http, chat, f"{number}")
    await tell_bots()
    await post.goes_out()

    assert other_end.told == [f"{number}" for number in range(120)]
    head, body = other_end.heads[0], other_end.bodies[0]
    assert head["hutong-timestamp"] == str(int(clock().timestamp()))
    signed = hmac.new(outlet["secret"].encode(), f"{head['hutong-timestamp']}.".encode() + body, hashlib.sha256)
    assert head["hutong-signature"] == f"v1={signed.hexdigest()}"
    assert (head["hutong-bot"], head["hutong-event"]) == (str(robot.number), "2")
    assert head["content-type"] == "application/json"
    (now,) = (await cast.alice.http.get(outlets_of(robot))).json()
    assert (now["position"], now["waiting"], now["secret"]) == (121, 0, None)
    assert [(one["event"], one["state"], one["status"]) for one in (await log_of(cast, robot, outlet))[:2]] == [
        (121, "delivered", 204),
        (120, "delivered", 204),
    ]


async def test_a_bot_that_was_down_for_an_hour_gets_its_hour(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    down = await an_outlet(cast, robot, "http://127.0.0.1:9/nobody")
    path = f"{outlets_of(robot)}/{down['outlet']}"
    for minute in range(60):
        await say(cast.bob.http, chat, f"{minute}")
        await tell_bots()
        await post.goes_out()
        clock.advance(seconds=60)
    (now,) = (await cast.alice.http.get(outlets_of(robot))).json()
    assert (now["waiting"], now["position"]) == (60, 1)
    assert 10 < now["tries"] < 60
    assert now["failing_since"] is not None
    assert "ConnectError" in now["last_error"]

    notices = (await cast.alice.http.get("notices")).json()["items"]
    assert [(one["kind"], one["count"], one["params"]["bot"]) for one in notices] == [
        ("openplatform.outlet_failing", 1, robot.number)
    ]

    (await cast.alice.http.patch(path, json={"url": other_end.url})).raise_for_status()
    await post.goes_out()
    assert other_end.told == [f"{minute}" for minute in range(60)]


@pytest.mark.parametrize("mended", ["changed", "replayed", "kept"])
async def test_who_was_warned_and_has_mended_it_is_warned_once_more(
    cast: Cast,
    robot: Robot,
    chat: int,
    tell_bots: TellBots,
    post: Post,
    clock: HandClock,
    house: House,
    mended: str,
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    nowhere = "http://127.0.0.1:9/nobody"
    async with house.database.transaction() as session:
        await keep_outlet(session, robot.number, "telegram", url=nowhere, clock=clock)
    (outlet,) = (await cast.alice.http.get(outlets_of(robot))).json()
    path = f"{outlets_of(robot)}/{outlet['outlet']}"
    await say(cast.bob.http, chat, "Good morning.")
    await tell_bots()
    await _fails_for_a_while(post, clock)
    match mended:
        case "changed":
            (await cast.alice.http.patch(path, json={"state": "on"})).raise_for_status()
        case "replayed":
            (await cast.alice.http.post(f"{path}/replay", json={"since": clock().isoformat()})).raise_for_status()
        case "kept":
            async with house.database.transaction() as session:
                await keep_outlet(session, robot.number, "telegram", url=nowhere, clock=clock)
    await _fails_for_a_while(post, clock)

    notices = (await cast.alice.http.get("notices")).json()["items"]
    assert [(one["kind"], one["count"]) for one in notices] == [("openplatform.outlet_failing", 2)]


async def _fails_for_a_while(post: Post, clock: HandClock) -> None:
    for _ in range(13):
        await post.goes_out()
        clock.advance(seconds=60)


async def test_what_one_refuses_again_and_again_does_not_keep_it_from_the_others(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd, clock: HandClock
) -> None:
    other_end.answer = lambda nth: BROKEN if b"poison" in other_end.bodies[-1] else OK
    await install(cast.alice, chat, robot, "read_all")
    outlet = await an_outlet(cast, robot, other_end.url)
    for text in ("before", "poison", "after"):
        await say(cast.bob.http, chat, text)
    await tell_bots()
    for _ in range(4):
        await post.goes_out()
        clock.advance(seconds=10)
    assert other_end.told[:5] == ["before", "poison", "poison", "poison", "after"]
    assert [(one["event"], one["state"]) for one in await log_of(cast, robot, outlet)] == [
        (4, "delivered"),
        (3, "waiting"),
        (2, "delivered"),
    ]

    clock.advance(days=1)
    await post.goes_out()
    dead = await cast.alice.http.get(f"{outlets_of(robot)}/{outlet['outlet']}/log", params={"only": "dead"})
    (letter,) = dead.json()["items"]
    assert (letter["event"], letter["status"]) == (3, 500)
    assert "poison" in letter["frame"]

    other_end.answer = lambda nth: OK
    resend = await cast.alice.http.post(f"{outlets_of(robot)}/{outlet['outlet']}/resend", json={"event": 3})
    assert resend.status_code == 204
    await post.goes_out()
    assert other_end.told[-1] == "poison"


async def test_everything_since_a_moment_is_sent_again(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd, clock: HandClock
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    outlet = await an_outlet(cast, robot, other_end.url)
    await say(cast.bob.http, chat, "early")
    await tell_bots()
    clock.advance(seconds=100)
    since = clock().isoformat()
    await say(cast.bob.http, chat, "late")
    await tell_bots()
    await post.goes_out()

    path = f"{outlets_of(robot)}/{outlet['outlet']}/replay"
    assert (await cast.alice.http.post(path, json={"since": since})).json()["waiting"] == 1
    await post.goes_out()
    assert other_end.told == ["early", "late", "late"]
    wrong = await cast.alice.http.post(path, json={"since": "yesterday"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "openplatform.bad_outlet")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "answers 302"),
        (b"", "took longer than"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n", "took longer"),
        (b"What?\r\n\r\n", "RemoteProtocolError"),
    ],
)
async def test_who_answers_badly_is_tried_again_and_holds_up_nobody(
    app: Litestar,
    cast: Cast,
    chat: int,
    house: House,
    tell_bots: TellBots,
    other_end: OtherEnd,
    answer: bytes,
    error: str,
) -> None:
    limits = msgspec.structs.replace(house.settings.limits, delivery_timeout_s=1)
    hasty = msgspec.structs.replace(house.settings, limits=limits)
    courier = Courier(database=house.database, porters=house.porters, settings=hasty, clock=house.clock)
    other_end.answer = lambda nth: OK if other_end.heads[-1]["hutong-bot"] == str(good.number) else answer
    async with contextlib.AsyncExitStack() as stack:
        bad, good = await make_robot(app, cast.alice, stack), await make_robot(app, cast.alice, stack)
        for robot in (bad, good):
            await install(cast.alice, chat, robot, "read_all")
            await an_outlet(cast, robot, other_end.url)
        await say(cast.bob.http, chat, "Good morning.")
        await tell_bots()
        await courier.look()
        await courier.settle()

        (failing,) = (await cast.alice.http.get(outlets_of(bad))).json()
        assert (failing["waiting"], failing["tries"]) == (1, 1)
        assert error in failing["last_error"]
        (going,) = (await cast.alice.http.get(outlets_of(good))).json()
        assert (going["waiting"], going["last_error"]) == (0, "")


async def test_an_endless_answer_is_not_read_to_its_end(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd
) -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 200
    other_end.answer = lambda nth: endless
    await install(cast.alice, chat, robot, "read_all")
    await an_outlet(cast, robot, other_end.url)
    await say(cast.bob.http, chat, "Good morning.")
    await tell_bots()
    await post.goes_out()
    (now,) = (await cast.alice.http.get(outlets_of(robot))).json()
    assert (now["waiting"], now["last_error"]) == (0, "")


async def test_nothing_goes_out_that_is_off_or_suspended(
    cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd, house: House
) -> None:
    await install(cast.alice, chat, robot, "read_all")
    outlet = await an_outlet(cast, robot, other_end.url)
    path = f"{outlets_of(robot)}/{outlet['outlet']}"
    (await cast.alice.http.patch(path, json={"state": "off"})).raise_for_status()
    await say(cast.bob.http, chat, "While it is off.")
    await tell_bots()
    await post.goes_out()
    assert other_end.told == []
    (await cast.alice.http.patch(path, json={"state": "on"})).raise_for_status()
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=system_clock, limits=Limits())
    await post.goes_out()
    assert other_end.told == []
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "reviewed", clock=system_clock, limits=Limits())
    await post.goes_out()
    assert other_end.told == ["While it is off."]


async def test_an_outlet_is_whose_the_app_is(cast: Cast, robot: Robot, other_end: OtherEnd) -> None:
    outlet = await an_outlet(cast, robot, other_end.url)
    path = f"{outlets_of(robot)}/{outlet['outlet']}"
    for answer in (
        await cast.bob.http.get(outlets_of(robot)),
        await cast.bob.http.patch(path, json={}),
        await cast.bob.http.delete(path),
        await cast.bob.http.get(f"{path}/log"),
        await cast.bob.http.post(f"{path}/resend", json={"event": 1}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_app")
    assert (await cast.alice.http.patch(path, json={"secret": ""})).json()["secret"] not in (None, outlet["secret"])
    assert (await cast.alice.http.delete(path)).status_code == 204
    assert (await cast.alice.http.delete(path)).json()["code"] == "openplatform.no_such_outlet"


@pytest.mark.parametrize("given_up", ["outlet", "bot"])
async def test_what_is_given_up_is_forgotten_in_portions(
    cast: Cast,
    robot: Robot,
    chat: int,
    tell_bots: TellBots,
    post: Post,
    other_end: OtherEnd,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    given_up: str,
) -> None:
    async def count(table: type[Delivery | Outlet]) -> int:
        async with house.database.transaction() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    monkeypatch.setattr("hutong.domains.openplatform.actions.delivering._SWEPT_AT_ONCE_MAX", 2)
    await install(cast.alice, chat, robot, "read_all")
    outlet = await an_outlet(cast, robot, other_end.url)
    for number in range(5):
        await say(cast.bob.http, chat, f"{number}")
    await tell_bots()
    await post.goes_out()
    assert await count(Delivery) == 5

    path = (
        f"{outlets_of(robot)}/{outlet['outlet']}" if given_up == "outlet" else f"apps/{robot.app}/bots/{robot.number}"
    )
    (await cast.alice.http.delete(path)).raise_for_status()
    assert await count(Delivery) == 5
    assert (await cast.alice.http.get(f"{outlets_of(robot)}/{outlet['outlet']}/log")).status_code == 404
    if given_up == "outlet":
        assert (await cast.alice.http.get(outlets_of(robot))).json() == []
        async with house.database.transaction() as session:
            assert await clear_outlets(session)
        assert (await count(Delivery), await count(Outlet)) == (3, 1)
    await sweep_bot_events(house.database, clock=house.clock, limits=house.settings.limits)
    assert (await count(Delivery), await count(Outlet)) == (0, 0)


@pytest.mark.parametrize("url", ["ftp://example.org/", "http://", "http://me:secret@example.org/", "http://[", "x"])
async def test_an_address_that_cannot_be_one_is_refused(cast: Cast, robot: Robot, url: str) -> None:
    answer = await cast.alice.http.post(outlets_of(robot), json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_outlet")


class TestAmongStrangers:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, private_addresses_allowed=False)

    async def test_nothing_is_sent_to_this_machine(
        self, cast: Cast, robot: Robot, chat: int, tell_bots: TellBots, post: Post, other_end: OtherEnd
    ) -> None:
        await install(cast.alice, chat, robot, "read_all")
        await an_outlet(cast, robot, other_end.url.replace(str(other_end.port), "80"))
        await say(cast.bob.http, chat, "Good morning.")
        await tell_bots()
        await post.goes_out()
        (now,) = (await cast.alice.http.get(outlets_of(robot))).json()
        assert "not of the open internet" in now["last_error"]
        assert other_end.bodies == []
