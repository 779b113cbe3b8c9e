"""What media does without anybody asking."""

from hutong.infra.blobs import Blobs, FilesUnavailable
from hutong.infra.db import Database
from hutong.kit.clock import Clock
from hutong.settings import Limits

from .actions.sweeping import (
    AT_ONCE_MAX,
    InUse,
    forget_spares,
    give_up_released,
    give_up_unused,
    give_up_uploads,
    list_spares,
)

__all__ = ["sweep_media"]


async def sweep_media(database: Database, blobs: Blobs, *, in_use: InUse, limits: Limits, clock: Clock) -> None:
    """Gives up what waited too long or is used no more, and deletes the blobs that nothing needs then. Several at once
    are harmless."""
    async with database.transaction() as session:
        await give_up_uploads(session, clock=clock)
        await give_up_unused(session, limits=limits, clock=clock)
    looked_at = AT_ONCE_MAX
    while looked_at == AT_ONCE_MAX:
        async with database.transaction() as session:
            looked_at = await give_up_released(session, in_use, limits=limits, clock=clock)
    deleted = AT_ONCE_MAX
    while deleted == AT_ONCE_MAX:
        deleted = await _delete_spares(database, blobs, clock)


async def _delete_spares(database: Database, blobs: Blobs, clock: Clock) -> int:
    async with database.transaction() as session:
        prefixes = await list_spares(session, clock=clock)
    gone: list[str] = []
    failure: FilesUnavailable | None = None
    for prefix in prefixes:
        try:
            await blobs.delete_below(prefix)
        except FilesUnavailable as error:
            # One that cannot be deleted must not keep the others; it is tried again.
            failure = error
        else:
            gone.append(prefix)
    async with database.transaction() as session:
        await forget_spares(session, gone)
    if failure is not None:
        raise failure
    return len(prefixes)
