"""Routes of the conversations: parse, call one verb, answer."""

from litestar import Router

from .announcements import announcement_routes
from .chats import chat_routes
from .groups import group_routes
from .invitations import invitation_routes
from .media import media_routes
from .members import member_routes
from .messages import message_routes

__all__ = ["router"]

router = Router(
    "/",
    route_handlers=[
        *announcement_routes,
        *chat_routes,
        *group_routes,
        *invitation_routes,
        *member_routes,
        *media_routes,
        *message_routes,
    ],
)
