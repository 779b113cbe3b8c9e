"""Where the events of bots are sent to, and what became of that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "openplatform_outlet",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outlet_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("options", JSONB(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=3), server_default="on", nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("warned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off')", name=op.f("ck_openplatform_outlet_state")),
        sa.PrimaryKeyConstraint("bot_number", "outlet_id", name=op.f("pk_openplatform_outlet")),
    )
    op.create_index(
        "ix_openplatform_outlet_due",
        "openplatform_outlet",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'on'"),
    )
    op.create_table(
        "openplatform_delivery",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("outlet_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('delivered', 'waiting', 'dead')", name=op.f("ck_openplatform_delivery_state")),
        sa.PrimaryKeyConstraint("bot_number", "delivery_id", name=op.f("pk_openplatform_delivery")),
    )
    op.create_index(
        "ix_openplatform_delivery_waiting",
        "openplatform_delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_openplatform_delivery_at", "openplatform_delivery", ["at"], unique=False)
