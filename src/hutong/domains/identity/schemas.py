"""What travels: drafts in, views out."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from .models import AccountKind, AccountState, ClientKind, HandleKind, Reach

__all__ = [
    "Account",
    "AccountCard",
    "Applicant",
    "CodeDraft",
    "Device",
    "Devices",
    "HandleDraft",
    "HandleHolder",
    "NewPerson",
    "OutsideAccount",
    "OutsideBegin",
    "OutsideSignIn",
    "OutsideTicket",
    "OutsideWays",
    "Passkey",
    "PasskeyDraft",
    "PasskeySignIn",
    "Passkeys",
    "PasswordChange",
    "PasswordDraft",
    "PreparedSecondFactor",
    "Profile",
    "ProfileChange",
    "RecoveryCodes",
    "SharedGroup",
    "SignInDraft",
    "SignUpDraft",
    "SignedIn",
    "Visibility",
    "VisibilityChange",
    "WayIn",
    "WayOn",
]

Moment = Annotated[
    str, Meta(description="UTC.", examples=["2026-11-23T05:48:40.123Z"], extra_json_schema={"format": "date-time"})
]
NumberField = Annotated[int, Meta(ge=1, le=2**53 - 1, description="An account's number; 10001 is the first.")]
Nickname = Annotated[str, Meta(min_length=1, max_length=1000, description="Up to 40 characters.", examples=["Alice"])]
Password = Annotated[str, Meta(max_length=1000, description="8 to 200 characters.", examples=["seven green lanterns"])]

Handle = Annotated[str, Meta(max_length=100, examples=["alice"])]
Email = Annotated[str, Meta(max_length=300, examples=["alice@hutong.example"])]
Code = Annotated[str, Meta(max_length=100, description="From the phone, or a recovery code.", examples=["123456"])]
Interest = Annotated[str, Meta(max_length=30)]


class SignUpDraft(msgspec.Struct, kw_only=True):
    """Someone who wants an account."""

    nickname: Nickname
    password: Password
    handle: Handle | None = None
    email: Email | None = None
    invitation: Annotated[str, Meta(max_length=100, description="Where sign-up is by invitation.")] | None = None
    reason: Annotated[str, Meta(max_length=2000, description="Where the operator approves.")] | None = None


class SignInDraft(msgspec.Struct, kw_only=True):
    """Someone who wants to come in, on a new device."""

    login: Annotated[
        str, Meta(min_length=1, max_length=300, description="Number, handle or e-mail.", examples=["alice"])
    ]
    password: Password
    code: Code | None = None
    invitation: Annotated[str, Meta(max_length=100, description="For who comes by LDAP for the first time.")] | (
        None
    ) = None
    client: ClientKind = "web"


class Visibility(msgspec.Struct, kw_only=True):
    """Who may see what of a profile: ``groups`` are the people who share a group with its owner."""

    birth_year: Reach = "groups"
    city: Reach = "everyone"
    interests: Reach = "everyone"
    about: Reach = "everyone"


class VisibilityChange(msgspec.Struct, kw_only=True):
    """What of ``Visibility`` changes."""

    birth_year: Reach | UnsetType = UNSET
    city: Reach | UnsetType = UNSET
    interests: Reach | UnsetType = UNSET
    about: Reach | UnsetType = UNSET


class ProfileChange(msgspec.Struct, kw_only=True):
    """What changes of an account; what is left out stays as it is, null empties it."""

    nickname: Nickname | UnsetType = UNSET
    email: Email | UnsetType | None = UNSET
    avatar: Annotated[str, Meta(pattern="^[0-9A-Za-z_-]{1,64}$", description="A media id.")] | UnsetType | None = UNSET
    birth_year: Annotated[int, Meta(ge=0, le=9999, description="1900 or later.")] | UnsetType | None = UNSET
    city: Annotated[str, Meta(max_length=60, examples=["成都"])] | UnsetType | None = UNSET
    interests: Annotated[list[Interest], Meta(max_length=20)] | UnsetType = UNSET
    about: Annotated[str, Meta(max_length=2000, description="Up to 300 characters.")] | UnsetType = UNSET
    visibility: VisibilityChange | UnsetType = UNSET
    reach: Annotated[Reach, Meta(description="Who may write to me.")] | UnsetType = UNSET


class HandleDraft(msgspec.Struct, kw_only=True):
    """A handle that somebody wants."""

    handle: Handle


class PasswordChange(msgspec.Struct, kw_only=True):
    """The present password and the one that takes its place."""

    old: Password
    new: Password


class Account(msgspec.Struct, kw_only=True):
    """An account as its owner sees it."""

    number: NumberField
    kind: AccountKind
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
    has_password: Annotated[bool, Meta(description="Whether a password lets one in; not for who comes from outside.")]
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
    is_bot: bool = False


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One of many accounts that are made at once. A handle must be free and is not checked again."""

    nickname: str
    handle: str | None = None
    city: str | None = None
    about: str = ""
    interests: list[str] = []
    avatar: str | None = None
    created_at: datetime | None = None


