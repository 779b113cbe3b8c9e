"""The one linear history of the database, and the runner that brings a database up to it.

A revision is a file ``versions/0001_what_it_does.py`` whose number is its revision id. It suits the release before it,
which may still be running: new columns are nullable or have a default, and large indexes are built concurrently
(``with op.get_context().autocommit_block()``).
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from hutong.infra.db import sqlalchemy_url
from hutong.kit.errors import Conflict, Unavailable

__all__ = [
    "FOLDER",
    "VERSION_TABLE",
    "CannotMigrate",
    "NewerDatabase",
    "known_revisions",
    "migrate",
    "pending",
    "revision_of",
]

VERSION_TABLE = "infra_revision"
_LOCK = 0x4855_544F_4E47
_TURN_WAIT_S = 0.1
FOLDER = Path(__file__).parent


class NewerDatabase(Conflict):
    """A newer hutong has been at work on this database."""

    code = "migrations.newer_database"
    text = (
        "The database is at revision {found}, and this hutong knows revisions up to {known}. "
        "Install the hutong that wrote it, or a newer one."
    )


class CannotMigrate(Unavailable):
    """A revision failed. It was rolled back, and those before it stand."""

    code = "migrations.cannot_migrate"
    text = "The database cannot be brought up to date: {reason}"


def known_revisions() -> list[str]:
    """The revisions that this hutong brings, oldest first."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py"))


async def revision_of(url: str) -> str:
    """The revision that a database is at, or nothing for an empty one. Raises ``NewerDatabase``."""
    connection = await asyncpg.connect(url)
    try:
        found: str = await connection.fetchval(f"SELECT version_num FROM {VERSION_TABLE}") or ""  # noqa: S608 - constant
    except asyncpg.UndefinedTableError:
        found = ""
    finally:
        await connection.close()
    known = known_revisions()
    if found and found not in known:
        raise NewerDatabase(found=found, known=known[-1])
    return found


async def pending(url: str) -> list[str]:
    """The revisions that a database still lacks, in order. Raises ``NewerDatabase``."""
    found = await revision_of(url)
    return [revision for revision in known_revisions() if revision > found]


async def migrate(url: str, say: Callable[[str], None] = lambda sentence: None) -> list[str]:
    """Brings the database up to date and returns the revisions that were applied; a second call applies none.

    Processes that migrate at the same time wait for each other. A revision that cannot get its locks within 5 seconds
    fails and is rolled back. Raises ``NewerDatabase`` and ``CannotMigrate``.
    """
    if not await pending(url):
        return []
    engine = create_async_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _take_turn(connection)
            missing = await pending(url)
            if missing:
                say(f"Bringing the database up to revision {missing[-1]}")
                await _upgrade(connection)
    except DBAPIError as error:
        raise CannotMigrate(reason=f"{error.orig}.") from error
    finally:
        await engine.dispose()
    return missing


async def _take_turn(connection: AsyncConnection) -> None:
    """Waits for whoever migrates already, and not within a statement: an index that is built concurrently waits for
    every statement that began before it, and the two would wait for each other."""
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
        await connection.commit()
        await asyncio.sleep(_TURN_WAIT_S)
    await connection.commit()


async def _upgrade(connection: AsyncConnection) -> None:
    # Alembic takes a third of a second to import, which a start that has nothing to migrate need not spend.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    await connection.execute(text("SET lock_timeout = '5s'"))
    await connection.commit()
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")

    def run(sync_connection: object) -> None:
        config.attributes["connection"] = sync_connection
        command.upgrade(config, "head")

    await connection.run_sync(run)
