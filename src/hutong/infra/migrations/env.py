"""What Alembic runs; the connection comes from ``hutong.infra.migrations.migrate``."""

from alembic import context

from hutong.infra.migrations import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
