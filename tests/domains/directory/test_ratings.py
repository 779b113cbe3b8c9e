"""Ratings: by those who use an app, one each, counted exactly; and what the developer says to them."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from sqlalchemy import func, select

from hutong.api import House
from hutong.domains.directory import drop_rating
from hutong.domains.directory.actions import drop_listing, reply_to_rating
from hutong.domains.directory.averages import NO_STARS, average, moved, score
from hutong.domains.directory.errors import NoSuchRating
from hutong.domains.directory.models import Listing
from hutong.domains.directory.schemas import ReplyDraft
from hutong.kit.actor import Actor
from hutong.kit.errors import TooMany
from hutong.settings import Limits
from tests.cast import Cast, Person, people
from tests.conftest import HandClock
from tests.domains.openplatform.conftest import say

from .conftest import Robot, box, install, listed, shelf


@pytest.fixture
async def app_number(cast: Cast, robot: Robot, house: House, chat: int) -> int:
    """An app of Alice's in the directory; its bot is in her group, to which Bob belongs."""
    await install(cast.alice, chat, robot, "send")
    await listed(house, cast.alice, robot.app)
    return robot.app


async def rate(who: Person, app: int, stars: int, text: str = "") -> httpx.Response:
    return await who.http.put(f"directory/{app}/ratings/me", json={"stars": stars, "text": text})


async def view(who: Person, app: int) -> dict[str, Any]:
    found: dict[str, Any] = (await who.http.get(f"directory/{app}")).raise_for_status().json()
    return found


async def test_who_uses_an_app_rates_it_and_its_owner_is_told(cast: Cast, app_number: int) -> None:
    answer = await rate(cast.bob, app_number, 4, "  Quick, and polite.\r\n")
    expected = {
        "number": cast.bob.number,
        "nickname": "Bob",
        "avatar": None,
        "stars": 4,
        "text": "Quick, and polite.",
        "at": "2026-11-23T06:00:00.000Z",
        "reply": None,
        "reply_at": None,
    }
    assert (answer.status_code, answer.json()) == (200, expected)
    found = await view(cast.bob, app_number)
    assert (found["stars"], found["ratings"], found["spread"], found["my_rating"]) == (
        4.0,
        1,
        [0, 0, 0, 1, 0],
        expected,
    )
    assert (await cast.chen.http.get(f"directory/{app_number}/ratings")).json() == {"items": [expected], "next": None}
    assert (await view(cast.chen, app_number))["my_rating"] is None
    told = {"app": app_number, "name": "Library card", "stars": 4}
    assert (await box(cast.alice))[0] == ("directory.rated", 1, told)


async def test_who_does_not_use_it_does_not_rate_it(cast: Cast, app_number: int) -> None:
    answer = await rate(cast.chen, app_number, 1)
    assert (answer.status_code, answer.json()["code"]) == (403, "directory.not_used")
    assert (await view(cast.bob, app_number))["ratings"] == 0


async def test_nobody_rates_their_own_app(cast: Cast, app_number: int) -> None:
    answer = await rate(cast.alice, app_number, 5)
    assert (answer.status_code, answer.json()["code"]) == (403, "directory.own_app")


async def test_a_bot_rates_nothing(robot: Robot, app_number: int) -> None:
    assert (await robot.http.put(f"directory/{app_number}/ratings/me", json={"stars": 5})).status_code == 403


async def test_saying_something_to_its_bot_or_letting_it_know_something_is_use(
    cast: Cast, robot: Robot, house: House, tell: Any
) -> None:
    await listed(house, cast.alice, robot.app, mini_app="https://shelf.example/")
    assert (await rate(cast.bob, robot.app, 5)).status_code == 403
    opened = (await cast.bob.http.post("directs", json={"number": robot.number})).raise_for_status().json()["chat"]
    await tell()
    await say(robot.http, opened, "What would you like to read?")
    assert (await rate(cast.bob, robot.app, 5)).json()["code"] == "directory.not_used"
    assert (await view(cast.bob, robot.app))["may_rate"] is False
    await say(cast.bob.http, opened, "Something short.")
    assert (await view(cast.bob, robot.app))["may_rate"] is True
    assert (await rate(cast.bob, robot.app, 5)).status_code == 200
    permissions = {"permissions": ["profile"]}
    (await cast.chen.http.put(f"apps/{robot.app}/permissions/me", json=permissions)).raise_for_status()
    assert (await view(cast.chen, robot.app))["may_rate"] is True
    assert (await rate(cast.chen, robot.app, 4)).status_code == 200
    assert (await view(cast.mo, robot.app))["may_rate"] is False


