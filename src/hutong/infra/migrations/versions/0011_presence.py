"""Who is online, and how many were, minute by minute."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "chat_online",
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("client", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("account_number", "gateway", "client", name=op.f("pk_chat_online")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "chat_gateway",
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_chat_gateway")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "chat_online_sample",
        sa.Column("sampled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.String(length=10), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sampled_at", "client", name=op.f("pk_chat_online_sample")),
    )
