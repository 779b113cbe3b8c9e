"""The table of notices."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base

__all__ = ["Notice"]


class Notice(Base):
    """Something that an account should hear of. ``params`` are those of the last time, ``count`` how often it came."""

    __tablename__ = "notifications_notice"
    __table_args__ = (
        Index(
            "ix_notifications_notice_unread",
            "account_number",
            "kind",
            "about",
            unique=True,
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("ix_notifications_notice_last", "account_number", "last_at"),
        Index("ix_notifications_notice_last_at", "last_at"),
        {"info": {"distributed_by": "account_number"}},
    )

    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    notice_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(120))
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    count: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
