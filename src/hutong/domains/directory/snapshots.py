"""What people see of an app, compared: for whoever looks at a version before it goes live."""

import hashlib
from typing import NamedTuple

import msgspec

__all__ = ["Difference", "Snapshot", "differences", "fingerprint"]

_FINGERPRINT_DIGITS = 32


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All of a version that people see, or that decides what is opened and asked for."""

    name: str
    tagline: str
    about: str
    category: str | None
    icon: str | None
    screenshots: tuple[str, ...]
    scopes: tuple[str, ...]
    mini_app: str
    news: str


class Difference(NamedTuple):
    """What a field was, and what it would be."""

    field: str
    before: str
    after: str


def differences(before: Snapshot | None, after: Snapshot) -> list[Difference]:
    """The fields that are not the same, in their order; all that are not empty where there was nothing before."""
    found = []
    for field in msgspec.structs.fields(Snapshot):
        old = _written(getattr(before, field.name)) if before is not None else ""
        new = _written(getattr(after, field.name))
        if old != new:
            found.append(Difference(field.name, old, new))
    return found


def fingerprint(snapshot: Snapshot) -> str:
    """Digits that are others as soon as anything of it is: what was looked at is what is approved."""
    return hashlib.sha256(msgspec.json.encode(snapshot)).hexdigest()[:_FINGERPRINT_DIGITS]


def _written(value: str | tuple[str, ...] | None) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value or ""
