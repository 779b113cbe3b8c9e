"""The store: values under keys, compared and set, counted, searched, and never more than the quota."""

import asyncio
import contextlib
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy import select, text

from hutong.api import House
from hutong.domains.cloud.actions import write_entries
from hutong.domains.cloud.models import Entry, Holding
from hutong.domains.cloud.schemas import PutWrite
from hutong.domains.openplatform import NoSuchApp, acting_app
from hutong.domains.openplatform.actions import drop_app
from hutong.kit.actor import Actor
from hutong.settings import Limits, Settings
from tests.cast import Cast
from tests.conftest import HandClock

from .conftest import Robot, Sweep, make_robot


async def put(robot: Robot, key: str, value: Any, *, collection: str = "books", **more: Any) -> httpx.Response:
    return await robot.http.put(f"apps/me/store/{collection}/{key}", json={"value": value, **more})


async def search(robot: Robot, **draft: Any) -> list[str]:
    """The keys that a search finds, in their order, by pages of two."""
    keys: list[str] = []
    draft |= {"collection": "books", "limit": 2}
    while True:
        page = (await robot.http.post("apps/me/documents", json=draft)).raise_for_status().json()
        keys += [entry["key"] for entry in page["items"]]
        if page["next"] is None:
            return keys
        draft["cursor"] = page["next"]


async def usage(robot: Robot) -> tuple[int, int]:
    view = (await robot.http.get("apps/me/usage")).raise_for_status().json()
    return view["entries"], view["entry_bytes"]


@pytest.mark.parametrize("value", [None, True, 7, 1.5, "西游记", [1, [2]], {"title": "西游记", "pages": {"first": 1}}])
async def test_a_value_is_kept_as_it_is(robot: Robot, value: Any) -> None:
    assert (await put(robot, "one", value)).status_code == 200
    entry = (await robot.http.get("apps/me/store/books/one")).json()
    assert (entry["collection"], entry["key"], entry["value"], entry["expires_at"]) == ("books", "one", value, None)


