"""What identity does without being asked."""

from datetime import timedelta

from hutong.infra.db import Database
from hutong.kit.clock import Clock, system_clock

from .actions import forget_idle_sessions

__all__ = ["sweep_sessions"]


async def sweep_sessions(database: Database, *, idle_days_max: int, clock: Clock = system_clock) -> None:
    """Signs devices out that nobody has used for so long: a lost phone does not stay signed in for ever."""
    async with database.transaction() as session:
        await forget_idle_sessions(session, before=clock() - timedelta(days=idle_days_max))
