"""Routes of the open platform."""

from litestar import Router

from .apps import app_routes
from .bots import bot_routes
from .clients import client_routes
from .mini_apps import mini_app_routes
from .oauth import discovery_routes, oauth_routes
from .outlets import outlet_routes
from .sign_ins import sign_in_routes
from .talk import talk_routes

__all__ = ["discovery_routes", "router"]

router = Router(
    "",
    route_handlers=[
        *app_routes,
        *bot_routes,
        *mini_app_routes,
        *outlet_routes,
        *talk_routes,
        *client_routes,
        *sign_in_routes,
        *oauth_routes,
    ],
)
