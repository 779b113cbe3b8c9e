"""What the API is given to work with."""

import asyncio
from dataclasses import dataclass, field

from hutong.bridges import Desk
from hutong.domains.chat import MessageWriter
from hutong.domains.openplatform import Porters
from hutong.infra.blobs import Blobs
from hutong.infra.bus import Bus
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.kit.clock import Clock, system_clock
from hutong.settings import Settings

__all__ = ["House"]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The parts that live as long as the process. Whoever starts the process makes them and closes them again.

    A domain that needs a further part at run time gets a field here and a line in ``create_app``, which hands it to
    the routes that name it.
    """

    settings: Settings
    database: Database
    bus: Bus
    writer: MessageWriter
    blobs: Blobs
    darkroom: Darkroom
    desk: Desk
    porters: Porters
    clock: Clock = system_clock
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is about to stop, for those who tell their clients so."""
