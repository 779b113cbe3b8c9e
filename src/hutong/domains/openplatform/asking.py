"""When an app has asked for a sign-in: noted in the address of the page that asks people, under a seal.

Whoever must sign in once more has done so if they did after that moment. So nobody but us may name it: an earlier one
would make good a sign-in of long ago. The seal is of one request alone, all its fields, and is good for a day.
"""

import hashlib
import hmac
from collections.abc import Sequence

import msgspec

__all__ = ["SINCE", "asked_at_ms", "sealed_since"]

SINCE = "hutong_since"
"""The field in which a request carries it, from us to ourselves: milliseconds since 1970, a dot, the seal."""

_GOOD_FOR_MS = 86_400_000

_Fields = Sequence[tuple[str, str]]


def sealed_since(secret: bytes, fields: _Fields, at_ms: int) -> str:
    """What stands in ``SINCE`` of a request with these fields; whether they have one already is all the same."""
    return f"{at_ms}.{_seal(secret, fields, str(at_ms))}"


def asked_at_ms(secret: bytes, fields: _Fields, now_ms: int) -> int | None:
    """When the app has asked, where the request says so under our seal."""
    at, _, seal = next((value for name, value in fields if name == SINCE), "").partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(secret, fields, at).encode()):
        return None
    return int(at) if now_ms - int(at) <= _GOOD_FOR_MS else None


def _seal(secret: bytes, fields: _Fields, at: str) -> str:
    said = msgspec.json.encode([at, [[name, value] for name, value in fields if name != SINCE]])
    return hmac.new(secret, b"since " + said, hashlib.sha256).hexdigest()[:32]
