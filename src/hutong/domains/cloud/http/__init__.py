"""Routes of what apps keep here: parse, call one verb, answer. Bots call those under ``/apps/me``."""

from litestar import Router

from .bundles import bundle_routes, page_routes
from .files import file_routes
from .store import store_routes

__all__ = ["pages", "router"]

router = Router("/", route_handlers=[*bundle_routes, *file_routes, *store_routes])

pages = Router("/mini", route_handlers=[*page_routes])
"""The pages of mini apps, which are no part of the API and have no right of ours."""
