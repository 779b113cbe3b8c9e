"""Apps and their bots: whose they are, what lets a bot in, and what puts it out."""

import msgspec
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from hutong.api import House
from hutong.domains.openplatform import set_app_state
from hutong.domains.openplatform.jobs import sweep_bot_events
from hutong.domains.openplatform.quotas import METHODS
from hutong.infra.web import bot_scope_of
from hutong.kit.clock import system_clock
from hutong.settings import Limits, Settings
from tests.cast import Cast
from tests.files import png, send_file

from .conftest import Robot, install, say


async def test_an_app_exists_for_its_owner_alone(cast: Cast, robot: Robot) -> None:
    mine = (await cast.alice.http.get("apps")).json()
    assert [app["app"] for app in mine] == [robot.app]
    assert [(bot["number"], bot["nickname"], bot["groups"]) for bot in mine[0]["bots"]] == [
        (robot.number, "Librarian", 0)
    ]
    assert (await cast.bob.http.get("apps")).json() == []
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/quotas"),
        ("POST", "/bots"),
        ("PATCH", f"/bots/{robot.number}"),
        ("DELETE", f"/bots/{robot.number}"),
        ("POST", f"/bots/{robot.number}/tokens"),
        ("DELETE", f"/bots/{robot.number}/tokens"),
    ):
        body = {"nickname": "Mine now"} if path == "/bots" else {}
        answer = await cast.bob.http.request(method, f"apps/{robot.app}{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_app"), (method, path)
    assert (await robot.http.get("bots/me")).status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
async def test_a_name_that_is_none_is_refused(cast: Cast, name: str) -> None:
    answer = await cast.alice.http.post("apps", json={"name": name})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_app_name")


async def test_an_app_is_changed_piece_by_piece(cast: Cast, robot: Robot) -> None:
    changed = (await cast.alice.http.patch(f"apps/{robot.app}", json={"about": "Tells what is lent."})).json()
    assert (changed["name"], changed["about"], changed["scopes"]) == (
        "Library card",
        "Tells what is lent.",
        ["read_mentions", "send"],
    )
    card = (await cast.bob.http.get(f"bots/{robot.number}")).json()
    assert (card["app_name"], card["about"], card["reviewed"]) == ("Library card", "Tells what is lent.", False)


async def test_nobody_has_apps_or_bots_without_end(cast: Cast, robot: Robot, house: House) -> None:
    limits = house.settings.limits
    for _ in range(limits.apps_per_account_max - 1):
        (await cast.alice.http.post("apps", json={"name": "Another"})).raise_for_status()
    answer = await cast.alice.http.post("apps", json={"name": "One too many"})
    assert (answer.status_code, answer.json()["code"]) == (409, "openplatform.apps_full")
    for _ in range(limits.bots_per_app_max - 1):
        (await cast.alice.http.post(f"apps/{robot.app}/bots", json={"nickname": "Another"})).raise_for_status()
    answer = await cast.alice.http.post(f"apps/{robot.app}/bots", json={"nickname": "One too many"})
    assert (answer.status_code, answer.json()["code"]) == (409, "openplatform.bots_full")


async def test_a_new_token_can_put_the_old_ones_out(cast: Cast, robot: Robot) -> None:
    path = f"apps/{robot.app}/bots/{robot.number}/tokens"
    (await cast.alice.http.post(path, json={"note": "spare"})).raise_for_status()
    assert (await robot.http.get("bots/me")).status_code == 200
    (await cast.alice.http.post(path, json={"rotate": True})).raise_for_status()
    assert (await robot.http.get("bots/me")).status_code == 401


async def test_a_token_that_was_revoked_is_no_good(cast: Cast, robot: Robot) -> None:
    (await cast.alice.http.delete(f"apps/{robot.app}/bots/{robot.number}/tokens")).raise_for_status()
    assert (await robot.http.get("bots/me")).status_code == 401


