"""Which conversations of two are with a bot."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # No release had bots before this column, so it is true of none that is there. Whatever stopped this half-way does
    # not keep it from being begun again.
    op.execute("ALTER TABLE chat_chat ADD COLUMN IF NOT EXISTS with_bot boolean NOT NULL DEFAULT false")
