"""A box of notices for each account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "notifications_notice",
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_number", "notice_id", name=op.f("pk_notifications_notice")),
    )
    op.create_index(
        "ix_notifications_notice_unread",
        "notifications_notice",
        ["account_number", "kind", "about"],
        unique=True,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("ix_notifications_notice_last", "notifications_notice", ["account_number", "last_at"], unique=False)
    op.create_index("ix_notifications_notice_last_at", "notifications_notice", ["last_at"], unique=False)
