"""What travels: drafts in, views out."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from .models import AccountState, ClientKind, Reach

__all__ = [
    "Account",
    "AccountCard",
    "NewPerson",
    "SignInDraft",
    "SignUpDraft",
    "SignedIn",
    "Visibility",
]

Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]
NumberField = Annotated[int, Meta(ge=1, le=2**53 - 1, description="An account's number; 10001 is the first.")]
Nickname = Annotated[str, Meta(min_length=1, max_length=1000, description="Up to 40 characters.", examples=["Alice"])]
Password = Annotated[str, Meta(max_length=1000, description="8 to 200 characters.", examples=["seven green lanterns"])]


class SignUpDraft(msgspec.Struct, kw_only=True):
    """Someone who wants an account."""

    nickname: Nickname
    password: Password
    handle: Annotated[str, Meta(max_length=100, examples=["alice"])] | None = None
    email: Annotated[str, Meta(max_length=300, examples=["alice@hutong.example"])] | None = None
    invitation: Annotated[str, Meta(max_length=100, description="Where sign-up is by invitation.")] | None = None
    reason: Annotated[str, Meta(max_length=2000, description="Where the operator approves.")] | None = None


class SignInDraft(msgspec.Struct, kw_only=True):
    """Someone who wants to come in, on a new device."""

    login: Annotated[
        str, Meta(min_length=1, max_length=300, description="Number, handle or e-mail.", examples=["alice"])
    ]
    password: Password
    client: ClientKind = "web"


class Visibility(msgspec.Struct, kw_only=True):
    """Who may see what of a profile: ``groups`` are the people who share a group with its owner."""

    birth_year: Reach = "groups"
    city: Reach = "everyone"
    interests: Reach = "everyone"
    about: Reach = "everyone"


class Account(msgspec.Struct, kw_only=True):
    """An account as its owner sees it."""

    number: NumberField
    nickname: str
    handle: str | None
    email: str | None
    avatar: str | None
    birth_year: int | None
    city: str | None
    interests: list[str]
    about: str
    visibility: Visibility
    reach: Reach
    second_factor: bool
    passkeys: int
    state: AccountState
    created_at: Moment


class SignedIn(msgspec.Struct, kw_only=True):
    """A new session. The token is told once; only its hash is kept."""

    token: str
    account: Account


class AccountCard(msgspec.Struct, frozen=True):
    """What everybody may see of everybody: enough to show who spoke."""

    number: int
    nickname: str
    avatar: str | None = None


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One of many accounts that are made at once. A handle must be free and is not checked again."""

    nickname: str
    handle: str | None = None
    city: str | None = None
    about: str = ""
    interests: list[str] = []
    avatar: str | None = None
    created_at: datetime | None = None
