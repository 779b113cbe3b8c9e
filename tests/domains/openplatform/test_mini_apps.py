"""Mini apps: who may open one and where, what it is told, and that it can be checked."""

import contextlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from litestar import Litestar

from hutong.api import House
from hutong.domains.openplatform import (
    find_mini_link,
    init_data_key,
    login_hash,
    read_init_data,
    set_app_state,
    signed_init_data,
    telegram_token,
)
from hutong.domains.openplatform.init_data import init_data_hash
from hutong.domains.openplatform.launches import (
    is_mini_url,
    launch_key,
    page_at,
    page_within,
    read_launch,
    sign_launch,
)
from hutong.settings import Limits, Settings
from tests.cast import Cast, Person
from tests.conftest import HandClock

from .conftest import Robot, TellBots, install, make_robot

URL = "https://shelf.example.org/app"
DAY = timedelta(days=1)


@pytest.fixture
async def shelf(cast: Cast, robot: Robot, chat: int) -> Robot:
    """The bot of an app with a mini app, in the group."""
    await install(cast.alice, chat, robot, "send")
    (await cast.alice.http.patch(f"apps/{robot.app}", json={"mini_app": URL})).raise_for_status()
    return robot


async def launch(person: Person, chat: int, app: int, **draft: str) -> dict[str, Any]:
    answer = await person.http.post(f"chats/{chat}/apps/{app}/launch", json=draft)
    view: dict[str, Any] = answer.raise_for_status().json()
    return view


async def refusal(person: Person, chat: int, app: int, **draft: str) -> tuple[int, str]:
    answer = await person.http.post(f"chats/{chat}/apps/{app}/launch", json=draft)
    return answer.status_code, answer.json()["code"]


async def told(cast: Cast, view: dict[str, Any], clock: HandClock) -> dict[str, Any] | None:
    """What the launch data say, checked as the mini app's server would."""
    key = (await cast.alice.http.get(f"apps/{view['app']}/launch-key")).raise_for_status().json()["key"]
    return read_launch(key, view["launch"], now=clock(), age_max=DAY)


def test_the_signature_is_telegrams() -> None:
    token = "123456:TESTTOKENabcdefghijklmnopqrstuvwxyz12"
    pairs = {"auth_date": "1700000000", "query_id": "AAE", "user": '{"id":777,"first_name":"X"}'}
    expected = "1d3205a4d1a039fa088794943edb851e528c59c090dc17d2a46b851bc1fa41e3"
    key = init_data_key(token)
    assert init_data_hash(key, pairs) == expected
    assert dict(parse_qsl(signed_init_data(key, pairs))) == pairs | {"hash": expected}
    assert login_hash(token, pairs) != expected


def test_data_that_were_changed_or_are_old_are_no_good(clock: HandClock) -> None:
    key = init_data_key("10005:secret")
    pairs = {"auth_date": str(int(clock().timestamp())), "start_param": ""}
    good = signed_init_data(key, pairs)
    assert read_init_data(key, good, now=clock(), age_max=DAY) == pairs
    assert read_init_data(key, good.replace("start_param=", "start_param=x"), now=clock(), age_max=DAY) is None
    assert read_init_data(init_data_key("10005:other"), good, now=clock(), age_max=DAY) is None
    assert read_init_data(key, "", now=clock(), age_max=DAY) is None
    assert read_init_data(key, good, now=clock() + timedelta(days=2), age_max=DAY) is None
    undated = signed_init_data(key, {"auth_date": "soon"})
    assert read_init_data(key, undated, now=clock(), age_max=DAY) is None


def test_launch_data_that_were_changed_or_are_old_are_no_good(clock: HandClock) -> None:
    key = launch_key(b"s" * 32, 0)
    data = {"openid": "A", "at": int(clock().timestamp())}
    good = sign_launch(key, data)
    assert read_launch(key, good, now=clock(), age_max=DAY) == data
    assert read_launch(key, f"x{good}", now=clock(), age_max=DAY) is None
    assert read_launch(launch_key(b"s" * 32, 1), good, now=clock(), age_max=DAY) is None
    assert read_launch(key, good, now=clock() + timedelta(days=2), age_max=DAY) is None
    assert read_launch(key, "", now=clock(), age_max=DAY) is None


