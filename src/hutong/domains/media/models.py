"""Tables of files. An upload is its account's, a file is by its content, and an item is one person's hold on a file.

No foreign key leads from an item to its file, because they do not lie together: an item is written while its file's
row is locked, and a file's row is deleted only under the same lock and without an item.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base

__all__ = ["MediaFile", "MediaItem", "MediaKind", "Piece", "Purpose", "Spare", "Upload", "Variant"]

MediaKind = Literal["image", "voice", "video", "file"]
Purpose = Literal["message", "file", "avatar"]
Variant = Literal["original", "large", "small"]

_BY_ACCOUNT = {"distributed_by": "account_number"}
_KINDS = "kind IN ('image', 'voice', 'video', 'file')"
_PURPOSES = "purpose IN ('message', 'file', 'avatar')"


class Upload(Base):
    """A file on its way here. ``finishing_until`` is set while a request puts it together, ``media_id`` when that has
    been done."""

    __tablename__ = "media_upload"
    __table_args__ = (
        CheckConstraint(_PURPOSES, name="purpose"),
        CheckConstraint("size_bytes > 0 AND piece_bytes > 0", name="sizes"),
        Index("ix_media_upload_expires_at", "expires_at"),
        {"info": _BY_ACCOUNT},
    )

    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    upload_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    piece_bytes: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finishing_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    media_id: Mapped[str | None] = mapped_column(String(32))

    @property
    def pieces(self) -> int:
        return -(-self.size_bytes // self.piece_bytes)

    def bytes_of_piece(self, n: int) -> int:
        """How long piece ``n`` is, counted from 0; 0 where there is no such piece."""
        return max(0, min(self.piece_bytes, self.size_bytes - n * self.piece_bytes)) if n >= 0 else 0


class Piece(Base):
    """A piece that has arrived and is stored."""

    __tablename__ = "media_piece"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_number", "upload_id"],
            ["media_upload.account_number", "media_upload.upload_id"],
            ondelete="CASCADE",
        ),
        {"info": _BY_ACCOUNT},
    )

    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    upload_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class MediaFile(Base):
    """A file as it is stored, once for the same content treated alike. ``key`` names its blobs, ``files/<key>/…``;
    ``small`` and ``large`` are what a picture has beside ``original``, as ``type``, ``width``, ``height``,
    ``size_bytes``."""

    __tablename__ = "media_file"
    __table_args__ = (CheckConstraint(_KINDS, name="kind"), {"info": {"distributed_by": "sha256"}})

    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[MediaKind] = mapped_column(String(8), primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    small: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    large: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    stored_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MediaItem(Base):
    """One person's hold on a file: what messages and avatars name. ``kept_at`` is set once something has used it;
    what nothing has used is given up after a while. ``avatars`` counts who wears it now. ``unsure_since`` is when
    something last took it or let it go, until it has been looked at whether anything uses it."""

    __tablename__ = "media_item"
    __table_args__ = (
        CheckConstraint(_KINDS, name="kind"),
        CheckConstraint(_PURPOSES, name="purpose"),
        CheckConstraint("avatars >= 0", name="avatars"),
        Index("ix_media_item_file", "sha256", "kind"),
        Index("ix_media_item_unused", "made_at", postgresql_where=text("kept_at IS NULL")),
        Index("ix_media_item_unsure", "unsure_since", postgresql_where=text("unsure_since IS NOT NULL")),
        {"info": {"distributed_by": "media_id"}},
    )

    media_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_number: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[MediaKind] = mapped_column(String(8))
    purpose: Mapped[Purpose] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    avatars: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    kept_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    unsure_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Spare(Base):
    """Blobs that nothing needs from ``since`` on: those whose keys begin with ``prefix`` and a slash. The row is
    written in the transaction that made them spare, or before the blobs where nothing holds them yet, and goes when
    they are gone or held."""

    __tablename__ = "media_spare"
    __table_args__ = ({"info": {"reference": "a short queue; empty when the sweep keeps up"}},)

    prefix: Mapped[str] = mapped_column(String(60), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
