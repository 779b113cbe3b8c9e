"""What OAuth 2.1 and OpenID Connect say to a request, decided by Authlib over rows that were read before.

Authlib's core is synchronous and asks for clients, codes and tokens while it thinks. So whoever calls reads them first
and hands them in as ``Read``; what is to be kept afterwards comes back in an ``Outcome``. Nothing here waits, and
nothing here writes. See docs/decisions, "OAuth over rows that are read first".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey

from hutong.kit.ids import new_token

from .keyring import ALGORITHM, SigningKey, key_pair
from .known import (
    AUTHENTICATED,
    SIGN_IN_SCOPES,
    Answer,
    Asked,
    Authorization,
    KnownClient,
    KnownCode,
    KnownPerson,
    KnownToken,
    Lives,
    NewTokens,
    Outcome,
    Read,
    claims_of,
)

__all__ = ["answer_back", "answer_introspection", "answer_revocation", "answer_token", "read_authorization"]

_AUTHENTICATED = list(AUTHENTICATED)
_NO_ANSWER_CHARS = str.maketrans(dict.fromkeys('"\\', "?"))


class _Payload(OAuth2Payload):
    def __init__(self, asked: Asked) -> None:
        self._lists: dict[str, list[str]] = {}
        for name, value in asked.fields:
            # These two come back in descriptions of what is wrong, which know few characters.
            shown = _harmless(value) if name in ("response_type", "grant_type") else value
            self._lists.setdefault(name, []).append(shown)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._lists.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class _Request(OAuth2Request):
    def __init__(self, asked: Asked) -> None:
        # Whether the way here is safe is the proxy's business; what matters is that Authlib takes it to be.
        super().__init__(asked.method, "https://hutong.invalid/", headers={"Authorization": _basic(asked)})
        self.payload = _Payload(asked)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data


class _Server(AuthorizationServer):
    """Answers one request over what was read for it."""

    def __init__(self, read: Read, lives: Lives) -> None:
        super().__init__(scopes_supported=list(SIGN_IN_SCOPES))
        self.read = read
        self.lives = lives
        self.outcome = Outcome()
        self.register_token_generator("default", self.new_tokens)
        self.register_grant(_CodeGrant, [_Pkce(required=True), _IdToken()])
        self.register_grant(_RefreshGrant, [_IdToken()])
        self.register_endpoint(_Revocation)
        self.register_endpoint(_Introspection)

    def query_client(self, client_id: str) -> KnownClient | None:
        client = self.read.client
        return client if client is not None and client.client_id == client_id else None

    def create_oauth2_request(self, request: Asked | _Request) -> _Request:
        return request if isinstance(request, _Request) else _Request(request)

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        said = dict(headers)
        if "Location" in said:
            said["Location"] = add_params_to_uri(said["Location"], [("iss", self.read.issuer)])
        self.outcome.answer = Answer(status, body if isinstance(body, dict) else {}, said)
        return self.outcome.answer

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens: what follows from an answer stands in the outcome."""

    def new_tokens(self, *, scope: str, include_refresh_token: bool, **_: object) -> dict[str, Any]:
        app_id = self.read.client.app_id if self.read.client else 0
        token = {
            "token_type": "Bearer",
            "access_token": f"{app_id}.{new_token()}",
            "expires_in": self.lives.access_s,
            "scope": scope,
        }
        if include_refresh_token:
            token["refresh_token"] = f"{app_id}.{new_token()}"
        return token

    def save_token(self, token: Mapping[str, Any], request: _Request) -> None:
        held = request.authorization_code or request.refresh_token
        self.outcome.issued = NewTokens(
            access=token["access_token"],
            refresh=token.get("refresh_token"),
            number=held.number,
            family=held.family,
            scopes=tuple(token["scope"].split()),
            refresh_scopes=held.scopes,
            auth_time=held.auth_time,
        )


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [*_AUTHENTICATED, "none"]  # noqa: RUF012 - Authlib reads it from the class

    def generate_authorization_code(self) -> str:
        return f"{self.request.client.app_id}.{new_token()}"

    def save_authorization_code(self, code: str, request: _Request) -> None:
        self.server.outcome.code = code

    def query_authorization_code(self, code: str, client: KnownClient) -> KnownCode | None:
        read: Read = self.server.read
        found = read.code
        if found is None or found.app_id != client.app_id:
            return None
        if found.is_used:
            # Somebody has it who should not: whatever came of it is taken back (RFC 6749, section 4.1.2).
            self.server.outcome.revoked_family = found.family
            return None
        return found if found.expires_at > read.now else None

    def delete_authorization_code(self, authorization_code: KnownCode) -> None:
        self.server.outcome.uses = "code"

    def authenticate_user(self, authorization_code: KnownCode) -> KnownPerson | None:
        found: KnownPerson | None = self.server.read.person
        return found

    def generate_token(self, user: object = None, scope: str | None = None, **more: Any) -> dict[str, Any]:
        more["include_refresh_token"] = "offline_access" in (scope or "").split()
        made: dict[str, Any] = super().generate_token(user=user, scope=scope, **more)
        return made


