"""Apps with which people sign in elsewhere: their addresses, what people let them know, codes, tokens and keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _clients()
    _given()
    op.create_table(
        "openplatform_signing_key",
        sa.Column("kid", sa.String(length=20), nullable=False),
        sa.Column("private", JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_openplatform_signing_key")),
    )


def _clients() -> None:
    op.create_table(
        "openplatform_client",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("redirects", ARRAY(sa.Text()), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("secret_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_openplatform_client")),
    )
    op.create_table(
        "openplatform_tester",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("app_id", "number", name=op.f("pk_openplatform_tester")),
    )
    op.create_table(
        "openplatform_consent",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scopes", ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", "app_id", name=op.f("pk_openplatform_consent")),
    )
    op.create_index("ix_openplatform_consent_app_id", "openplatform_consent", ["app_id"], unique=False)


def _given() -> None:
    op.create_table(
        "openplatform_code",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.LargeBinary(length=16), nullable=False),
        sa.Column("redirect", sa.Text(), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("challenge", sa.String(length=128), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "code_hash", name=op.f("pk_openplatform_code")),
    )
    op.create_index("ix_openplatform_code_expires_at", "openplatform_code", ["expires_at"], unique=False)
    op.create_table(
        "openplatform_token",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.LargeBinary(length=16), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name=op.f("ck_openplatform_token_kind")),
        sa.PrimaryKeyConstraint("app_id", "token_hash", name=op.f("pk_openplatform_token")),
    )
    op.create_index("ix_openplatform_token_family", "openplatform_token", ["app_id", "family"], unique=False)
    op.create_index("ix_openplatform_token_number", "openplatform_token", ["app_id", "number"], unique=False)
    op.create_index("ix_openplatform_token_expires_at", "openplatform_token", ["expires_at"], unique=False)