class SharedGroup(msgspec.Struct, frozen=True):
    """A group that the viewer and the other one both belong to."""

    chat: int
    name: str
    avatar: str | None = None


class Profile(msgspec.Struct, kw_only=True):
    """An account as somebody else may see it; what is hidden from them is left out."""

    number: NumberField
    kind: AccountKind
    nickname: str
    handle: str | None
    avatar: str | None
    birth_year: int | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    interests: list[str] | UnsetType = UNSET
    about: str | UnsetType = UNSET
    shared_groups: list[SharedGroup]
    may_write: bool


class HandleHolder(msgspec.Struct, kw_only=True):
    """Who holds a handle."""

    kind: HandleKind
    number: int


class Device(msgspec.Struct, kw_only=True):
    """A signed-in device."""

    id: int
    client: ClientKind
    device: Annotated[str, Meta(description="What it says of itself.", examples=["Firefox, Linux"])]
    address: str
    created_at: Moment
    last_seen_at: Moment
    current: Annotated[bool, Meta(description="Whether this is the device that asks.")]


class Devices(msgspec.Struct, kw_only=True):
    """All of the account's devices, the one seen last first."""

    items: list[Device]
    next: None = None


class Applicant(msgspec.Struct, frozen=True):
    """Somebody who waits for the operator's approval."""

    number: int
    nickname: str
    handle: str | None
    email: str | None
    reason: str
    created_at: str


class PasswordDraft(msgspec.Struct, kw_only=True):
    """The present password, where something is at stake."""

    password: Password


class CodeDraft(msgspec.Struct, kw_only=True):
    """A code that the phone shows."""

    code: Code


class PreparedSecondFactor(msgspec.Struct, kw_only=True):
    """What the phone needs: the secret, the same as an address, and that as a picture."""

    secret: str
    uri: str
    qr_svg: str


class RecoveryCodes(msgspec.Struct, kw_only=True):
    """Codes to keep on paper, each good once. They are told this once."""

    recovery_codes: list[str]


class PasskeyDraft(msgspec.Struct, kw_only=True):
    """A passkey that the browser has made."""

    name: Annotated[str, Meta(max_length=200, description="What its owner calls it.", examples=["My phone"])]
    credential: Annotated[dict[str, Any], Meta(description="`PublicKeyCredential.toJSON()`.")]


class PasskeySignIn(msgspec.Struct, kw_only=True):
    """What the browser's passkey has signed."""

    credential: Annotated[dict[str, Any], Meta(description="`PublicKeyCredential.toJSON()`.")]
    client: ClientKind = "web"


class Passkey(msgspec.Struct, kw_only=True):
    """A passkey of the account."""

    id: int
    name: str
    created_at: Moment
    last_used_at: Moment | None


class Passkeys(msgspec.Struct, kw_only=True):
    """All passkeys of the account, the newest first."""

    items: list[Passkey]
    next: None = None


Ticket = Annotated[str, Meta(min_length=1, max_length=100, description="As it stands in the address of the page.")]
ProviderName = Annotated[str, Meta(max_length=20, examples=["school"])]


class WayIn(msgspec.Struct, frozen=True, kw_only=True):
    """A provider elsewhere by which people sign in here."""

    id: str
    name: str


class OutsideBegin(msgspec.Struct, kw_only=True):
    """Where somebody wants to go on to once they have come back from the provider: a path here."""

    onward: Annotated[str, Meta(max_length=2_000, pattern="^/([^/\\\\].*)?$", examples=["/"])] = "/"


class WayOn(msgspec.Struct, kw_only=True):
    """Where the browser goes next."""

    to: str


class OutsideTicket(msgspec.Struct, kw_only=True):
    """What somebody has come back from a provider with."""

    provider: ProviderName
    ticket: Ticket


class OutsideSignIn(msgspec.Struct, kw_only=True):
    """Somebody who comes in by a provider, with what else is asked of them."""

    provider: ProviderName
    ticket: Ticket
    code: Code | None = None
    invitation: Annotated[str, Meta(max_length=100, description="Where sign-up is by invitation.")] | None = None
    client: ClientKind = "web"


class OutsideAccount(msgspec.Struct, kw_only=True):
    """An account elsewhere that lets me in here."""

    provider: str
    name: str
    label: Annotated[str, Meta(description="What it is called there.")]
    linked_at: Moment


class OutsideWays(msgspec.Struct, kw_only=True):
    """My accounts elsewhere, and the providers of which I can link one."""

    items: list[OutsideAccount]
    more: list[WayIn]
    next: None = None
