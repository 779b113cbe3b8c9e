"""Conversations: chats and groups, who is in them, what was said and what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE SEQUENCE chat_numbers START WITH 80001")
    op.execute("CREATE SEQUENCE chat_message_ids START WITH 1000 INCREMENT BY 1000")
    _chats()
    _people()
    _words()


def _chats() -> None:
    op.create_table(
        "chat_chat",
        sa.Column("chat_id", sa.BigInteger(), server_default=sa.text("nextval('chat_numbers')"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("members_rev", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("muted_all", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("dissolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('direct', 'group')", name=op.f("ck_chat_chat_kind")),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chat_chat")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "chat_group",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("avatar", sa.String(length=64), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.String(length=80), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("join_mode", sa.String(length=12), nullable=False),
        sa.Column("question", sa.String(length=200), server_default="", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("listed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=True),
        sa.Column("owner_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "join_mode IN ('open', 'approval', 'invitation', 'closed')", name=op.f("ck_chat_group_join_mode")
        ),
        sa.CheckConstraint(
            "kind IN ('model', 'interest', 'brand', 'knowledge', 'tool', 'mixed')", name=op.f("ck_chat_group_kind")
        ),
        sa.CheckConstraint("members >= 0 AND members <= capacity", name=op.f("ck_chat_group_members_fit")),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chat_group")),
    )
    op.create_index(
        "ix_chat_group_listed", "chat_group", ["city", "kind"], unique=False, postgresql_where=sa.text("listed")
    )
    op.create_table(
        "chat_direct",
        sa.Column("low_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("high_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("low_number < high_number", name=op.f("ck_chat_direct_ordered")),
        sa.PrimaryKeyConstraint("low_number", "high_number", name=op.f("pk_chat_direct")),
    )


def _people() -> None:
    op.create_table(
        "chat_member",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("card", sa.String(length=80), server_default="", nullable=False),
        sa.Column("muted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('owner', 'admin', 'member')", name=op.f("ck_chat_member_role")),
        sa.PrimaryKeyConstraint("chat_id", "account_number", name=op.f("pk_chat_member")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "chat_inbox",
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notify", sa.String(length=8), server_default="all", nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("notify IN ('all', 'mentions', 'none')", name=op.f("ck_chat_inbox_notify")),
        sa.PrimaryKeyConstraint("account_number", "chat_id", name=op.f("pk_chat_inbox")),
    )
    op.create_table(
        "chat_mention",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "account_number", "seq", name=op.f("pk_chat_mention")),
    )


def _words() -> None:
    op.create_table(
        "chat_message",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sender_number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("segments", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recalled_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("chat_id", "seq", name=op.f("pk_chat_message")),
        sa.UniqueConstraint("chat_id", "sender_number", "key", name=op.f("uq_chat_message_chat_id_sender_number_key")),
    )
    op.create_index(
        "ix_chat_message_recalled",
        "chat_message",
        ["chat_id", "seq"],
        unique=False,
        postgresql_where=sa.text("recalled_at IS NOT NULL"),
    )
    op.create_table(
        "chat_change",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rev", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "rev", name=op.f("pk_chat_change")),
    )
