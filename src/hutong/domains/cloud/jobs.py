"""What happens to what apps keep here behind the scenes."""

from hutong.domains.openplatform import AppDropped
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.infra.jobs import Subscriber, Task
from hutong.kit.clock import Clock

from .actions import drop_holding, forget_spares, list_spares, sweep_expired

__all__ = ["app_holdings", "sweep_holdings"]


def app_holdings(database: Database, *, clock: Clock) -> Subscriber:
    """Forgets what apps kept that are given up."""

    async def handle(task: Task) -> None:
        dropped = task.read(AppDropped)
        async with database.transaction() as session:
            await drop_holding(session, dropped.app, clock=clock)

    return Subscriber("cloud-holdings", ("openplatform.AppDropped",), handle)


async def sweep_holdings(database: Database, blobs: Blobs, *, clock: Clock) -> None:
    """Deletes entries whose time is over, and blobs that nothing needs. Several at once are harmless."""
    swept = 1
    while swept:
        async with database.transaction() as session:
            swept = await sweep_expired(session, clock=clock)
    async with database.transaction() as session:
        spares = await list_spares(session, clock=clock)
    await blobs.delete(spares)
    async with database.transaction() as session:
        await forget_spares(session, spares)
