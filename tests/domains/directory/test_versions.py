"""Versions of what people see of an app: written by its owner, looked at by whoever runs the hutong, rolled back."""

import asyncio
from typing import Any

import pytest

from hutong.api import House
from hutong.domains.cloud.actions import drop_bundle, put_live
from hutong.domains.cloud.models import Bundle, Holding
from hutong.domains.directory import list_submissions, reject_version, view_submission
from hutong.domains.directory import put_live as put_version_live
from hutong.domains.directory.actions import begin_version
from hutong.domains.directory.errors import NotApproved, NotAsSeen, NothingToUse, NotSubmitted, ReasonsMissing
from hutong.domains.openplatform import AppSuspended, set_app_state
from hutong.kit.actor import Actor
from hutong.kit.errors import TooMany
from hutong.settings import Limits
from tests.cast import Cast, Person
from tests.conftest import HandClock
from tests.files import BLUE, png, send_file

from .conftest import GOOD, Robot, approve, box, draft, listed, shelf, submit


async def reject(house: House, app: int, version: int, reasons: str) -> None:
    async with house.database.transaction() as session:
        await reject_version(session, app, version, reasons, clock=house.clock, limits=house.settings.limits)


async def versions(owner: Person, app: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await owner.http.get(f"apps/{app}/versions")).raise_for_status().json()
    return found


