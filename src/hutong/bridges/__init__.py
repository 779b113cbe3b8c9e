"""Other systems' live protocols, spoken over our domains: programs written for them run against a hutong unchanged.

``Desk`` is what a bot does, for all of them; each bridge is a room of its own with ``routes``, put together here. A
bridge parses, asks the desk, and answers; it has no rights of its own.
"""

from litestar.types import ControllerRouterHandler

from hutong.domains.openplatform import Porter, Porters, Webhooks

from .desk import Desk, Sent
from .files import file_routes
from .onebot11 import Posts, ReverseLines
from .onebot11.http import router as onebot11_routes
from .qqbot import QQPorter
from .qqbot import router as qqbot_routes
from .telegram import TelegramPorter
from .telegram import router as telegram_routes

__all__ = ["HOSTS", "Desk", "ReverseLines", "Sent", "bridge_routes", "porters_at"]

bridge_routes: list[ControllerRouterHandler] = [*file_routes, onebot11_routes, qqbot_routes, telegram_routes]
"""Of every bridge, for the root of the site. They may ask for the ``desk``."""

_QQBOT = "/bridges/qqbot"

HOSTS = {"api.sgroup.qq.com": _QQBOT, "sandbox.api.sgroup.qq.com": _QQBOT, "bots.qq.com": _QQBOT}
"""The hosts that unmodified clients insist on, and under which path of ours what they ask for is served."""


def porters_at(desk: Desk) -> Porters:
    """For each kind of outlet how events are written down for it."""
    porters: dict[str, Porter] = {
        "webhook": Webhooks(lambda: desk.clock().timestamp()),
        "onebot11_http": Posts(desk),
        "qqbot": QQPorter(desk),
        "telegram": TelegramPorter(desk),
    }
    return Porters(porters)