@pytest.mark.parametrize(
    ("url", "good"),
    [
        (URL, True),
        ("https://例.example/", False),
        ("https://xn--fsq.example:8443/a?b=c", True),
        ("http://shelf.example.org/", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://user:password@shelf.example.org/", False),
        ("https://shelf.example.org/#start", False),
        ("https://shelf.example.org/a b", False),
        ("https://shelf.example.org:no/", False),
        ('https://shelf.example.org/"onload=', False),
        ("https://shelf.example.org/" + "x" * 500, False),
    ],
)
def test_where_a_mini_app_may_be(url: str, good: bool) -> None:
    assert is_mini_url(url) is good


@pytest.mark.parametrize(
    ("url", "at", "page"),
    [
        (URL, "", URL),
        (URL, "book/7?large=1", f"{URL}/book/7?large=1"),
        (URL, "?book=7", f"{URL}?book=7"),
        ("/mini/1001/", "book.html", "/mini/1001/book.html"),
        (URL, "/book", None),
        (URL, "../book", None),
        (URL, "a//b", None),
        (URL, "./book", None),
        (URL, "book#7", None),
        (URL, "a b", None),
        (URL, "x" * 301, None),
        (f"{URL}?v=2", "book", None),
    ],
)
def test_a_mini_app_is_opened_at_its_own_pages_only(url: str, at: str, page: str | None) -> None:
    assert page_at(url, at) == page
    if page is not None:
        assert page_within(url, page) == at


def test_an_address_elsewhere_is_no_page_of_it() -> None:
    assert page_within(URL, "https://shelf.example.org/application") is None
    assert page_within(URL, "https://shelf.example.org/") is None
    assert page_within(URL, f"{URL}/../other") is None
    assert page_within("", "https://shelf.example.org/") is None


async def test_a_link_to_a_page_of_it_opens_it_there(cast: Cast, shelf: Robot, chat: int, house: House) -> None:
    async with house.database.transaction() as session:
        link = await find_mini_link(session, shelf.number, chat, f"{URL}/book/7?large=1")
        assert await find_mini_link(session, shelf.number, chat, "https://other.example.org/") is None
    assert link == f"/chats/{chat}/apps/{shelf.app}?page=book%2F7%3Flarge%3D1"
    view = await launch(cast.bob, chat, shelf.app, page="book/7?large=1")
    assert view["url"].startswith(f"{URL}/book/7?large=1#hutong=")
    assert await refusal(cast.bob, chat, shelf.app, page="../other") == (404, "openplatform.no_mini_app")


async def test_a_mini_app_is_opened_with_who_and_where(cast: Cast, shelf: Robot, chat: int, clock: HandClock) -> None:
    view = await launch(cast.bob, chat, shelf.app, start="book-7")
    parts = urlsplit(view["url"])
    assert view["url"].startswith(f"{URL}#")
    assert parse_qs(parts.fragment)["hutong"] == [view["launch"]]
    assert parse_qs(parts.fragment)["tgWebAppData"] == [view["init_data"]]
    assert (view["name"], view["start"], view["permissions"]) == ("Library card", "book-7", [])

    data = await told(cast, view, clock)
    assert data is not None
    assert (data["app"], data["openid"], data["kind"], data["start"]) == (shelf.app, view["openid"], "group", "book-7")
    assert data["at"] == int(clock().timestamp())
    assert "nickname" not in data
    assert str(cast.bob.number) not in str(data)
    again = await launch(cast.bob, chat, shelf.app)
    assert again["openid"] == view["openid"]
    assert (await launch(cast.alice, chat, shelf.app))["openid"] != view["openid"]


async def test_a_bot_for_telegram_can_check_who_opened_it(
    cast: Cast, shelf: Robot, chat: int, clock: HandClock
) -> None:
    view = await launch(cast.bob, chat, shelf.app, start="book-7")
    key = init_data_key(telegram_token(shelf.token))
    pairs = read_init_data(key, view["init_data"], now=clock(), age_max=DAY)
    assert pairs is not None
    assert (pairs["start_param"], pairs["chat_type"]) == ("book-7", "group")
    assert "user" not in pairs

    await cast.bob.http.put(f"apps/{shelf.app}/permissions/me", json={"permissions": ["profile"]})
    view = await launch(cast.bob, chat, shelf.app)
    pairs = read_init_data(key, view["init_data"], now=clock(), age_max=DAY)
    assert pairs is not None
    user = msgspec.json.decode(pairs["user"])
    assert (user["id"], user["first_name"]) == (cast.bob.number, "Bob")


async def test_the_newest_token_signs(cast: Cast, shelf: Robot, chat: int, clock: HandClock) -> None:
    path = f"apps/{shelf.app}/bots/{shelf.number}/tokens"
    token = (await cast.alice.http.post(path, json={"rotate": True})).json()["token"]
    data = (await launch(cast.bob, chat, shelf.app))["init_data"]
    assert read_init_data(init_data_key(telegram_token(token)), data, now=clock(), age_max=DAY)
    assert read_init_data(init_data_key(telegram_token(shelf.token)), data, now=clock(), age_max=DAY) is None


async def test_a_lost_launch_key_can_be_changed(cast: Cast, shelf: Robot, chat: int, clock: HandClock) -> None:
    path = f"apps/{shelf.app}/launch-key"
    old = (await cast.alice.http.get(path)).json()["key"]
    new = (await cast.alice.http.post(path)).json()["key"]
    assert (await cast.alice.http.get(path)).json()["key"] == new
    view = await launch(cast.bob, chat, shelf.app)
    assert read_launch(old, view["launch"], now=clock(), age_max=DAY) is None
    assert read_launch(new, view["launch"], now=clock(), age_max=DAY) is not None
    for method in ("GET", "POST"):
        assert (await cast.bob.http.request(method, path)).json()["code"] == "openplatform.no_such_app"


async def test_what_one_lets_an_app_know_is_remembered_and_taken_back(
    cast: Cast, shelf: Robot, chat: int, clock: HandClock
) -> None:
    path = f"apps/{shelf.app}/permissions/me"
    assert (await cast.bob.http.put(path, json={"permissions": ["profile"]})).status_code == 204
    view = await launch(cast.bob, chat, shelf.app)
    data = await told(cast, view, clock)
    assert data is not None
    assert (view["permissions"], data["nickname"]) == (["profile"], "Bob")
    granted = (await cast.bob.http.get("apps/granted")).json()
    assert [(one["app"], one["name"], one["permissions"]) for one in granted] == [
        (shelf.app, "Library card", ["profile"])
    ]
    assert (await cast.alice.http.get("apps/granted")).json() == []
    assert (await launch(cast.alice, chat, shelf.app))["permissions"] == []

    assert (await cast.bob.http.delete(path)).status_code == 204
    assert (await launch(cast.bob, chat, shelf.app))["permissions"] == []
    assert (await cast.bob.http.get("apps/granted")).json() == []


async def test_an_app_without_a_mini_app_is_not_opened(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    assert await refusal(cast.bob, chat, robot.app) == (404, "openplatform.no_mini_app")
    answer = await cast.bob.http.put(f"apps/{robot.app}/permissions/me", json={"permissions": ["profile"]})
    assert answer.json()["code"] == "openplatform.no_mini_app"
    answer = await cast.alice.http.patch(f"apps/{robot.app}", json={"mini_app": "http://shelf.example.org"})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_mini_url")


async def test_an_app_that_was_not_reviewed_is_opened_only_where_it_is(
    app: Litestar, cast: Cast, shelf: Robot, chat: int, house: House, clock: HandClock
) -> None:
    elsewhere = (await cast.bob.http.post("groups", json={"name": "Writers"})).json()["chat"]
    assert await refusal(cast.bob, elsewhere, shelf.app) == (404, "openplatform.no_such_app")
    assert (await refusal(cast.chen, chat, shelf.app))[0] == 404
    async with house.database.transaction() as session:
        await set_app_state(session, shelf.app, "reviewed", clock=house.clock, limits=house.settings.limits)
    data = await told(cast, await launch(cast.bob, elsewhere, shelf.app), clock)
    assert data is not None
    assert (data["chat"], data["kind"]) == (None, None)
    async with contextlib.AsyncExitStack() as stack:
        other = await make_robot(app, cast.bob, stack)
        assert await refusal(cast.bob, chat, other.app) == (404, "openplatform.no_such_app")
    async with house.database.transaction() as session:
        await set_app_state(session, shelf.app, "suspended", clock=house.clock, limits=house.settings.limits)
    assert await refusal(cast.bob, chat, shelf.app) == (403, "openplatform.app_suspended")


async def test_a_mini_app_is_opened_in_a_conversation_with_its_bot(
    cast: Cast, shelf: Robot, tell_bots: TellBots, clock: HandClock
) -> None:
    direct = (await cast.bob.http.post("directs", json={"number": shelf.number})).raise_for_status().json()["chat"]
    await tell_bots()
    data = await told(cast, await launch(cast.bob, direct, shelf.app), clock)
    assert data is not None
    assert data["kind"] == "direct"


async def test_it_is_shown_which_bots_have_a_mini_app(cast: Cast, shelf: Robot, chat: int) -> None:
    assert [bot["mini_app"] for bot in (await cast.bob.http.get(f"groups/{chat}/bots")).json()] == [True]
    assert (await cast.bob.http.get(f"bots/{shelf.number}")).json()["mini_app"] is True
    changed = (await cast.alice.http.patch(f"apps/{shelf.app}", json={"mini_app": None})).json()
    assert changed["mini_app"] is None
    assert (await cast.bob.http.get(f"bots/{shelf.number}")).json()["mini_app"] is False


@pytest.mark.parametrize("start", ["a b", "x" * 65, "书"])
async def test_a_start_that_is_none_is_refused(cast: Cast, shelf: Robot, chat: int, start: str) -> None:
    assert await refusal(cast.bob, chat, shelf.app, start=start) == (400, "hutong.invalid")


class TestLarge:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, limits=Limits(sandbox_members_max=3, launches_per_minute_max=2))

    async def test_a_group_that_has_grown_does_without_until_the_review(
        self, cast: Cast, shelf: Robot, chat: int
    ) -> None:
        (await cast.chen.http.put(f"groups/{chat}/members/me")).raise_for_status()
        assert await refusal(cast.bob, chat, shelf.app) == (409, "openplatform.sandbox_is_full")

    async def test_nobody_opens_them_without_end(self, cast: Cast, shelf: Robot, chat: int) -> None:
        answers: list[httpx.Response] = [
            await cast.bob.http.post(f"chats/{chat}/apps/{shelf.app}/launch", json={}) for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