async def test_versions_are_there_for_the_owner_of_the_app_alone(cast: Cast, robot: Robot) -> None:
    version = await draft(cast.alice, robot.app)
    for method, path in (
        ("GET", "versions"),
        ("POST", "versions"),
        ("PATCH", f"versions/{version}"),
        ("DELETE", f"versions/{version}"),
        ("POST", f"versions/{version}/submit"),
        ("POST", f"versions/{version}/withdraw"),
        ("POST", f"versions/{version}/live"),
        ("GET", "listing"),
        ("DELETE", "listing"),
        ("GET", "grants"),
    ):
        answer = await cast.bob.http.request(method, f"apps/{robot.app}/{path}", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_app"), (method, path)
        answer = await robot.http.request(method, f"apps/{robot.app}/{path}", json={})
        assert answer.status_code == 403, (method, path)


async def test_the_first_draft_begins_as_the_app_and_the_next_as_what_is_live(
    cast: Cast, robot: Robot, house: House
) -> None:
    first = (await cast.alice.http.post(f"apps/{robot.app}/versions")).json()
    assert first == {
        "version": 1,
        "state": "draft",
        "live": False,
        "name": "Library card",
        "tagline": "",
        "about": "",
        "category": None,
        "icon": None,
        "screenshots": [],
        "scopes": ["read_mentions", "send"],
        "mini_app": None,
        "news": "",
        "reasons": "",
        "made_at": "2026-11-23T06:00:00.000Z",
        "submitted_at": None,
        "decided_at": None,
    }
    path = f"apps/{robot.app}/versions/1"
    (await cast.alice.http.patch(path, json=GOOD | {"news": "The first."})).raise_for_status()
    await submit(cast.alice, robot.app, 1)
    await approve(house, robot.app, 1)
    second = (await cast.alice.http.post(f"apps/{robot.app}/versions")).json()
    assert (second["version"], second["tagline"], second["category"], second["news"]) == (2, *GOOD.values(), "")


async def test_the_next_draft_of_an_app_that_was_taken_out_begins_as_its_newest_approved_version(
    cast: Cast, robot: Robot, house: House
) -> None:
    icon = await send_file(cast.alice.http, png(), purpose="avatar")
    screenshot = await send_file(cast.alice.http, png(80, 60, BLUE))
    words = GOOD | {"name": "Lending desk", "about": "Knows every shelf.", "icon": icon, "screenshots": [screenshot]}
    await listed(house, cast.alice, robot.app, name="Old name")
    await listed(house, cast.alice, robot.app, **words)
    rejected = await draft(cast.alice, robot.app, name="Refused")
    await submit(cast.alice, robot.app, rejected)
    await reject(house, robot.app, rejected, "No.")
    (await cast.alice.http.delete(f"apps/{robot.app}/listing")).raise_for_status()
    begun = (await cast.alice.http.post(f"apps/{robot.app}/versions")).raise_for_status().json()
    assert {name: begun[name] for name in words} == words
    assert (begun["version"], begun["state"], begun["scopes"]) == (4, "draft", ["read_mentions", "send"])


async def test_two_drafts_at_once_are_one(cast: Cast, robot: Robot) -> None:
    answers = await asyncio.gather(*(cast.alice.http.post(f"apps/{robot.app}/versions") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["params"]["version"]) == ("directory.version_under_way", 1)


async def test_of_two_submissions_at_once_one_is_taken(cast: Cast, robot: Robot, house: House) -> None:
    version = await draft(cast.alice, robot.app)
    answers = await asyncio.gather(*(submit(cast.alice, robot.app, version) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    refused = await cast.alice.http.post(f"apps/{robot.app}/versions")
    assert refused.json()["code"] == "directory.version_under_way"
    async with house.database.transaction() as session:
        assert (await view_submission(session, robot.app)).version.version == version


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ({"name": "  "}, "directory.name_missing"),
        ({"tagline": ""}, "directory.tagline_missing"),
        ({"category": None}, "directory.category_missing"),
    ],
)
async def test_what_is_not_complete_is_not_handed_in(
    cast: Cast, robot: Robot, missing: dict[str, Any], code: str
) -> None:
    version = await draft(cast.alice, robot.app, **missing)
    answer = await submit(cast.alice, robot.app, version)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    (
        await cast.alice.http.patch(f"apps/{robot.app}/versions/{version}", json=GOOD | {"name": "Card"})
    ).raise_for_status()
    assert (await submit(cast.alice, robot.app, version)).json()["state"] == "submitted"


async def test_an_app_of_which_there_is_nothing_to_use_is_not_handed_in(cast: Cast) -> None:
    app = (await cast.alice.http.post("apps", json={"name": "Only a name"})).json()["app"]
    version = await draft(cast.alice, app)
    answer = await submit(cast.alice, app, version)
    assert (answer.status_code, answer.json()["code"]) == (409, "directory.nothing_to_use")
    path = f"apps/{app}/versions/{version}"
    (await cast.alice.http.patch(path, json={"mini_app": "https://shelf.example/"})).raise_for_status()
    # A mini app is opened from a bot.
    assert (await submit(cast.alice, app, version)).json()["code"] == "directory.nothing_to_use"
    (await cast.alice.http.post(f"apps/{app}/bots", json={"nickname": "Doorman"})).raise_for_status()
    assert (await submit(cast.alice, app, version)).status_code == 200


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"name": "x" * 41}, "directory.text_too_long"),
        ({"tagline": "x" * 61}, "directory.text_too_long"),
        ({"about": "x" * 2_001}, "directory.text_too_long"),
        ({"news": "x" * 1_001}, "directory.text_too_long"),
        ({"screenshots": [f"picture-{n}" for n in range(9)]}, "directory.too_many_screenshots"),
        ({"mini_app": "http://shelf.example/"}, "openplatform.bad_mini_url"),
        ({"mini_app": "/mini/1/"}, "openplatform.bad_mini_url"),
        ({"category": "gambling"}, "hutong.invalid"),
        ({"scopes": ["everything"]}, "hutong.invalid"),
    ],
)
async def test_what_a_version_cannot_be_is_refused(cast: Cast, robot: Robot, patch: dict[str, Any], code: str) -> None:
    version = await draft(cast.alice, robot.app)
    before = await versions(cast.alice, robot.app)
    answer = await cast.alice.http.patch(f"apps/{robot.app}/versions/{version}", json=patch)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await versions(cast.alice, robot.app) == before


