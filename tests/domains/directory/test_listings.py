"""The directory as everybody sees it: found, ordered, paged; what is suspended vanishes; pictures that are kept."""

import contextlib
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import func, select
from sqlalchemy.event import listen

from hutong.api import House
from hutong.domains.directory import pictures_in_use
from hutong.domains.directory.models import Listing, Rating, Version
from hutong.domains.media.jobs import sweep_media
from hutong.domains.openplatform import AppState, count_groups, set_app_state
from hutong.worker.background import media_in_use
from tests.cast import Cast, visitor
from tests.conftest import HandClock
from tests.files import BLUE, png, send_file

from .conftest import GOOD, Robot, Tell, approve, draft, install, listed, make_robot, shelf, submit


async def set_state(house: House, app: int, state: AppState) -> None:
    async with house.database.transaction() as session:
        await set_app_state(session, app, state, clock=house.clock, limits=house.settings.limits)


async def several(cast: Cast, house: House, clock: HandClock, names: list[str], **more: Any) -> list[int]:
    """Apps of these names in the directory, one a day. Their mini apps lie elsewhere."""
    apps = []
    for name in names:
        made = (await cast.alice.http.post("apps", json={"name": name})).raise_for_status().json()["app"]
        (await cast.alice.http.post(f"apps/{made}/bots", json={"nickname": "Helper"})).raise_for_status()
        await listed(house, cast.alice, made, mini_app="https://shelf.example/", **more)
        apps.append(made)
        clock.advance(days=1)
    return apps


async def test_a_draft_is_nothing_that_anybody_sees(cast: Cast, robot: Robot) -> None:
    version = await draft(cast.alice, robot.app)
    await submit(cast.alice, robot.app, version)
    for who in (cast.alice, cast.bob):
        assert await shelf(who) == []
        answer = await who.http.get(f"directory/{robot.app}")
        assert (answer.status_code, answer.json()["code"]) == (404, "directory.no_such_listing")
        assert (await who.http.get(f"directory/{robot.app}/ratings")).status_code == 404
    assert (await cast.alice.http.get("directory/1")).status_code == 404


async def test_bots_and_visitors_have_no_business_in_the_directory(app: Litestar, robot: Robot) -> None:
    for path in ("directory", "directory/categories", f"directory/{robot.app}"):
        assert (await robot.http.get(path)).status_code == 403
        async with visitor(app) as nobody:
            assert (await nobody.get(f"/api/v1/{path}")).status_code == 401


async def test_an_app_in_the_directory_tells_all_that_one_should_know(
    cast: Cast, robot: Robot, house: House, chat: int, tell: Tell
) -> None:
    await install(cast.alice, chat, robot, "send")
    await listed(house, cast.alice, robot.app, about="Knows every shelf.", news="The first.")
    found = (await cast.bob.http.get("directory")).json()
    card = {
        "app": robot.app,
        "name": "Library card",
        **GOOD,
        "icon": None,
        "stars": None,
        "ratings": 0,
        "groups": 1,
        "version": 1,
        "live_since": "2026-11-23T06:00:00.000Z",
    }
    assert found == {"items": [card], "next": None}
    assert (await cast.bob.http.get(f"directory/{robot.app}")).json() == card | {
        "about": "Knows every shelf.",
        "news": "The first.",
        "scopes": ["read_mentions", "send"],
        "screenshots": [],
        "developer": {"number": cast.alice.number, "nickname": "Alice", "avatar": None},
        "bots": [{"number": robot.number, "nickname": "Librarian", "avatar": None}],
        "mini_app": False,
        "spread": [0, 0, 0, 0, 0],
        "may_rate": True,
        "my_rating": None,
        "versions": [{"version": 1, "news": "The first.", "live_at": "2026-11-23T06:00:00.000Z"}],
    }
    mine = (await cast.alice.http.get(f"directory/{robot.app}")).json()
    theirs = (await cast.chen.http.get(f"directory/{robot.app}")).json()
    assert (mine["may_rate"], theirs["may_rate"]) == (False, False)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("library", True),
        ("LIB car", True),
        ("lent", True),
        ("rary", False),
        ("Library cards", False),
        ("shelf", False),
        ("图书", True),
        ("书证", True),
        ("书借", False),
        ("!!!", False),
        ("   ", True),
    ],
)
async def test_apps_are_found_by_beginnings_of_words_of_name_and_tagline(
    cast: Cast, robot: Robot, house: House, q: str, found: bool
) -> None:
    await listed(house, cast.alice, robot.app, name="Library card 图书证", about="Knows every shelf.")
    assert await shelf(cast.bob, q=q) == ([robot.app] if found else [])


