"""Passkeys: made by a device, used to sign in, and refused when anything about them is off."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.api import House, create_app
from hutong.domains.identity.errors import PasskeyRefused
from hutong.domains.identity.passkeys import (
    RelyingParty,
    challenge_in,
    check_assertion,
    check_registration,
    holder_in,
    relying_party,
)
from tests.cast import PASSWORD, Cast, Person, visitor
from tests.conftest import HandClock
from tests.domains.identity.authenticator import PRESENT, Authenticator, b64, unb64

SITE = RelyingParty(id="hutong.test", origin="http://hutong.test", name="hutong")


async def begin(person: Person) -> dict[str, Any]:
    answer = await person.http.post("passkeys/challenge", json={"password": PASSWORD})
    assert answer.status_code == 201
    return dict(answer.json())


async def add(person: Person, device: Authenticator, name: str = "My phone", **bent: object) -> httpx.Response:
    credential = device.create(await begin(person), **bent)
    return await person.http.post("passkeys", json={"name": name, "credential": credential})


async def sign_in(client: httpx.AsyncClient, device: Authenticator, **bent: object) -> httpx.Response:
    options = (await client.post("/api/v1/sessions/passkey/challenge")).json()
    return await client.post("/api/v1/sessions/passkey", json={"credential": device.get(options, **bent)})


@pytest.fixture
async def phone(cast: Cast) -> Authenticator:
    """A device that holds a passkey of Alice."""
    device = Authenticator()
    assert (await add(cast.alice, device)).status_code == 201
    return device


async def test_the_browser_is_asked_for_a_passkey_that_stands_for_a_person(cast: Cast) -> None:
    options = await begin(cast.alice)

    assert options["rp"] == {"id": "hutong.test", "name": "hutong"}
    assert (options["user"]["name"], options["user"]["displayName"]) == ("alice", "Alice")
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"


async def test_a_device_that_was_left_signed_in_adds_no_passkey(cast: Cast, client: httpx.AsyncClient) -> None:
    nothing = await cast.alice.http.post("passkeys/challenge")
    wrong = await cast.alice.http.post("passkeys/challenge", json={"password": "wrong password"})
    to_sign_in = (await client.post("/api/v1/sessions/passkey/challenge")).json()
    made = Authenticator().create({**to_sign_in, "user": {"id": b64(cast.alice.number.to_bytes(8, "big"))}})
    kept = await cast.alice.http.post("passkeys", json={"name": "Mine", "credential": made})

    assert nothing.status_code == 400
    assert (wrong.status_code, wrong.json()["code"]) == (403, "identity.wrong_password")
    assert (kept.status_code, kept.json()["code"]) == (401, "identity.passkey_refused")
    assert (await cast.alice.http.get("passkeys")).json()["items"] == []


async def test_passwords_cannot_be_tried_without_end(cast: Cast, clock: HandClock) -> None:
    async def try_one() -> int:
        return (await cast.alice.http.post("passkeys/challenge", json={"password": "wrong password"})).status_code

    assert [await try_one() for _ in range(11)] == [403] * 10 + [429]
    clock.advance(minutes=1)
    assert await try_one() == 403


async def test_a_passkey_is_added_listed_and_dropped(cast: Cast, phone: Authenticator) -> None:
    second = Authenticator(credential_id=b"another credential of the account")
    assert (await add(cast.alice, second, name="\u202eMy  key")).json()["name"] == "My key"

    newest, first = (await cast.alice.http.get("passkeys")).json()["items"]
    assert (newest["name"], first["name"], first["last_used_at"]) == ("My key", "My phone", None)
    assert (await cast.alice.http.get("accounts/me")).json()["passkeys"] == 2
    assert (await cast.bob.http.get("passkeys")).json()["items"] == []

    by_bob = await cast.bob.http.delete(f"passkeys/{first['id']}")
    by_alice = await cast.alice.http.delete(f"passkeys/{first['id']}")
    again = await cast.alice.http.delete(f"passkeys/{first['id']}")
    assert [answer.status_code for answer in (by_bob, by_alice, again)] == [404, 204, 404]
    assert (await cast.alice.http.get("accounts/me")).json()["passkeys"] == 1


async def test_a_device_that_holds_one_is_told_so(cast: Cast, phone: Authenticator) -> None:
    options = await begin(cast.alice)

    assert [one["id"] for one in options["excludeCredentials"]] == [b64(phone.credential_id)]


async def test_a_passkey_signs_in_without_a_password_or_a_code(
    cast: Cast, phone: Authenticator, client: httpx.AsyncClient, clock: HandClock
) -> None:
    clock.advance(minutes=1)
    answer = await sign_in(client, phone)

    assert answer.status_code == 201
    assert answer.json()["account"]["number"] == cast.alice.number
    assert (await client.get("/api/v1/accounts/me")).json()["nickname"] == "Alice"
    [passkey] = (await cast.alice.http.get("passkeys")).json()["items"]
    assert passkey["last_used_at"] == "2026-11-23T06:01:00.000Z"


async def test_a_challenge_is_answered_once(cast: Cast, phone: Authenticator, client: httpx.AsyncClient) -> None:
    options = (await client.post("/api/v1/sessions/passkey/challenge")).json()
    credential = {"credential": phone.get(options)}

    answers = [await client.post("/api/v1/sessions/passkey", json=credential) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 401]
    assert answers[1].json()["code"] == "identity.passkey_refused"


async def test_a_challenge_is_good_for_five_minutes(
    cast: Cast, phone: Authenticator, client: httpx.AsyncClient, clock: HandClock
) -> None:
    async def after(seconds: int) -> int:
        options = (await client.post("/api/v1/sessions/passkey/challenge")).json()
        clock.advance(seconds=seconds)
        answer = await client.post("/api/v1/sessions/passkey", json={"credential": phone.get(options)})
        return answer.status_code

    assert (await after(300), await after(301)) == (201, 401)


async def test_a_challenge_of_somebody_else_is_no_use(cast: Cast, client: httpx.AsyncClient) -> None:
    device = Authenticator()
    for_bob = await begin(cast.bob)
    to_sign_in = (await client.post("/api/v1/sessions/passkey/challenge")).json()

    for challenge in (for_bob["challenge"], to_sign_in["challenge"], b64(b"x" * 32)):
        options = {**await begin(cast.alice), "challenge": challenge}
        body = {"name": "Mine", "credential": device.create(options)}
        answer = await cast.alice.http.post("passkeys", json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "identity.passkey_refused")


@pytest.mark.parametrize(
    "bend",
    [
        lambda device: replace(device, origin="http://evil.test"),
        lambda device: replace(device, origin="https://hutong.test"),
        lambda device: replace(device, rp_id="evil.test"),
        lambda device: replace(device, flags=PRESENT),
        lambda device: replace(device, key=Authenticator().key),
        lambda device: replace(device, credential_id=b"the credential of another device"),
        lambda device: replace(device, user_handle=(10_002).to_bytes(8, "big")),
        lambda device: replace(device, user_handle=(2**63).to_bytes(8, "big")),
        lambda device: replace(device, user_handle=b""),
    ],
    ids=["origin", "scheme", "site", "unverified", "key", "credential", "bob", "huge", "nobody"],
)
async def test_one_thing_off_and_nobody_comes_in(
    cast: Cast, phone: Authenticator, client: httpx.AsyncClient, bend: Callable[[Authenticator], Authenticator]
) -> None:
    refused = await sign_in(client, bend(phone))
    accepted = await sign_in(client, phone)

    assert (refused.status_code, refused.json()["code"]) == (401, "identity.passkey_refused")
    assert "set-cookie" not in refused.headers
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    "device",
    [
        Authenticator(origin="http://evil.test"),
        Authenticator(rp_id="evil.test"),
        Authenticator(flags=PRESENT),
        Authenticator(credential_id=b""),
    ],
)
async def test_one_thing_off_and_no_passkey_is_kept(cast: Cast, device: Authenticator) -> None:
    refused = await add(cast.alice, device)

    assert (refused.status_code, refused.json()["code"]) == (401, "identity.passkey_refused")
    assert (await cast.alice.http.get("passkeys")).json()["items"] == []


async def test_a_copied_device_is_noticed_by_its_count(
    cast: Cast, phone: Authenticator, client: httpx.AsyncClient
) -> None:
    phone.sign_count = 5
    assert (await sign_in(client, phone)).status_code == 201
    assert (await sign_in(client, phone)).status_code == 401
    phone.sign_count = 6
    assert (await sign_in(client, phone)).status_code == 201


async def test_a_dropped_passkey_opens_nothing(cast: Cast, phone: Authenticator, client: httpx.AsyncClient) -> None:
    [passkey] = (await cast.alice.http.get("passkeys")).json()["items"]
    await cast.alice.http.delete(f"passkeys/{passkey['id']}")

    assert (await sign_in(client, phone)).status_code == 401


async def test_twenty_passkeys_are_enough(cast: Cast, clock: HandClock) -> None:
    statuses = []
    for number in range(21):
        clock.advance(minutes=1)
        device = Authenticator(credential_id=b"credential number %d" % number)
        statuses.append((await add(cast.alice, device)).status_code)

    assert statuses == [201] * 20 + [409]


async def test_the_public_address_names_the_site(cast: Cast, house: House) -> None:
    settings = msgspec.structs.replace(house.settings, public_url="https://talk.example.org", name="二街读书会")
    device = Authenticator(origin="https://talk.example.org", rp_id="talk.example.org")

    async with visitor(create_app(replace(house, settings=settings))) as client:
        client.headers["authorization"] = f"Bearer {cast.alice.token}"
        options = (await client.post("/api/v1/passkeys/challenge", json={"password": PASSWORD})).json()
        body = {"name": "Mine", "credential": device.create(options)}
        kept = await client.post("/api/v1/passkeys", json=body)

    assert options["rp"] == {"id": "talk.example.org", "name": "二街读书会"}
    assert kept.status_code == 201


@pytest.mark.parametrize(
    ("public_url", "host", "is_https", "site", "origin"),
    [
        ("", "localhost:8420", False, "localhost", "http://localhost:8420"),
        ("", "talk.example.org", True, "talk.example.org", "https://talk.example.org"),
        ("https://talk.example.org/", "10.0.0.2:8420", False, "talk.example.org", "https://talk.example.org"),
        ("", "", False, "", "http://"),
    ],
)
def test_the_site_is_its_public_address_or_the_host_that_was_asked_for(
    public_url: str, host: str, is_https: bool, site: str, origin: str
) -> None:
    party = relying_party(public_url=public_url, host=host, is_https=is_https, name="hutong")
    assert (party.id, party.origin) == (site, origin)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.binary(max_size=200).map(b64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
RESPONSE = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "id": ANYTHING,
        "rawId": ANYTHING,
        "type": st.just("public-key") | ANYTHING,
        "response": ANYTHING
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(RESPONSE, ANYTHING),
        ),
    },
)


@given(PARTS)
def test_nonsense_is_refused_and_nothing_else(credential: dict[str, Any]) -> None:
    with contextlib.suppress(PasskeyRefused):
        challenge_in(credential)
    with contextlib.suppress(PasskeyRefused):
        holder_in(credential)
    with pytest.raises(PasskeyRefused):
        check_registration(SITE, credential, b"x" * 32)
    with pytest.raises(PasskeyRefused):
        check_assertion(SITE, credential, b"x" * 32, public_key=b"\xa0", sign_count=0)


@given(
    where=st.integers(0, 400), flip=st.integers(1, 255), part=st.sampled_from(["attestationObject", "clientDataJSON"])
)
def test_a_damaged_registration_is_refused_or_still_the_same(where: int, flip: int, part: str) -> None:
    device = Authenticator()
    challenge = b"x" * 32
    credential = device.create({"challenge": b64(challenge), "user": {"id": b64(bytes(8))}})
    raw = bytearray(unb64(credential["response"][part]))
    raw[where % len(raw)] ^= flip
    credential["response"][part] = b64(bytes(raw))

    try:
        kept = check_registration(SITE, credential, challenge)
    except PasskeyRefused:
        return
    assert kept.public_key
