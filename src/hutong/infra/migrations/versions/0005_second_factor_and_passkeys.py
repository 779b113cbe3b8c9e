"""The second factor with its recovery codes, and passkeys with the challenges that they sign."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "identity_account", sa.Column("second_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "identity_account", sa.Column("passkeys", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_table(
        "identity_second_factor",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_identity_second_factor")),
        _of_an_account("identity_second_factor"),
    )
    op.create_table(
        "identity_recovery_code",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", "code_hash", name=op.f("pk_identity_recovery_code")),
        _of_an_account("identity_recovery_code"),
    )
    _passkeys()


def _passkeys() -> None:
    op.create_table(
        "identity_passkey",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", "id", name=op.f("pk_identity_passkey")),
        _of_an_account("identity_passkey"),
    )
    op.create_index("uq_identity_passkey_credential", "identity_passkey", ["number", "credential_id"], unique=True)
    op.create_table(
        "identity_challenge",
        sa.Column("challenge", sa.LargeBinary(32), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_identity_challenge")),
        sa.CheckConstraint("purpose IN ('register', 'sign_in')", name=op.f("ck_identity_challenge_purpose")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_identity_challenge_expires_at", "identity_challenge", ["expires_at"])


def _of_an_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["number"], ["identity_account.number"], name=op.f(f"fk_{table}_number"), ondelete="CASCADE"
    )
