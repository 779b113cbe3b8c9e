"""Tables of the directory, and what can be said of their rows without asking anybody.

Whoever changes anything of an app here locks its ``Listing`` first, and the app itself before that.
"""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base

from .snapshots import Snapshot

__all__ = ["Grant", "GrantDay", "Listing", "Offer", "Rating", "Version", "VersionState"]

VersionState = Literal["draft", "submitted", "approved", "rejected"]

_BY_APP = {"distributed_by": "app_id"}
_IS_LIVE = text("live_version IS NOT NULL")


class Listing(Base):
    """What the directory knows of an app, also before it is in it. ``live_version`` is what people see; without one it
    is not in the directory. ``score`` follows from ``spread``, the ratings by their stars; ``groups`` have one of its
    bots; ``terms`` are what ``finding`` makes of its names."""

    __tablename__ = "directory_listing"
    __table_args__ = (
        CheckConstraint("array_length(spread, 1) = 5 AND 0 <= ALL (spread) AND groups >= 0", name="counts"),
        Index("ix_directory_listing_terms", "terms", postgresql_using="gin"),
        Index("ix_directory_listing_score", "score", "app_id", postgresql_where=_IS_LIVE),
        Index("ix_directory_listing_groups", "groups", "app_id", postgresql_where=_IS_LIVE),
        Index("ix_directory_listing_first_live_at", "first_live_at", "app_id", postgresql_where=_IS_LIVE),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_version: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    live_version: Mapped[int | None] = mapped_column(Integer)
    live_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    first_live_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    category: Mapped[str | None] = mapped_column(String(20))
    terms: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    spread: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{0,0,0,0,0}")
    score: Mapped[int] = mapped_column(Integer, server_default=text("3000"))
    groups: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Version(Base):
    """What people see of an app once this is live. ``submitted_at`` stays when it is taken back: a number that somebody
    may have looked at is used once. ``live_at`` is when it last went live."""

    __tablename__ = "directory_version"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'submitted', 'approved', 'rejected')", name="state"),
        Index(
            "ix_directory_version_under_way",
            "app_id",
            unique=True,
            postgresql_where=text("state IN ('draft', 'submitted')"),
        ),
        Index("ix_directory_version_submitted", "submitted_at", postgresql_where=text("state = 'submitted'")),
        Index("ix_directory_version_icon", "icon", postgresql_where=text("icon IS NOT NULL")),
        Index("ix_directory_version_screenshots", "screenshots", postgresql_using="gin"),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[VersionState] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    tagline: Mapped[str] = mapped_column(String(120), server_default="")
    about: Mapped[str] = mapped_column(Text, server_default="")
    category: Mapped[str | None] = mapped_column(String(20))
    icon: Mapped[str | None] = mapped_column(String(64))
    screenshots: Mapped[list[str]] = mapped_column(ARRAY(String(64)), server_default="{}")
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default="{}")
    mini_url: Mapped[str] = mapped_column(Text, server_default="")
    news: Mapped[str] = mapped_column(Text, server_default="")
    reasons: Mapped[str] = mapped_column(Text, server_default="")
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    live_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def pictures(self) -> set[str]:
        """The media ids of all its pictures."""
        return {*self.screenshots, *([self.icon] if self.icon else [])}

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(
            name=self.name,
            tagline=self.tagline,
            about=self.about,
            category=self.category,
            icon=self.icon,
            screenshots=tuple(self.screenshots),
            scopes=tuple(self.scopes),
            mini_app=self.mini_url,
            news=self.news,
        )


class Rating(Base):
    """What somebody who uses an app thinks of it, and what its developer says to that."""

    __tablename__ = "directory_rating"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index("ix_directory_rating_at", "app_id", "at", "number"),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stars: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str] = mapped_column(Text, server_default="")
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reply: Mapped[str | None] = mapped_column(Text)
    reply_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Grant(Base):
    """That an app is put in front of groups for a time: of these kinds (all where there are none) and at least so
    large. An app has at most one that runs."""

    __tablename__ = "directory_grant"
    __table_args__ = (
        CheckConstraint("showings >= 0 AND showings <= showings_max", name="showings"),
        Index("ix_directory_grant_running", "app_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    grant_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(12)), server_default="{}")
    members_min: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    showings_max: Mapped[int] = mapped_column(Integer)
    showings: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    opened: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    installed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class GrantDay(Base):
    """What came of a grant on one day (UTC)."""

    __tablename__ = "directory_grant_day"
    __table_args__ = ({"info": _BY_APP},)

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    grant_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    showings: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    opened: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    installed: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Offer(Base):
    """A grant as one group has met it: when it was last shown there, and what those who keep the group did then."""

    __tablename__ = "directory_offer"
    __table_args__ = (
        Index("ix_directory_offer_grant", "app_id", "grant_id"),
        {"info": {"distributed_by": "chat_id"}},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    grant_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    app_id: Mapped[int] = mapped_column(BigInteger)
    shown_on: Mapped[date] = mapped_column(Date)
    shown_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    installed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dismissed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
