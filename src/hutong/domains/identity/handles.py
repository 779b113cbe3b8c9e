"""Handles: one name space for people, groups and what comes later."""

import re
from functools import cache
from importlib.resources import files

from .errors import BadHandle, HandleReserved

__all__ = ["check_handle", "reserved_handles"]

_CHARS_MIN, _CHARS_MAX = 2, 30
_SHAPE = re.compile(r"[a-z][a-z0-9_-]{1,29}")


@cache
def reserved_handles() -> frozenset[str]:
    """The handles that nobody may claim: addresses of the site, and what sounds like those who run it."""
    return frozenset(files(__package__).joinpath("reserved_handles.txt").read_text("utf-8").split())


def check_handle(handle: str) -> str:
    """The handle as it is kept: in small letters, without the ``@`` that people put before it.

    A handle begins with a letter, so that it is never taken for a number. Raises ``BadHandle`` and ``HandleReserved``.
    """
    kept = handle.strip().removeprefix("@").lower()
    if not kept.isascii() or _SHAPE.fullmatch(kept) is None:
        raise BadHandle(chars_min=_CHARS_MIN, chars_max=_CHARS_MAX)
    if kept in reserved_handles():
        raise HandleReserved(handle=kept)
    return kept
