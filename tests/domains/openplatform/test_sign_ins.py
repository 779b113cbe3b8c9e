"""Signing in elsewhere with hutong: what an app gets when people agree, and what nobody gets."""

import re

import httpx
import pytest
from sqlalchemy import text

from hutong.api import House
from tests.cast import Cast
from tests.conftest import HandClock

from .signing_in import SINCE, Shop, agree, claims_in, open_shop, sent_on, set_state, told


@pytest.mark.parametrize("kind", ["confidential", "public"])
async def test_whoever_agrees_is_signed_in(cast: Cast, shop: Shop, public: Shop, clock: HandClock, kind: str) -> None:
    here = shop if kind == "confidential" else public
    attempt = here.attempt()
    page = await sent_on(cast.bob.http, attempt.query())
    assert page.startswith(f"/authorize?{attempt.query()}&{SINCE}={int(clock().timestamp() * 1_000)}.")
    asked = (await cast.bob.http.get("oauth/consent", params={"query": attempt.query()})).raise_for_status().json()
    assert (asked["name"], asked["owner"]["nickname"], asked["reviewed"]) == ("Library", "Alice", True)
    assert (asked["host"], asked["scopes"]) == ("library.example", ["openid", "profile"])
    assert (asked["settled"], asked["sign_in_since"]) == (False, None)

    back = await agree(cast.bob, attempt.query())
    assert (back["state"], back["iss"]) == ("here and there", "http://hutong.test")
    answer = await here.redeem(attempt, back["code"])

    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 1_800, "openid profile")
    assert "refresh_token" not in tokens
    claims = await claims_in(here, tokens["id_token"])
    now = int(clock().timestamp())
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://hutong.test", str(here.app), "n-0S6_WzA2Mj")
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (now, now + 1_800, now)
    told_of = (await here.userinfo(tokens["access_token"])).raise_for_status().json()
    assert told_of == {
        "sub": claims["sub"],
        "name": "Bob",
        "nickname": "Bob",
        "preferred_username": "bob",
    }
    assert len(str(claims["sub"])) == 32
    assert str(cast.bob.number) not in str(claims["sub"])


async def test_each_app_knows_somebody_under_another_name(cast: Cast, shop: Shop, public: Shop) -> None:
    async def sub(here: Shop) -> str:
        tokens = await here.sign_in(cast.bob)
        return str((await here.userinfo(tokens["access_token"])).json()["sub"])

    assert await sub(shop) == await sub(shop)
    assert await sub(shop) != await sub(public)


async def test_an_app_is_told_what_it_has_asked_for_and_no_more(cast: Cast, shop: Shop) -> None:
    (await cast.bob.http.patch("accounts/me", json={"email": "bob@hutong.example"})).raise_for_status()
    (await cast.bob.http.post("groups", json={"name": "Readers"})).raise_for_status()

    narrow = await shop.sign_in(cast.bob, "openid")
    wide = await shop.sign_in(cast.bob, "openid email groups")

    told_of = (await shop.userinfo(narrow["access_token"])).json()
    assert told_of.keys() == {"sub"}
    told_of = (await shop.userinfo(wide["access_token"])).json()
    assert (told_of["email"], told_of["email_verified"]) == ("bob@hutong.example", False)
    # The number itself would let two apps compare whom they know.
    (named,) = told_of["groups"]
    assert re.fullmatch("[0-9A-F]{32}", named)
    again = (await shop.userinfo((await shop.sign_in(cast.bob, "openid groups"))["access_token"])).json()
    assert again["groups"] == [named]
    assert "name" not in told_of


async def test_who_has_agreed_is_not_asked_again_until_the_app_wants_more(cast: Cast, shop: Shop) -> None:
    await shop.sign_in(cast.bob)

    attempt = shop.attempt()
    code = told(await sent_on(cast.bob.http, attempt.query()))["code"]
    assert (await shop.redeem(attempt, code)).status_code == 200
    assert (await sent_on(cast.bob.http, attempt.query(scope="openid email"))).startswith("/authorize?")
    assert (await sent_on(cast.bob.http, attempt.query(prompt="consent"))).startswith("/authorize?")
    assert (await sent_on(cast.chen.http, attempt.query())).startswith("/authorize?")


