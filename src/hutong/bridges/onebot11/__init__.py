"""OneBot v11: bots that were written for it work in our conversations as they are.

We are what the standard calls the *implementation*; the bot is somebody else's program. It comes to us by WebSocket
(*forward*) or HTTP, or we go to it (*reverse* WebSocket, *HTTP POST*), as its owner has set up. An *action* is what a
bot asks for, an *event* what it hears, a *quick operation* what it asks for in its answer to an event.

Accounts and groups go by our own numbers, messages by one that is made of conversation and seq; nothing is kept for it.
"""

from .posts import Posts
from .reverse import ReverseLines

__all__ = ["Posts", "ReverseLines"]
