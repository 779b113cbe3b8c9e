"""Files that people send: on their way here, as they are stored, who holds them, and which messages carry them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

_KINDS = "kind IN ('image', 'voice', 'video', 'file')"
_PURPOSES = "purpose IN ('message', 'file', 'avatar')"


def upgrade() -> None:
    _uploads()
    _files()
    op.create_table(
        "chat_media",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "media_id", "seq", name=op.f("pk_chat_media")),
    )


def _uploads() -> None:
    op.create_table(
        "media_upload",
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upload_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("piece_bytes", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finishing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("media_id", sa.String(length=32), nullable=True),
        sa.CheckConstraint(_PURPOSES, name=op.f("ck_media_upload_purpose")),
        sa.CheckConstraint("size_bytes > 0 AND piece_bytes > 0", name=op.f("ck_media_upload_sizes")),
        sa.PrimaryKeyConstraint("account_number", "upload_id", name=op.f("pk_media_upload")),
    )
    op.create_index("ix_media_upload_expires_at", "media_upload", ["expires_at"], unique=False)
    op.create_table(
        "media_piece",
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upload_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_number", "upload_id"],
            ["media_upload.account_number", "media_upload.upload_id"],
            name=op.f("fk_media_piece_account_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_number", "upload_id", "n", name=op.f("pk_media_piece")),
    )


def _files() -> None:
    op.create_table(
        "media_file",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("small", JSONB(none_as_null=True), nullable=True),
        sa.Column("large", JSONB(none_as_null=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_KINDS, name=op.f("ck_media_file_kind")),
        sa.PrimaryKeyConstraint("sha256", "kind", name=op.f("pk_media_file")),
    )
    op.create_table(
        "media_item",
        sa.Column("media_id", sa.String(length=32), nullable=False),
        sa.Column("owner_number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("avatars", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_KINDS, name=op.f("ck_media_item_kind")),
        sa.CheckConstraint(_PURPOSES, name=op.f("ck_media_item_purpose")),
        sa.CheckConstraint("avatars >= 0", name=op.f("ck_media_item_avatars")),
        sa.PrimaryKeyConstraint("media_id", name=op.f("pk_media_item")),
    )
    op.create_index("ix_media_item_file", "media_item", ["sha256", "kind"], unique=False)
    op.create_index(
        "ix_media_item_unused", "media_item", ["made_at"], unique=False, postgresql_where=sa.text("kept_at IS NULL")
    )
    op.create_table(
        "media_spare",
        sa.Column("prefix", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_media_spare")),
    )
