"""Codes and tokens: whom they are good for, how long, how often, and what ends them."""

import threading
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import text

from hutong.api import House
from hutong.domains.openplatform.jobs import sweep_given
from hutong.domains.openplatform.keyring import key_pair
from hutong.infra.limits import Allowance, spend
from tests.cast import Cast
from tests.conftest import HandClock

from .signing_in import BACK, Shop, agree, claims_in, open_shop, sent_on


async def test_a_code_is_good_once_and_a_second_time_takes_everything_back(cast: Cast, shop: Shop) -> None:
    attempt = shop.attempt()
    code = (await agree(cast.bob, attempt.query(scope="openid offline_access")))["code"]
    tokens = (await shop.redeem(attempt, code)).raise_for_status().json()
    assert (await shop.userinfo(tokens["access_token"])).status_code == 200

    again = await shop.redeem(attempt, code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await shop.userinfo(tokens["access_token"])).status_code == 401
    assert (await shop.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_is_for_the_one_who_has_asked_and_for_a_minute(
    cast: Cast, shop: Shop, public: Shop, clock: HandClock
) -> None:
    attempt = shop.attempt()
    code = (await agree(cast.bob, attempt.query()))["code"]
    assert (await public.redeem(attempt, code)).json()["error"] == "invalid_grant"
    for changed in (
        {"code_verifier": "x" * 43},
        {"redirect_uri": "https://library.example/elsewhere"},
        {"code": code + "x"},
        {"code": "\x00"},
    ):
        answer = await shop.redeem(attempt, **{"code": code, **changed})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), changed
    for verifier in ("", "short"):
        answer = await shop.redeem(attempt, code, code_verifier=verifier)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    wrong = Shop(shop.app, "wrong", shop.http)
    answer = await wrong.redeem(attempt, code)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
    answer = await Shop(shop.app, "", shop.http).redeem(attempt, code)
    assert answer.json()["error"] == "invalid_client"
    clock.advance(seconds=61)
    assert (await shop.redeem(attempt, code)).json()["error"] == "invalid_grant"


async def test_a_secret_that_was_rotated_is_good_no_more(cast: Cast, shop: Shop) -> None:
    attempt = shop.attempt()
    code = (await agree(cast.bob, attempt.query()))["code"]
    fresh = (await cast.alice.http.post(f"apps/{shop.app}/client/secret")).json()["secret"]
    assert (await shop.redeem(attempt, code)).json()["error"] == "invalid_client"
    assert (await Shop(shop.app, fresh, shop.http).redeem(attempt, code)).status_code == 200


async def test_a_secret_may_come_in_the_form(cast: Cast, shop: Shop) -> None:
    attempt = shop.attempt()
    code = (await agree(cast.bob, attempt.query()))["code"]
    fields = {"client_secret": shop.secret, "client_id": str(shop.app)}
    answer = await Shop(shop.app, "", shop.http).redeem(attempt, code, **fields)
    assert answer.status_code == 200, answer.text


