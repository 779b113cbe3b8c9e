"""Lines: one process holds each, says how far the bot has heard, and lets go what is not as it was."""

import contextlib

import msgspec
import pytest
from litestar import Litestar

from hutong.api import House
from hutong.domains.openplatform import LINE_LEASED_FOR_S, Outlet, hold_line, let_line_go, set_app_state, take_lines
from hutong.kit.clock import system_clock
from hutong.settings import Limits, Settings
from tests.cast import Cast
from tests.conftest import HandClock

from .conftest import Robot, make_robot


@pytest.fixture
async def path(cast: Cast, robot: Robot) -> str:
    """Where a line of the bot's is to be found."""
    outlets = f"apps/{robot.app}/bots/{robot.number}/outlets"
    body = {"kind": "onebot11_ws", "url": "ws://bot.example.org/"}
    made = (await cast.alice.http.post(outlets, json=body)).raise_for_status().json()
    return f"{outlets}/{made['outlet']}"


async def take(house: House, of_app_max: int = 10) -> list[Outlet]:
    async with house.database.transaction() as session:
        return await take_lines(session, "onebot11_ws", clock=house.clock, limit=10, of_app_max=of_app_max)


async def hold(house: House, line: Outlet, *, position: int = 0, error: str = "") -> Outlet | None:
    async with house.database.transaction() as session:
        return await hold_line(session, line, position=position, error=error, clock=house.clock)


async def test_a_line_is_held_by_one(house: House, path: str, clock: HandClock) -> None:
    (line,) = await take(house)
    assert await take(house) == []
    clock.advance(seconds=LINE_LEASED_FOR_S / 2)
    again = await hold(house, line)
    assert again is not None
    clock.advance(seconds=LINE_LEASED_FOR_S * 0.75)
    assert await take(house) == []
    clock.advance(seconds=LINE_LEASED_FOR_S)
    (taken,) = await take(house)
    assert taken.outlet_id == line.outlet_id
    assert await hold(house, again) is None


async def test_what_was_noted_is_where_the_next_goes_on(cast: Cast, house: House, path: str) -> None:
    (line,) = await take(house)
    line_ = await hold(house, line, position=7, error="Nobody answers.")
    assert line_ is not None
    (told,) = (await cast.alice.http.get(path.rpartition("/")[0])).json()
    assert (told["position"], told["last_error"]) == (7, "Nobody answers.")
    async with house.database.transaction() as session:
        await let_line_go(session, line_, position=9, clock=house.clock)
    (taken,) = await take(house)
    assert taken.position == 9


@pytest.mark.parametrize("patch", [{"state": "off"}, {"url": "wss://elsewhere.example.org/"}, {"secret": "another"}])
async def test_a_line_that_was_changed_is_let_go(cast: Cast, house: House, path: str, patch: dict[str, str]) -> None:
    (line,) = await take(house)
    (await cast.alice.http.patch(path, json=patch)).raise_for_status()
    assert await hold(house, line) is None
    assert len(await take(house)) == (0 if "state" in patch else 1)


async def test_a_line_of_a_suspended_app_is_kept_by_nobody(
    app: Litestar, cast: Cast, house: House, robot: Robot, path: str
) -> None:
    (line,) = await take(house)
    async with contextlib.AsyncExitStack() as stack:
        other = await make_robot(app, cast.alice, stack)
        outlets = f"apps/{other.app}/bots/{other.number}/outlets"
        body = {"kind": "onebot11_ws", "url": "ws://other.example.org/"}
        (await cast.alice.http.post(outlets, json=body)).raise_for_status()
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=system_clock, limits=Limits())
    assert await hold(house, line) is None
    assert [one.url for one in await take(house)] == ["ws://other.example.org/"]


async def test_a_line_that_is_gone_is_let_go(cast: Cast, house: House, path: str) -> None:
    (line,) = await take(house)
    (await cast.alice.http.delete(path)).raise_for_status()
    assert await hold(house, line) is None
    assert await take(house) == []


class TestWithFewLines:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, lines_per_app_max=2))

    async def test_an_app_has_so_many_lines_and_no_more(
        self, app: Litestar, cast: Cast, house: House, robot: Robot, path: str
    ) -> None:
        body = {"kind": "onebot11_ws", "url": "ws://other.example.org/"}
        bots = f"apps/{robot.app}/bots"
        second = (await cast.alice.http.post(bots, json={"nickname": "Second"})).raise_for_status().json()["number"]
        assert (await cast.alice.http.post(f"{bots}/{second}/outlets", json=body)).status_code == 201
        full = await cast.alice.http.post(f"{bots}/{second}/outlets", json=body)
        assert (full.status_code, full.json()["code"]) == (409, "openplatform.lines_full")
        webhook = {"url": "https://other.example.org/"}
        assert (await cast.alice.http.post(f"{bots}/{second}/outlets", json=webhook)).status_code == 201

        assert [one.bot_number for one in await take(house, of_app_max=1)] == [robot.number]
        assert await take(house, of_app_max=1) == []
        assert [one.bot_number for one in await take(house, of_app_max=2)] == [second]
