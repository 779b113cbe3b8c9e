"""Accounts, their handles and addresses, their sessions, and invitations to sign up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _accounts()
    _names()
    op.create_table(
        "identity_session",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("client", sa.String(10), server_default="web", nullable=False),
        sa.Column("device", sa.String(120), server_default="", nullable=False),
        sa.Column("address", sa.String(45), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("number", "id", name=op.f("pk_identity_session")),
        sa.ForeignKeyConstraint(
            ["number"],
            ["identity_account.number"],
            name=op.f("fk_identity_session_number"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("uq_identity_session_token", "identity_session", ["number", "token_hash"], unique=True)
    op.create_table(
        "identity_invitation",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_identity_invitation")),
        sa.CheckConstraint("uses_left >= 0", name=op.f("ck_identity_invitation_uses_left")),
    )


def _accounts() -> None:
    op.create_table(
        "identity_account",
        sa.Column("number", sa.BigInteger(), sa.Identity(start=10_001), nullable=False),
        sa.Column("nickname", sa.String(120), nullable=False),
        sa.Column("state", sa.String(12), server_default="active", nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("handle", sa.String(30), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("avatar", sa.String(64), nullable=True),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("city", sa.String(60), nullable=True),
        sa.Column("interests", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("visibility", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("reach", sa.String(10), server_default="everyone", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_account")),
        sa.CheckConstraint(
            "state IN ('active', 'waiting', 'refused', 'placeholder')", name=op.f("ck_identity_account_state")
        ),
        sa.CheckConstraint("reach IN ('everyone', 'groups', 'nobody')", name=op.f("ck_identity_account_reach")),
    )
    op.create_index(
        "ix_identity_account_waiting",
        "identity_account",
        ["created_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _names() -> None:
    op.create_table(
        "identity_handle",
        sa.Column("handle", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_identity_handle")),
        sa.CheckConstraint("kind IN ('person', 'group')", name=op.f("ck_identity_handle_kind")),
    )
    op.create_table(
        "identity_email",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_identity_email")),
    )
