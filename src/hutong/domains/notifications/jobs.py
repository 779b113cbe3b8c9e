"""What happens to notices without being asked."""

from hutong.infra.db import Database
from hutong.kit.clock import Clock
from hutong.settings import Limits

from .actions import sweep_notices as sweep_some

__all__ = ["sweep_notices"]


async def sweep_notices(database: Database, *, clock: Clock, limits: Limits) -> None:
    """Forgets old notices, some at a time."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await sweep_some(session, clock=clock, limits=limits)
