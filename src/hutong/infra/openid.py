"""An OpenID Connect provider elsewhere, asked who somebody is: discovery, the code flow with PKCE, and the ID token.

Every answer is checked as OpenID Connect Core says: the issuer is the one that was asked, the token is signed by one of
its keys, for us, for this attempt, and not too old.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hutong.settings import SignInProvider, secret_of

from .guarded_transport import GuardedTransport

__all__ = ["NotProven", "OpenIdProvider", "Proof", "ProviderAway"]

T = TypeVar("T")

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
_KEPT_S = 3_600
_LEEWAY_S = 120


class NotProven(Exception):
    """The provider does not say who it is, or says it in a way that proves nothing; the text is for the log."""


class ProviderAway(Exception):
    """The provider cannot be reached, or answers nonsense; the text is for the log."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is elsewhere. ``subject`` never changes; the rest may be empty."""

    subject: str
    nickname: str = ""
    email: str = ""
    email_verified: bool = False


class _Metadata(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Token(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class OpenIdProvider:
    """One provider. What it says of itself and its keys are kept for an hour; its keys are asked for again where a
    token is signed with one that is not among them."""

    def __init__(self, settings: SignInProvider, *, private_allowed: bool) -> None:
        self.settings = settings
        self._private_allowed = private_allowed or settings.private
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, *, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to. Raises ``ProviderAway``."""
        metadata = await self._describe()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client_id=self.settings.client_id,
                response_type="code",
                redirect_uri=redirect,
                scope=" ".join(self.settings.scopes),
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    async def redeem(self, code: str, *, iss: str, redirect: str, nonce: str, verifier: str) -> Proof:
        """Who has come back with this code. Raises ``NotProven`` and ``ProviderAway``."""
        metadata = await self._describe()
        if (iss or metadata.authorization_response_iss_parameter_supported) and iss != metadata.issuer:
            raise NotProven(f"the answer comes from {iss!r} and not from {metadata.issuer}")
        token = await self._token(metadata, code=code, redirect=redirect, verifier=verifier)
        claims = await self._claims(metadata, token.id_token, nonce)
        if metadata.userinfo_endpoint and token.access_token and not {"name", "email"} <= claims.keys():
            claims = await self._userinfo(metadata, token.access_token, claims) | claims
        return _proof(claims)

    async def _token(self, metadata: _Metadata, *, code: str, redirect: str, verifier: str) -> _Token:
        settings, secret = self.settings, secret_of(self.settings)
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": settings.client_id,
            "code_verifier": verifier,
        }
        methods = metadata.token_endpoint_auth_methods_supported
        login: tuple[str, str] | None = None
        if secret and "client_secret_basic" not in methods and "client_secret_post" in methods:
            fields["client_secret"] = secret
        elif secret:
            login = (quote(settings.client_id, safe=""), quote(secret, safe=""))
        answer = await self._ask("POST", metadata.token_endpoint, data=fields, auth=login)
        if answer.is_client_error:
            raise NotProven(f"{metadata.token_endpoint} answers {answer.status_code}: {answer.text[:200]}")
        return _read(answer, _Token)

    def _transport(self) -> GuardedTransport:
        return GuardedTransport(private_allowed=self._private_allowed)

    async def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport(), trust_env=False) as client:
            try:
                return await client.request(method, url, headers={"accept": "application/json"}, **more)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise ProviderAway(f"{url}: {error!r}") from error

    async def _describe(self) -> _Metadata:
        if self._metadata is not None and time.monotonic() < self._metadata[0]:
            return self._metadata[1]
        url = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = _read(await self._ask("GET", url), _Metadata)
        if found.issuer != self.settings.issuer:
            raise ProviderAway(f"{url} is about {found.issuer!r} and not about {self.settings.issuer!r}")
        self._metadata = (time.monotonic() + _KEPT_S, found)
        return found

    async def _key_set(self, metadata: _Metadata, *, afresh: bool = False) -> KeySet:
        if self._keys is not None and not afresh and time.monotonic() < self._keys[0]:
            return self._keys[1]
        try:
            found: Any = _read(await self._ask("GET", metadata.jwks_uri), dict[str, Any])
            keys = KeySet.import_key_set(found)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderAway(f"{metadata.jwks_uri}: {error!r}") from error
        self._keys = (time.monotonic() + _KEPT_S, keys)
        return keys

    async def _claims(self, metadata: _Metadata, id_token: str, nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        )
        for afresh in (False, True):
            keys = await self._key_set(metadata, afresh=afresh)
            try:
                claims = dict(jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims)
                registry.validate(claims)
            except (JoseError, ValueError, TypeError) as error:
                if not afresh and _is_of_a_key(error):
                    continue
                raise NotProven(f"the ID token proves nothing: {error!r}") from error
            parties = claims["aud"]
            if isinstance(parties, list) and len(parties) > 1 and claims.get("azp") != self.settings.client_id:
                raise NotProven(f"the ID token is for {claims.get('azp')!r}")
            return claims
        raise NotProven("no key fits the ID token")

    async def _userinfo(self, metadata: _Metadata, token: str, claims: dict[str, Any]) -> dict[str, Any]:
        """What else the provider says of whom the ID token names; nothing where it says it of somebody else."""
        answer = await self._ask("GET", metadata.userinfo_endpoint, auth=_Bearer(token))
        if not answer.is_success:
            return {}
        found = _read(answer, dict[str, Any])
        return found if found.get("sub") == claims["sub"] else {}


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["authorization"] = f"Bearer {self._token}"
        yield request


def _read(answer: httpx.Response, kind: type[T]) -> T:
    """The JSON of an answer. Raises ``ProviderAway`` for any other."""
    try:
        return msgspec.json.decode(answer.raise_for_status().content, type=kind)
    except (httpx.HTTPStatusError, msgspec.MsgspecError) as error:
        raise ProviderAway(f"{answer.request.url}: {error}") from error


def _is_of_a_key(error: Exception) -> bool:
    """Whether other keys may help: the one that is named is not among those that are kept."""
    return isinstance(error, ValueError) or "key" in str(error).lower() or "signature" in str(error).lower()


def _proof(claims: dict[str, Any]) -> Proof:
    def said(*names: str) -> str:
        return next((str(claims[name]) for name in names if isinstance(claims.get(name), str) and claims[name]), "")

    return Proof(
        subject=str(claims["sub"]),
        nickname=said("nickname", "name", "preferred_username"),
        email=said("email"),
        email_verified=claims.get("email_verified") is True,
    )
