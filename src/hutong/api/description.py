"""How the application describes itself: OpenAPI 3.1 at ``/api/openapi.json``."""

import asyncio
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.enums import MediaType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute

from hutong import __version__
from hutong.infra.web import PROBLEM_TYPE, SESSION_COOKIE, Problem
from hutong.kit.errors import NotFound

__all__ = ["describe", "description_routes", "documented_problems"]

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "What was sent cannot be understood or is outside the limits.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, or not well enough.",
    HTTPStatus.FORBIDDEN: "This person may not do this.",
    HTTPStatus.NOT_FOUND: "It does not exist, or this person may not know that it does.",
    HTTPStatus.CONFLICT: "What is there already stands in the way.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.TOO_MANY_REQUESTS: "That was too often; `Retry-After` says when to try again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A part of hutong cannot answer just now; nothing was changed.",
}


def describe() -> OpenAPIConfig:
    """Title, version and the two ways to sign in."""
    return OpenAPIConfig(
        title="hutong",
        version=__version__,
        description="Groups that talk. Errors are RFC 9457 problem details with a stable `code`.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        # Litestar's own routes write the description on the event loop, and hold it for dozens of milliseconds.
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router("/api/openapi", route_handlers=[], include_in_schema=False, guards=[_is_not_there]),
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "cookie": SecurityScheme(type="apiKey", name=SESSION_COOKIE, security_scheme_in="cookie"),
            }
        ),
        tags=[
            Tag("Accounts", "People, their names and what they show of themselves."),
            Tag("Sessions", "Signed-in devices."),
            Tag("Security", "Passkeys and the second factor."),
            Tag("Media", "Files that people send, and the pictures they wear."),
            Tag("Cloud", "What an app keeps here: values and documents, files, the pages of its mini app."),
            Tag("Directory", "Apps that are here for everybody: versions, ratings, and what is offered to groups."),
            Tag("Mini apps", "Web pages of apps, opened beside a conversation."),
            Tag("Operation", "For whoever runs this site."),
        ],
    )


def _is_not_there(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    raise NotFound


@get("/api/openapi.json", include_in_schema=False, media_type=MediaType.JSON)
async def get_description(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The description, written once for each application, beside the event loop."""
    return Response(await asyncio.to_thread(_written, request.app), media_type=MediaType.JSON)


@lru_cache(maxsize=4)
def _written(app: Litestar) -> bytes:
    return msgspec.json.encode(app.openapi_schema.to_schema())


description_routes = [get_description]


class DocumentedProblems(ReceiveRoutePlugin):
    """Adds to every route of the API the problems that it may answer with, and how to sign in for it."""

    def receive_route(self, route: BaseRoute) -> None:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and handler.resolve_include_in_schema():
                wanted = handler.parsed_fn_signature.parameters
                if "actor" in wanted or "viewer" in wanted:
                    handler.security = [{"bearer": []}, {"cookie": []}]
                handler.responses = _problems_of(handler) | dict(handler.responses or {})


def _problems_of(handler: HTTPRouteHandler) -> dict[int, ResponseSpec]:
    wanted = handler.parsed_fn_signature.parameters
    statuses = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE}
    if not wanted.keys().isdisjoint({"actor", "caller", "session"}):
        statuses |= {HTTPStatus.UNAUTHORIZED}
    if not handler.http_methods <= {"GET", "HEAD"}:
        statuses |= {HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
    if "data" in wanted or "body" in wanted:
        statuses |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    return {
        status: ResponseSpec(Problem, description=_SENTENCES[status], media_type=PROBLEM_TYPE, generate_examples=False)
        for status in sorted(statuses)
    }


documented_problems = DocumentedProblems()
