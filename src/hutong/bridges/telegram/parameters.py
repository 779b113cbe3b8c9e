"""What a call hands over, however it was written: by query, form, parts or JSON, with numbers and truths as such or as
texts, and with lists and objects as such or as JSON in a text."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from .entities import Entity
from .refusals import Refusal, bad_request

__all__ = ["ChatId", "Parameters", "Upload"]

ChatId = int | str
"""A number, or ``@handle``."""

_NUMBER_MAX = 2**53
_TRUE = frozenset({"true", "1", "yes", "y", "t"})
_ATTACHED = "attach://"


class Upload(NamedTuple):
    """A file that came with the call."""

    name: str
    data: bytes


class Parameters:
    """The parameters of one call by name. What is missing is empty; what cannot be what it should be is refused."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}
        self._uploads = dict(uploads or {})

    def __contains__(self, name: str) -> bool:
        return name in self._values or name in self._uploads

    def text(self, name: str, default: str = "") -> str:
        value = self._values.get(name, default)
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else default

    def number(self, name: str, default: int = 0) -> int:
        value = self._values.get(name, default)
        found = _number(value)
        if found is None and value not in ("", None):
            raise bad_request(f"invalid {name} specified")
        return default if found is None else found

    def flag(self, name: str) -> bool:
        return is_true(self._values.get(name))

    def chat(self, name: str = "chat_id") -> ChatId:
        value = self._values.get(name)
        if value is None or value == "":
            raise bad_request(f"{name} is empty")
        number = _number(value)
        if number is not None:
            return number
        if isinstance(value, str) and value.startswith("@") and len(value) > 1:
            return value
        raise bad_request("chat not found")

    def user(self, name: str = "user_id") -> int:
        number = _number(self._values.get(name))
        if number is None or number <= 0:
            raise bad_request(f"invalid {name} specified")
        return number

    def record(self, name: str, called: str = "") -> dict[str, Any] | None:
        """An object, or None where there is none."""
        value = self._structure(name, called)
        if value is None or isinstance(value, dict):
            return value
        raise _no_json(called or name)

    def items(self, name: str, called: str = "") -> list[Any] | None:
        """A list, or None where there is none."""
        value = self._structure(name, called)
        if value is None or isinstance(value, list):
            return value
        raise _no_json(called or name)

    def entities(self, name: str) -> list[Entity]:
        """Marks; those that are none are overlooked."""
        found = []
        for one in self.items(name, "entities") or ():
            try:
                found.append(msgspec.convert(one, Entity, strict=False))
            except msgspec.ValidationError:
                continue
        return found

    def file(self, name: str) -> Upload | str:
        """A file that came along, or else what names one: an id or an address."""
        if name in self._uploads:
            return self._uploads[name]
        return self.attached(self.text(name))

    def attached(self, value: str) -> Upload | str:
        """The file that a text refers to as ``attach://<part>``, or else the text."""
        if not value.startswith(_ATTACHED):
            return value
        part = value.removeprefix(_ATTACHED)
        if part not in self._uploads:
            raise bad_request(f"file {part} is not attached")
        return self._uploads[part]

    def _structure(self, name: str, called: str) -> Any:
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            raise _no_json(called or name) from None


def is_true(value: object) -> bool:
    """Whether something that was sent means yes: true, 1, or a text that says so."""
    if isinstance(value, str):
        return value.strip().lower() in _TRUE
    return value is True or value == 1


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.strip().removeprefix("-").isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _NUMBER_MAX:
        return None
    return value


def _no_json(called: str) -> Refusal:
    return bad_request(f"can't parse {called.replace('_', ' ')} JSON object")
