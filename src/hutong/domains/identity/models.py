"""The tables of identity. Everything personal lies by the account's number."""

from datetime import datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hutong.infra.db import Base

__all__ = [
    "FIRST_NUMBER",
    "AccountKind",
    "AccountRow",
    "AccountState",
    "ChallengePurpose",
    "ChallengeRow",
    "ClientKind",
    "EmailRow",
    "HandleKind",
    "HandleRow",
    "InvitationRow",
    "OriginRow",
    "OutsideRow",
    "OutsideTry",
    "PasskeyRow",
    "Reach",
    "RecoveryCodeRow",
    "SecondFactorRow",
    "SessionRow",
]

FIRST_NUMBER = 10_001

AccountKind = Literal["person", "bot"]
AccountState = Literal["active", "waiting", "refused", "placeholder"]
ClientKind = Literal["web", "ios", "android", "desktop", "bot"]
ChallengePurpose = Literal["register", "sign_in"]
HandleKind = Literal["person", "group"]
Reach = Literal["everyone", "groups", "nobody"]


class AccountRow(Base):
    """A person, or a bot, which has no password and comes in by tokens alone. A placeholder stands for someone in an
    imported conversation and cannot sign in until it is claimed."""

    __tablename__ = "identity_account"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'waiting', 'refused', 'placeholder')", name="state"),
        CheckConstraint("kind IN ('person', 'bot')", name="kind"),
        CheckConstraint("reach IN ('everyone', 'groups', 'nobody')", name="reach"),
        Index("ix_identity_account_waiting", "created_at", postgresql_where=text("state = 'waiting'")),
        {"info": {"distributed_by": "number"}},
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(start=FIRST_NUMBER), primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(String(6), server_default="person")
    nickname: Mapped[str] = mapped_column(String(120))
    state: Mapped[AccountState] = mapped_column(String(12), server_default="active")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    handle: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(254))
    avatar: Mapped[str | None] = mapped_column(String(64))
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    city: Mapped[str | None] = mapped_column(String(60))
    interests: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    about: Mapped[str] = mapped_column(Text, server_default="")
    visibility: Mapped[dict[str, Reach]] = mapped_column(JSONB, server_default="{}")
    reach: Mapped[Reach] = mapped_column(String(10), server_default="everyone")
    reason: Mapped[str] = mapped_column(Text, server_default="")
    second_factor: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    passkeys: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class HandleRow(Base):
    """Who holds a handle. The handle is the key, so two who claim it at once cannot both have it."""

    __tablename__ = "identity_handle"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'group')", name="kind"),
        {"info": {"distributed_by": "handle"}},
    )

    handle: Mapped[str] = mapped_column(String(30), primary_key=True)
    kind: Mapped[HandleKind] = mapped_column(String(10))
    number: Mapped[int] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class EmailRow(Base):
    """Whose an e-mail address is, in small letters: the way from a login to a number."""

    __tablename__ = "identity_email"
    __table_args__ = ({"info": {"distributed_by": "email"}},)

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class SessionRow(Base):
    """A signed-in device. Of its token only the hash is kept."""

    __tablename__ = "identity_session"
    __table_args__ = (
        Index("uq_identity_session_token", "number", "token_hash", unique=True),
        {"info": {"distributed_by": "number"}},
    )

    number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("identity_account.number", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    client: Mapped[ClientKind] = mapped_column(String(10), server_default="web")
    device: Mapped[str] = mapped_column(String(120), server_default="")
    address: Mapped[str] = mapped_column(String(45), server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class InvitationRow(Base):
    """A code that lets people sign up where the operator has closed the open door, or take over a placeholder."""

    __tablename__ = "identity_invitation"
    __table_args__ = (
        CheckConstraint("uses_left >= 0", name="uses_left"),
        {"info": {"reference": "a handful, made by the operator"}},
    )

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    uses_left: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(String(200), server_default="")
    placeholder_number: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SecondFactorRow(Base):
    """The secret that an account shares with a phone. It counts once the account's ``second_factor`` is true;
    ``last_step`` is the last time step whose code was used."""

    __tablename__ = "identity_second_factor"
    __table_args__ = ({"info": {"distributed_by": "number"}},)

    number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("identity_account.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    secret: Mapped[str] = mapped_column(String(64))
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class RecoveryCodeRow(Base):
    """A recovery code that was not used yet; only its hash."""

    __tablename__ = "identity_recovery_code"
    __table_args__ = ({"info": {"distributed_by": "number"}},)

    number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("identity_account.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class PasskeyRow(Base):
    """A passkey: its public half."""

    __tablename__ = "identity_passkey"
    __table_args__ = (
        Index("uq_identity_passkey_credential", "number", "credential_id", unique=True),
        {"info": {"distributed_by": "number"}},
    )

    number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("identity_account.number", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ChallengeRow(Base):
    """A challenge that a passkey is to sign. Unlogged: after a crash people ask for another one."""

    __tablename__ = "identity_challenge"
    __table_args__ = (
        CheckConstraint("purpose IN ('register', 'sign_in')", name="purpose"),
        Index("ix_identity_challenge_expires_at", "expires_at"),
        {"prefixes": ["UNLOGGED"], "info": {"distributed_by": "challenge"}},
    )

    challenge: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[ChallengePurpose] = mapped_column(String(10))
    number: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OriginRow(Base):
    """Whom a placeholder stands for in the system that an import came from."""

    __tablename__ = "identity_origin"
    __table_args__ = ({"info": {"reference": "read by imports alone"}},)

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class OutsideRow(Base):
    """An account elsewhere by which somebody comes in here: ``subject`` is who they are to the provider. ``label`` is
    what they are shown of it."""

    __tablename__ = "identity_outside"
    __table_args__ = (
        Index("ix_identity_outside_number", "number"),
        {"info": {"distributed_by": "subject"}},
    )

    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(254), server_default="")
    linked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OutsideTry(Base):
    """Somebody on their way through a provider. ``key_hash`` is that of what the provider hands back, and later, with a
    ``subject``, that of the ticket which they come in with; ``browser_hash`` that of a cookie, so that nobody goes on
    where somebody else has begun. Unlogged: after a crash people begin anew."""

    __tablename__ = "identity_outside_try"
    __table_args__ = (
        Index("ix_identity_outside_try_expires_at", "expires_at"),
        {"prefixes": ["UNLOGGED"], "info": {"distributed_by": "key_hash"}},
    )

    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    redirect: Mapped[str] = mapped_column(Text)
    onward: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str | None] = mapped_column(String(255))
    nickname: Mapped[str] = mapped_column(Text, server_default="")
    email: Mapped[str] = mapped_column(Text, server_default="")
    email_verified: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
