"""What apps keep here, mini apps, and what people let them know."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    _store()
    _bucket()
    _bundles()
    _mini_apps()


def _store() -> None:
    counted = [
        sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        for name in ("last_version", "entries", "entry_bytes", "files", "file_bytes")
    ]
    op.create_table(
        "cloud_holding",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *counted,
        sa.Column("last_bundle", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("live_bundle", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "entries >= 0 AND entry_bytes >= 0 AND files >= 0 AND file_bytes >= 0",
            name=op.f("ck_cloud_holding_counts"),
        ),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_cloud_holding")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "cloud_entry",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("collection", sa.String(length=64, collation="C"), nullable=False),
        sa.Column("key", sa.String(length=200, collation="C"), nullable=False),
        sa.Column("value", JSONB(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("app_id", "collection", "key", name=op.f("pk_cloud_entry")),
    )
    op.create_index(
        "ix_cloud_entry_value",
        "cloud_entry",
        ["value"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"value": "jsonb_path_ops"},
    )
    op.create_index(
        "ix_cloud_entry_expires_at",
        "cloud_entry",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def _bucket() -> None:
    op.create_table(
        "cloud_file",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200, collation="C"), nullable=False),
        sa.Column("blob", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "name", name=op.f("pk_cloud_file")),
    )
    op.create_table(
        "cloud_spare",
        sa.Column("blob", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("blob", name=op.f("pk_cloud_spare")),
    )
    op.create_index("ix_cloud_spare_since", "cloud_spare", ["since"], unique=False)


def _bundles() -> None:
    op.create_table(
        "cloud_bundle",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("blob", sa.String(length=80), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "version", name=op.f("pk_cloud_bundle")),
    )
    op.create_table(
        "cloud_bundle_file",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "version", "path", name=op.f("pk_cloud_bundle_file")),
    )


def _mini_apps() -> None:
    op.add_column("openplatform_app", sa.Column("mini_url", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "openplatform_app", sa.Column("launch_round", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("openplatform_bot", sa.Column("launch_secret", sa.LargeBinary(length=32), nullable=True))
    op.create_table(
        "openplatform_permission",
        sa.Column("account_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permissions", ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_number", "app_id", name=op.f("pk_openplatform_permission")),
    )
    op.create_index("ix_openplatform_permission_app_id", "openplatform_permission", ["app_id"], unique=False)
