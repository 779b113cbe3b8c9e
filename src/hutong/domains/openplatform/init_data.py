"""What a mini app that was written for Telegram is opened with: a query string that says who opened it, signed.

The signature is the lower-case hexadecimal HMAC-SHA256, under the key HMAC-SHA256("WebAppData", token), of the pairs
without ``hash`` as ``key=value`` lines in the order of their keys. The key alone is enough to sign, and no token can be
read from it, so it is what is kept. A page's server checks the data with the tools that it has for Telegram.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

__all__ = [
    "init_data_hash",
    "init_data_key",
    "login_hash",
    "read_init_data",
    "signed_init_data",
    "telegram_token",
]


def telegram_token(token: str) -> str:
    """A bot's token as programs for Telegram want it: ``10005:secret``, where ours is ``10005.secret``."""
    return token.replace(".", ":", 1)


def init_data_key(token: str) -> bytes:
    """The key under which the data for a bot with this token, in Telegram's spelling, are signed."""
    return hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()


def signed_init_data(key: bytes, pairs: Mapping[str, str]) -> str:
    """The query string with these pairs and their signature. ``user`` and ``chat`` are JSON already: it is signed as
    it is written."""
    return urlencode([*pairs.items(), ("hash", init_data_hash(key, pairs))])


def init_data_hash(key: bytes, pairs: Mapping[str, str]) -> str:
    """The signature of the pairs of a mini app."""
    return _signature(key, pairs)


def login_hash(token: str, pairs: Mapping[str, str]) -> str:
    """The signature of the pairs of a login button on a page, whose key is made in another way."""
    return _signature(hashlib.sha256(token.encode()).digest(), pairs)


def _signature(key: bytes, pairs: Mapping[str, str]) -> str:
    lines = "\n".join(f"{name}={value}" for name, value in sorted(pairs.items()) if name != "hash")
    return hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()


def read_init_data(key: bytes, init_data: str, *, now: datetime, age_max: timedelta) -> dict[str, str] | None:
    """The pairs of a query string without their signature; None where it is not good, or too old."""
    pairs = dict(parse_qsl(init_data, keep_blank_values=True))
    signature = pairs.pop("hash", "")
    if not hmac.compare_digest(signature.encode(), init_data_hash(key, pairs).encode()):
        return None
    made = pairs.get("auth_date", "")
    seconds = int(made) if made.isascii() and made.isdigit() and len(made) < 12 else 0
    return pairs if now.timestamp() - seconds <= age_max.total_seconds() else None
