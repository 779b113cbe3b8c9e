"""The official group-bot protocol ("v2"): access tokens, calls, a gateway that can be resumed, and signed webhooks.

A bot is known by its number (``appId``) and one of its tokens (``clientSecret``). Everything else that it hears of has
opaque names, see ``seals``.
"""

from .routes import router
from .webhooks import QQPorter

__all__ = ["QQPorter", "router"]
