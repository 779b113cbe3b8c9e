"""An app's bucket: files under names, read by those who may, safe to look at, and never more than the quota."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from hutong.api import House
from hutong.settings import Limits, Settings
from tests.cast import Cast, visitor
from tests.conftest import HandClock
from tests.files import png

from .conftest import Robot, Sweep, make_robot


async def keep(robot: Robot, name: str, content: bytes, **query: Any) -> dict[str, Any]:
    answer = await robot.http.put(f"apps/me/files/{name}", content=content, params=query)
    view: dict[str, Any] = answer.raise_for_status().json()
    return view


def lying_about(house: House) -> set[str]:
    """The blobs of apps that lie in the folder of files."""
    folder = Path(house.settings.data) / "files" / "apps"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def test_a_file_is_kept_and_read(robot: Robot) -> None:
    view = await keep(robot, "书.png", png())
    assert (view["name"], view["type"], view["size_bytes"], view["public"]) == (
        "书.png",
        "image/png",
        len(png()),
        False,
    )
    answer = await robot.http.get(f"http://hutong.test{view['path']}")
    assert (answer.status_code, answer.content) == (200, png())
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    part = await robot.http.get(f"http://hutong.test{view['path']}", headers={"range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, png()[1:4])


async def test_what_could_run_is_only_saved(robot: Robot) -> None:
    for name, content in (("page.html", b"<script>alert(1)</script>"), ("drawing.svg", b"<svg onload='x()'/>")):
        view = await keep(robot, name, content, public=True)
        assert view["type"] == "application/octet-stream"
        answer = await robot.http.get(f"http://hutong.test{view['path']}")
        assert answer.headers["content-disposition"].startswith("attachment")


async def test_who_may_read_a_file(app: Litestar, cast: Cast, robot: Robot) -> None:
    await keep(robot, "mine.txt", b"mine")
    await keep(robot, "ours.txt", b"ours", public=True)
    mine, ours = (f"http://hutong.test/api/v1/apps/{robot.app}/files/{name}.txt" for name in ("mine", "ours"))
    async with visitor(app) as nobody, contextlib.AsyncExitStack() as stack:
        other = await make_robot(app, cast.bob, stack)
        readers = {"nobody": nobody, "bob": cast.bob.http, "other": other.http}
        for who, reader in readers.items():
            assert (await reader.get(mine)).json()["code"] == "cloud.no_such_file", who
            assert (await reader.get(ours)).content == b"ours", who
        assert (await cast.alice.http.get(mine)).content == b"mine"
        assert (await robot.http.head(mine)).status_code == 200

        (await robot.http.patch("apps/me/files/ours.txt", json={"public": False})).raise_for_status()
        assert (await nobody.get(ours)).status_code == 404
        listed = await cast.alice.http.get(f"apps/{robot.app}/files")
        assert [(file["name"], file["public"]) for file in listed.json()["items"]] == [
            ("mine.txt", False),
            ("ours.txt", False),
        ]
        assert (await cast.bob.http.get(f"apps/{robot.app}/files")).status_code == 404


async def test_a_public_file_may_be_shown_by_other_pages(robot: Robot) -> None:
    view = await keep(robot, "a.png", png(), public=True)
    answer = await robot.http.get(f"http://hutong.test{view['path']}")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_file_that_is_replaced_leaves_nothing(robot: Robot, house: House, sweep: Sweep) -> None:
    await keep(robot, "a", b"one")
    before = lying_about(house)
    await keep(robot, "a", b"three")
    await sweep()
    assert len(before) == 1
    assert len(lying_about(house)) == 1
    assert lying_about(house) != before
    view = (await robot.http.get("apps/me/usage")).json()
    assert (view["files"], view["file_bytes"]) == (1, 5)

    assert (await robot.http.delete("apps/me/files/a")).status_code == 204
    assert (await robot.http.delete("apps/me/files/a")).json()["code"] == "cloud.no_such_file"
    await sweep()
    assert lying_about(house) == set()
    view = (await robot.http.get("apps/me/usage")).json()
    assert (view["files"], view["file_bytes"]) == (0, 0)


async def test_files_are_listed_by_name(robot: Robot) -> None:
    for name in ("b2", "a", "b1", "b3"):
        await keep(robot, name, b"x")
    first = (await robot.http.get("apps/me/files", params={"prefix": "b", "limit": 2})).json()
    rest = (await robot.http.get("apps/me/files", params={"prefix": "b", "cursor": first["next"]})).json()
    assert [file["name"] for file in first["items"] + rest["items"]] == ["b1", "b2", "b3"]
    assert rest["next"] is None


async def test_an_app_that_is_given_up_leaves_no_file(cast: Cast, robot: Robot, house: House, sweep: Sweep) -> None:
    await keep(robot, "a", b"one")
    (await cast.alice.http.delete(f"apps/{robot.app}")).raise_for_status()
    await sweep()
    assert lying_about(house) == set()


class TestFull:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        small = Limits(bucket_files_per_app_max=4, bucket_bytes_per_app_max=100, bucket_file_bytes_max=60)
        return msgspec.structs.replace(settings, limits=small)

    async def test_a_quota_holds_however_many_store_at_once(
        self, robot: Robot, house: House, clock: HandClock, sweep: Sweep
    ) -> None:
        puts = [robot.http.put(f"apps/me/files/{n}", content=b"x") for n in range(10)]
        answers = await asyncio.gather(*puts)
        assert sorted(answer.status_code for answer in answers) == [200] * 4 + [409] * 6
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"cloud.bucket_full"}
        view = (await robot.http.get("apps/me/usage")).json()
        assert (view["files"], view["file_bytes"]) == (4, 4)
        clock.advance(days=2)
        await sweep()
        assert len(lying_about(house)) == 4

    async def test_bytes_are_counted_as_they_change(self, robot: Robot) -> None:
        await keep(robot, "a", b"x" * 60)
        assert (await robot.http.put("apps/me/files/b", content=b"x" * 50)).status_code == 409
        await keep(robot, "a", b"x" * 50)
        await keep(robot, "b", b"x" * 50)

    @pytest.mark.parametrize("content", [b"", b"x" * 61])
    async def test_an_empty_or_large_file_is_refused(self, robot: Robot, content: bytes) -> None:
        answer = await robot.http.put("apps/me/files/a", content=content)
        assert (answer.status_code, answer.json()["code"]) == (400, "cloud.file_too_large")