@pytest.mark.parametrize("body", [{"stars": 0}, {"stars": 6}, {"stars": 2.5}, {"text": "x"}, {"stars": 5, "text": 1}])
async def test_what_is_no_rating_is_refused(cast: Cast, app_number: int, body: dict[str, Any]) -> None:
    assert (await cast.bob.http.put(f"directory/{app_number}/ratings/me", json=body)).status_code == 400
    answer = await rate(cast.bob, app_number, 5, "x" * 501)
    assert (answer.status_code, answer.json()["code"]) == (400, "directory.text_too_long")
    assert (await view(cast.bob, app_number))["ratings"] == 0


async def test_another_rating_takes_the_place_of_the_one_before(cast: Cast, app_number: int) -> None:
    await rate(cast.bob, app_number, 1)
    await rate(cast.bob, app_number, 5, "Mended.")
    found = await view(cast.bob, app_number)
    assert (found["stars"], found["spread"]) == (5.0, [0, 0, 0, 0, 1])
    # The same again is nothing new.
    await rate(cast.bob, app_number, 5, "Mended.")
    assert [(kind, count) for kind, count, _ in await box(cast.alice) if kind == "directory.rated"] == [
        ("directory.rated", 2)
    ]


async def test_a_rating_that_is_taken_back_counts_no_more(cast: Cast, app_number: int) -> None:
    path = f"directory/{app_number}/ratings/me"
    await rate(cast.bob, app_number, 2)
    assert (await cast.bob.http.delete(path)).status_code == 204
    found = await view(cast.bob, app_number)
    assert (found["stars"], found["spread"], found["my_rating"]) == (None, [0, 0, 0, 0, 0], None)
    answer = await cast.bob.http.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "directory.no_such_rating")


async def test_who_has_left_takes_a_rating_back_and_gives_no_other(cast: Cast, app_number: int, chat: int) -> None:
    await rate(cast.bob, app_number, 2)
    (await cast.bob.http.delete(f"groups/{chat}/members/me")).raise_for_status()
    assert (await rate(cast.bob, app_number, 5)).json()["code"] == "directory.not_used"
    assert (await cast.bob.http.delete(f"directory/{app_number}/ratings/me")).status_code == 204


async def test_ratings_at_the_same_moment_are_all_counted(
    cast: Cast, app_number: int, chat: int, app: Litestar, house: House
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        many = await people(app, house, stack, [f"Reader {n}" for n in range(8)])
        await asyncio.gather(*(one.http.put(f"groups/{chat}/members/me") for one in many))
        stars = [1, 1, 2, 3, 4, 5, 5, 5]
        answers = await asyncio.gather(
            *(rate(one, app_number, given_stars) for one, given_stars in zip(many, stars, strict=True)),
            *(rate(cast.bob, app_number, given_stars) for given_stars in (1, 5, 3)),
        )
        assert {answer.status_code for answer in answers} == {200}
    found = await view(cast.bob, app_number)
    mine = found["my_rating"]["stars"]
    expected = moved(moved([2, 1, 1, 1, 3], old=None, new=mine), old=None, new=None)
    assert (found["spread"], found["ratings"], found["stars"]) == (expected, 9, average(expected))


async def test_ratings_come_in_pages_the_newest_first(cast: Cast, app_number: int, chat: int, clock: HandClock) -> None:
    for stars, who in enumerate((cast.bob, cast.chen, cast.mo), start=1):
        await who.http.put(f"groups/{chat}/members/me")
        clock.advance(seconds=1)
        (await rate(who, app_number, stars)).raise_for_status()
    path = f"directory/{app_number}/ratings"
    first = (await cast.bob.http.get(path, params={"limit": 2})).json()
    rest = (await cast.bob.http.get(path, params={"limit": 2, "after": first["next"]})).json()
    assert [one["stars"] for one in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next"] is None


async def test_the_developer_replies_once_to_each(cast: Cast, app_number: int, clock: HandClock) -> None:
    await rate(cast.bob, app_number, 2, "Slow.")
    path = f"directory/{app_number}/ratings/{cast.bob.number}/reply"
    clock.advance(seconds=60)
    for words in ("It is quick now.", "It is quick now, try it."):
        answer = await cast.alice.http.put(path, json={"text": words})
        assert (answer.status_code, answer.json()["reply"]) == (200, words)
        assert answer.json()["reply_at"] == "2026-11-23T06:01:00.000Z"
    assert await box(cast.bob) == [("directory.replied", 1, {"app": app_number, "name": "Library card"})]
    await rate(cast.bob, app_number, 4, "Quick.")
    [rating] = (await cast.chen.http.get(f"directory/{app_number}/ratings")).json()["items"]
    assert (rating["stars"], rating["reply"]) == (4, "It is quick now, try it.")
    assert (await cast.alice.http.delete(path)).status_code == 204
    [rating] = (await cast.chen.http.get(f"directory/{app_number}/ratings")).json()["items"]
    assert (rating["reply"], rating["reply_at"]) == (None, None)


async def test_nobody_else_replies_and_not_to_nothing(cast: Cast, app_number: int) -> None:
    await rate(cast.bob, app_number, 2)
    path = f"directory/{app_number}/ratings/{cast.bob.number}/reply"
    for method in ("PUT", "DELETE"):
        answer = await cast.bob.http.request(method, path, json={"text": "Hm"})
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_app")
        other = f"directory/{app_number}/ratings/{cast.chen.number}/reply"
        answer = await cast.alice.http.request(method, other, json={"text": "Hm"})
        assert (answer.status_code, answer.json()["code"]) == (404, "directory.no_such_rating")
    assert (await cast.alice.http.put(path, json={"text": "x" * 501})).status_code == 400
    assert (await cast.alice.http.put(path, json={"text": ""})).status_code == 400
    answer = await cast.alice.http.put(path, json={"text": " \r\n "})
    assert (answer.status_code, answer.json()["code"]) == (400, "directory.reply_empty")
    assert await box(cast.bob) == []


async def test_nobody_replies_without_end(cast: Cast, app_number: int, house: House) -> None:
    await rate(cast.bob, app_number, 2)
    alice, limits = Actor(cast.alice.number, "Alice"), Limits(replies_per_day_max=2)
    path = f"directory/{app_number}/ratings/{cast.bob.number}/reply"

    async def reply() -> None:
        async with house.database.transaction() as session:
            words = ReplyDraft(text="Try again.")
            await reply_to_rating(session, alice, app_number, cast.bob.number, words, clock=house.clock, limits=limits)

    for _ in range(2):
        await reply()
        (await cast.alice.http.delete(path)).raise_for_status()
    with pytest.raises(TooMany):
        await reply()
    assert [count for _, count, _ in await box(cast.bob)] == [2]


async def test_a_rating_makes_no_listing_of_an_app_that_is_being_given_up(
    cast: Cast, app_number: int, house: House
) -> None:
    await rate(cast.bob, app_number, 2)
    async with house.database.transaction() as session:
        await drop_listing(session, app_number, clock=house.clock)
        late = [
            asyncio.create_task(rate(cast.bob, app_number, 5)),
            asyncio.create_task(cast.bob.http.delete(f"directory/{app_number}/ratings/me")),
        ]
        # Both have seen the app and wait for whoever gives it up.
        await asyncio.sleep(0.5)
        assert not any(one.done() for one in late)
    answers = [await one for one in late]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "directory.no_such_listing")] * 2
    async with house.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Listing)) == 0


