"""What is known of a sign-in elsewhere before anything is decided about it, and what is decided.

The shapes are those in which Authlib asks for clients, codes and tokens. None of them is a row: they are read before it
is asked, and written after.
"""

import base64
import binascii
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from urllib.parse import unquote

from hutong.kit.ids import hash_token

from .keyring import SigningKey
from .redirects import is_registered

__all__ = [
    "AUTHENTICATED",
    "SIGN_IN_SCOPES",
    "Answer",
    "Asked",
    "Authorization",
    "KnownClient",
    "KnownCode",
    "KnownPerson",
    "KnownToken",
    "Lives",
    "NewTokens",
    "Outcome",
    "Read",
    "SignInScope",
    "claims_of",
    "client_id_of",
    "is_proven",
    "scopes_in_order",
]

SignInScope = Literal["openid", "profile", "email", "groups", "offline_access"]
SIGN_IN_SCOPES: tuple[SignInScope, ...] = get_args(SignInScope)

AUTHENTICATED = ("client_secret_basic", "client_secret_post")
"""How a client that keeps a secret shows it."""


@dataclass(frozen=True)
class Asked:
    """A request: its fields in their order, and how the client says who it is."""

    method: str
    fields: Sequence[tuple[str, str]]
    authorization: str = ""

    def get(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")

    @property
    def basic(self) -> str:
        """``client:secret`` as HTTP Basic says it; nothing where it says something else."""
        return _decoded(self.authorization)


@dataclass(frozen=True)
class Answer:
    """What is answered: a place to go to, or a body."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


@dataclass(frozen=True)
class Lives:
    """How long what is given out is good."""

    code_s: int
    access_s: int
    refresh_days: int


@dataclass(frozen=True)
class KnownClient:
    """An app as an OAuth client; without a secret it is a public one."""

    app_id: int
    redirects: tuple[str, ...]
    secret_hash: bytes | None
    is_suspended: bool = False

    @property
    def client_id(self) -> str:
        return str(self.app_id)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        wanted = (scope or "").split()
        return " ".join(one for one in SIGN_IN_SCOPES if one in wanted)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(redirect_uri, self.redirects)

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret_hash is not None and hmac.compare_digest(hash_token(client_secret), self.secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in (("none",) if self.secret_hash is None else AUTHENTICATED)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and not self.is_suspended

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token") and not self.is_suspended


@dataclass(frozen=True)
class KnownPerson:
    """Who has signed in, as far as the app is told."""

    sub: str
    number: int
    nickname: str
    handle: str | None
    email: str | None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownCode:
    """An authorization code that was given out."""

    app_id: int
    number: int
    family: bytes
    redirect: str
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str
    auth_time: datetime
    expires_at: datetime
    is_used: bool = False
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect

    def get_scope(self) -> str:
        return " ".join(self.scopes)

    def get_nonce(self) -> str:
        return self.nonce or ""

    def get_auth_time(self) -> int:
        return int(self.auth_time.timestamp())

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> str:
        return ""


@dataclass(frozen=True)
class KnownToken:
    """An access or a refresh token that was given out."""

    app_id: int
    kind: str
    number: int
    family: bytes
    scopes: tuple[str, ...]
    auth_time: datetime
    issued_at: datetime
    expires_at: datetime
    is_used: bool = False

    def check_client(self, client: KnownClient) -> bool:
        return client.app_id == self.app_id

    def get_scope(self) -> str:
        return " ".join(self.scopes)

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.is_used


@dataclass(frozen=True)
class Read:
    """What was read before: whatever the request names, as far as it is there. ``key`` is needed for tokens only."""

    now: datetime
    issuer: str
    client: KnownClient | None = None
    code: KnownCode | None = None
    token: KnownToken | None = None
    person: KnownPerson | None = None
    key: SigningKey | None = None


@dataclass(frozen=True)
class NewTokens:
    """What was given out, to be kept as hashes."""

    access: str
    refresh: str | None
    number: int
    family: bytes
    scopes: tuple[str, ...]
    refresh_scopes: tuple[str, ...]
    auth_time: datetime


@dataclass
class Outcome:
    """The answer, and what is to be kept: new tokens, what was used up by them, what is no good any more."""

    answer: Answer | None = None
    code: str = ""
    issued: NewTokens | None = None
    uses: str = ""
    revoked_family: bytes | None = None
    revokes_token: bool = False

    @property
    def answered(self) -> Answer:
        assert self.answer is not None  # noqa: S101 - every way through a request sets it
        return self.answer


@dataclass(frozen=True)
class Authorization:
    """A request for a sign-in that can be answered. ``prompts`` are those of the request."""

    client: KnownClient
    redirect: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str
    prompts: frozenset[str]
    age_s_max: int | None = None


def scopes_in_order(scopes: Collection[str]) -> list[SignInScope]:
    """Each once, in the order in which they are listed."""
    return [scope for scope in SIGN_IN_SCOPES if scope in scopes]


def claims_of(person: KnownPerson, scopes: Sequence[str]) -> dict[str, Any]:
    """What an app with these scopes is told of somebody; what there is not is left out."""
    claims: dict[str, Any] = {"sub": person.sub}
    if "profile" in scopes:
        claims |= {"name": person.nickname, "nickname": person.nickname}
        if person.handle is not None:
            claims["preferred_username"] = person.handle
    if "email" in scopes and person.email is not None:
        # Nobody has proven that mail sent there reaches them.
        claims |= {"email": person.email, "email_verified": False}
    if "groups" in scopes:
        claims["groups"] = list(person.groups)
    return claims


def client_id_of(asked: Asked) -> str:
    """The client that a request names, by its word or in how it says who it is."""
    pair = asked.basic
    return unquote(pair.partition(":")[0]) if pair else asked.get("client_id")


def is_proven(asked: Asked, read: Read) -> bool:
    """Whether the request is of the client that it names: it shows the client's secret or, where that keeps none,
    something that was given to the client."""
    if read.client is None:
        return False
    if read.client.secret_hash is None:
        return read.code is not None or read.token is not None
    pair = asked.basic
    return read.client.check_client_secret(unquote(pair.partition(":")[2]) if pair else asked.get("client_secret"))


def _decoded(authorization: str) -> str:
    kind, _, said = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(said.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
