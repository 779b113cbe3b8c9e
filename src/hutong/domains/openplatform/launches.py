"""What a mini app is opened with: who opened it and where, signed with a key that its developer has.

Launch data are ``<payload>.<signature>``: the payload is JSON in URL-safe base64 without padding, the signature the
lower-case hexadecimal HMAC-SHA256 of the payload as it stands there, under the app's launch key. They travel in the
part of the address after ``#``, which a browser sends to no server.
"""

import binascii
import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

__all__ = [
    "PERMISSIONS",
    "hosted_path",
    "is_mini_address",
    "is_mini_url",
    "launch_key",
    "mini_path",
    "page_at",
    "page_within",
    "read_launch",
    "sign_launch",
    "with_launch",
]

PERMISSIONS = ("profile",)
"""What a person may let an app know: ``profile`` is their nickname, picture and number."""

_URL_CHARS_MAX = 500
_PAGE = re.compile(r"[0-9A-Za-z_./?&=%~+:,;@!*-]{1,300}")


def launch_key(secret: bytes, launch_round: int) -> str:
    """The key of an app whose own secret this is; another one for every round, so that one that was lost is no good."""
    return hmac.new(secret, b"launch %d" % launch_round, hashlib.sha256).hexdigest()


def sign_launch(key: str, launch: dict[str, Any]) -> str:
    payload = urlsafe_b64encode(msgspec.json.encode(launch)).decode().rstrip("=")
    return f"{payload}.{_signature(key, payload)}"


def read_launch(key: str, launch: str, *, now: datetime, age_max: timedelta) -> dict[str, Any] | None:
    """What was signed; None where the signature is not good, or is too old. ``at`` is in seconds since 1970."""
    payload, _, signature = launch.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(key, payload).encode()):
        return None
    try:
        told: dict[str, Any] = msgspec.json.decode(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return None
    return told if now.timestamp() - told["at"] <= age_max.total_seconds() else None


def _signature(key: str, payload: str) -> str:
    return hmac.new(key.encode(), payload.encode(), hashlib.sha256).hexdigest()


def with_launch(url: str, launch: str, init_data: str | None) -> str:
    """The address that is opened: the mini app's with the launch data behind it, ours and Telegram's."""
    told = {"hutong": launch}
    if init_data is not None:
        told |= {"tgWebAppData": init_data, "tgWebAppVersion": "7.0", "tgWebAppPlatform": "web"}
    return f"{url}#{urlencode(told)}"


def mini_path(chat_id: int, app_id: int, page: str = "") -> str:
    """Where a mini app stands in the web client, opened at one of its pages."""
    return f"/chats/{chat_id}/apps/{app_id}" + (f"?{urlencode({'page': page})}" if page else "")


def page_at(url: str, page: str) -> str | None:
    """The address of a page within a mini app, ``book/7?large=1``; None for what would lead out of it."""
    if not page:
        return url
    path = page.partition("?")[0]
    leads_out = path.startswith("/") or "//" in path or any(set(part) == {"."} for part in path.split("/"))
    if leads_out or not _PAGE.fullmatch(page) or "?" in url:
        return None
    return url + page if url.endswith("/") or page.startswith("?") else f"{url}/{page}"


def page_within(url: str, address: str) -> str | None:
    """The page of a mini app that an address is; None where it is none of its pages. The other way round of
    ``page_at``."""
    if not url or not address.startswith(url):
        return None
    page = address.removeprefix(url)
    page = page if url.endswith("/") or not page.startswith("/") else page[1:]
    return page if page_at(url, page) == address else None


def hosted_path(app_id: int) -> str:
    """Where the pages of a mini app are served that lie on this same host."""
    return f"/mini/{app_id}/"


def is_mini_address(app_id: int, url: str) -> bool:
    """Whether this app's mini app may be opened at this address: somewhere else, or where its own pages lie here."""
    return url == hosted_path(app_id) or is_mini_url(url)


def is_mini_url(url: str) -> bool:
    """Whether a mini app may be opened at this address: encrypted, and with nothing after ``#``, where the launch data
    go."""
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        len(url) <= _URL_CHARS_MAX
        and url.isascii()
        and url.isprintable()
        and not set(url) & set(" \"'<>\\")
        and parts.scheme == "https"
        and bool(parts.hostname)
        and port_is_good
        and "@" not in parts.netloc
        and "#" not in url
    )