async def test_whoever_runs_the_hutong_takes_a_rating_away(cast: Cast, app_number: int, house: House) -> None:
    await rate(cast.bob, app_number, 1, "Something that nobody should read.")
    async with house.database.transaction() as session:
        await drop_rating(session, app_number, cast.bob.number)
    found = await view(cast.bob, app_number)
    assert (found["ratings"], found["my_rating"]) == (0, None)
    with pytest.raises(NoSuchRating):
        async with house.database.transaction() as session:
            await drop_rating(session, app_number, cast.bob.number)


async def test_the_best_rated_come_first(cast: Cast, app_number: int, house: House) -> None:
    made = (await cast.alice.http.post("apps", json={"name": "Unrated"})).json()["app"]
    (await cast.alice.http.post(f"apps/{made}/bots", json={"nickname": "Helper"})).raise_for_status()
    await listed(house, cast.alice, made, mini_app="https://shelf.example/")
    await rate(cast.bob, app_number, 5)
    assert await shelf(cast.chen, order="rated") == [app_number, made]
    await rate(cast.bob, app_number, 1)
    assert await shelf(cast.chen, order="rated") == [made, app_number]


async def test_nobody_rates_without_end(cast: Cast, app_number: int, house: House) -> None:
    for n in range(house.settings.limits.ratings_per_day_max):
        assert (await rate(cast.bob, app_number, n % 5 + 1)).status_code == 200
    assert (await rate(cast.bob, app_number, 5, "More")).status_code == 429


@given(st.lists(st.integers(1, 5), max_size=30))
def test_the_average_is_that_of_all_stars(stars: list[int]) -> None:
    spread = list(NO_STARS)
    for one in stars:
        spread = moved(spread, old=None, new=one)
    assert sum(spread) == len(stars)
    assert average(spread) == (round(sum(stars) / len(stars), 2) if stars else None)
    for one in stars:
        spread = moved(spread, old=one, new=None)
    assert spread == list(NO_STARS)


def test_one_friend_lifts_no_app_above_one_that_many_like() -> None:
    assert score([0, 0, 0, 0, 1]) < score([0, 0, 5, 20, 75])
    assert score([1, 0, 0, 0, 0]) < score(NO_STARS) < score([0, 0, 0, 0, 1])
    assert score(NO_STARS) == 3_000
