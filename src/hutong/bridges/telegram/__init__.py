"""The Bot API that most bots of Telegram speak, over our conversations, under ``/bridges/telegram``.

Words: an *update* is what such a bot calls an event of ours; an *entity* is a mark on a piece of a text. What a bot
says and hears is translated by pure rooms (``markup``, ``markdown``, ``saying``; ``reading``, ``hearing``); ``calls``
and ``methods`` ask the desk; ``polling`` brings what the bot has not confirmed, ``porter`` sends it.
"""

from .http import router
from .porter import TelegramPorter

__all__ = ["TelegramPorter", "router"]
