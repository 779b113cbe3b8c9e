"""Who asks to join a group, who is kept out, links into it, and what it is found by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("chat_member", sa.Column("mute_reason", sa.String(200), server_default="", nullable=False))
    op.drop_index("ix_chat_group_listed", "chat_group")
    _coming_in()
    op.create_table(
        "chat_listing",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("terms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chat_listing")),
    )
    op.create_index(
        "ix_chat_listing_terms",
        "chat_listing",
        ["terms"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index("ix_chat_listing_size", "chat_listing", ["size", "chat_id"])
    op.create_index("ix_chat_listing_city", "chat_listing", ["city", "size", "chat_id"])


def _coming_in() -> None:
    op.create_table(
        "chat_request",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'refused')", name=op.f("ck_chat_request_state")),
        sa.PrimaryKeyConstraint("chat_id", "account_number", name=op.f("pk_chat_request")),
    )
    op.create_index(
        "ix_chat_request_waiting",
        "chat_request",
        ["chat_id", "asked_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "chat_ban",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("banned_by", sa.BigInteger(), nullable=False),
        sa.Column("banned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "account_number", name=op.f("pk_chat_ban")),
    )
    op.create_table(
        "chat_invitation",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=True),
        sa.Column("joined", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("uses_left >= 0", name=op.f("ck_chat_invitation_uses_left")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_chat_invitation")),
    )
    op.create_index("ix_chat_invitation_chat", "chat_invitation", ["chat_id", "made_at"])