async def test_apps_are_shown_by_category_and_counted(cast: Cast, house: House, clock: HandClock) -> None:
    games = await several(cast, house, clock, ["One", "Two"], category="games")
    tools = await several(cast, house, clock, ["Three"], category="tools")
    assert await shelf(cast.bob, category="games", order="newest") == games[::-1]
    assert await shelf(cast.bob, category="tools") == tools
    assert await shelf(cast.bob, category="tools", q="one") == []
    counts = (await cast.bob.http.get("directory/categories")).json()
    assert [one["category"] for one in counts] == [
        "moderation", "games", "music", "study", "sports", "news", "shopping", "tools", "social", "life", "other"
    ]  # fmt: skip
    assert {one["category"]: one["apps"] for one in counts if one["apps"]} == {"games": 2, "tools": 1}
    assert (await cast.bob.http.get("directory", params={"category": "gambling"})).status_code == 400
    assert (await cast.bob.http.get("directory", params={"order": "loudest"})).status_code == 400


@pytest.mark.parametrize("order", ["rated", "newest", "installed"])
async def test_pages_hold_every_app_once(cast: Cast, house: House, clock: HandClock, order: str) -> None:
    apps = await several(cast, house, clock, [f"App {n}" for n in range(5)])
    seen: list[int] = []
    query: dict[str, Any] = {"order": order, "limit": 2}
    while True:
        page = (await cast.bob.http.get("directory", params=query)).raise_for_status().json()
        seen += [one["app"] for one in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == apps[::-1]
    assert (await cast.bob.http.get("directory", params={"order": order, "after": "nonsense"})).status_code == 400


async def test_rolling_back_makes_nothing_newer(cast: Cast, house: House, clock: HandClock) -> None:
    old, new = await several(cast, house, clock, ["Old", "New"])
    await listed(house, cast.alice, old, mini_app="https://shelf.example/2/")
    (await cast.alice.http.post(f"apps/{old}/versions/1/live")).raise_for_status()
    assert await shelf(cast.bob, order="newest") == [new, old]


async def test_groups_are_counted_as_bots_come_and_go(
    cast: Cast, robot: Robot, house: House, chat: int, tell: Tell, clock: HandClock
) -> None:
    [other] = await several(cast, house, clock, ["Other"])
    await listed(house, cast.alice, robot.app)
    second = (await cast.alice.http.post(f"apps/{robot.app}/bots", json={"nickname": "Second"})).json()["number"]
    path = f"groups/{chat}/bots"

    async def groups() -> int:
        await tell()
        found: int = (await cast.bob.http.get(f"directory/{robot.app}")).json()["groups"]
        return found

    await cast.chen.http.post("directs", json={"number": robot.number})
    assert await groups() == 0
    await install(cast.alice, chat, robot, "send")
    assert await groups() == 1
    (await cast.alice.http.put(f"{path}/{second}", json={"scopes": ["send"]})).raise_for_status()
    assert await groups() == 1
    assert await shelf(cast.bob, order="installed") == [robot.app, other]
    await cast.alice.http.delete(f"{path}/{robot.number}")
    assert await groups() == 1
    await cast.alice.http.delete(f"{path}/{second}")
    assert await groups() == 0
    await install(cast.alice, chat, robot, "send")
    assert await groups() == 1
    await cast.alice.http.delete(f"groups/{chat}")
    assert await groups() == 0


async def test_groups_are_counted_by_one_statement_however_many_there_are(
    cast: Cast, robot: Robot, house: House, chat: int
) -> None:
    other = (await cast.alice.http.post("groups", json={"name": "Writers"})).raise_for_status().json()["chat"]
    for group in (chat, other):
        await install(cast.alice, group, robot, "send")
    (await cast.alice.http.post("directs", json={"number": robot.number})).raise_for_status()
    asked: list[str] = []
    async with house.database.transaction() as session:
        connection = await session.connection()
        listen(
            connection.sync_connection, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement)
        )
        assert await count_groups(session, robot.app) == 2
    assert len(asked) == 1


async def test_what_is_taken_out_is_gone_until_it_is_put_back(cast: Cast, robot: Robot, house: House) -> None:
    version = await listed(house, cast.alice, robot.app)
    path = f"apps/{robot.app}/listing"
    assert (await cast.alice.http.delete(path)).status_code == 204
    assert await shelf(cast.bob) == []
    standing = (await cast.alice.http.get(path)).json()
    assert (standing["listed"], standing["version"]) == (False, None)
    answer = await cast.alice.http.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "directory.not_listed")
    (await cast.alice.http.post(f"apps/{robot.app}/versions/{version}/live")).raise_for_status()
    assert await shelf(cast.bob) == [robot.app]
    assert (await cast.alice.http.get(path)).json()["listed"] is True