async def test_what_was_handed_in_is_changed_only_once_it_was_taken_back(
    cast: Cast, robot: Robot, house: House
) -> None:
    version = await draft(cast.alice, robot.app)
    path = f"apps/{robot.app}/versions/{version}"
    assert (await cast.alice.http.post(f"{path}/withdraw")).json()["code"] == "directory.not_submitted"
    await submit(cast.alice, robot.app, version)
    for method in ("PATCH", "DELETE"):
        answer = await cast.alice.http.request(method, path, json={"name": "Other"})
        assert (answer.status_code, answer.json()["code"]) == (409, "directory.version_closed")
    taken_back = (await cast.alice.http.post(f"{path}/withdraw")).json()
    assert (taken_back["state"], taken_back["submitted_at"]) == ("draft", None)
    with pytest.raises(NotSubmitted):
        await approve(house, robot.app, version)
    assert (await cast.alice.http.patch(path, json={"name": "Other"})).json()["name"] == "Other"


async def test_what_was_changed_since_it_was_seen_is_not_approved(cast: Cast, robot: Robot, house: House) -> None:
    version = await draft(cast.alice, robot.app)
    path = f"apps/{robot.app}/versions/{version}"
    await submit(cast.alice, robot.app, version)
    async with house.database.transaction() as session:
        seen = (await view_submission(session, robot.app)).fingerprint
    await cast.alice.http.post(f"{path}/withdraw")
    await cast.alice.http.patch(path, json={"name": "Free money"})
    await submit(cast.alice, robot.app, version)
    with pytest.raises(NotAsSeen):
        await approve(house, robot.app, version, seen=seen)
    assert await shelf(cast.bob) == []


async def test_an_approved_version_is_the_app_at_once_and_its_owner_is_told(
    cast: Cast, robot: Robot, house: House
) -> None:
    more = {"name": "Lending desk", "about": "Knows every shelf.", "scopes": ["send"], "mini_app": "https://s.example/"}
    version = await listed(house, cast.alice, robot.app, **more)
    app = (await cast.alice.http.get(f"apps/{robot.app}")).json()
    assert (app["state"], app["published"]) == ("reviewed", True)
    assert {name: app[name] for name in more} == more
    [view] = await versions(cast.alice, robot.app)
    assert (view["state"], view["live"], view["decided_at"]) == ("approved", True, "2026-11-23T06:00:00.000Z")
    told = {"app": robot.app, "name": "Lending desk", "version": version}
    everything = (await cast.alice.http.get("notices")).raise_for_status().json()["items"]
    assert [(one["kind"], one["count"], one["params"]) for one in everything] == [
        ("directory.version_approved", 1, told)
    ]
    standing = (await cast.alice.http.get(f"apps/{robot.app}/listing")).json()
    assert standing == {"listed": True, "version": 1, "groups": 0, "stars": None, "ratings": 0}


async def test_a_rejected_version_says_why_and_can_be_mended(cast: Cast, robot: Robot, house: House) -> None:
    version = await draft(cast.alice, robot.app)
    await submit(cast.alice, robot.app, version)
    for reasons in ("", "  ", "x" * 1_001):
        with pytest.raises(ReasonsMissing):
            await reject(house, robot.app, version, reasons)
    await reject(house, robot.app, version, "The icon is somebody else's.")
    [view] = await versions(cast.alice, robot.app)
    assert (view["state"], view["reasons"]) == ("rejected", "The icon is somebody else's.")
    told = {"app": robot.app, "name": "Library card", "version": 1, "reasons": "The icon is somebody else's."}
    assert await box(cast.alice) == [("directory.version_rejected", 1, told)]
    assert (await submit(cast.alice, robot.app, version)).json()["code"] == "directory.version_closed"

    mended = (await cast.alice.http.patch(f"apps/{robot.app}/versions/{version}", json={"icon": None})).json()
    assert (mended["state"], mended["reasons"]) == ("draft", "The icon is somebody else's.")
    assert (await submit(cast.alice, robot.app, version)).status_code == 200
    await approve(house, robot.app, version)
    assert await shelf(cast.bob) == [robot.app]


async def test_a_rejected_version_is_no_second_draft(cast: Cast, robot: Robot, house: House) -> None:
    first = await draft(cast.alice, robot.app)
    await submit(cast.alice, robot.app, first)
    await reject(house, robot.app, first, "No.")
    second = await draft(cast.alice, robot.app)
    answer = await cast.alice.http.patch(f"apps/{robot.app}/versions/{first}", json={"name": "Yes"})
    assert (answer.status_code, answer.json()["params"]["version"]) == (409, second)
    assert (await cast.alice.http.delete(f"apps/{robot.app}/versions/{first}")).status_code == 204
    assert [one["version"] for one in await versions(cast.alice, robot.app)] == [second]


