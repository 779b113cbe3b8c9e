"""What media does without anybody asking."""

from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.kit.clock import Clock
from hutong.settings import Limits

from .actions.sweeping import forget_spares, give_up_unused, give_up_uploads, list_spares

__all__ = ["sweep_media"]


async def sweep_media(database: Database, blobs: Blobs, *, limits: Limits, clock: Clock) -> None:
    """Gives up what waited too long, and deletes the blobs that nothing needs any more. Several at once are
    harmless."""
    async with database.transaction() as session:
        await give_up_uploads(session, clock=clock)
        await give_up_unused(session, limits=limits, clock=clock)
    async with database.transaction() as session:
        prefixes = await list_spares(session, clock=clock)
    for prefix in prefixes:
        while keys := await blobs.list_keys(prefix):
            await blobs.delete(keys)
    async with database.transaction() as session:
        await forget_spares(session, prefixes)
