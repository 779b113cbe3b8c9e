"""The second factor: codes of six digits that a phone shows (TOTP, RFC 6238), and recovery codes on paper."""

import hashlib
import hmac
from datetime import datetime

import pyotp
import segno

from hutong.kit.ids import new_code

__all__ = [
    "RECOVERY_CODES",
    "hash_recovery_code",
    "is_totp",
    "new_recovery_codes",
    "new_secret",
    "qr_svg",
    "step_of",
    "uri_of",
]

RECOVERY_CODES = 10

_STEP_S = 30
_DIGITS = 6
_STEPS_ASIDE = 1
_RECOVERY_CHARS = 10


def new_secret() -> str:
    """What the phone and the server share: 160 bits in base 32."""
    return pyotp.random_base32()


def uri_of(secret: str, account: str, site: str) -> str:
    """The ``otpauth:`` address that a phone reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=site)


def qr_svg(uri: str) -> str:
    """The QR code as an SVG picture that stands by itself, black on white in any theme."""
    picture: str = segno.make(uri, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff")
    return picture


def is_totp(code: str) -> bool:
    """Whether the code looks like one from a phone, and not like a recovery code."""
    kept = _bare(code)
    return len(kept) == _DIGITS and kept.isascii() and kept.isdigit()


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """The time step (of 30 s) that the code belongs to: this one, or one beside it for clocks that are a little off.

    Steps up to ``after`` have been used and are not good again. None for a wrong code.
    """
    now = int(at.timestamp()) // _STEP_S
    totp, found = pyotp.TOTP(secret), None
    for step in range(now - _STEPS_ASIDE, now + _STEPS_ASIDE + 1):
        if hmac.compare_digest(totp.at(step * _STEP_S).encode(), _bare(code).encode()) and step > after:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes that are good once each, for whoever has lost the phone."""
    codes = (new_code(_RECOVERY_CHARS) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def hash_recovery_code(number: int, code: str) -> bytes:
    """What is kept of a recovery code; it is random enough to need no slow hash."""
    return hashlib.sha256(f"recovery:{number}:{_bare(code)}".encode()).digest()


def _bare(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
