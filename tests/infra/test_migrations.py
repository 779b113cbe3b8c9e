"""The history of the database: complete, and safe to run twice or by two at once."""

import asyncio
import importlib
import pkgutil

import asyncpg
import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import hutong
from hutong.infra.db import Base, Database
from hutong.infra.migrations import VERSION_TABLE, CannotMigrate, NewerDatabase, known_revisions, migrate, pending


async def test_the_tables_are_those_of_the_models(database: Database) -> None:
    for module in pkgutil.walk_packages(hutong.__path__, "hutong."):
        room = module.name.split(".")
        if room[-1] == "models" or (room[1] == "infra" and "migrations" not in room):
            importlib.import_module(module.name)

    def missing(connection: Connection) -> str:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        upgrade = produce_migrations(context, Base.metadata).upgrade_ops
        assert upgrade is not None
        return "" if upgrade.is_empty() else render_python_code(upgrade)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(missing) == "", "these steps are missing in a revision"


async def test_migrating_twice_does_nothing_the_second_time(empty_database: str) -> None:
    assert await pending(empty_database) == known_revisions()
    assert await migrate(empty_database) == known_revisions()
    assert await migrate(empty_database) == []
    assert await pending(empty_database) == []


async def test_two_who_migrate_at_once_do_it_once(empty_database: str) -> None:
    applied = await asyncio.gather(migrate(empty_database), migrate(empty_database), migrate(empty_database))

    assert sorted(applied) == [[], [], known_revisions()]


async def test_a_revision_that_cannot_be_applied_is_told_and_rolled_back(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    await connection.execute("CREATE TABLE infra_counter (id int)")

    with pytest.raises(CannotMigrate, match=r'cannot be brought up to date: .*"infra_counter" already exists'):
        await migrate(empty_database)
    assert await connection.fetchval("SELECT to_regclass('infra_outbox')") is None
    await connection.execute("DROP TABLE infra_counter")
    assert await migrate(empty_database) == known_revisions()
    await connection.close()


async def test_a_newer_database_is_left_alone(empty_database: str) -> None:
    await migrate(empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("UPDATE infra_revision SET version_num = '9999'")
    await connection.close()

    with pytest.raises(NewerDatabase, match="revision 9999, and this hutong knows revisions up to"):
        await migrate(empty_database)
