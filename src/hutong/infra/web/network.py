"""Who is at the other end: the client's address behind proxies, its network, and whether an ``Origin`` is ours."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

__all__ = ["client_address", "is_loopback", "network_of", "origin_allowed"]


@lru_cache(maxsize=8)
def _trusted_networks(trusted_proxies: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip(), strict=False) for part in trusted_proxies.split(",") if part.strip())


def _is_trusted(address: str, trusted_proxies: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _trusted_networks(trusted_proxies))


def client_address(peer: str, forwarded_for: str, trusted_proxies: str) -> str:
    """The address of whoever asks: the rightmost one of ``X-Forwarded-For`` that no trusted proxy holds.

    ``peer`` is the other end of the connection, empty for a socket file. What an untrusted peer says of others is
    not believed. ``trusted_proxies`` are addresses or networks with commas between them.
    """
    address = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if address and not _is_trusted(address, trusted_proxies):
            break
        try:
            address = str(ip_address(hop))
        except ValueError:
            break
    return address


def is_loopback(address: str) -> bool:
    """Whether the request comes from this very machine, or through a socket file of it."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == ""


def network_of(address: str) -> str:
    """What rates are counted by: the address itself, or the /64 that an IPv6 customer is given as a whole."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network(f"{parsed}/64", strict=False))
    return str(parsed)


def origin_allowed(origin: str, host: str, public_url: str) -> bool:
    """Whether a page of ``origin`` may change something here: none was sent, it is the host that was asked for, or it
    is the address that the operator made public."""
    if not origin:
        return True
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if host and parts.netloc.lower() == host.lower():
        return True
    public = urlsplit(public_url)
    return bool(public.netloc) and (parts.scheme, parts.netloc.lower()) == (public.scheme, public.netloc.lower())
