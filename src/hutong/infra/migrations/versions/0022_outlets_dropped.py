"""Outlets that were dropped, whose deliveries are forgotten some at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    # Whatever stopped this half-way does not keep it from being begun again.
    op.execute("ALTER TABLE openplatform_outlet ADD COLUMN IF NOT EXISTS dropped_at timestamptz")
    with op.get_context().autocommit_block():
        # What an interrupted try has left is no index.
        op.drop_index(
            "ix_openplatform_outlet_dropped", "openplatform_outlet", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            "ix_openplatform_outlet_dropped",
            "openplatform_outlet",
            ["dropped_at"],
            unique=False,
            postgresql_where=sa.text("dropped_at IS NOT NULL"),
            postgresql_concurrently=True,
        )
