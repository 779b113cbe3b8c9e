"""Puts the application together."""

from functools import partial
from typing import Any

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.plugins import PluginProtocol

from hutong.bridges import bridge_routes
from hutong.domains import chat, identity, media, openplatform
from hutong.domains.chat.http import router as chat_routes
from hutong.domains.cloud.http import pages as mini_pages
from hutong.domains.cloud.http import router as cloud_routes
from hutong.domains.directory.http import router as directory_routes
from hutong.domains.identity.http import router as identity_routes
from hutong.domains.media.http import router as media_routes
from hutong.domains.notifications.http import router as notice_routes
from hutong.domains.openplatform.http import discovery_routes
from hutong.domains.openplatform.http import router as openplatform_routes
from hutong.infra.ways_in import WaysIn
from hutong.infra.web import Edge, render_exception, write_security_headers

from .client import web_client_routes
from .description import describe, description_routes, documented_problems
from .health import health_routes
from .house import House
from .measures import measure_requests
from .site import site_routes

__all__ = ["API_PATH", "create_app", "create_health_app", "refurnish"]

API_PATH = "/api/v1"


def create_app(house: House) -> Litestar:
    """The whole HTTP application over the parts of the house. It opens nothing and closes nothing of them."""
    edge, parts = _edge_of(house), _parts_of(house)
    plugins: list[PluginProtocol] = [documented_problems]
    app = Litestar(
        route_handlers=[
            Router(
                API_PATH,
                route_handlers=[
                    *site_routes,
                    identity_routes,
                    media_routes,
                    notice_routes,
                    chat_routes,
                    openplatform_routes,
                    cloud_routes,
                    directory_routes,
                ],
            ),
            mini_pages,
            *health_routes,
            *description_routes,
            *bridge_routes,
            *discovery_routes,
            *web_client_routes(),
        ],
        dependencies=edge.dependencies() | _provided(parts),
        guards=[edge.refuse_foreign_pages],
        middleware=[measure_requests],
        before_send=[write_security_headers(is_https=house.settings.public_url.startswith("https://"))],
        exception_handlers={Exception: render_exception},
        request_max_body_size=house.settings.limits.body_bytes_max,
        openapi_config=describe(),
        plugins=plugins,
        logging_config=None,
        debug=False,
    )
    app.state.edge, app.state.parts = edge, parts
    return app


def refurnish(app: Litestar, house: House) -> None:
    """Gives an application that ``create_app`` has made to another house, whose ``public_url`` and limit of bodies are
    the same. To put one together takes half a second, in which all routes are looked through."""
    edge, parts = app.state.edge, app.state.parts
    vars(edge).update(vars(_edge_of(house)))
    parts.update(_parts_of(house))
    # What routes have kept here of the other house must not be told in this one.
    app.state.clear()
    app.state.edge, app.state.parts = edge, parts


def create_health_app(house: House) -> Litestar:
    """What a process serves beside its work where it does not hold the api role: health and measures alone."""
    return Litestar(
        route_handlers=[*health_routes],
        dependencies=_provided(_parts_of(house)),
        exception_handlers={Exception: render_exception},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _edge_of(house: House) -> Edge:
    find_actor = partial(identity.find_actor, clock=house.clock)
    admit_bot = partial(
        openplatform.admit_bot, database=house.database, clock=house.clock, limits=house.settings.limits
    )
    return Edge(house.database, house.settings, find_actor, admit_bot)


def _parts_of(house: House) -> dict[str, Any]:
    """What routes may ask for by name beside the edge's own: see ``hutong.infra.web.Needs``."""
    return {
        "settings": house.settings,
        "database": house.database,
        "bus": house.bus,
        "clock": house.clock,
        "writer": house.writer,
        "blobs": house.blobs,
        "darkroom": house.darkroom,
        "ways_in": WaysIn(house.settings),
        "desk": house.desk,
        "porters": house.porters,
        "leaving": house.leaving,
        "wear_avatar": partial(media.wear_avatar, clock=house.clock),
        "may_talk": openplatform.check_talk,
        "acquaintance": identity.Acquaintance(chat.groups_in_common, chat.sees_group),
    }


def _provided(parts: dict[str, Any]) -> dict[str, Provide]:
    def part(name: str) -> Provide:
        def give() -> Any:
            return parts[name]

        return Provide(give, sync_to_thread=False)

    return {name: part(name) for name in parts}
