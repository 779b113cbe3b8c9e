"""``hutong migrate``: brings the database up to date without serving."""

import asyncio
from pathlib import Path

from hutong.infra import migrations
from hutong.infra.engines import use_engines

from .console import say, settings_from

__all__ = ["migrate"]


def migrate(*, data: Path | None = None) -> None:
    """Bring the database up to date.

    `hutong serve` does so too; this is for a fleet, before its servers are replaced.

    Parameters
    ----------
    data
        The data folder. Its engines are started for this, unless a server runs on it.
    """
    settings = settings_from(data)

    async def run() -> None:
        async with use_engines(settings, say) as engines:
            applied = await migrations.migrate(engines.database_url, say)
            say(f"Applied {', '.join(applied)}" if applied else "The database is up to date")

    asyncio.run(run())
