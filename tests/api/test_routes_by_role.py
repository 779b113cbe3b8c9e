"""Every route, asked by every kind of nobody: without a token, with a wrong one, with one that is no longer good."""

import re

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import update

from hutong.api import House
from hutong.domains.identity.models import AccountRow
from tests.cast import Cast, visitor

OPEN = {
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
    "GET /api/v1/oauth/authorize",
    "POST /api/v1/oauth/authorize",
    "GET /api/v1/oauth/jwks",
    "GET /api/v1/oauth/userinfo",
    "POST /api/v1/oauth/userinfo",
    "POST /api/v1/oauth/token",
    "POST /api/v1/oauth/revoke",
    "POST /api/v1/oauth/introspect",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /api/openapi.json",
    "GET /api/v1/site",
    "GET /api/v1/invitations/{code:str}/group",
    "GET /api/v1/invitations/{code:str}/avatars/{media:str}/{size:str}",
    "GET /bridges/files/{token:str}",
    "GET /mini/hutong.js",
    "GET /mini/{app:int}",
    "GET /mini/{app:int}/{path:path}",
    "GET /api/v1/apps/{app:int}/files/{name:str}",
    "POST /api/v1/accounts",
    "POST /api/v1/sessions",
    "POST /api/v1/sessions/passkey",
    "POST /api/v1/sessions/passkey/challenge",
    "POST /api/v1/sessions/outside",
    "POST /api/v1/sessions/outside/{provider:str}",
    "GET /api/v1/sessions/outside/{provider:str}/callback",
}
PAGES = {"/", "/{path:path}", "/api/docs"}
BRIDGES = ("/bridges/onebot11", "/bridges/qqbot", "/bridges/telegram")
"""Programs that speak other protocols are let in, or not, in the words of these: see the tests of each bridge."""
CLOSED = ("/api/openapi", "/api/openapi/openapi.json", "/api/openapi/{path:str}")
"""Litestar's own pages of the description."""
BRIDGES = ("/bridges/onebot11/", "/bridges/qqbot/", "/bridges/telegram/")
"""They ask who calls, and refuse nobody, as their own protocols do: see tests/bridges."""


def routes_of(app: Litestar) -> dict[str, HTTPRouteHandler]:
    """Every route of the API as ``GET /api/v1/accounts/{number:int}``."""
    return {
        f"{method} {route.path}": handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
        and route.path not in PAGES | set(CLOSED)
        and not route.path.startswith(BRIDGES)
        for method in handler.http_methods - {"HEAD", "OPTIONS"}
    }


def filled(path: str) -> str:
    """The path with something where it has parameters."""
    return re.sub(r"\{[^}]*:int\}", "80001", re.sub(r"\{[^}:]*:(str|path|uuid)\}", "something", path))


def needed_queries(app: Litestar, method: str, path: str) -> dict[str, str]:
    """Something for each parameter of the query that must be given."""
    described = app.openapi_schema.to_schema()["paths"][re.sub(r":[a-z]+\}", "}", path)][method.lower()]
    parameters = described.get("parameters", [])
    return {one["name"]: "1" for one in parameters if one["in"] == "query" and one.get("required")}


async def ask_all(app: Litestar, client: httpx.AsyncClient) -> dict[str, int]:
    answers = {}
    for name in routes_of(app):
        method, _, path = name.partition(" ")
        if name not in OPEN:
            query = needed_queries(app, method, path)
            answers[name] = (await client.request(method, filled(path), params=query, json={})).status_code
    return answers


def test_whoever_may_stay_unknown_is_listed_here(app: Litestar) -> None:
    """A route that does not ask who calls must be meant to be open."""
    anonymous = {
        name for name, handler in routes_of(app).items() if "actor" not in handler.parsed_fn_signature.parameters
    }
    assert anonymous == OPEN


@pytest.mark.parametrize("token", ["", "wrong", "10001.wrong", "\x00"])
async def test_a_visitor_gets_401_everywhere_else(app: Litestar, cast: Cast, token: str) -> None:
    async with visitor(app, headers={"authorization": f"Bearer {token}"} if token else None) as client:
        answers = await ask_all(app, client)

    assert len(answers) > 10
    assert set(answers.values()) == {401}, {name: status for name, status in answers.items() if status != 401}


@pytest.mark.parametrize("state", ["waiting", "refused", "placeholder"])
async def test_whoever_is_not_active_gets_401_everywhere_else(
    app: Litestar, cast: Cast, house: House, state: str
) -> None:
    async with house.database.transaction() as session:
        await session.execute(update(AccountRow).where(AccountRow.number == cast.alice.number).values(state=state))

    async with visitor(app, headers={"authorization": f"Bearer {cast.alice.token}"}) as client:
        answers = await ask_all(app, client)

    assert set(answers.values()) == {401}


async def test_the_cookie_alone_changes_nothing_anywhere(app: Litestar, cast: Cast) -> None:
    async with visitor(app) as browser:
        browser.cookies["hutong_session"] = cast.alice.token
        answers = await ask_all(app, browser)

    changing = {name: status for name, status in answers.items() if not name.startswith("GET")}
    assert set(changing.values()) == {403}
