"""What following and recovering need: the tables, the bus, the fan-out, and the book of who is online."""

import asyncio
from collections.abc import Awaitable, Callable

from hutong.infra.bus import Bus, Heard
from hutong.infra.db import Database
from hutong.kit.clock import Clock

from .fanout import FanOut
from .presence import PresenceBook

__all__ = ["Books"]


class Books:
    """``opening`` is held by whoever opens or closes rooms; ``heard`` takes what the bus brings for a room;
    ``handed_on`` returns when the fan-out has all that this process had committed."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        fanout: FanOut,
        clock: Clock,
        heard: Heard,
        handed_on: Callable[[], Awaitable[None]],
    ) -> None:
        self.database = database
        self.bus = bus
        self.fanout = fanout
        self.clock = clock
        self.heard = heard
        self.handed_on = handed_on
        self.presence = PresenceBook(database, bus, fanout)
        self.opening = asyncio.Lock()
