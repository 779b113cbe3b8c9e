"""Which conversations of two are with a bot."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # Whatever stopped this half-way does not keep it from being begun again.
    op.execute("ALTER TABLE chat_chat ADD COLUMN IF NOT EXISTS with_bot boolean NOT NULL DEFAULT false")
    op.execute(
        """
        UPDATE chat_chat SET with_bot = true FROM chat_direct d
        WHERE d.chat_id = chat_chat.chat_id AND NOT chat_chat.with_bot AND EXISTS (
          SELECT 1 FROM identity_account a WHERE a.kind = 'bot' AND a.number IN (d.low_number, d.high_number))
        """
    )
