"""An app with which people sign in elsewhere, as its own program sees it: what the tests of that share."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from hutong.api import House
from hutong.domains.openplatform import AppState, set_app_state
from tests.cast import Person

BACK = "https://library.example/signed-in"
SINCE = "hutong_since"


@dataclass(frozen=True)
class Attempt:
    """One sign-in, as the app begins it."""

    app: int
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def query(self, **changed: str | None) -> str:
        challenge = urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": str(self.app),
            "redirect_uri": BACK,
            "scope": "openid profile",
            "state": "here and there",
            "nonce": "n-0S6_WzA2Mj",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return urlencode({name: value for name, value in (fields | changed).items() if value is not None})


@dataclass(frozen=True)
class Shop:
    """The app. ``secret`` is empty where it is a public client; ``http`` speaks as nobody."""

    app: int
    secret: str
    http: httpx.AsyncClient

    def attempt(self) -> Attempt:
        return Attempt(self.app)

    async def call(self, what: str, **fields: str) -> httpx.Response:
        """Calls an endpoint as the client that it is."""
        if not self.secret:
            return await self.http.post(f"/api/v1/oauth/{what}", data={"client_id": str(self.app), **fields})
        return await self.http.post(f"/api/v1/oauth/{what}", data=fields, auth=(str(self.app), self.secret))

    async def redeem(self, attempt: Attempt, code: str, **changed: str) -> httpx.Response:
        fields = {"code": code, "redirect_uri": BACK, "code_verifier": attempt.verifier, **changed}
        return await self.call("token", grant_type="authorization_code", **fields)

    async def refresh(self, token: str, **more: str) -> httpx.Response:
        return await self.call("token", grant_type="refresh_token", refresh_token=token, **more)

    async def sign_in(self, person: Person, scope: str = "openid profile") -> dict[str, Any]:
        """The tokens after somebody has agreed."""
        attempt = self.attempt()
        code = (await agree(person, attempt.query(scope=scope)))["code"]
        answer: dict[str, Any] = (await self.redeem(attempt, code)).raise_for_status().json()
        return answer

    async def userinfo(self, token: str) -> httpx.Response:
        return await self.http.get("/api/v1/oauth/userinfo", headers={"authorization": f"Bearer {token}"})


async def open_shop(owner: Person, http: httpx.AsyncClient, *, public: bool = False) -> Shop:
    app = (await owner.http.post("apps", json={"name": "Library", "about": "Lends books."})).raise_for_status().json()
    draft = {"public": public, "redirects": [BACK, "http://127.0.0.1/back", "org.example.library:/back"]}
    (await owner.http.put(f"apps/{app['app']}/client", json=draft)).raise_for_status()
    if public:
        return Shop(app["app"], "", http)
    made = (await owner.http.post(f"apps/{app['app']}/client/secret")).raise_for_status().json()
    return Shop(app["app"], made["secret"], http)


async def set_state(house: House, shop: Shop, state: AppState) -> None:
    async with house.database.transaction() as session:
        await set_app_state(session, shop.app, state, clock=house.clock, limits=house.settings.limits)


async def agree(person: Person, query: str, *, allow: bool = True) -> dict[str, str]:
    """Answers on the page; returns what comes back to the app."""
    answer = await person.http.post("oauth/consent", json={"query": query, "allow": allow})
    return told(answer.raise_for_status().json()["to"])


async def sent_on(http: httpx.AsyncClient, query: str) -> str:
    """Where the authorization endpoint sends the browser."""
    answer = await http.get(f"http://hutong.test/api/v1/oauth/authorize?{query}")
    assert answer.status_code == 303
    return answer.headers["location"]


def told(address: str) -> dict[str, str]:
    """What an address tells the app that it leads to."""
    assert address.startswith(f"{BACK}?"), address
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def claims_in(shop: Shop, id_token: str) -> dict[str, object]:
    """What an ID token says, once its signature is found good."""
    keys = KeySet.import_key_set((await shop.http.get("/api/v1/oauth/jwks")).json())
    return dict(jwt.decode(id_token, keys, algorithms=["RS256"]).claims)
