"""Files that were let go: when it is to be looked at whether anything uses them, and where messages carry them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("media_item", sa.Column("unsure_since", sa.DateTime(timezone=True), nullable=True))
    # Nobody has noted so far what was let go, so all of it is looked at once.
    op.execute("UPDATE media_item SET unsure_since = now() WHERE kept_at IS NOT NULL")
    op.create_index(
        "ix_media_item_unsure",
        "media_item",
        ["unsure_since"],
        unique=False,
        postgresql_where=sa.text("unsure_since IS NOT NULL"),
    )
    op.create_index("ix_chat_media_media_id", "chat_media", ["media_id"], unique=False)
