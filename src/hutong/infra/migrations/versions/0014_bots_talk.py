"""Messages that were edited, presses of buttons, and commands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("chat_message", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("chat_message", sa.Column("mentioned", ARRAY(sa.BigInteger()), nullable=True))
    op.create_table(
        "openplatform_press",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("press_id", sa.String(length=24), nullable=False),
        sa.Column("by_number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("bot_number", "press_id", name=op.f("pk_openplatform_press")),
        sa.UniqueConstraint(
            "bot_number", "by_number", "key", name=op.f("uq_openplatform_press_bot_number_by_number_key")
        ),
    )
    op.create_index("ix_openplatform_press_pressed_at", "openplatform_press", ["pressed_at"], unique=False)
    op.create_table(
        "openplatform_command",
        sa.Column("bot_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("usage", sa.String(length=100), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("bot_number", "name", name=op.f("pk_openplatform_command")),
    )