async def test_a_number_that_nobody_else_has_seen_is_free_again(cast: Cast, robot: Robot) -> None:
    path = f"apps/{robot.app}/versions"
    for _ in range(2):
        assert await draft(cast.alice, robot.app) == 1
        (await cast.alice.http.delete(f"{path}/1")).raise_for_status()
    await draft(cast.alice, robot.app)
    await submit(cast.alice, robot.app, 1)
    await cast.alice.http.post(f"{path}/1/withdraw")
    (await cast.alice.http.delete(f"{path}/1")).raise_for_status()
    assert await draft(cast.alice, robot.app) == 2


async def test_the_owner_rolls_back_and_forward(cast: Cast, robot: Robot, house: House, clock: HandClock) -> None:
    first = await listed(house, cast.alice, robot.app, name="Old name")
    clock.advance(days=1)
    second = await listed(house, cast.alice, robot.app, name="New name", scopes=["send"])
    clock.advance(days=1)
    back = (await cast.alice.http.post(f"apps/{robot.app}/versions/{first}/live")).json()
    assert (back["version"], back["live"]) == (first, True)
    app = (await cast.bob.http.get(f"bots/{robot.number}")).json()
    assert (app["app_name"], app["scopes"]) == ("Old name", ["read_mentions", "send"])
    view = (await cast.bob.http.get(f"directory/{robot.app}")).json()
    assert (view["name"], view["version"], view["live_since"]) == ("Old name", first, "2026-11-25T06:00:00.000Z")
    assert [(one["version"], one["live_at"][:10]) for one in view["versions"]] == [(2, "2026-11-24"), (1, "2026-11-25")]
    assert await shelf(cast.bob, q="New") == []
    assert (await cast.alice.http.post(f"apps/{robot.app}/versions/{second}/live")).status_code == 200
    assert await shelf(cast.bob, q="New") == [robot.app]
    # What one has done oneself is no news.
    assert {kind for kind, _, _ in await box(cast.alice)} == {"directory.version_approved"}


async def test_whoever_runs_the_hutong_rolls_back_and_the_owner_is_told(
    cast: Cast, robot: Robot, house: House, clock: HandClock
) -> None:
    await listed(house, cast.alice, robot.app, name="Old name")
    await listed(house, cast.alice, robot.app, name="New name")
    clock.advance(days=1)
    async with house.database.transaction() as session:
        await put_version_live(session, None, robot.app, 1, clock=house.clock, limits=house.settings.limits)
    assert (await box(cast.alice))[0] == (
        "directory.rolled_back",
        1,
        {"app": robot.app, "name": "Old name", "version": 1},
    )
    # What was live is turned away by that: it does not come back by its owner's word alone, changed or not.
    second, first = await versions(cast.alice, robot.app)
    assert (second["state"], second["reasons"]) == ("rejected", "Rolled back by whoever runs this hutong.")
    assert (second["decided_at"], first["state"]) == ("2026-11-24T06:00:00.000Z", "approved")
    path = f"apps/{robot.app}/versions/2"
    assert (await cast.alice.http.post(f"{path}/live")).json()["code"] == "directory.not_approved"
    (await cast.alice.http.patch(path, json={"news": "Nobody has looked at this."})).raise_for_status()
    view = (await cast.bob.http.get(f"directory/{robot.app}")).json()
    assert (view["name"], [one["version"] for one in view["versions"]]) == ("Old name", [1])
    assert (await submit(cast.alice, robot.app, 2)).status_code == 200
    await approve(house, robot.app, 2)
    assert await shelf(cast.bob, q="New") == [robot.app]


