"""A mini app's pages: what a zip may hold, which version is served, and that a page has no right of ours."""

import io
import stat
import zipfile
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from hutong.api import House
from hutong.domains.cloud.bundles import Unpacked, unpack
from hutong.domains.openplatform import set_app_state
from hutong.kit.errors import HutongError
from hutong.settings import Limits, Settings
from tests.cast import Cast, visitor

from .conftest import Robot, Sweep
from .test_files import lying_about

PAGES = {"index.html": b"<h1>One</h1>", "js/app.js": b"hello()", "js/empty.css": b"", "读我.txt": "书".encode()}


def zipped(files: dict[str, bytes], **more: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content, **more)
    return packed.getvalue()


def opened(content: bytes, *, files_max: int = 10, bytes_max: int = 100_000, depth_max: int = 3) -> Unpacked:
    return unpack(content, files_max=files_max, bytes_max=bytes_max, depth_max=depth_max)


def refusal(content: bytes) -> str:
    with pytest.raises(HutongError) as refused:
        opened(content)
    return refused.value.code


def test_a_zip_is_unpacked() -> None:
    unpacked = opened(zipped(PAGES))
    found = {file.path: unpacked.content[file.begins_at :][: file.size_bytes] for file in unpacked.files}
    assert found == PAGES
    types = ["text/html", "text/javascript", "text/css", "text/plain"]
    assert [file.type for file in unpacked.files] == types


def test_what_systems_leave_beside_is_left_out() -> None:
    files = {"index.html": b"", "__MACOSX/._index.html": b"x", ".DS_Store": b"x", "js/.DS_Store": b"x", "js/": b""}
    assert [file.path for file in opened(zipped(files)).files] == ["index.html"]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/a.js",
        "../a.js",
        "js/../../a.js",
        "./a.js",
        "js//a.js",
        "C:/a.js",
        ".env.js",
        "js\\a.js",
        "a\n.js",
        "INDEX.html",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert refusal(zipped({"index.html": b"", name: b"x"})) == "cloud.bad_bundle_name"


def test_too_deep_or_long_a_name_is_refused() -> None:
    assert refusal(zipped({"index.html": b"", "a/b/c/d.js": b""})) == "cloud.bad_bundle_name"
    assert refusal(zipped({"index.html": b"", "a" * 200 + ".js": b""})) == "cloud.bad_bundle_name"


@pytest.mark.parametrize("name", ["app.php", "a.exe", "noending", "page.html.sh"])
def test_a_file_of_an_unknown_type_is_refused(name: str) -> None:
    assert refusal(zipped({"index.html": b"", name: b"x"})) == "cloud.unknown_file_type"