async def test_a_bot_gets_a_name_a_handle_and_a_picture_that_its_owner_sent(cast: Cast, robot: Robot) -> None:
    picture = await send_file(cast.alice.http, png(), purpose="avatar")
    path = f"apps/{robot.app}/bots/{robot.number}"
    changed = await cast.alice.http.patch(path, json={"nickname": "Lender", "handle": "lender", "avatar": picture})
    assert (changed.json()["nickname"], changed.json()["avatar"]) == ("Lender", picture)
    assert (await cast.bob.http.get("handles/lender")).json() == {"kind": "person", "number": robot.number}
    assert (await cast.bob.http.get(f"avatars/{picture}/small")).status_code == 200

    changed = await cast.alice.http.patch(path, json={"avatar": None})
    assert (changed.json()["nickname"], changed.json()["avatar"]) == ("Lender", None)


async def test_a_bot_wears_no_picture_of_somebody_else(cast: Cast, robot: Robot) -> None:
    picture = await send_file(cast.bob.http, png(), purpose="avatar")
    answer = await cast.alice.http.patch(f"apps/{robot.app}/bots/{robot.number}", json={"avatar": picture})
    assert (answer.status_code, answer.json()["code"]) == (404, "media.no_such_media")


async def test_the_groups_that_one_could_let_a_bot_into_are_ones_own(cast: Cast, robot: Robot, chat: int) -> None:
    path = f"bots/{robot.number}/groups"
    mine = (await cast.alice.http.get(path)).json()
    assert mine == [{"chat": chat, "name": "Readers", "avatar": None, "members": 2, "installed": False}]
    assert (await cast.bob.http.get(path)).json() == []

    await install(cast.alice, chat, robot, "send")
    assert [(one["members"], one["installed"]) for one in (await cast.alice.http.get(path)).json()] == [(3, True)]
    members = (await cast.bob.http.get(f"groups/{chat}/members")).json()["items"]
    assert {member["number"]: member["bot"] for member in members}[robot.number] is True
    assert (await cast.alice.http.get(f"bots/{cast.bob.number}/groups")).status_code == 404


