"""The keys that ID tokens are signed with (RS256), and what the world may know of them.

A new key is shown a day before anything is signed with it, so that whoever keeps our keys has it by then, and as long
after as a token may be good that an older one has signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from joserfc.jwk import RSAKey

from hutong.kit.ids import new_token

__all__ = [
    "ALGORITHM",
    "SigningKey",
    "current_key",
    "key_pair",
    "make_key",
    "needs_key",
    "outdated_keys",
    "public_keys",
]

ALGORITHM = "RS256"

_KEY_BITS = 2_048
_SHOWN_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair. ``private`` is its JWK."""

    kid: str
    private: dict[str, Any] = field(hash=False)
    made_at: datetime


def make_key(now: datetime) -> SigningKey:
    """A fresh key. Takes a good part of a second, so not on the event loop."""
    kid = new_token()[:16]
    return SigningKey(kid, dict(RSAKey.generate_key(_KEY_BITS).as_dict(private=True)), now)


@lru_cache(maxsize=16)
def key_pair(key: SigningKey) -> RSAKey:
    """The key, ready to sign with. To read one takes tens of milliseconds the first time, so not on the event loop."""
    return RSAKey.import_key(key.private)


def needs_key(keys: Sequence[SigningKey], now: datetime, *, days: int) -> bool:
    """Whether there is no key, or the newest has served for so many days."""
    return all(now - key.made_at >= timedelta(days=days) for key in keys)


def current_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The one to sign with: the newest that has been shown long enough, or else the oldest there is."""
    shown = [key for key in keys if now - key.made_at >= _SHOWN_BEFORE]
    return max(shown, key=lambda key: key.made_at) if shown else min(keys, key=lambda key: key.made_at)


def outdated_keys(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """Those of which nothing can be good any more that they have signed: a newer one signs since two days ago."""
    return [key for key in keys if any(key.made_at < one.made_at <= now - 3 * _SHOWN_BEFORE for one in keys)]


def public_keys(keys: Sequence[SigningKey]) -> dict[str, list[dict[str, Any]]]:
    """The JWKS: every key's public half. The keys have been read (``key_pair``)."""
    shown = []
    for key in keys:
        public = dict(key_pair(key).as_dict(private=False))
        shown.append({**public, "kid": key.kid, "use": "sig", "alg": ALGORITHM})
    return {"keys": shown}