async def test_nobody_puts_live_without_end(cast: Cast, robot: Robot, house: House) -> None:
    await listed(house, cast.alice, robot.app)
    await listed(house, cast.alice, robot.app)
    alice, limits = Actor(cast.alice.number, "Alice"), Limits(versions_put_live_per_day_max=2)

    async def back_to(version: int) -> None:
        async with house.database.transaction() as session:
            await put_version_live(session, alice, robot.app, version, clock=house.clock, limits=limits)

    for version in (1, 1, 2):
        await back_to(version)
    with pytest.raises(TooMany):
        await back_to(1)
    # Whoever runs the hutong has no such bound.
    async with house.database.transaction() as session:
        await put_version_live(session, None, robot.app, 1, clock=house.clock, limits=limits)


async def test_an_app_without_a_bot_is_not_put_live(cast: Cast, robot: Robot, house: House) -> None:
    more = {"mini_app": "https://shelf.example/"}
    for _ in range(2):
        await listed(house, cast.alice, robot.app, **more)
    third = await draft(cast.alice, robot.app, **more)
    await submit(cast.alice, robot.app, third)
    (await cast.alice.http.delete(f"apps/{robot.app}/bots/{robot.number}")).raise_for_status()
    answer = await cast.alice.http.post(f"apps/{robot.app}/versions/1/live")
    assert (answer.status_code, answer.json()["code"]) == (409, "directory.nothing_to_use")
    with pytest.raises(NothingToUse):
        await approve(house, robot.app, third)
    async with house.database.transaction() as session:
        assert (await view_submission(session, robot.app)).live == 2


async def test_what_waits_is_bounded_and_not_of_apps_that_are_suspended_or_given_up(
    cast: Cast, robot: Robot, house: House, clock: HandClock
) -> None:
    apps = [robot.app]
    for name in ("Second", "Third"):
        made = (await cast.alice.http.post("apps", json={"name": name})).json()["app"]
        (await cast.alice.http.post(f"apps/{made}/bots", json={"nickname": name})).raise_for_status()
        apps.append(made)
    for one in apps:
        await submit(cast.alice, one, await draft(cast.alice, one))
        clock.advance(seconds=1)

    async def waiting(**more: int) -> list[int]:
        async with house.database.transaction() as session:
            return [one.app_id for one in await list_submissions(session, **more)]

    assert await waiting() == apps
    assert await waiting(limit=2) == apps[:2]
    async with house.database.transaction() as session:
        await set_app_state(session, apps[0], "suspended", clock=house.clock, limits=house.settings.limits)
    assert await waiting() == apps[1:]
    (await cast.alice.http.delete(f"apps/{apps[1]}")).raise_for_status()
    assert await waiting() == apps[2:]


async def test_what_was_not_approved_never_goes_live(cast: Cast, robot: Robot, house: House) -> None:
    version = await draft(cast.alice, robot.app)
    path = f"apps/{robot.app}/versions/{version}/live"
    assert (await cast.alice.http.post(path)).json()["code"] == "directory.not_approved"
    await submit(cast.alice, robot.app, version)
    assert (await cast.alice.http.post(path)).json()["code"] == "directory.not_approved"
    with pytest.raises(NotApproved):
        async with house.database.transaction() as session:
            await put_version_live(session, None, robot.app, version, clock=house.clock, limits=house.settings.limits)
    assert (await cast.alice.http.post(f"apps/{robot.app}/versions/9/live")).json()["code"] == (
        "directory.no_such_version"
    )
    assert await shelf(cast.bob) == []


async def test_of_a_published_app_nothing_changes_but_by_versions(cast: Cast, robot: Robot, house: House) -> None:
    await listed(house, cast.alice, robot.app)
    for patch in ({"name": "Free money"}, {"about": "x"}, {"scopes": ["moderate"]}, {"mini_app": "https://x.example/"}):
        answer = await cast.alice.http.patch(f"apps/{robot.app}", json=patch)
        assert (answer.status_code, answer.json()["code"]) == (409, "openplatform.app_published"), patch
    assert (await cast.alice.http.patch(f"apps/{robot.app}", json={})).status_code == 200
    # What was looked at stays so where nobody finds it any more: its bots may still go into groups of any size.
    assert (await cast.alice.http.delete(f"apps/{robot.app}/listing")).status_code == 204
    assert (await cast.alice.http.patch(f"apps/{robot.app}", json={"name": "Card"})).status_code == 409