async def test_a_bot_that_was_sent_away_is_gone_from_the_list_at_once(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    assert [bot["number"] for bot in (await cast.bob.http.get(f"groups/{chat}/bots")).json()] == [robot.number]
    (await cast.alice.http.delete(f"groups/{chat}/bots/{robot.number}")).raise_for_status()
    assert (await cast.bob.http.get(f"groups/{chat}/bots")).json() == []
    assert [one["installed"] for one in (await cast.alice.http.get(f"bots/{robot.number}/groups")).json()] == [False]


async def test_a_bot_cannot_sign_in_by_a_password(cast: Cast, robot: Robot) -> None:
    answer = await cast.bob.http.post("sessions", json={"login": str(robot.number), "password": "seven green lanterns"})
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.sign_in_refused")


async def test_an_app_that_is_given_up_leaves_every_group(cast: Cast, robot: Robot, chat: int, house: House) -> None:
    await install(cast.alice, chat, robot, "send")
    await say(robot.http, chat, "Good morning.")
    (await cast.alice.http.delete(f"apps/{robot.app}")).raise_for_status()

    assert (await robot.http.get("bots/me")).status_code == 401
    assert (await cast.alice.http.get("apps")).json() == []
    await sweep_bot_events(house.database, clock=house.clock, limits=house.settings.limits)
    members = (await cast.bob.http.get(f"groups/{chat}/members")).json()["items"]
    assert robot.number not in [member["number"] for member in members]
    said = (await cast.bob.http.get(f"chats/{chat}/messages")).json()["messages"]
    assert said[-1]["from"] == {"number": robot.number, "name": "Librarian", "bot": True}
    assert (await cast.bob.http.get(f"bots/{robot.number}")).status_code == 404


async def test_a_suspended_app_may_do_nothing(cast: Cast, robot: Robot, chat: int, house: House) -> None:
    await install(cast.alice, chat, robot, "send")
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "suspended", clock=system_clock, limits=Limits())
    for answer in (
        await robot.http.post(f"chats/{chat}/messages", json={"key": "k", "segments": []}),
        await robot.http.get("bots/me/events"),
        await cast.alice.http.put(f"groups/{chat}/bots/{robot.number}", json={"scopes": []}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.app_suspended")


class TestOftenCalled:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(settings, limits=Limits(app_calls_per_method_day_max=3))

    async def test_a_quota_is_counted_for_each_method_and_shown(self, cast: Cast, robot: Robot, chat: int) -> None:
        await install(cast.alice, chat, robot, "send")
        for _ in range(3):
            await say(robot.http, chat, "Good morning.")
        answer = await robot.http.post(f"chats/{chat}/messages", json={"key": "k", "segments": []})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (429, "openplatform.quota_used_up")
        assert problem["params"]["method"] == "post_message"
        assert answer.headers["retry-after"] == str(problem["params"]["retry_after_s"])
        assert (await robot.http.get("bots/me")).status_code == 200
        quotas = (await cast.alice.http.get(f"apps/{robot.app}/quotas")).json()
        assert quotas[:2] == [
            {"method": "post_message", "used": 4, "count_max": 3},
            {"method": "get_me", "used": 1, "count_max": 3},
        ]


def test_every_method_for_bots_has_a_quota(app: Litestar) -> None:
    for_bots = {
        handler.fn.__name__
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and bot_scope_of(handler) is not None
    }
    assert for_bots == set(METHODS)


async def test_a_bot_cannot_own_a_group(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "moderate")
    answer = await cast.alice.http.put(f"groups/{chat}/owner", json={"number": robot.number})
    assert (answer.status_code, answer.json()["code"]) == (403, "chat.bots_cannot_own")


async def test_a_bot_cannot_carry_off_what_stands_elsewhere(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    seq = await say(cast.bob.http, chat, "Between us.")
    forward = {"type": "forward", "chat": chat, "seqs": [seq]}
    answer = await robot.http.post(f"chats/{chat}/messages", json={"key": "k", "segments": [forward]})
    assert (answer.status_code, answer.json()["code"]) == (403, "chat.forward_not_for_bots")


class TestFewOfEverything:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return msgspec.structs.replace(
            settings,
            limits=Limits(bots_per_group_max=1, groups_per_bot_max=1, tokens_per_bot_max=2, apps_per_account_max=1),
        )

    async def test_what_is_full_says_so(self, cast: Cast, robot: Robot, chat: int) -> None:
        await install(cast.alice, chat, robot, "send")
        other = (await cast.alice.http.post(f"apps/{robot.app}/bots", json={"nickname": "Other"})).json()["number"]
        elsewhere = (await cast.alice.http.post("groups", json={"name": "Writers"})).json()["chat"]
        tokens = f"apps/{robot.app}/bots/{robot.number}/tokens"
        (await cast.alice.http.post(tokens, json={})).raise_for_status()
        for answer, code in (
            (await cast.alice.http.put(f"groups/{chat}/bots/{other}", json={"scopes": []}), "bots_in_group_full"),
            (
                await cast.alice.http.put(f"groups/{elsewhere}/bots/{robot.number}", json={"scopes": []}),
                "groups_of_bot_full",
            ),
            (await cast.alice.http.post(tokens, json={}), "tokens_full"),
            (await cast.alice.http.post("apps", json={"name": "Another"}), "apps_full"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, f"openplatform.{code}")
        (await cast.alice.http.post(tokens, json={"rotate": True})).raise_for_status()


async def test_whose_app_it_is_hears_what_becomes_of_it(cast: Cast, robot: Robot, house: House) -> None:
    theirs = (await cast.bob.http.post("groups", json={"name": "Writers"})).raise_for_status().json()["chat"]
    (await cast.bob.http.put(f"groups/{theirs}/bots/{robot.number}", json={"scopes": []})).raise_for_status()
    async with house.database.transaction() as session:
        await set_app_state(session, robot.app, "reviewed", clock=system_clock, limits=Limits())
    box = (await cast.alice.http.get("notices")).json()
    assert {(one["kind"], one["params"].get("name")) for one in box["items"]} == {
        ("openplatform.bot_installed", "Librarian"),
        ("openplatform.app_reviewed", "Library card"),
    }
    assert box["unread"] == 2
    assert (await cast.bob.http.get("notices")).json()["items"] == []
