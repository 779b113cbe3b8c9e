"""Tables of the open platform, and what can be said of their rows without asking anybody."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base

__all__ = [
    "LINES",
    "App",
    "AppState",
    "Bookmark",
    "Bot",
    "BotEvent",
    "Client",
    "Command",
    "Consent",
    "Delivery",
    "DeliveryState",
    "Followed",
    "GivenCode",
    "GivenToken",
    "Install",
    "Outlet",
    "OutletKind",
    "OutletState",
    "Permission",
    "Press",
    "Recall",
    "SigningKeyRow",
    "Tester",
    "TokenKind",
]

FIRST_APP = 1_001

AppState = Literal["sandbox", "reviewed", "suspended", "dropped"]
TokenKind = Literal["access", "refresh"]

_BY_APP = {"distributed_by": "app_id"}
OutletKind = Literal["webhook", "onebot11_http", "onebot11_ws", "telegram", "qqbot"]
OutletState = Literal["on", "off"]
LINES: tuple[OutletKind, ...] = ("onebot11_ws",)
"""The kinds of outlets to which a connection is kept, instead of sending each event on its own."""

DeliveryState = Literal["delivered", "waiting", "dead"]

_BY_BOT = {"distributed_by": "bot_number"}
_BY_CHAT = {"distributed_by": "chat_id"}


class App(Base):
    """A program that somebody has registered. ``scopes`` are what it asks for; ``secret`` makes its opaque ids and,
    with ``launch_round``, the key that signs what its mini app at ``mini_url`` is opened with. Of one that
    ``is_published``, what people see is changed by whoever has published it alone. One that was dropped exists for
    nobody, and goes with the last of its bots."""

    __tablename__ = "openplatform_app"
    __table_args__ = (
        CheckConstraint("state IN ('sandbox', 'reviewed', 'suspended', 'dropped')", name="state"),
        Index("ix_openplatform_app_owner_number", "owner_number"),
        {"info": {"distributed_by": "app_id"}},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, Identity(start=FIRST_APP), primary_key=True)
    owner_number: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(Text, server_default="")
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default="{}")
    state: Mapped[AppState] = mapped_column(String(10), server_default="sandbox")
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    mini_url: Mapped[str] = mapped_column(Text, server_default="")
    launch_round: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    is_published: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class Bot(Base):
    """An account of an app, and how many events there are for it so far. ``launch_secret`` is made of its newest token
    and signs what programs that were written for Telegram are opened with. One that was dropped may do nothing, and
    goes once it has left everywhere."""

    __tablename__ = "openplatform_bot"
    __table_args__ = (
        Index("ix_openplatform_bot_app_id", "app_id"),
        Index("ix_openplatform_bot_dropped", "dropped_at", postgresql_where=text("dropped_at IS NOT NULL")),
        {"info": _BY_BOT, "postgresql_with": {"fillfactor": 50}},
    )

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    app_id: Mapped[int] = mapped_column(BigInteger)
    last_event: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    dropped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    launch_secret: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class Install(Base):
    """A bot in a conversation, with what it may do there. In a conversation between two nobody has granted anything
    by name, so ``granted_by`` is who opened it."""

    __tablename__ = "openplatform_install"
    __table_args__ = (
        Index("ix_openplatform_install_bot_number", "bot_number"),
        Index("ix_openplatform_install_app_id", "app_id"),
        {"info": _BY_CHAT},
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    app_id: Mapped[int] = mapped_column(BigInteger)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    granted_by: Mapped[int] = mapped_column(BigInteger)
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Followed(Base):
    """A conversation with a bot in it, and how far its messages and changes have become events."""

    __tablename__ = "openplatform_followed"
    __table_args__ = ({"info": _BY_CHAT},)

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    last_rev: Mapped[int] = mapped_column(BigInteger)


class BotEvent(Base):
    """Something for one bot to hear, under a dense number of its own. ``told`` is what its frame says ``on``, and
    ``seq`` the message that it tells of, if any."""

    __tablename__ = "openplatform_event"
    __table_args__ = (
        Index("ix_openplatform_event_message", "chat_id", "seq", postgresql_where=text("seq IS NOT NULL")),
        Index("ix_openplatform_event_at", "at"),
        {"info": _BY_BOT},
    )

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[str] = mapped_column(String(20))
    seq: Mapped[int | None] = mapped_column(BigInteger)
    frame: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Recall(Base):
    """A message that was recalled and that events still tell of, until ``gone_at``."""

    __tablename__ = "openplatform_recall"
    __table_args__ = (Index("ix_openplatform_recall_gone_at", "gone_at"), {"info": _BY_CHAT})

    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    gone_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Bookmark(Base):
    """How far one session of a bridge has heard: up to ``event``, which was so many things (``place``) for it."""

    __tablename__ = "openplatform_bookmark"
    __table_args__ = (Index("ix_openplatform_bookmark_at", "at"), {"info": _BY_BOT})

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    event: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Client(Base):
    """An app with which people sign in elsewhere. Without a secret it is one that cannot keep any: a page, a program
    on people's own machines."""

    __tablename__ = "openplatform_client"
    __table_args__ = ({"info": _BY_APP},)

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    redirects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_public: Mapped[bool] = mapped_column(Boolean)
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    secret_made_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Tester(Base):
    """Somebody who may sign in with an app, and talk with its bots, before it is reviewed."""

    __tablename__ = "openplatform_tester"
    __table_args__ = ({"info": _BY_APP},)

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class Consent(Base):
    """What somebody lets an app know of them. Without it no token of theirs is good."""

    __tablename__ = "openplatform_consent"
    __table_args__ = (
        Index("ix_openplatform_consent_app_id", "app_id"),
        {"info": {"distributed_by": "number"}},
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GivenCode(Base):
    """An authorization code, good once. ``family`` is what all tokens that come of it have in common."""

    __tablename__ = "openplatform_code"
    __table_args__ = (
        Index("ix_openplatform_code_expires_at", "expires_at"),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    family: Mapped[bytes] = mapped_column(LargeBinary(16))
    redirect: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    nonce: Mapped[str | None] = mapped_column(Text)
    challenge: Mapped[str] = mapped_column(String(128))
    auth_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    is_used: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class GivenToken(Base):
    """An access or a refresh token. A refresh token that was used stays until its end, so that whoever comes with it
    again is known."""

    __tablename__ = "openplatform_token"
    __table_args__ = (
        CheckConstraint("kind IN ('access', 'refresh')", name="kind"),
        Index("ix_openplatform_token_family", "app_id", "family"),
        Index("ix_openplatform_token_number", "app_id", "number"),
        Index("ix_openplatform_token_expires_at", "expires_at"),
        {"info": _BY_APP},
    )

    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[TokenKind] = mapped_column(String(10))
    number: Mapped[int] = mapped_column(BigInteger)
    family: Mapped[bytes] = mapped_column(LargeBinary(16))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    auth_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    is_used: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class SigningKeyRow(Base):
    """A key that ID tokens are signed with."""

    __tablename__ = "openplatform_signing_key"
    __table_args__ = ({"info": {"reference": "a handful, made as they grow old"}},)

    kid: Mapped[str] = mapped_column(String(20), primary_key=True)
    private: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Outlet(Base):
    """Where a bot's events are sent to. ``position`` is the last event that was delivered, or given up; ``tries``
    counts how often the next one was tried in vain since ``failing_since``, of which whose app it is may be ``warned``.
    Who delivers holds it until ``leased_until``. One that was dropped is off, exists for nobody, and goes with the
    last of its deliveries."""

    __tablename__ = "openplatform_outlet"
    __table_args__ = (
        CheckConstraint("state IN ('on', 'off')", name="state"),
        Index("ix_openplatform_outlet_due", "next_at", postgresql_where=text("state = 'on'")),
        Index("ix_openplatform_outlet_dropped", "dropped_at", postgresql_where=text("dropped_at IS NOT NULL")),
        {"info": _BY_BOT},
    )

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outlet_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[OutletKind] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    state: Mapped[OutletState] = mapped_column(String(3), server_default="on")
    position: Mapped[int] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str] = mapped_column(Text, server_default="")
    warned: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    dropped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def drop(self, now: datetime) -> None:
        """Nothing more is sent there."""
        self.state, self.url, self.secret, self.options, self.dropped_at = "off", "", "", {}, now

    def begin_anew(self, now: datetime) -> None:
        """It is tried at once, as if it had never failed."""
        self.tries, self.failing_since, self.last_error, self.warned, self.next_at = 0, None, "", False, now


class Delivery(Base):
    """An event on its way through an outlet, or how that ended. One that is ``waiting`` was refused by a bot that
    hears others, or is to be sent again, and is tried at ``next_at``."""

    __tablename__ = "openplatform_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('delivered', 'waiting', 'dead')", name="state"),
        Index("ix_openplatform_delivery_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_openplatform_delivery_at", "at"),
        {"info": _BY_BOT},
    )

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    delivery_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    outlet_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[DeliveryState] = mapped_column(String(10))
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str] = mapped_column(Text, server_default="")
    took_ms: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    next_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Permission(Base):
    """What a person lets an app know of them, until they take it back."""

    __tablename__ = "openplatform_permission"
    __table_args__ = (
        Index("ix_openplatform_permission_app_id", "app_id"),
        {"info": {"distributed_by": "account_number"}},
    )

    account_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    app_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Press(Base):
    """Somebody has pressed a button of a bot, or sent it a form, under a ``key`` of their own; the bot may answer
    once."""

    __tablename__ = "openplatform_press"
    __table_args__ = (
        UniqueConstraint("bot_number", "by_number", "key"),
        Index("ix_openplatform_press_pressed_at", "pressed_at"),
        {"info": _BY_BOT},
    )

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    press_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    by_number: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(64))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    pressed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Command(Base):
    """Something that people may ask of a bot by writing ``/name``; ``place`` is where it stands in the list."""

    __tablename__ = "openplatform_command"
    __table_args__ = ({"info": _BY_BOT},)

    bot_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    place: Mapped[int] = mapped_column(Integer)
    about: Mapped[str] = mapped_column(String(100))
    usage: Mapped[str] = mapped_column(String(100), server_default="")
