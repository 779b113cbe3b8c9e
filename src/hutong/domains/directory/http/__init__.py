"""Routes of the directory: parse, call one verb, answer. For people: bots have no business here."""

from litestar import Router

from .grants import grant_routes
from .listings import listing_routes
from .ratings import rating_routes
from .versions import version_routes

__all__ = ["router"]

router = Router("", route_handlers=[*grant_routes, *listing_routes, *rating_routes, *version_routes])
