"""Apps, their bots, where these are installed, and the events that they hear."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("identity_account", sa.Column("kind", sa.String(length=6), server_default="person", nullable=False))
    # Not looked through at once, which would hold up everybody; that comes last.
    op.execute(
        "ALTER TABLE identity_account ADD CONSTRAINT ck_identity_account_kind "
        "CHECK (kind IN ('person', 'bot')) NOT VALID"
    )
    _apps()
    _conversations()
    _heard()
    with op.get_context().autocommit_block():
        # Others read and write meanwhile.
        op.execute("ALTER TABLE identity_account VALIDATE CONSTRAINT ck_identity_account_kind")


def _apps() -> None:
    op.create_table(
        "openplatform_app",
        sa.Column("app_id", sa.BigInteger(), sa.Identity(always=False, start=1001), nullable=False),
        sa.Column("owner_number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("scopes", ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="sandbox", nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('sandbox', 'reviewed', 'suspended', 'dropped')", name=op.f("ck_openplatform_app_state")
        ),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_openplatform_app")),
    )
    op.create_index("ix_openplatform_app_owner_number", "openplatform_app", ["owner_number"], unique=False)
    op.create_table(
        "openplatform_bot",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("last_event", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("bot_number", name=op.f("pk_openplatform_bot")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("ix_openplatform_bot_app_id", "openplatform_bot", ["app_id"], unique=False)
    op.create_index(
        "ix_openplatform_bot_dropped",
        "openplatform_bot",
        ["dropped_at"],
        unique=False,
        postgresql_where=sa.text("dropped_at IS NOT NULL"),
    )


def _conversations() -> None:
    op.create_table(
        "openplatform_install",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "bot_number", name=op.f("pk_openplatform_install")),
    )
    op.create_index("ix_openplatform_install_bot_number", "openplatform_install", ["bot_number"], unique=False)
    op.create_table(
        "openplatform_followed",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_rev", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_openplatform_followed")),
    )
    op.create_table(
        "openplatform_recall",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "seq", name=op.f("pk_openplatform_recall")),
    )
    op.create_index("ix_openplatform_recall_gone_at", "openplatform_recall", ["gone_at"], unique=False)


def _heard() -> None:
    op.create_table(
        "openplatform_event",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bot_number", "event", name=op.f("pk_openplatform_event")),
    )
    op.create_index(
        "ix_openplatform_event_message",
        "openplatform_event",
        ["chat_id", "seq"],
        unique=False,
        postgresql_where=sa.text("seq IS NOT NULL"),
    )
    op.create_index("ix_openplatform_event_at", "openplatform_event", ["at"], unique=False)