def test_a_link_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.html", b"")
        link = zipfile.ZipInfo("secret.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal(packed.getvalue()) == "cloud.bad_bundle_name"


def test_a_zip_without_a_beginning_is_refused() -> None:
    assert refusal(zipped({"dist/index.html": b""})) == "cloud.bundle_without_index"


def test_a_bomb_is_refused() -> None:
    assert refusal(zipped({"index.html": b"\0" * 10_000_000})) == "cloud.bundle_too_large"
    assert refusal(zipped({"index.html": b"", **{f"{n}.js": b"" for n in range(10)}})) == "cloud.bundle_too_large"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = bytearray(zipped({"index.html": b"\0" * 10_000_000}))
    central = bomb.rindex(b"PK\x01\x02")
    for at in (22, central + 24):
        bomb[at : at + 4] = (100).to_bytes(4, "little")
    assert refusal(bytes(bomb)) == "cloud.not_a_bundle"


def test_what_is_no_zip_is_refused() -> None:
    good = zipped(PAGES)
    assert refusal(b"<html>") == "cloud.not_a_bundle"
    assert refusal(good[: len(good) // 2]) == "cloud.not_a_bundle"
    damaged = bytearray(zipped({"index.html": bytes(range(256)) * 20}))
    damaged[60:80] = b"\xff" * 20
    assert refusal(bytes(damaged)) == "cloud.not_a_bundle"
    encrypted = bytearray(good)
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(encrypted)) == "cloud.not_a_bundle"
    assert refusal(zipped(PAGES, compress_type=zipfile.ZIP_BZIP2)) == "cloud.not_a_bundle"


async def send(cast: Cast, robot: Robot, pages: dict[str, bytes], **query: Any) -> dict[str, Any]:
    path = f"apps/{robot.app}/bundles"
    answer = await cast.alice.http.post(path, content=zipped(pages), params=query)
    view: dict[str, Any] = answer.raise_for_status().json()
    return view


async def test_a_version_is_served_once_it_is_live_and_can_be_rolled_back(
    app: Litestar, cast: Cast, robot: Robot
) -> None:
    first = await send(cast, robot, PAGES)
    assert (first["version"], first["files"], first["live"], first["path"]) == (1, 4, False, f"/mini/{robot.app}/")
    async with visitor(app) as nobody:

        async def served(path: str = "") -> bytes:
            return (await nobody.get(f"/mini/{robot.app}/{path}")).content

        assert (await nobody.get(f"/mini/{robot.app}/")).json()["code"] == "cloud.no_such_page"
        assert (await cast.alice.http.put(f"apps/{robot.app}/bundles/1/live")).status_code == 204
        assert await served() == b"<h1>One</h1>"
        assert (await send(cast, robot, {"index.html": b"<h1>Two</h1>"}, live=True))["live"] is True
        assert await served("index.html") == b"<h1>Two</h1>"
        assert (await nobody.get(f"/mini/{robot.app}/js/app.js")).status_code == 404
        (await cast.alice.http.put(f"apps/{robot.app}/bundles/1/live")).raise_for_status()
        assert await served("js/app.js") == b"hello()"
        assert await served("js/empty.css") == b""
        assert await served("%E8%AF%BB%E6%88%91.txt") == "书".encode()

        answer = await cast.alice.http.put(f"apps/{robot.app}/bundles/7/live")
        assert (answer.status_code, answer.json()["code"]) == (404, "cloud.no_such_bundle")
        assert (await cast.alice.http.delete(f"apps/{robot.app}/bundles/1")).status_code == 204
        assert (await nobody.get(f"/mini/{robot.app}/")).status_code == 404
    views = (await cast.alice.http.get(f"apps/{robot.app}/bundles")).json()
    assert [(view["version"], view["live"]) for view in views] == [(2, False)]


async def test_pages_that_are_live_are_the_mini_app(cast: Cast, robot: Robot) -> None:
    async def mini_app() -> str | None:
        view: dict[str, str | None] = (await cast.alice.http.get(f"apps/{robot.app}")).json()
        return view["mini_app"]

    await send(cast, robot, PAGES)
    assert await mini_app() is None
    await cast.alice.http.put(f"apps/{robot.app}/bundles/1/live")
    assert await mini_app() == f"/mini/{robot.app}/"
    await cast.alice.http.delete(f"apps/{robot.app}/bundles/1")
    assert await mini_app() is None

    await send(cast, robot, PAGES, live=True)
    own = "https://shelf.example.org/"
    (await cast.alice.http.patch(f"apps/{robot.app}", json={"mini_app": own})).raise_for_status()
    await cast.alice.http.delete(f"apps/{robot.app}/bundles/2")
    assert await mini_app() == own


async def test_a_page_has_no_right_of_ours(app: Litestar, cast: Cast, robot: Robot) -> None:
    await send(cast, robot, PAGES, live=True)
    async with visitor(app) as nobody:
        page = await nobody.get(f"/mini/{robot.app}/")
        policy = page.headers["content-security-policy"].split("; ")
        assert policy[0] == "sandbox allow-scripts allow-forms"
        assert "frame-ancestors 'self'" in policy
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in page.headers
        script = await nobody.get(f"/mini/{robot.app}/js/app.js")
        assert script.headers["content-security-policy"].split("; ")[0] == policy[0]
        assert script.headers["access-control-allow-origin"] == "*"
        again = await nobody.get(f"/mini/{robot.app}/", headers={"if-none-match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_nothing_of_a_suspended_app_is_shown(app: Litestar, cast: Cast, robot: Robot, house: House) -> None:
    await send(cast, robot, PAGES, live=True)
    (await robot.http.put("apps/me/files/a", content=b"x", params={"public": True})).raise_for_status()
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=house.clock, limits=house.settings.limits)
    async with visitor(app) as nobody:
        assert (await nobody.get(f"/mini/{robot.app}/")).status_code == 404
        assert (await nobody.get(f"/api/v1/apps/{robot.app}/files/a")).status_code == 404
    assert (await cast.alice.http.get(f"apps/{robot.app}/files/a")).content == b"x"


async def test_bundles_are_for_the_owner_alone(cast: Cast, robot: Robot) -> None:
    await send(cast, robot, PAGES, live=True)
    for method, path in (("GET", ""), ("POST", ""), ("PUT", "/1/live"), ("DELETE", "/1")):
        content = zipped(PAGES)
        for person, status in ((cast.bob.http, 404), (robot.http, 403)):
            answer = await person.request(method, f"apps/{robot.app}/bundles{path}", content=content)
            assert answer.status_code == status, (method, path)


async def test_an_app_that_is_given_up_leaves_no_page(
    app: Litestar, cast: Cast, robot: Robot, house: House, sweep: Sweep
) -> None:
    await send(cast, robot, PAGES, live=True)
    (await cast.alice.http.delete(f"apps/{robot.app}")).raise_for_status()
    await sweep()
    assert lying_about(house) == set()
    async with visitor(app) as nobody:
        assert (await nobody.get(f"/mini/{robot.app}/")).status_code == 404


class TestFew:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        small = Limits(bundles_per_app_max=3, bundle_zip_bytes_max=1_000, bundles_per_day_max=6)
        return msgspec.structs.replace(settings, limits=small)

    async def test_old_versions_go_but_never_the_live_one(
        self, cast: Cast, robot: Robot, house: House, sweep: Sweep
    ) -> None:
        await send(cast, robot, PAGES, live=True)
        for n in range(4):
            await send(cast, robot, {"index.html": b"%d" % n})
        views = (await cast.alice.http.get(f"apps/{robot.app}/bundles")).json()
        assert [(view["version"], view["live"]) for view in views] == [(5, False), (4, False), (1, True)]
        await sweep()
        assert len(lying_about(house)) == 3

    async def test_what_is_too_large_or_too_often_is_refused(self, cast: Cast, robot: Robot) -> None:
        path = f"apps/{robot.app}/bundles"
        answer = await cast.alice.http.post(path, content=b"x" * 1_001)
        assert (answer.status_code, answer.json()["code"]) == (400, "cloud.file_too_large")
        for _ in range(5):
            await send(cast, robot, {"index.html": b""})
        assert (await cast.alice.http.post(path, content=zipped(PAGES))).status_code == 429