async def test_refresh_tokens_rotate_and_one_that_comes_twice_takes_the_family_back(
    cast: Cast, shop: Shop, clock: HandClock
) -> None:
    first = await shop.sign_in(cast.bob, "openid profile offline_access")
    clock.advance(seconds=1_801)
    assert (await shop.userinfo(first["access_token"])).status_code == 401
    second = (await shop.refresh(first["refresh_token"])).raise_for_status().json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await shop.userinfo(second["access_token"])).status_code == 200
    claims = await claims_in(shop, second["id_token"])
    assert claims["auth_time"] == int(clock().timestamp()) - 1_801
    assert "nonce" not in claims

    narrow = (await shop.refresh(second["refresh_token"], scope="openid")).raise_for_status().json()
    assert narrow["scope"] == "openid"
    wider = await shop.refresh(narrow["refresh_token"], scope="openid email")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")

    stolen = await shop.refresh(first["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await shop.refresh(narrow["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await shop.userinfo(narrow["access_token"])).status_code == 401


async def test_a_refresh_token_is_for_its_app_and_for_its_time(
    cast: Cast, shop: Shop, public: Shop, clock: HandClock
) -> None:
    tokens = await shop.sign_in(cast.bob, "openid offline_access")
    assert (await public.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await shop.refresh(tokens["access_token"])).json()["error"] == "invalid_grant"
    clock.advance(days=61)
    assert (await shop.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_what_is_revoked_is_good_no_more(cast: Cast, shop: Shop, public: Shop) -> None:
    one = await shop.sign_in(cast.bob, "openid offline_access")
    (await shop.call("revoke", token=one["access_token"])).raise_for_status()
    assert (await shop.userinfo(one["access_token"])).status_code == 401
    fresh = (await shop.refresh(one["refresh_token"])).raise_for_status().json()
    foreign = await public.call("revoke", token=fresh["refresh_token"])
    assert foreign.status_code == 200
    assert (await shop.userinfo(fresh["access_token"])).status_code == 200

    (await shop.call("revoke", token=fresh["refresh_token"], token_type_hint="refresh_token")).raise_for_status()

    assert (await shop.userinfo(fresh["access_token"])).status_code == 401
    assert (await shop.refresh(fresh["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await shop.call("revoke", token="nobody's")).status_code == 200
    wrong = await Shop(shop.app, "wrong", shop.http).call("revoke", token="x")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


async def test_a_token_is_explained_to_its_app_alone(cast: Cast, shop: Shop, public: Shop, clock: HandClock) -> None:
    tokens = await shop.sign_in(cast.bob, "openid offline_access")
    about = (await shop.call("introspect", token=tokens["access_token"])).raise_for_status().json()
    now = int(clock().timestamp())
    assert (about["active"], about["client_id"], about["scope"]) == (True, str(shop.app), "openid offline_access")
    assert (about["iat"], about["exp"], about["iss"]) == (now, now + 1_800, "http://hutong.test")
    assert (await public.call("introspect", token=tokens["access_token"])).json()["error"] == "invalid_client"
    other = await open_shop(cast.alice, shop.http)
    assert (await other.call("introspect", token=tokens["access_token"])).json() == {"active": False}
    clock.advance(seconds=1_800)
    assert (await shop.call("introspect", token=tokens["access_token"])).json() == {"active": False}


async def test_an_app_that_is_let_know_no_more_has_to_ask_again(cast: Cast, shop: Shop) -> None:
    tokens = await shop.sign_in(cast.bob, "openid profile offline_access")
    mine = (await cast.bob.http.get("accounts/me/apps")).json()
    assert [(one["app"], one["name"], one["scopes"]) for one in mine] == [
        (shop.app, "Library", ["openid", "profile", "offline_access"])
    ]
    assert (await cast.chen.http.delete(f"accounts/me/apps/{shop.app}")).status_code == 404
    (await cast.bob.http.delete(f"accounts/me/apps/{shop.app}")).raise_for_status()
    assert (await cast.bob.http.get("accounts/me/apps")).json() == []
    assert (await shop.userinfo(tokens["access_token"])).status_code == 401
    assert (await shop.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await sent_on(cast.bob.http, shop.attempt().query())).startswith("/authorize?")


async def test_an_app_that_is_given_up_leaves_nothing_good_behind(cast: Cast, shop: Shop) -> None:
    tokens = await shop.sign_in(cast.bob)
    (await cast.alice.http.delete(f"apps/{shop.app}")).raise_for_status()
    assert (await shop.userinfo(tokens["access_token"])).status_code == 401
    assert (await cast.bob.http.get("accounts/me/apps")).json() == []


async def test_who_has_no_token_or_one_for_something_else_is_told_nothing(cast: Cast, shop: Shop) -> None:
    nothing = await shop.http.get("/api/v1/oauth/userinfo")
    assert (nothing.status_code, nothing.headers["www-authenticate"]) == (401, "Bearer")
    wrong = await shop.userinfo(cast.bob.token)
    assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    plain = await shop.sign_in(cast.bob, "profile")
    assert "id_token" not in plain
    answer = await shop.userinfo(plain["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    mine = await shop.http.get("/api/v1/accounts/me", headers={"authorization": f"Bearer {plain['access_token']}"})
    assert mine.status_code == 401


async def test_a_form_that_says_something_twice_or_nothing_is_refused(shop: Shop) -> None:
    for body in ("grant_type=refresh_token&grant_type=refresh_token", "", "grant_type=password", 'grant_type=a"b\\'):
        answer = await shop.http.post(
            "/api/v1/oauth/token",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
            auth=(str(shop.app), shop.secret),
        )
        assert answer.status_code == 400, body
        assert answer.json()["error"] in ("invalid_request", "unsupported_grant_type")
    for said in ("Basic", "Basic !!!", "Basic /////w==", "Basic " + "x" * 9):
        answer = await shop.http.post(
            "/api/v1/oauth/token", data={"grant_type": "refresh_token"}, headers={"authorization": said}
        )
        assert answer.json()["error"] == "invalid_client"


async def test_a_page_of_another_site_may_redeem_codes_and_nothing_else(cast: Cast, public: Shop) -> None:
    foreign = {"origin": "https://page.example"}
    attempt = public.attempt()
    code = (await agree(cast.bob, attempt.query()))["code"]
    answer = await public.http.options("/api/v1/oauth/token", headers=foreign)
    assert answer.headers["access-control-allow-origin"] == "*"
    fields = {
        "grant_type": "authorization_code",
        "client_id": str(public.app),
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": attempt.verifier,
    }
    answer = await public.http.post("/api/v1/oauth/token", data=fields, headers=foreign)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    token = answer.json()["access_token"]
    answer = await public.http.get("/api/v1/oauth/userinfo", headers={**foreign, "authorization": f"Bearer {token}"})
    assert answer.headers["access-control-allow-origin"] == "*"
    body = {"query": attempt.query(), "allow": True}
    answer = await cast.bob.http.post("oauth/consent", json=body, headers=foreign)
    assert (answer.status_code, answer.json()["code"]) == (403, "hutong.foreign_origin")


async def test_a_form_of_another_site_leads_to_the_same_page(cast: Cast, shop: Shop) -> None:
    query = shop.attempt().query()
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "https://library.example"}
    answer = await shop.http.post("/api/v1/oauth/authorize", content=query, headers=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/api/v1/oauth/authorize?{query}")


@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
async def test_it_is_discovered_where_everything_is(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/.well-known/{name}")
    found = answer.raise_for_status().json()
    assert (found["issuer"], found["code_challenge_methods_supported"]) == ("http://hutong.test", ["S256"])
    assert found["jwks_uri"] == "http://hutong.test/api/v1/oauth/jwks"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_keys_are_made_on_first_use_shown_ahead_and_forgotten_late(
    cast: Cast, shop: Shop, clock: HandClock, house: House
) -> None:
    async def kids() -> list[str]:
        keys = (await shop.http.get("/api/v1/oauth/jwks")).json()["keys"]
        assert all(key.keys() == {"kty", "n", "e", "kid", "use", "alg"} for key in keys)
        return [key["kid"] for key in keys]

    async def signed_with() -> str:
        token = (await shop.sign_in(cast.bob))["id_token"]
        keys = KeySet.import_key_set((await shop.http.get("/api/v1/oauth/jwks")).json())
        return str(jwt.decode(token, keys, algorithms=["RS256"]).header["kid"])

    (first,) = await kids()
    assert await signed_with() == first
    clock.advance(days=91)
    _, second = await kids()
    assert await signed_with() == first
    clock.advance(days=1)
    assert await signed_with() == second
    await sweep_given(house.database, clock=clock)
    assert await kids() == [first, second]
    clock.advance(days=2)
    await sweep_given(house.database, clock=clock)
    assert await kids() == [second]


async def test_what_is_over_is_forgotten_a_day_later(cast: Cast, shop: Shop, house: House, clock: HandClock) -> None:
    attempt = shop.attempt()
    code = (await agree(cast.bob, attempt.query()))["code"]
    (await shop.redeem(attempt, code)).raise_for_status()
    await sweep_given(house.database, clock=clock)
    assert (await shop.redeem(attempt, code)).json()["error"] == "invalid_grant"
    clock.advance(days=2)
    await sweep_given(house.database, clock=clock)
    async with house.database.transaction() as session:
        rows = await session.scalar(text("SELECT count(*) FROM openplatform_code"))
        tokens = await session.scalar(text("SELECT count(*) FROM openplatform_token"))
    assert (rows, tokens) == (0, 0)


async def test_a_signing_key_is_read_once_and_holds_up_nobody(
    cast: Cast, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.sign_in(cast.alice)
    key_pair.cache_clear()
    import_key, readers = RSAKey.import_key, list[threading.Thread]()

    def read(*args: Any, **more: Any) -> RSAKey:
        readers.append(threading.current_thread())
        return import_key(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(RSAKey, "import_key", read)
        for person in (cast.bob, cast.chen):
            assert "id_token" in await shop.sign_in(person)
        (await shop.http.get("/api/v1/oauth/jwks")).raise_for_status()
    assert len(readers) == 1
    assert readers[0] is not threading.main_thread()


async def test_who_asks_for_tokens_without_end_has_to_wait(cast: Cast, shop: Shop, house: House) -> None:
    most = house.settings.limits.token_requests_per_app_minute_max
    allowance = Allowance("openplatform.token_app", most, 60)
    await spend(house.database, allowance, str(shop.app), count=most, clock=house.clock)
    answer = await shop.refresh("x")
    assert (answer.status_code, answer.json()["code"]) == (429, "hutong.too_many")


@pytest.mark.parametrize("which", ["confidential", "public"])
async def test_strangers_use_up_nothing_of_what_an_app_may_ask_for(
    cast: Cast, shop: Shop, public: Shop, house: House, which: str
) -> None:
    one = shop if which == "confidential" else public
    tokens = await one.sign_in(cast.bob, "openid offline_access")
    most = house.settings.limits.token_requests_per_app_minute_max
    allowance = Allowance("openplatform.token_app", most, 60)
    # Signing in was one request, and one is left.
    await spend(house.database, allowance, str(one.app), count=most - 2, clock=house.clock)

    stranger = Shop(one.app, "guessed" if which == "confidential" else "", one.http)
    for what in ("token", "revoke", "introspect"):
        for _ in range(2):
            await stranger.call(what, grant_type="refresh_token", refresh_token="guessed", token="guessed")
    assert (await one.refresh(tokens["refresh_token"])).status_code == 200
    assert (await one.refresh(tokens["refresh_token"])).status_code == 429
