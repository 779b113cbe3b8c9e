"""How nicknames, e-mail addresses and passwords are written, and when they are refused."""

import re

from hutong.kit.text import clean_line
from hutong.settings import Limits

from .errors import BadEmail, BadNickname, BadPassword

__all__ = ["check_email", "check_nickname", "check_password"]

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]{2,}")
_EMAIL_CHARS_MAX = 254


def check_nickname(nickname: str, limits: Limits) -> str:
    """The nickname as one clean line. Raises ``BadNickname``."""
    kept = clean_line(nickname)
    if not 1 <= len(kept) <= limits.name_chars_max:
        raise BadNickname(chars_max=limits.name_chars_max)
    return kept


def check_password(password: str, limits: Limits) -> None:
    """Raises ``BadPassword`` for one that is too short to be safe, or too long to be one."""
    if not limits.password_chars_min <= len(password) <= limits.password_chars_max:
        raise BadPassword(chars_min=limits.password_chars_min, chars_max=limits.password_chars_max)


def check_email(email: str) -> str:
    """The address in small letters; whether somebody reads there is not known. Raises ``BadEmail``."""
    kept = clean_line(email).lower()
    if len(kept) > _EMAIL_CHARS_MAX or _EMAIL.fullmatch(kept) is None:
        raise BadEmail
    return kept
