"""An app becomes one with which people sign in: by its owner alone, with addresses that are safe."""

import httpx
import pytest

from hutong.api import House
from hutong.domains.openplatform.errors import BadRedirect
from hutong.domains.openplatform.redirects import check_redirect, is_registered
from tests.cast import Cast

from .conftest import Robot
from .signing_in import BACK, open_shop


@pytest.mark.parametrize(
    "address",
    [
        "https://library.example/signed-in",
        "https://library.example:8443/a?b=c",
        "http://localhost:3000/back",
        "http://127.0.0.1/back",
        "http://[::1]:8080/back",
        "org.example.library:/back",
    ],
)
def test_an_address_that_is_safe_is_taken(address: str) -> None:
    assert check_redirect(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/signed-in",
        "library.example",
        "http://library.example/signed-in",
        "https://",
        "https://library.example/#here",
        "https://library.example/#",
        "https://alice@library.example/",
        "https://library.example:port/",
        "https://library.example/a b",
        "https://library.example/\n",
        "https://图书馆.example/",
        "https://*.library.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "library:/back",
        "https://library.example/" + "x" * 1_000,
    ],
)
def test_an_address_that_is_not_is_refused(address: str) -> None:
    with pytest.raises(BadRedirect):
        check_redirect(address)


def test_only_on_ones_own_machine_the_port_may_differ() -> None:
    assert is_registered("http://127.0.0.1:5000/back?x", ["http://127.0.0.1:80/back?x"])
    for asked, registered in (
        ("http://127.0.0.1:5000/other", "http://127.0.0.1/back"),
        ("http://localhost:5000/back", "http://localhost/back"),
        ("http://127.0.0.1:5000/back", "http://[::1]/back"),
        ("http://127.0.0.1:5000/back#x", "http://127.0.0.1/back"),
        ("http://x@127.0.0.1:5000/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:no/back", "http://127.0.0.1/back"),
        ("https://library.example:444/", "https://library.example/"),
        ("https://LIBRARY.example/", "https://library.example/"),
    ):
        assert not is_registered(asked, [registered]), asked


async def test_a_client_is_set_changed_and_dropped_by_its_owner(cast: Cast, client: httpx.AsyncClient) -> None:
    shop = await open_shop(cast.alice, client)
    here = f"apps/{shop.app}/client"
    seen = (await cast.alice.http.get(here)).json()
    assert (seen["client_id"], seen["public"], seen["issuer"]) == (str(shop.app), False, "http://hutong.test")
    assert seen["redirects"][0] == BACK
    assert seen["secret_made_at"] is not None
    for method, path in (
        ("GET", "client"),
        ("PUT", "client"),
        ("DELETE", "client"),
        ("POST", "client/secret"),
        ("GET", "testers"),
        ("PUT", f"testers/{cast.bob.number}"),
        ("DELETE", f"testers/{cast.bob.number}"),
    ):
        answer = await cast.bob.http.request(method, f"apps/{shop.app}/{path}", json={"redirects": [BACK]})
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_app"), path

    public = (await cast.alice.http.put(here, json={"public": True, "redirects": [BACK, BACK]})).json()
    assert (public["public"], public["redirects"], public["secret_made_at"]) == (True, [BACK], None)
    answer = await cast.alice.http.post(f"{here}/secret")
    assert (answer.status_code, answer.json()["code"]) == (409, "openplatform.public_client")
    (await cast.alice.http.delete(here)).raise_for_status()
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/secret")):
        answer = await cast.alice.http.request(method, here + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_client")


async def test_an_app_has_some_addresses_and_not_too_many(cast: Cast, robot: Robot, house: House) -> None:
    most = house.settings.limits.redirects_per_app_max
    for redirects in ([], [f"{BACK}/{number}" for number in range(most + 1)]):
        answer = await cast.alice.http.put(f"apps/{robot.app}/client", json={"redirects": redirects})
        assert (answer.status_code, answer.json()["code"]) == (409, "openplatform.too_many_redirects")
    answer = await cast.alice.http.put(f"apps/{robot.app}/client", json={"redirects": ["http://x.example"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "openplatform.bad_redirect")


async def test_test_users_are_people_each_once_and_not_too_many(cast: Cast, robot: Robot, house: House) -> None:
    here = f"apps/{robot.app}/testers"
    for _ in range(2):
        (await cast.alice.http.put(f"{here}/{cast.bob.number}")).raise_for_status()
    assert [one["nickname"] for one in (await cast.alice.http.get(here)).json()] == ["Bob"]
    for number in (robot.number, 99_999):
        answer = await cast.alice.http.put(f"{here}/{number}")
        assert (answer.status_code, answer.json()["code"]) == (404, "identity.no_such_account")
    (await cast.alice.http.delete(f"{here}/{cast.bob.number}")).raise_for_status()
    answer = await cast.alice.http.delete(f"{here}/{cast.bob.number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "openplatform.no_such_tester")


async def test_a_bot_signs_in_nowhere(robot: Robot) -> None:
    answer = await robot.http.post("oauth/consent", json={"query": "", "allow": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "openplatform.not_for_bots")
    answer = await robot.http.put(f"apps/{robot.app}/client", json={"redirects": [BACK]})
    assert answer.status_code == 403
