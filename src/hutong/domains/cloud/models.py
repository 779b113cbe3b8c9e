"""Tables of what apps keep here. All of it is the app's, and lies together.

Whoever changes anything of an app locks its ``Holding`` first, in which everything is counted: so the counts are exact,
and no two writers wait for each other in a circle.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base

__all__ = ["Bundle", "BundleFile", "Entry", "Holding", "Spare", "StoredFile"]

_BY_APP = {"distributed_by": "app_id"}


class Holding(Base):
    """What an app keeps here, counted. ``last_version`` numbers what is written into its store, ``last_bundle`` its
    bundles; ``live_bundle`` is the one that is served."""

    __tablename__ = "cloud_holding"
    __table_args__ = (
        CheckConstraint("entries >= 0 AND entry_bytes >= 0 AND files >= 0 AND file_bytes >= 0", name="counts"),
        {"info": _BY_APP, "postgresql_with": {"fillfactor": 50}},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_version: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    entries: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    entry_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    files: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    file_bytes: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_bundle: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    live_bundle: Mapped[int | None] = mapped_column(Integer)


class Entry(Base):
    """A JSON value under a key. ``size_bytes`` is what it counts for; keys are ordered by their characters' codes."""

    __tablename__ = "cloud_entry"
    __table_args__ = (
        Index("ix_cloud_entry_value", "value", postgresql_using="gin", postgresql_ops={"value": "jsonb_path_ops"}),
        Index("ix_cloud_entry_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    collection: Mapped[str] = mapped_column(String(64, collation="C"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200, collation="C"), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    size_bytes: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class StoredFile(Base):
    """A file in an app's bucket; ``blob`` is the key of its bytes, another one whenever it is replaced."""

    __tablename__ = "cloud_file"
    __table_args__ = ({"info": _BY_APP},)

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200, collation="C"), primary_key=True)
    blob: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    is_public: Mapped[bool] = mapped_column(Boolean)
    stored_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Bundle(Base):
    """A version of a mini app's pages. The bytes of all of them lie one after the other in ``blob``."""

    __tablename__ = "cloud_bundle"
    __table_args__ = ({"info": _BY_APP},)

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    blob: Mapped[str] = mapped_column(String(80))
    files: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class BundleFile(Base):
    """Where a file of a bundle lies in its blob."""

    __tablename__ = "cloud_bundle_file"
    __table_args__ = ({"info": _BY_APP},)

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    type: Mapped[str] = mapped_column(String(80))
    begins_at: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[str] = mapped_column(String(20))


class Spare(Base):
    """A blob that nothing needs from ``since`` on: noted before one is stored, struck out when something holds it."""

    __tablename__ = "cloud_spare"
    __table_args__ = (Index("ix_cloud_spare_since", "since"), {"info": {"distributed_by": "blob"}})

    blob: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