class _RefreshGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [*_AUTHENTICATED, "none"]  # noqa: RUF012 - as above
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> KnownToken | None:
        read: Read = self.server.read
        found = read.token
        if found is None or found.kind != "refresh" or read.client is None or found.app_id != read.client.app_id:
            return None
        if found.is_used:
            # Two have it, and nobody knows which of them is the thief.
            self.server.outcome.revoked_family = found.family
            return None
        return found if found.expires_at > read.now else None

    def authenticate_user(self, refresh_token: KnownToken) -> KnownPerson | None:
        found: KnownPerson | None = self.server.read.person
        return found

    def revoke_old_credential(self, refresh_token: KnownToken) -> None:
        self.server.outcome.uses = "token"


class _Pkce(CodeChallenge):
    """PKCE for every client, and no other method than S256."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - as above

    def validate_code_challenge(self, grant: _CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A 'code_challenge' with 'code_challenge_method=S256' is needed.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    """Signs who has signed in, at the time that was handed in."""

    def __call__(self, grant: _CodeGrant | _RefreshGrant) -> None:
        self.server: _Server = grant.server
        super().__call__(grant)

    def exists_nonce(self, nonce: str, request: _Request) -> bool:
        return False

    def get_client_algorithm(self, client: KnownClient) -> str:
        return ALGORITHM

    def get_encode_header(self, client: KnownClient) -> dict[str, str]:
        return {"alg": ALGORITHM, "typ": "JWT", "kid": self._key.kid}

    def resolve_client_private_key(self, client: KnownClient) -> RSAKey:
        return key_pair(self._key)

    @property
    def _key(self) -> SigningKey:
        assert self.server.read.key is not None  # noqa: S101 - whoever asks for tokens hands one in
        return self.server.read.key

    def get_compatible_claims(self, request: _Request) -> dict[str, Any]:
        now = int(self.server.read.now.timestamp())
        held = request.authorization_code or request.refresh_token
        return {
            "iss": self.server.read.issuer,
            "aud": request.client.client_id,
            "iat": now,
            "exp": now + self.server.lives.access_s,
            "auth_time": int(held.auth_time.timestamp()),
        }

    def generate_user_info(self, user: KnownPerson, scope: str) -> dict[str, Any]:
        return claims_of(user, scope.split())


class _Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = [*_AUTHENTICATED, "none"]  # noqa: RUF012 - as above

    def query_token(self, token_string: str, token_type_hint: str | None) -> KnownToken | None:
        found: KnownToken | None = self.server.read.token
        return found

    def revoke_token(self, token: KnownToken, request: _Request) -> None:
        self.server.outcome.revokes_token = True
        if token.kind == "refresh":
            self.server.outcome.revoked_family = token.family


class _Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = _AUTHENTICATED

    def query_token(self, token_string: str, token_type_hint: str | None) -> KnownToken | None:
        read: Read = self.server.read
        good = read.token is not None and read.token.expires_at > read.now and read.person is not None
        return read.token if good else None

    def check_permission(self, token: KnownToken, client: KnownClient, request: _Request) -> bool:
        return token.app_id == client.app_id and not client.is_suspended

    def introspect_token(self, token: KnownToken) -> dict[str, Any]:
        person: KnownPerson = self.server.read.person
        return {
            "active": True,
            "client_id": str(token.app_id),
            "token_type": "Bearer" if token.kind == "access" else "refresh_token",
            "scope": token.get_scope(),
            "sub": person.sub,
            "aud": str(token.app_id),
            "iss": self.server.read.issuer,
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }


def read_authorization(asked: Asked, read: Read, lives: Lives, *, signed_in: bool) -> Authorization | Answer:
    """What a request for a sign-in wants; or the answer that refuses it, where it may be sent back to the app.

    Whoever calls has made sure that the client is there and that the address is registered: where one of them is not,
    nobody is sent anywhere. Raises ``OAuth2Error`` where Authlib finds another reason for that.
    """
    server = _Server(read, lives)
    request = _Request(asked)
    try:
        grant = server.get_consent_grant(request, end_user="somebody" if signed_in else None)
        age_s_max = _age_in(asked.get("max_age"), grant.redirect_uri)
    except OAuth2Error as error:
        error.state = asked.get("state") or None
        answer: Answer = server.handle_error_response(request, error)
        if not answer.location:
            raise
        return answer
    return Authorization(
        client=grant.client,
        redirect=grant.redirect_uri,
        scopes=tuple(request.scope.split()),
        state=asked.get("state") or None,
        nonce=asked.get("nonce") or None,
        code_challenge=asked.get("code_challenge"),
        prompts=frozenset(asked.get("prompt").split()),
        age_s_max=age_s_max,
    )


def _age_in(said: str, redirect: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise InvalidRequestError("'max_age' is a number of seconds.", redirect_uri=redirect)
    return int(said)


def answer_back(asked: Asked, read: Read, lives: Lives, reply: str) -> Outcome:
    """Sends somebody back to the app: ``allowed`` with a code, ``denied``, or with what is in the way where nobody may
    be asked (``login_required``, ``consent_required``)."""
    server = _Server(read, lives)
    request = _Request(asked)
    grant = server.get_consent_grant(request, end_user="somebody")
    if reply in ("allowed", "denied"):
        server.create_authorization_response(
            request, grant_user="somebody" if reply == "allowed" else None, grant=grant
        )
        return server.outcome
    error = (LoginRequiredError if reply == "login_required" else ConsentRequiredError)(redirect_uri=grant.redirect_uri)
    error.state = asked.get("state") or None
    server.handle_error_response(request, error)
    return server.outcome


def answer_token(asked: Asked, read: Read, lives: Lives) -> Outcome:
    """Tokens for a code or a refresh token."""
    server = _Server(read, lives)
    server.create_token_response(asked)
    return server.outcome


def answer_revocation(asked: Asked, read: Read, lives: Lives) -> Outcome:
    """A token is no good any more; with a refresh token all that came of the same sign-in."""
    server = _Server(read, lives)
    server.create_endpoint_response("revocation", asked)
    return server.outcome


def answer_introspection(asked: Asked, read: Read, lives: Lives) -> Outcome:
    """What a token is good for, told to the app that it was given to."""
    server = _Server(read, lives)
    server.create_endpoint_response("introspection", asked)
    return server.outcome


def _basic(asked: Asked) -> str:
    """The header that Authlib reads; nothing where it could not be read."""
    return asked.authorization if asked.basic else ""


def _harmless(value: str) -> str:
    return "".join(c if " " <= c <= "~" else "?" for c in value).translate(_NO_ANSWER_CHARS)
