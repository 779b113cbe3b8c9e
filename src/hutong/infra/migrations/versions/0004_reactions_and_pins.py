"""What is put to messages: reactions, pins and previews of links."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "chat_reaction",
        *_place_of_a_message(),
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("emoji", sa.String(length=32), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "seq", "account_number", "emoji", name=op.f("pk_chat_reaction")),
    )
    op.create_table(
        "chat_pin",
        *_place_of_a_message(),
        sa.Column("pinned_by", sa.BigInteger(), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "seq", name=op.f("pk_chat_pin")),
    )
    op.create_table(
        "chat_preview",
        *_place_of_a_message(),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "seq", "place", name=op.f("pk_chat_preview")),
    )


def _place_of_a_message() -> list[sa.Column[int]]:
    return [
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
    ]
