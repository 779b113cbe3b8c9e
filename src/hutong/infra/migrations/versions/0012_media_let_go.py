"""Files that were let go: when it is to be looked at whether anything uses them, and where messages carry them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ALL_UNSURE = sa.text(
    """
    UPDATE media_item SET unsure_since = now() WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM media_item WHERE kept_at IS NOT NULL AND unsure_since IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED))
    """
)


def upgrade() -> None:
    # Whatever stopped this half-way does not keep it from being begun again.
    op.execute("ALTER TABLE media_item ADD COLUMN IF NOT EXISTS unsure_since timestamptz")
    with op.get_context().autocommit_block():
        # Nobody has noted so far what was let go, so all of it is looked at once. In portions: others read meanwhile.
        while op.get_bind().execute(_ALL_UNSURE).rowcount:
            pass
        # What an interrupted try has left is no index.
        op.drop_index("ix_media_item_unsure", "media_item", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_media_item_unsure",
            "media_item",
            ["unsure_since"],
            unique=False,
            postgresql_where=sa.text("unsure_since IS NOT NULL"),
            postgresql_concurrently=True,
        )
        op.drop_index("ix_chat_media_media_id", "chat_media", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_chat_media_media_id", "chat_media", ["media_id"], unique=False, postgresql_concurrently=True
        )
