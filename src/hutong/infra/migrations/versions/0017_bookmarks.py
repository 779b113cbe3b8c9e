"""How far sessions of bridges have heard."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "openplatform_bookmark",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bot_number", "name", name=op.f("pk_openplatform_bookmark")),
    )
    op.create_index("ix_openplatform_bookmark_at", "openplatform_bookmark", ["at"], unique=False)
