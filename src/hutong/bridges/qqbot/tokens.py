"""Access tokens: short-lived, and good for as long as the bot's token is that they were got with.

An access token is the bot's number, then the bot's token and the end of its time, encrypted with a key of the app's.
So nothing is kept of it, every process can read it, and it dies with the bot's token. Within one period the same one is
handed out; in the last minute of a period it is that of the next, and both are good.
"""

import base64
import binascii
import hashlib
import struct
from typing import NamedTuple

from .seals import Seals

__all__ = ["AccessToken", "number_in", "open_access_token", "seal_access_token"]

PERIOD_S = 7_200
_EARLY_S = 60
_ENDS = struct.Struct(">Q")
_CHARS_MAX = 400
_NUMBER_MAX = 2**53 - 1


class AccessToken(NamedTuple):
    """What a bot calls with, and how many seconds it may."""

    text: str
    expires_in_s: int


def seal_access_token(seals: Seals, number: int, token: str, now_s: int) -> AccessToken:
    """The access token of a bot for its token at a time (seconds of the epoch)."""
    ends_s = _period_end_s(token, now_s)
    if ends_s - now_s <= _EARLY_S:
        ends_s += PERIOD_S
    content = seals.text(f"access:{number}", _ENDS.pack(ends_s) + token.encode())
    return AccessToken(f"{_number_text(number)}.{content}", ends_s - now_s)


def number_in(text: str) -> int | None:
    """Whose access token it says to be; nothing is proved by that."""
    head, _, rest = text.partition(".")
    if not rest or len(text) > _CHARS_MAX:
        return None
    try:
        raw = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (binascii.Error, ValueError):
        return None
    number = int.from_bytes(raw, "big") if 0 < len(raw) <= _ENDS.size else 0
    return number if 0 < number <= _NUMBER_MAX else None


def open_access_token(seals: Seals, number: int, text: str, now_s: int) -> str | None:
    """The bot's token in it, or None where it is not one, or its time is over."""
    content = seals.text_of(f"access:{number}", text.partition(".")[2])
    if content is None or len(content) <= _ENDS.size or _ENDS.unpack_from(content)[0] <= now_s:
        return None
    return content[_ENDS.size :].decode()


def _period_end_s(token: str, now_s: int) -> int:
    """Periods begin at another moment for each token, so that not all bots come for theirs at once."""
    shift_s = int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big") % PERIOD_S
    return now_s + PERIOD_S - (now_s + shift_s) % PERIOD_S


def _number_text(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
