"""Versions of a mini app's pages: kept, put live, rolled back, given up."""

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.openplatform import host_mini_app, hosted_path, unhost_mini_app
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..bundles import Packed
from ..errors import NoSuchBundle
from ..models import Bundle, BundleFile
from .dropping import forget_spares, locked_holding, spare

__all__ = ["drop_bundle", "keep_bundle", "put_live"]


async def keep_bundle(
    session: AsyncSession, app_id: int, files: list[Packed], *, blob: str, size_bytes: int, clock: Clock, limits: Limits
) -> int:
    """Keeps what was stored under ``blob``, which was set aside, as the next version, and returns its number. The
    oldest beyond those that are kept goes, but never the one that is live."""
    holding = await locked_holding(session, app_id)
    holding.last_bundle += 1
    version = holding.last_bundle
    session.add(
        Bundle(app_id=app_id, version=version, blob=blob, files=len(files), size_bytes=size_bytes, sent_at=clock())
    )
    await session.flush()
    rows = [{"app_id": app_id, "version": version, **file._asdict()} for file in files]
    await session.execute(insert(BundleFile), rows)
    await forget_spares(session, [blob])
    kept = (await session.scalars(select(Bundle).where(Bundle.app_id == app_id).order_by(Bundle.version))).all()
    old = [bundle for bundle in kept if bundle.version not in (version, holding.live_bundle)]
    for bundle in old[: max(0, len(kept) - limits.bundles_per_app_max)]:
        await _forget(session, bundle, clock)
    return version


async def put_live(session: AsyncSession, app_id: int, version: int) -> None:
    """Serves this version from now on, whether it is newer or older than the one before. Raises ``NoSuchBundle``."""
    holding = await locked_holding(session, app_id)
    if await session.get(Bundle, (app_id, version)) is None:
        raise NoSuchBundle
    holding.live_bundle = version
    await host_mini_app(session, app_id, hosted_path(app_id))
    await session.flush()


async def drop_bundle(session: AsyncSession, app_id: int, version: int, *, clock: Clock) -> None:
    """The version is no more; where it was live, nothing is. Raises ``NoSuchBundle``."""
    holding = await locked_holding(session, app_id)
    bundle = await session.get(Bundle, (app_id, version))
    if bundle is None:
        raise NoSuchBundle
    if holding.live_bundle == version:
        holding.live_bundle = None
        await unhost_mini_app(session, app_id, hosted_path(app_id))
    await _forget(session, bundle, clock)
    await session.flush()


async def _forget(session: AsyncSession, bundle: Bundle, clock: Clock) -> None:
    await spare(session, [bundle.blob], clock())
    await session.execute(
        delete(BundleFile).where(BundleFile.app_id == bundle.app_id, BundleFile.version == bundle.version)
    )
    await session.delete(bundle)
