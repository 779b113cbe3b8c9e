"""Who is at the other end, behind whichever proxies are trusted."""

import pytest

from hutong.infra.web import client_address, is_loopback, network_of, origin_allowed


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "address"),
    [
        ("203.0.113.5", "", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.7", "127.0.0.1", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.7", "127.0.0.1", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7", "", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", "127.0.0.1", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 10.0.0.9", "127.0.0.1, 10.0.0.0/8", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 10.0.0.9", "127.0.0.1", "10.0.0.9"),
        ("127.0.0.1", "", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "not an address", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7, <script>", "127.0.0.1", "127.0.0.1"),
        ("::1", "2001:db8::1", "127.0.0.1,::1", "2001:db8::1"),
        ("", "198.51.100.7", "127.0.0.1", "198.51.100.7"),
        ("", "", "127.0.0.1", ""),
    ],
)
def test_the_address_is_what_the_last_trusted_proxy_saw(
    peer: str, forwarded_for: str, trusted: str, address: str
) -> None:
    assert client_address(peer, forwarded_for, trusted) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("", True), ("10.0.0.1", False), ("localhost", False)],
)
def test_this_machine_is_told_from_its_network(address: str, here: bool) -> None:
    assert is_loopback(address) is here


@pytest.mark.parametrize(
    ("origin", "host", "public_url", "allowed"),
    [
        ("", "hutong.test", "", True),
        ("http://hutong.test", "hutong.test", "", True),
        ("https://hutong.test", "hutong.test", "", True),
        ("http://Hutong.Test:8420", "hutong.test:8420", "", True),
        ("http://hutong.test:8421", "hutong.test:8420", "", False),
        ("http://hutong.test.evil.test", "hutong.test", "", False),
        ("http://evil.test", "hutong.test", "", False),
        ("null", "hutong.test", "", False),
        ("null", "", "", False),
        ("file://hutong.test", "hutong.test", "", False),
        ("hutong.test", "hutong.test", "", False),
        ("https://hutong.test", "10.0.0.2:8420", "https://hutong.test", True),
        ("http://hutong.test", "10.0.0.2:8420", "https://hutong.test", False),
        ("https://evil.test", "10.0.0.2:8420", "https://hutong.test", False),
        ("https://hutong.test", "10.0.0.2:8420", "", False),
    ],
)
def test_only_our_own_pages_may_change_something(origin: str, host: str, public_url: str, allowed: bool) -> None:
    assert origin_allowed(origin, host, public_url) is allowed