async def test_a_denial_is_told_to_the_app(cast: Cast, shop: Shop) -> None:
    back = await agree(cast.bob, shop.attempt().query(), allow=False)
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "here and there", "http://hutong.test")
    assert (await cast.bob.http.get("accounts/me/apps")).json() == []


async def test_where_nobody_may_be_asked_the_app_is_told_why(
    cast: Cast, shop: Shop, client: httpx.AsyncClient, clock: HandClock
) -> None:
    silent = shop.attempt().query(prompt="none")
    assert told(await sent_on(client, silent))["error"] == "login_required"
    assert told(await sent_on(cast.bob.http, silent))["error"] == "consent_required"
    await shop.sign_in(cast.bob)
    assert "code" in told(await sent_on(cast.bob.http, silent))
    clock.advance(hours=1)
    aged = shop.attempt().query(prompt="none", max_age="3000")
    assert told(await sent_on(cast.bob.http, aged))["error"] == "login_required"
    assert told(await sent_on(cast.bob.http, shop.attempt().query(prompt="none login")))["error"] == "invalid_request"


async def test_who_must_sign_in_again_does_before_anything_is_told(cast: Cast, shop: Shop, clock: HandClock) -> None:
    await shop.sign_in(cast.bob)
    signed_in = int(clock().timestamp() * 1_000)
    clock.advance(hours=1)
    now = int(clock().timestamp() * 1_000)
    for changed, since in (
        ({"prompt": "login"}, now),
        ({"prompt": "login", SINCE: str(signed_in)}, now),
        ({"prompt": "login", SINCE: f"{signed_in}."}, now),
        ({"max_age": "0", SINCE: f"{signed_in}.{'0' * 32}"}, now),
        ({"max_age": "0"}, now),
        ({"max_age": "3599"}, signed_in + 1_000),
    ):
        query = shop.attempt().query(**changed)
        asked = (await cast.bob.http.get("oauth/consent", params={"query": query})).json()
        assert asked["sign_in_since"] == since, changed
        refused = await cast.bob.http.post("oauth/consent", json={"query": query, "allow": True})
        assert refused.json()["code"] == "openplatform.bad_authorization"
    assert "code" in told(await sent_on(cast.bob.http, shop.attempt().query(max_age="3600")))


@pytest.mark.parametrize("changed", [{"prompt": "login"}, {"max_age": "0"}])
async def test_who_has_signed_in_since_the_app_has_asked_is_not_asked_again(
    cast: Cast, shop: Shop, house: House, clock: HandClock, changed: dict[str, str]
) -> None:
    await shop.sign_in(cast.bob)
    clock.advance(hours=1)
    asked = shop.attempt().query(**changed)
    page = await sent_on(cast.bob.http, asked)
    assert page == await sent_on(cast.bob.http, page.partition("?")[2])
    clock.advance(seconds=5)
    await signs_in_again(house, cast, clock)
    assert "code" in told(await sent_on(cast.bob.http, page.partition("?")[2]))

    # What was sealed is good for that one request, and not for ever.
    clock.advance(seconds=5)
    seal = page.rpartition("&")[2]
    other = shop.attempt().query(**changed)
    assert (await sent_on(cast.bob.http, f"{other}&{seal}")).startswith(f"/authorize?{other}&{SINCE}=")
    forged = await sent_on(cast.bob.http, f"{asked}&{SINCE}=1&{SINCE}=2")
    assert forged.count(SINCE) == 1
    clock.advance(days=1, seconds=1)
    assert (await sent_on(cast.bob.http, page.partition("?")[2])).startswith("/authorize?")


async def signs_in_again(house: House, cast: Cast, clock: HandClock) -> None:
    """Bob's device is one on which he has signed in just now."""
    async with house.database.transaction() as session:
        query = text("UPDATE identity_session SET created_at = :now WHERE number = :number")
        await session.execute(query, {"now": clock(), "number": cast.bob.number})


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'co"de\\'}, "unsupported_response_type"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_what_is_asked_in_a_wrong_way_is_told_to_the_app(
    cast: Cast, shop: Shop, changed: dict[str, str | None], error: str
) -> None:
    back = told(await sent_on(cast.bob.http, shop.attempt().query(**changed)))
    assert (back["error"], back["state"], back["iss"]) == (error, "here and there", "http://hutong.test")