async def test_what_is_not_there_is_not_found(robot: Robot) -> None:
    answer = await robot.http.get("apps/me/store/books/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "cloud.no_such_entry")
    assert (await robot.http.delete("apps/me/store/books/none")).status_code == 204


async def test_a_key_may_be_any_line_without_a_slash(robot: Robot) -> None:
    for path, status in (("书 1:a.b", 200), ("..%2Fx", 404), ("a%0Ab", 400), ("x" * 201, 400)):
        assert (await put(robot, path, 1)).status_code == status, path
    assert (await robot.http.get("apps/me/store/books")).json()["items"][0]["key"] == "书 1:a.b"
    assert (await put(robot, "a", 1, collection="b@d")).status_code == 400


async def test_nobody_overwrites_what_they_have_not_seen(robot: Robot) -> None:
    first = (await put(robot, "one", "a", version=0)).json()["version"]
    for version in (0, first + 1):
        answer = await put(robot, "one", "b", version=version)
        assert (answer.status_code, answer.json()["code"]) == (409, "cloud.version_changed")
        assert answer.json()["params"]["version"] == first
    second = (await put(robot, "one", "b", version=first)).json()["version"]
    assert second > first
    assert (await robot.http.delete("apps/me/store/books/one", params={"version": first})).status_code == 409
    assert (await robot.http.delete("apps/me/store/books/one", params={"version": second})).status_code == 204
    # What is made anew under the key is another version: who knows the old one does not know this.
    assert (await put(robot, "one", "c")).json()["version"] > second


async def test_of_many_who_compare_one_wins(robot: Robot) -> None:
    version = (await put(robot, "one", 0)).json()["version"]
    answers = await asyncio.gather(*[put(robot, "one", n, version=version) for n in range(12)])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11


async def test_however_many_count_at_once_each_counts(robot: Robot) -> None:
    path = "apps/me/store/counts/seen/additions"
    answers = await asyncio.gather(*[robot.http.post(path, json={"by": 3}) for _ in range(20)])
    assert sorted(answer.json()["value"] for answer in answers) == [3 * n for n in range(1, 21)]
    assert (await robot.http.get("apps/me/store/counts/seen")).json()["value"] == 60
    assert (await robot.http.post(path, json={"by": -61})).json()["value"] == -1


@pytest.mark.parametrize("value", ["7", 1.5, True, None, {"n": 1}, 2**53 - 1])
async def test_only_a_whole_number_can_be_counted_on(robot: Robot, value: Any) -> None:
    await put(robot, "one", value)
    answer = await robot.http.post("apps/me/store/books/one/additions", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "cloud.not_a_number")
    assert (await robot.http.get("apps/me/store/books/one")).json()["value"] == value


async def test_an_entry_whose_time_is_over_is_not_there(robot: Robot, clock: HandClock, sweep: Sweep) -> None:
    await put(robot, "short", 5, expires_in_s=60)
    await put(robot, "long", 5)
    clock.advance(seconds=59)
    # Counting on leaves the time as it is.
    assert (await robot.http.post("apps/me/store/books/short/additions", json={})).json()["value"] == 6
    clock.advance(seconds=1)
    assert (await robot.http.get("apps/me/store/books/short")).status_code == 404
    assert [entry["key"] for entry in (await robot.http.get("apps/me/store/books")).json()["items"]] == ["long"]
    assert (await usage(robot))[0] == 2
    await sweep()
    assert await usage(robot) == (1, len("bookslong") + 1)
    assert (await put(robot, "short", "again", version=0)).status_code == 200


async def test_what_is_over_and_not_swept_yet_counts_from_zero(robot: Robot, clock: HandClock) -> None:
    await put(robot, "one", 5, expires_in_s=60)
    clock.advance(seconds=61)
    assert (await robot.http.post("apps/me/store/books/one/additions", json={})).json()["value"] == 1
    assert (await robot.http.get("apps/me/store/books/one")).json()["expires_at"] is None
    assert (await usage(robot))[0] == 1


async def test_keys_are_listed_by_their_beginning(robot: Robot) -> None:
    for key in ("b:2", "a:1", "b:10", "b%", "B:1", "书:1"):
        await put(robot, key, key)
    listed: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await robot.http.get("apps/me/store/books", params={"prefix": "b", "limit": "2", **cursor})).json()
        listed += [entry["key"] for entry in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert listed == ["b%", "b:10", "b:2"]
    exact = (await robot.http.get("apps/me/store/books", params={"prefix": "b%"})).json()["items"]
    assert [entry["key"] for entry in exact] == ["b%"]


async def test_documents_are_found_by_their_fields(robot: Robot) -> None:
    books: dict[str, Any] = {
        "a": {"city": "北京", "pages": 120, "lent": True},
        "b": {"city": "北京", "pages": 80},
        "c": {"city": "上海", "pages": 300, "lent": False},
        "d": {"city": None, "pages": "300"},
        "e": {"shelf": {"city": "北京"}},
        "f": "北京",
        "g": 7,
    }
    for key, value in books.items():
        await put(robot, key, value)
    assert await search(robot) == ["a", "b", "c", "d", "e"]
    assert await search(robot, where={"city": "北京"}) == ["a", "b"]
    assert await search(robot, where={"city": None}) == ["d"]
    assert await search(robot, where={"lent": False}) == ["c"]
    assert await search(robot, where={"pages": {"gte": 80, "lt": 300}}) == ["a", "b"]
    assert await search(robot, where={"pages": {"gt": 80}, "city": "北京"}) == ["a"]
    assert await search(robot, where={"pages": {"gt": ""}}) == ["d"]
    assert await search(robot, where={"pages": 300}) == ["c"]


async def test_documents_are_sorted_by_a_field_through_all_pages(robot: Robot) -> None:
    for key, value in {"a": 3, "b": 1, "c": 2, "d": 2, "e": 2, "f": 10}.items():
        await put(robot, key, {"n": value, "name": "书" * 200})
    await put(robot, "z", {})
    assert await search(robot, sort="n") == ["z", "b", "c", "d", "e", "a", "f"]
    assert await search(robot, sort="-n") == ["f", "a", "e", "d", "c", "b", "z"]
    assert await search(robot, sort="name") == ["z", "a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize("bounds", [{}, {"gt": 1, "lt": "b"}])
async def test_bounds_of_two_kinds_are_refused(robot: Robot, bounds: dict[str, Any]) -> None:
    answer = await robot.http.post("apps/me/documents", json={"collection": "books", "where": {"n": bounds}})
    assert (answer.status_code, answer.json()["code"]) == (400, "cloud.bad_filter")


async def test_a_cursor_that_is_none_is_refused(robot: Robot) -> None:
    answer = await robot.http.post("apps/me/documents", json={"collection": "books", "cursor": "bm9uZQ"})
    assert (answer.status_code, answer.json()["code"]) == (400, "hutong.invalid")


async def test_several_writes_happen_all_or_none(robot: Robot) -> None:
    await put(robot, "gone", 1)
    writes = [
        {"do": "put", "collection": "books", "key": "one", "value": {"n": 1}},
        {"do": "add", "collection": "counts", "key": "books", "by": 2},
        {"do": "add", "collection": "counts", "key": "books"},
        {"do": "delete", "collection": "books", "key": "gone"},
        {"do": "put", "collection": "books", "key": "brief", "value": 1},
        {"do": "delete", "collection": "books", "key": "brief"},
    ]
    written = (await robot.http.post("apps/me/writes", json={"writes": writes})).raise_for_status().json()
    assert [one.get("value") for one in written] == [None, 2, 3, None, None, None]
    collections = (await robot.http.get("apps/me/store")).json()
    assert [(one["collection"], one["entries"]) for one in collections] == [("books", 1), ("counts", 1)]

    before = await usage(robot)
    stale = {"do": "put", "collection": "books", "key": "one", "value": 2, "version": 1}
    answer = await robot.http.post("apps/me/writes", json={"writes": [*writes[:3], stale]})
    assert (answer.status_code, answer.json()["code"]) == (409, "cloud.version_changed")
    assert await usage(robot) == before
    assert (await robot.http.get("apps/me/store/counts/books")).json()["value"] == 3


async def test_a_store_is_its_apps_alone(app: Litestar, cast: Cast, robot: Robot) -> None:
    await put(robot, "one", {"n": 1})
    async with contextlib.AsyncExitStack() as stack:
        other = await make_robot(app, cast.bob, stack)
        assert (await other.http.get("apps/me/store/books/one")).status_code == 404
        assert await search(other) == []
        for path in (f"apps/{robot.app}/store", f"apps/{robot.app}/store/books", f"apps/{robot.app}/usage"):
            assert (await cast.alice.http.get(path)).status_code == 200, path
            assert (await cast.bob.http.get(path)).status_code == 404, path
            assert (await other.http.get(path)).status_code == 403, path
    listed = (await cast.alice.http.get(f"apps/{robot.app}/store/books")).json()["items"]
    assert [(entry["key"], entry["value"]) for entry in listed] == [("one", {"n": 1})]
    # A person is no app, whatever they own.
    assert (await cast.alice.http.put("apps/me/store/books/one", json={"value": 1})).status_code == 404


async def test_an_app_that_is_given_up_leaves_nothing(cast: Cast, robot: Robot, house: House, sweep: Sweep) -> None:
    await put(robot, "one", {"n": 1})
    (await cast.alice.http.delete(f"apps/{robot.app}")).raise_for_status()
    await sweep()
    async with house.database.transaction() as session:
        for table in (Entry, Holding):
            assert (await session.scalars(select(table.app_id))).all() == []


async def test_nothing_is_written_for_an_app_while_it_is_given_up(cast: Cast, robot: Robot, house: House) -> None:
    alice, bot = Actor(cast.alice.number, "Alice"), Actor(robot.number, "Librarian", is_bot=True)
    async with house.database.transaction() as dropping:
        await drop_app(dropping, alice, robot.app, clock=house.clock)

        async def write() -> None:
            async with house.database.transaction() as session:
                app = await acting_app(session, bot, hold=True)
                draft = PutWrite(collection="books", key="one", value=1)
                await write_entries(session, app, [draft], clock=house.clock, limits=house.settings.limits)

        writing = asyncio.create_task(write())
        # It has come as far as the lock once the database says that somebody waits.
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not await dropping.scalar(waiting):  # noqa: ASYNC110 - what is waited for happens in the database.
            await asyncio.sleep(0.01)
        assert not writing.done()
    with pytest.raises(NoSuchApp):
        await writing


class TestFull:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        small = Limits(store_entries_per_app_max=5, store_bytes_per_app_max=200, store_value_bytes_max=100)
        return msgspec.structs.replace(settings, limits=small)

    async def test_a_quota_holds_however_many_write_at_once(self, robot: Robot) -> None:
        answers = await asyncio.gather(*[put(robot, f"key-{n}", n) for n in range(12)])
        refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
        assert refused == ["cloud.store_full"] * 7
        assert (await usage(robot))[0] == 5
        assert len((await robot.http.get("apps/me/store/books")).json()["items"]) == 5

    async def test_bytes_are_counted_as_they_change(self, robot: Robot) -> None:
        for key in ("one", "two"):
            await put(robot, key, "x" * 78)
        assert await usage(robot) == (2, 2 * (len("booksone") + 80))
        answer = await put(robot, "three", "x" * 78)
        assert (answer.status_code, answer.json()["code"]) == (409, "cloud.store_full")
        assert answer.json()["params"] == {"entries_max": 5, "bytes_max": 200}
        await put(robot, "two", "")
        assert await usage(robot) == (2, len("booksone") + 80 + len("bookstwo") + 2)
        assert (await put(robot, "three", "x" * 78)).status_code == 200
        await robot.http.delete("apps/me/store/books/one")
        assert await usage(robot) == (2, len("bookstwo") + 2 + len("booksthree") + 80)

    async def test_a_value_that_is_too_large_is_refused(self, robot: Robot) -> None:
        answer = await put(robot, "one", "x" * 99)
        assert (answer.status_code, answer.json()["code"]) == (400, "cloud.value_too_large")
        assert await usage(robot) == (0, 0)