async def test_pages_hosted_here_do_not_move_a_published_mini_app(cast: Cast, robot: Robot, house: House) -> None:
    await listed(house, cast.alice, robot.app, mini_app="https://shelf.example/")
    async with house.database.transaction() as session:
        session.add(Holding(app_id=robot.app, last_bundle=1))
        session.add(Bundle(app_id=robot.app, version=1, blob="pages", files=1, size_bytes=1, sent_at=house.clock()))
        await session.flush()
        await put_live(session, robot.app, 1)

    async def address() -> str | None:
        found: str | None = (await cast.alice.http.get(f"apps/{robot.app}")).json()["mini_app"]
        return found

    assert await address() == "https://shelf.example/"
    await listed(house, cast.alice, robot.app, mini_app=f"/mini/{robot.app}/")
    assert await address() == f"/mini/{robot.app}/"
    async with house.database.transaction() as session:
        await put_live(session, robot.app, 1)
        await drop_bundle(session, robot.app, 1, clock=house.clock)
    assert await address() == f"/mini/{robot.app}/"


async def test_a_suspended_app_gets_no_version_through(cast: Cast, robot: Robot, house: House) -> None:
    first = await listed(house, cast.alice, robot.app)
    await listed(house, cast.alice, robot.app, name="Second")
    third = await draft(cast.alice, robot.app)
    await submit(cast.alice, robot.app, third)

    async def become(state: Any) -> None:
        async with house.database.transaction() as session:
            await set_app_state(session, robot.app, state, clock=house.clock, limits=house.settings.limits)

    await become("suspended")
    with pytest.raises(AppSuspended):
        await approve(house, robot.app, third)
    answer = await cast.alice.http.post(f"apps/{robot.app}/versions/{first}/live")
    assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.app_suspended")
    await cast.alice.http.post(f"apps/{robot.app}/versions/{third}/withdraw")
    assert (await submit(cast.alice, robot.app, third)).json()["code"] == "openplatform.app_suspended"
    await become("sandbox")
    answer = await cast.alice.http.post(f"apps/{robot.app}/versions/{first}/live")
    assert (answer.status_code, answer.json()["code"]) == (403, "directory.review_taken_back")


async def test_a_version_shows_pictures_that_its_owner_sent(cast: Cast, robot: Robot) -> None:
    version = await draft(cast.alice, robot.app)
    path = f"apps/{robot.app}/versions/{version}"
    theirs = await send_file(cast.bob.http, png())
    answer = await cast.alice.http.patch(path, json={"icon": theirs})
    assert (answer.status_code, answer.json()["code"]) == (404, "media.no_such_media")
    document = await send_file(cast.alice.http, b"no picture at all")
    answer = await cast.alice.http.patch(path, json={"screenshots": [document]})
    assert (answer.status_code, answer.json()["code"]) == (400, "media.not_a_picture")
    mine = await send_file(cast.alice.http, png())
    assert (await cast.alice.http.patch(path, json={"icon": mine})).json()["icon"] == mine


async def test_nobody_hands_in_without_end(cast: Cast, robot: Robot, house: House) -> None:
    version = await draft(cast.alice, robot.app)
    for _ in range(house.settings.limits.submissions_per_day_max):
        assert (await submit(cast.alice, robot.app, version)).status_code == 200
        await cast.alice.http.post(f"apps/{robot.app}/versions/{version}/withdraw")
    assert (await submit(cast.alice, robot.app, version)).status_code == 429


async def test_of_very_many_versions_the_oldest_go_but_not_the_live_one(cast: Cast, robot: Robot, house: House) -> None:
    first = await listed(house, cast.alice, robot.app)
    for _ in range(2):
        await listed(house, cast.alice, robot.app)
    await cast.alice.http.post(f"apps/{robot.app}/versions/{first}/live")
    async with house.database.transaction() as session:
        alice = Actor(cast.alice.number, "Alice")
        await begin_version(session, alice, robot.app, clock=house.clock, limits=Limits(versions_per_app_max=3))
    assert [one["version"] for one in await versions(cast.alice, robot.app)] == [4, 3, 1]