@pytest.mark.parametrize(
    "address",
    [
        "https://thief.example/signed-in",
        "https://library.example/signed-in/",
        "https://library.example/signed-in?x=1",
        "https://library.example:444/signed-in",
        "https://library.example@thief.example/signed-in",
        "http://localhost/back",
        'https://thief.example/"\\',
        "javascript:alert(1)",
        None,
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(cast: Cast, shop: Shop, address: str | None) -> None:
    query = shop.attempt().query(redirect_uri=address)
    assert (await sent_on(cast.bob.http, query)).startswith("/authorize?")
    answer = await cast.bob.http.get("oauth/consent", params={"query": query})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_authorization")
    answer = await cast.bob.http.post("oauth/consent", json={"query": query, "allow": False})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_authorization")


async def test_a_program_on_ones_own_machine_takes_the_port_that_is_free(cast: Cast, public: Shop) -> None:
    query = public.attempt().query(redirect_uri="http://127.0.0.1:49152/back")
    answer = await cast.bob.http.post("oauth/consent", json={"query": query, "allow": True})
    assert answer.json()["to"].startswith("http://127.0.0.1:49152/back?code=")
    query = public.attempt().query(redirect_uri="org.example.library:/back")
    answer = await cast.bob.http.post("oauth/consent", json={"query": query, "allow": True})
    assert answer.json()["to"].startswith("org.example.library:/back?code=")


@pytest.mark.parametrize("twice", ["redirect_uri", "client_id", "scope", "state"])
async def test_what_stands_there_twice_sends_nobody_anywhere(cast: Cast, shop: Shop, twice: str) -> None:
    query = shop.attempt().query() + f"&{twice}=more"
    assert (await sent_on(cast.bob.http, query)).startswith("/authorize?")
    answer = await cast.bob.http.get("oauth/consent", params={"query": query})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_authorization")


async def test_an_app_that_is_none_signs_nobody_in(cast: Cast, shop: Shop) -> None:
    for client_id in ("999", "x", "", "01001", "9" * 40):
        query = shop.attempt().query(client_id=client_id)
        assert (await sent_on(cast.bob.http, query)).startswith("/authorize?")
        answer = await cast.bob.http.get("oauth/consent", params={"query": query})
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_client")


async def test_until_it_is_reviewed_only_the_owner_and_test_users_sign_in(
    cast: Cast, house: House, client: httpx.AsyncClient
) -> None:
    shop = await open_shop(cast.alice, client)
    await shop.sign_in(cast.alice)
    query = shop.attempt().query()
    answer = await cast.bob.http.get("oauth/consent", params={"query": query})
    assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.not_reviewed")
    answer = await cast.bob.http.post("oauth/consent", json={"query": query, "allow": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.not_reviewed")
    assert told(await sent_on(cast.bob.http, shop.attempt().query(prompt="none")))["error"] == "access_denied"

    (await cast.alice.http.put(f"apps/{shop.app}/testers/{cast.bob.number}")).raise_for_status()
    tokens = await shop.sign_in(cast.bob)
    assert (await shop.userinfo(tokens["access_token"])).status_code == 200
    (await cast.alice.http.delete(f"apps/{shop.app}/testers/{cast.bob.number}")).raise_for_status()
    assert (await shop.userinfo(tokens["access_token"])).status_code == 401


async def test_a_suspended_app_signs_nobody_in_and_is_told_nothing(cast: Cast, house: House, shop: Shop) -> None:
    attempt = shop.attempt()
    tokens = await shop.sign_in(cast.bob, "openid offline_access")
    code = (await agree(cast.bob, attempt.query()))["code"]
    await set_state(house, shop, "suspended")

    answer = await cast.bob.http.get("oauth/consent", params={"query": attempt.query()})
    assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.app_suspended")
    assert (await sent_on(cast.bob.http, attempt.query())).startswith("/authorize?")
    assert (await shop.redeem(attempt, code)).json()["error"] == "unauthorized_client"
    assert (await shop.refresh(tokens["refresh_token"])).json()["error"] == "unauthorized_client"
    assert (await shop.userinfo(tokens["access_token"])).status_code == 401
    assert (await shop.call("introspect", token=tokens["access_token"])).json() == {"active": False}
