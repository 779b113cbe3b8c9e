"""What a bot may do in a group is what its owner granted, and nothing else."""

import contextlib
import re
from collections.abc import AsyncGenerator

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from hutong.api import House
from hutong.domains.openplatform import set_app_state
from hutong.infra.web import bot_scope_of
from hutong.kit.clock import system_clock
from hutong.settings import Limits
from tests.cast import Cast, Person, people

from .conftest import Robot, install, say


def routes(app: Litestar) -> dict[str, HTTPRouteHandler]:
    return {
        f"{method} {route.path.removeprefix('/api/v1/')}": handler
        for route in app.routes
        if route.path.startswith("/api/v1/")
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and "actor" in handler.parsed_fn_signature.parameters
        for method in handler.http_methods - {"HEAD", "OPTIONS"}
    }


def filled(path: str, chat: int) -> str:
    path = path.replace("{chat:int}", str(chat))
    return re.sub(r"\{[^}]*:int\}", "1", re.sub(r"\{[^}:]*:str\}", "something", path))


async def test_what_no_scope_names_is_not_for_bots(app: Litestar, cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "read_all", "send", "moderate", "members")
    closed = [name for name, handler in routes(app).items() if bot_scope_of(handler) is None]
    assert len(closed) > 30
    for name in closed:
        method, _, path = name.partition(" ")
        answer = await robot.http.request(
            method, filled(path, chat), params={"first": 1, "last": 1, "query": "x"}, json={}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.not_for_bots"), name


async def test_each_route_wants_its_scope(app: Litestar, cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot)
    wanting = {name: handler for name, handler in routes(app).items() if bot_scope_of(handler) and "{chat" in name}
    assert len(wanting) > 15
    for name, handler in wanting.items():
        method, _, path = name.partition(" ")
        answer = await robot.http.request(method, filled(path, chat), json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.scope_missing"), name
        assert answer.json()["params"] == {"scope": bot_scope_of(handler)}


async def test_a_group_without_the_bot_does_not_exist_for_it(
    app: Litestar, cast: Cast, robot: Robot, chat: int
) -> None:
    for name, handler in routes(app).items():
        method, _, path = name.partition(" ")
        if bot_scope_of(handler) is not None and "{chat" in path:
            assert (await robot.http.request(method, filled(path, chat), json={})).status_code == 404, name


async def test_only_the_owner_lets_a_bot_in(cast: Cast, robot: Robot, chat: int) -> None:
    path, body = f"groups/{chat}/bots/{robot.number}", {"scopes": ["send"]}
    assert (await cast.bob.http.put(path, json=body)).status_code == 403
    (await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "closed"})).raise_for_status()
    assert (await cast.chen.http.put(path, json=body)).status_code == 404
    assert (await cast.chen.http.get(f"groups/{chat}/bots")).status_code == 404
    assert (await cast.bob.http.get(f"groups/{chat}/bots")).json() == []
    assert (await cast.alice.http.put(f"groups/{chat}/bots/{cast.chen.number}", json=body)).status_code == 404
    assert (await cast.alice.http.put(path, json={"scopes": ["everything"]})).status_code == 400

    assert (await cast.alice.http.put(path, json=body)).status_code == 204
    (there,) = (await cast.bob.http.get(f"groups/{chat}/bots")).json()
    assert (there["number"], there["scopes"], there["granted_by"]) == (robot.number, ["send"], cast.alice.number)
    mine = (await robot.http.get("bots/me")).json()
    assert [(one["chat"], one["scopes"]) for one in mine["installs"]] == [(chat, ["send"])]


async def test_scopes_can_be_changed_and_a_bot_sent_away(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "send")
    assert await say(robot.http, chat, "Good morning.") == 1
    await install(cast.alice, chat, robot, "read_all")
    assert (await robot.http.get(f"chats/{chat}/messages")).status_code == 200
    refused = await robot.http.post(f"chats/{chat}/messages", json={"key": "k", "segments": []})
    assert refused.json()["code"] == "openplatform.scope_missing"

    assert (await cast.bob.http.delete(f"groups/{chat}/bots/{robot.number}")).status_code == 403
    assert (await cast.alice.http.delete(f"groups/{chat}/bots/{robot.number}")).status_code == 204
    assert (await robot.http.get(f"chats/{chat}/messages")).status_code == 404


async def test_a_bot_moderates_with_its_scope_and_its_role(cast: Cast, robot: Robot, chat: int) -> None:
    await install(cast.alice, chat, robot, "moderate")
    mute = f"groups/{chat}/mutes/{cast.bob.number}"
    refused = await robot.http.put(mute, json={"minutes": 5})
    assert refused.json()["code"] == "chat.not_allowed"
    (await cast.alice.http.patch(f"groups/{chat}/members/{robot.number}", json={"role": "admin"})).raise_for_status()
    assert (await robot.http.put(mute, json={"minutes": 5})).status_code == 204


class TestSandbox:
    async def fill(self, house: House, chat: int, crowd: list[Person]) -> None:
        for person in crowd:
            (await person.http.put(f"groups/{chat}/members/me")).raise_for_status()

    @pytest.fixture
    async def crowd(self, app: Litestar, house: House) -> AsyncGenerator[list[Person]]:
        async with contextlib.AsyncExitStack() as stack:
            yield await people(app, house, stack, [f"Person {number}" for number in range(18)])

    async def test_before_its_review_an_app_works_in_small_groups(
        self, cast: Cast, robot: Robot, chat: int, crowd: list[Person], house: House
    ) -> None:
        await self.fill(house, chat, crowd[:-1])
        await install(cast.alice, chat, robot, "send")
        assert await say(robot.http, chat, "There are twenty of us.") == 1
        await self.fill(house, chat, crowd[-1:])
        for answer in (
            await robot.http.post(f"chats/{chat}/messages", json={"key": "k", "segments": []}),
            await cast.alice.http.put(f"groups/{chat}/bots/{robot.number}", json={"scopes": []}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "openplatform.sandbox_is_full")
        async with house.database.transaction() as session:
            await set_app_state(session, robot.app, "reviewed", clock=system_clock, limits=Limits())
        assert await say(robot.http, chat, "There are more of us.") == 2
