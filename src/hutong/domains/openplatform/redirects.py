"""Where an app lets people be sent back to: what may be registered, and whether an address is one of those."""

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from .errors import BadRedirect

__all__ = ["check_redirect", "is_registered"]

_CHARS_MAX = 1_000
_LOOPBACK = {"127.0.0.1", "::1"}
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""A scheme of a program's own is a domain name turned around (RFC 8252), so that none of a browser's is one."""


def check_redirect(address: str) -> str:
    """The address, if people may be sent to it: ``https``, ``http`` on the machine itself, or the own scheme of a
    program. Raises ``BadRedirect``."""
    try:
        parts = urlsplit(address)
        plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>\\^`{|}*')
        if len(address) > _CHARS_MAX or not plain or parts.fragment or "#" in address or parts.username is not None:
            raise BadRedirect(address=address[:_CHARS_MAX])
        if not _is_safe(parts):
            raise BadRedirect(address=address)
    except ValueError as error:
        raise BadRedirect(address=address[:_CHARS_MAX]) from error
    return address


def _is_safe(parts: SplitResult) -> bool:
    _ = parts.port  # A port that is none raises.
    match parts.scheme:
        case "https":
            return bool(parts.hostname)
        case "http":
            return parts.hostname in _LOOPBACK | {"localhost"}
    return _OWN_SCHEME.fullmatch(parts.scheme) is not None


def is_registered(address: str, registered: Collection[str]) -> bool:
    """Whether the address is one of those, letter by letter. Only a program on the person's own machine, which takes
    the port that it finds free, may name another port than it has registered (OAuth 2.1, section 8.4.2)."""
    if address in registered:
        return True
    portless = _without_port(address)
    return portless is not None and any(portless == _without_port(one) for one in registered)


def _without_port(address: str) -> tuple[str, ...] | None:
    """What counts of an address at the machine itself; None for any other."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or parts.username is not None or "#" in address:
        return None
    return (parts.hostname, parts.path, parts.query)
