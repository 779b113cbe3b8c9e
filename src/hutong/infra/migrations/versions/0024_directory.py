"""The directory of apps: versions, ratings, grants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0024"
down_revision = "0023"

_IS_LIVE = sa.text("live_version IS NOT NULL")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Others read and write meanwhile. One that was broken off is there, but no good.
        op.drop_index(
            "ix_openplatform_install_app_id", "openplatform_install", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            "ix_openplatform_install_app_id",
            "openplatform_install",
            ["app_id"],
            unique=False,
            postgresql_concurrently=True,
        )
    op.add_column(
        "openplatform_app", sa.Column("is_published", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    _listings()
    _versions()
    _ratings()
    _grants()


def _listings() -> None:
    op.create_table(
        "directory_listing",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("live_version", sa.Integer(), nullable=True),
        sa.Column("live_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("terms", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("spread", ARRAY(sa.Integer()), server_default="{0,0,0,0,0}", nullable=False),
        sa.Column("score", sa.Integer(), server_default=sa.text("3000"), nullable=False),
        sa.Column("groups", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "array_length(spread, 1) = 5 AND 0 <= ALL (spread) AND groups >= 0",
            name=op.f("ck_directory_listing_counts"),
        ),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_directory_listing")),
    )
    op.create_index("ix_directory_listing_terms", "directory_listing", ["terms"], unique=False, postgresql_using="gin")
    for column in ("score", "groups", "first_live_at"):
        op.create_index(
            f"ix_directory_listing_{column}",
            "directory_listing",
            [column, "app_id"],
            unique=False,
            postgresql_where=_IS_LIVE,
        )


def _versions() -> None:
    op.create_table(
        "directory_version",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tagline", sa.String(length=120), server_default="", nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("icon", sa.String(length=64), nullable=True),
        sa.Column("screenshots", ARRAY(sa.String(length=64)), server_default="{}", nullable=False),
        sa.Column("scopes", ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("mini_url", sa.Text(), server_default="", nullable=False),
        sa.Column("news", sa.Text(), server_default="", nullable=False),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected')", name=op.f("ck_directory_version_state")
        ),
        sa.PrimaryKeyConstraint("app_id", "version", name=op.f("pk_directory_version")),
    )
    op.create_index(
        "ix_directory_version_under_way",
        "directory_version",
        ["app_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'submitted')"),
    )
    op.create_index(
        "ix_directory_version_submitted",
        "directory_version",
        ["submitted_at"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_index(
        "ix_directory_version_icon",
        "directory_version",
        ["icon"],
        unique=False,
        postgresql_where=sa.text("icon IS NOT NULL"),
    )
    op.create_index(
        "ix_directory_version_screenshots", "directory_version", ["screenshots"], unique=False, postgresql_using="gin"
    )


def _ratings() -> None:
    op.create_table(
        "directory_rating",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stars", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_directory_rating_stars")),
        sa.PrimaryKeyConstraint("app_id", "number", name=op.f("pk_directory_rating")),
    )
    op.create_index("ix_directory_rating_at", "directory_rating", ["app_id", "at", "number"], unique=False)


def _grants() -> None:
    def counts() -> list[sa.Column[int]]:
        return [
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("showings", "opened", "installed")
        ]

    op.create_table(
        "directory_grant",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kinds", ARRAY(sa.String(length=12)), server_default="{}", nullable=False),
        sa.Column("members_min", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("showings_max", sa.Integer(), nullable=False),
        *counts(),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("showings >= 0 AND showings <= showings_max", name=op.f("ck_directory_grant_showings")),
        sa.PrimaryKeyConstraint("app_id", "grant_id", name=op.f("pk_directory_grant")),
    )
    op.create_index(
        "ix_directory_grant_running",
        "directory_grant",
        ["app_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "directory_grant_day",
        sa.Column("app_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *counts(),
        sa.PrimaryKeyConstraint("app_id", "grant_id", "day", name=op.f("pk_directory_grant_day")),
    )
    op.create_table(
        "directory_offer",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("chat_id", "grant_id", name=op.f("pk_directory_offer")),
    )
    op.create_index("ix_directory_offer_grant", "directory_offer", ["app_id", "grant_id"], unique=False)
