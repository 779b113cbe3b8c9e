"""An OpenID Connect provider is believed only what it proves: each lie is told over a real connection."""

import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from hutong.infra.guarded_transport import GuardedTransport
from hutong.infra.openid import NotProven, OpenIdProvider, Proof, ProviderAway
from hutong.settings import SignInProvider
from tests.listening import served

KEY = RSAKey.generate_key(2_048, {"kid": "one"})
OTHER = RSAKey.generate_key(2_048, {"kid": "one"})
NEXT = RSAKey.generate_key(2_048, {"kid": "two"})
BACK = "https://here.test/back"
SECRET = "hush"


@dataclass
class Liar:
    """A provider that says whatever it is told to, and keeps what it was asked."""

    issuer: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: KEY)
    shown: list[Any] = field(default_factory=lambda: [KEY])
    algorithm: str = "RS256"
    userinfo: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)
    authorization: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        form, more = b"", True
        while more:
            piece = await receive()
            form, more = form + piece.get("body", b""), piece.get("more_body", False)
        if scope["path"] == "/token":
            self.asked = parse_qs(form.decode())
            self.authorization = dict(scope["headers"]).get(b"authorization", b"").decode()
        body = self.body or msgspec.json.encode(self.answer(scope["path"]))
        headers = [(b"content-type", b"application/json"), *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def answer(self, path: str) -> dict[str, Any]:
        match path:
            case "/token":
                return {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()}
            case "/jwks":
                return {"keys": [key.as_dict(private=False) for key in self.shown]}
            case "/userinfo":
                return self.userinfo
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        } | self.metadata

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "here",
            "sub": "dora-1",
            "nonce": "n",
            "iat": now,
            "exp": now + 600,
            "name": "Dora",
        }
        told = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.key is None:
            return (
                ".".join(urlsafe_b64encode(msgspec.json.encode(one)).decode() for one in ({"alg": "none"}, told)) + "."
            )
        header = {"alg": self.algorithm} | ({"kid": self.key.kid} if isinstance(self.key, RSAKey) else {})
        return jwt.encode(header, told, self.key, [self.algorithm])


@pytest.fixture
async def liar() -> AsyncGenerator[Liar]:
    there = Liar()
    async with served(there) as address:
        there.issuer = address
        yield there


def provider_at(liar: Liar, *, private: bool = True, secret: str = SECRET) -> OpenIdProvider:
    settings = SignInProvider(id="liar", name="Liar", issuer=liar.issuer, client_id="here", secret=secret)
    return OpenIdProvider(settings, private_allowed=private)


async def redeem(provider: OpenIdProvider, iss: str = "") -> Proof:
    return await provider.redeem("c", iss=iss, redirect=BACK, nonce="n", verifier="v" * 43)


async def test_what_is_proven_is_believed(liar: Liar) -> None:
    liar.userinfo = {"sub": "dora-1", "email": "dora@library.example", "email_verified": True}
    proof = await redeem(provider_at(liar), iss=liar.issuer)
    assert proof == Proof(subject="dora-1", nickname="Dora", email="dora@library.example", email_verified=True)
    assert (liar.asked["code"], liar.asked["code_verifier"], liar.asked["redirect_uri"]) == (["c"], ["v" * 43], [BACK])
    assert liar.authorization.startswith("Basic ")
    assert "client_secret" not in liar.asked


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://thief.example"},
        {"iss": None},
        {"aud": "there"},
        {"aud": None},
        {"aud": ["here", "there"], "azp": "there"},
        {"aud": ["here", "there"]},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"exp": 1_000},
        {"exp": None},
        {"nbf": 99_999_999_999},
    ],
)
async def test_a_token_that_is_not_for_us_and_now_proves_nothing(liar: Liar, claims: dict[str, Any]) -> None:
    liar.claims = claims
    with pytest.raises(NotProven):
        await redeem(provider_at(liar))


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(OTHER, "RS256"), (OctKey.import_key(b"x" * 64), "HS256"), (None, "none")],
)
async def test_a_token_that_none_of_its_keys_has_signed_proves_nothing(liar: Liar, key: Any, algorithm: str) -> None:
    liar.key, liar.algorithm = key, algorithm
    with pytest.raises(NotProven):
        await redeem(provider_at(liar))


async def test_keys_that_have_changed_are_asked_for_again(liar: Liar) -> None:
    provider = provider_at(liar)
    await redeem(provider)
    liar.key, liar.shown = NEXT, [KEY, NEXT]
    assert (await redeem(provider)).subject == "dora-1"


async def test_an_answer_of_another_issuer_proves_nothing(liar: Liar) -> None:
    with pytest.raises(NotProven):
        await redeem(provider_at(liar), iss="https://thief.example")
    liar.metadata = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(NotProven):
        await redeem(provider_at(liar), iss="")


async def test_what_is_said_of_somebody_else_is_not_taken_over(liar: Liar) -> None:
    liar.userinfo = {"sub": "eve", "email": "eve@thief.example", "email_verified": True}
    assert (await redeem(provider_at(liar))).email == ""


async def test_a_secret_goes_as_the_provider_wants_it(liar: Liar) -> None:
    liar.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await redeem(provider_at(liar))
    assert (liar.asked["client_secret"], liar.authorization) == ([SECRET], "")
    await redeem(provider_at(liar, secret=""))
    assert "client_secret" not in liar.asked
    assert liar.asked["client_id"] == ["here"]


@pytest.mark.parametrize(
    "changed",
    [
        {"metadata": {"issuer": "https://thief.example"}},
        {"metadata": {"token_endpoint": 7}},
        {"status": 500},
        {"body": b"<html>"},
        {"body": b"[" * 600_000},
        {"status": 302, "headers": [(b"location", b"http://127.0.0.1/")]},
        {"headers": [(b"content-encoding", b"gzip")]},
    ],
)
async def test_nonsense_is_told_as_such(liar: Liar, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        setattr(liar, name, value)
    with pytest.raises(ProviderAway):
        await provider_at(liar).address(redirect=BACK, state="s", nonce="n", verifier="v" * 43)


async def test_private_addresses_are_connected_to_only_where_they_are_allowed(liar: Liar) -> None:
    with pytest.raises(ProviderAway):
        await provider_at(liar, private=False).address(redirect=BACK, state="s", nonce="n", verifier="v" * 43)
    async with httpx.AsyncClient(transport=GuardedTransport()) as client:
        for url in ("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.0.0.1/"):
            with pytest.raises(httpx.ConnectError):
                await client.get(url)
