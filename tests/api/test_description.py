"""The description at ``/api/openapi.json`` is whole and true: whatever fits it, or does not, gets no 500."""

import asyncio
import re
from collections.abc import AsyncGenerator
from socket import socket
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hutong.api import House
from hutong.domains import identity
from tests.cast import Cast
from tests.house.source import read

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES_MAX = 12

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return dict(answer.json())


@pytest.fixture
def operations(description: dict[str, Any]) -> list[Operation]:
    """Method, path and description of every route."""
    return [
        (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def calls_in(text: str) -> set[tuple[str, str]]:
    """Every ``METHOD /path`` that a document names as code; what stands in braces goes by no name."""
    found = re.findall(r"`(GET|HEAD|POST|PUT|PATCH|DELETE) (/[^\s`?]*)", text)
    return {(method, re.sub(r"{[^}]*}", "{}", path)) for method, path in found}


def test_every_route_stands_in_the_document_and_nothing_else(description: dict[str, Any]) -> None:
    routes = {
        (method.upper(), re.sub(r"{[^}]*}", "{}", path.removeprefix("/api/v1")))
        for path, methods in description["paths"].items()
        for method in methods
    }
    assert sorted(calls_in(read("docs/protocol/http.md").text) ^ routes) == []
    assert calls_in("`GET /chats/{chat}/reads?first=` and `PUT /directs {number}`") == {
        ("GET", "/chats/{}/reads"),
        ("PUT", "/directs"),
    }


class Listening(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@pytest.fixture
async def address(app: Litestar) -> AsyncGenerator[str]:
    """Where the application listens on a real port, in the test's own loop."""
    server = Listening(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await server.listens.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


def test_it_is_openapi_3_1_with_every_route(description: dict[str, Any], operations: list[Operation]) -> None:
    assert description["openapi"].startswith("3.1.")
    assert description["info"]["title"] == "hutong"
    paths = {path for _, path, _ in operations}
    assert {"/api/v1/accounts", "/api/v1/sessions", "/api/v1/accounts/me", "/healthz", "/readyz", "/metrics"} <= paths


def test_every_route_says_what_it_does(operations: list[Operation]) -> None:
    wordless = [
        f"{method} {path}"
        for method, path, operation in operations
        if not (operation.get("summary") and operation.get("description") and operation.get("tags"))
    ]
    assert wordless == []
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))


def test_every_route_says_that_its_refusals_are_problems(operations: list[Operation]) -> None:
    for method, path, operation in operations:
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        for status, answer in refusals.items():
            if path == "/readyz" and status == "503":
                continue
            assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"
            assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


def test_whoever_must_sign_in_is_told_so(operations: list[Operation]) -> None:
    by_name = {(method, path): operation for method, path, operation in operations}

    assert by_name["GET", "/api/v1/accounts/me"]["security"] == [{"bearer": []}, {"cookie": []}]
    assert "401" in by_name["GET", "/api/v1/accounts/me"]["responses"]
    assert not by_name["POST", "/api/v1/accounts"].get("security")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_no_input_breaks_a_route(
    description: dict[str, Any], address: str, house: House, cast: Cast, mode: GenerationMode
) -> None:
    """Schemathesis makes input that fits the description, and input that does not; each route gets a session of its
    own, because some of them end it."""
    results = list(schemathesis.openapi.from_dict(description).get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results), "a part of the description is not OpenAPI"
    async with house.database.transaction() as session:
        tokens = await identity.open_sessions(session, [cast.alice.number] * len(found), clock=house.clock)

    def ask_everything() -> None:
        for operation, token in zip(found, tokens, strict=True):
            _ask(operation, mode, address, {"authorization": f"Bearer {token}"})

    await asyncio.to_thread(ask_everything)


def _ask(operation: Any, mode: GenerationMode, address: str, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES_MAX,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)

    if mode is GenerationMode.NEGATIVE and not (operation.body or list(operation.iter_parameters())):
        return  # A route that takes nothing cannot be given something wrong.
    ask()