@pytest.mark.parametrize("state", ["suspended", "sandbox"])
async def test_an_app_that_is_not_reviewed_any_more_vanishes_at_once(
    cast: Cast, robot: Robot, house: House, chat: int, state: AppState
) -> None:
    await install(cast.alice, chat, robot, "send")
    picture = await send_file(cast.alice.http, png())
    await listed(house, cast.alice, robot.app, icon=picture)
    await set_state(house, robot.app, state)
    assert await shelf(cast.bob) == []
    assert await shelf(cast.bob, q="library") == []
    for method, path, body in (
        ("GET", f"directory/{robot.app}", None),
        ("GET", f"directory/{robot.app}/ratings", None),
        ("PUT", f"directory/{robot.app}/ratings/me", {"stars": 5}),
        ("GET", f"directory/pictures/{picture}/small", None),
    ):
        assert (await cast.bob.http.request(method, path, json=body)).status_code == 404, path
    counts = (await cast.bob.http.get("directory/categories")).json()
    assert sum(one["apps"] for one in counts) == 0
    assert (await cast.alice.http.get(f"apps/{robot.app}/listing")).json()["listed"] is False
    assert (await cast.alice.http.get(f"directory/pictures/{picture}/small")).status_code == 200
    await set_state(house, robot.app, "reviewed")
    assert await shelf(cast.bob) == [robot.app]


async def test_an_app_that_is_given_up_leaves_nothing(
    cast: Cast, robot: Robot, house: House, chat: int, tell: Tell
) -> None:
    await install(cast.alice, chat, robot, "send")
    await listed(house, cast.alice, robot.app)
    (await cast.bob.http.put(f"directory/{robot.app}/ratings/me", json={"stars": 5})).raise_for_status()
    (await cast.alice.http.delete(f"apps/{robot.app}")).raise_for_status()
    assert await shelf(cast.bob) == []
    await tell()
    async with house.database.transaction() as session:
        left = [await session.scalar(select(func.count()).select_from(table)) for table in (Listing, Version, Rating)]
    assert left == [0, 0, 0]


async def test_pictures_of_a_draft_are_its_owners_and_those_of_a_live_version_everybodys(
    cast: Cast, robot: Robot, house: House, app: Litestar
) -> None:
    icon = await send_file(cast.alice.http, png(), purpose="avatar")
    screenshot = await send_file(cast.alice.http, png(80, 60, BLUE))
    version = await draft(cast.alice, robot.app, icon=icon, screenshots=[screenshot])
    for picture in (icon, screenshot):
        assert (await cast.alice.http.get(f"directory/pictures/{picture}/small")).status_code == 200
        assert (await cast.bob.http.get(f"directory/pictures/{picture}/small")).status_code == 404
    await submit(cast.alice, robot.app, version)
    await approve(house, robot.app, version)
    for picture in (icon, screenshot):
        answer = await cast.bob.http.get(f"directory/pictures/{picture}/large")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        async with visitor(app) as nobody:
            assert (await nobody.get(f"/api/v1/directory/pictures/{picture}/large")).status_code == 401
    await listed(house, cast.alice, robot.app, icon=None)
    assert (await cast.bob.http.get(f"directory/pictures/{icon}/small")).status_code == 404
    assert (await cast.bob.http.get(f"directory/pictures/{screenshot}/small")).status_code == 200
    other = await send_file(cast.alice.http, png(20, 20))
    assert (await cast.bob.http.get(f"directory/pictures/{other}/small")).status_code == 404


async def test_pictures_are_kept_as_long_as_a_version_has_them(
    cast: Cast, robot: Robot, house: House, clock: HandClock
) -> None:
    kept = await send_file(cast.alice.http, png(), purpose="avatar")
    dropped = await send_file(cast.alice.http, png(80, 60, BLUE))
    version = await draft(cast.alice, robot.app, icon=kept, screenshots=[kept, dropped])

    async def sweep() -> None:
        clock.advance(days=9)
        limits = house.settings.limits
        await sweep_media(house.database, house.blobs, in_use=media_in_use, limits=limits, clock=clock)

    async def statuses() -> list[int]:
        paths = [f"directory/pictures/{picture}/original" for picture in (kept, dropped)]
        return [(await cast.alice.http.get(path)).status_code for path in paths]

    await sweep()
    assert await statuses() == [200, 200]
    async with house.database.transaction() as session:
        assert await pictures_in_use(session, [kept, dropped, "other"]) == {kept, dropped}
    path = f"apps/{robot.app}/versions/{version}"
    (await cast.alice.http.patch(path, json={"screenshots": []})).raise_for_status()
    await sweep()
    assert await statuses() == [200, 404]
    answer = await cast.alice.http.patch(path, json={"icon": dropped})
    assert answer.json()["code"] == "media.no_such_media"
    (await cast.alice.http.delete(path)).raise_for_status()
    await sweep()
    again = await draft(cast.alice, robot.app)
    answer = await cast.alice.http.patch(f"apps/{robot.app}/versions/{again}", json={"icon": kept})
    assert answer.json()["code"] == "media.no_such_media"


async def test_another_app_has_listings_of_its_own(cast: Cast, robot: Robot, house: House, app: Litestar) -> None:
    async with contextlib.AsyncExitStack() as stack:
        theirs = await make_robot(app, cast.bob, stack)
        await listed(house, cast.bob, theirs.app, name="Bob's")
        await listed(house, cast.alice, robot.app, name="Alice's")
    assert sorted(await shelf(cast.chen)) == sorted([robot.app, theirs.app])
    assert (await cast.alice.http.post(f"apps/{theirs.app}/versions/1/live")).status_code == 404
