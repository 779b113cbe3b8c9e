"""What actions are given, as they want it: clients send numbers as strings, and truth in six spellings.

An action is a function; the types of its keyword parameters say what to make of what came: ``int``, ``bool``, ``str``,
or anything else as it is.
"""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

from .answers import WRONG_TARGET, ActionFailed

__all__ = ["Wants", "parameters_of", "to_bool", "to_int", "wants_of"]

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_NUMBER_MAX = 2**53 - 1

Wants = dict[str, tuple[Callable[[str, Any], Any], Any]]
"""By the name of a parameter what makes it what it should be, and its default; ``inspect.Parameter.empty`` for none."""


def wants_of(function: Callable[..., Any]) -> Wants:
    """What the keyword parameters of an action want."""
    hints = get_type_hints(function)
    return {
        name: (_READERS.get(hints[name], _as_it_is), parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def parameters_of(wants: Wants, given: dict[str, Any]) -> dict[str, Any]:
    """What came, as the action wants it; what it does not know is overlooked. Raises ``ActionFailed`` where something
    is missing or cannot be read."""
    found: dict[str, Any] = {}
    for name, (read, default) in wants.items():
        value = given.get(name)
        if value is not None:
            found[name] = read(name, value)
        elif default is inspect.Parameter.empty:
            raise ActionFailed(WRONG_TARGET, f"{name} is missing")
    return found


def to_int(name: str, value: Any) -> int:
    """A number, or a string of one. Raises ``ActionFailed``."""
    match value:
        case bool():
            pass
        case int():
            if abs(value) <= _NUMBER_MAX:
                return value
        case float():
            if value.is_integer() and abs(value) <= _NUMBER_MAX:
                return int(value)
        case str():
            text = value.strip()
            digits = text.removeprefix("-")
            if digits.isascii() and digits.isdigit() and len(digits) <= 16 and int(digits) <= _NUMBER_MAX:
                return int(text)
    raise ActionFailed(WRONG_TARGET, f"{name} is no number")


def to_bool(name: str, value: Any) -> bool:
    """True and false, as whatever the client says them. Raises ``ActionFailed``."""
    match value:
        case bool():
            return value
        case int() | float():
            return value != 0
        case str():
            word = value.strip().lower()
            if word in _TRUE or word in _FALSE:
                return word in _TRUE
    raise ActionFailed(WRONG_TARGET, f"{name} is neither true nor false")


def _to_str(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    raise ActionFailed(WRONG_TARGET, f"{name} is no text")


def _as_it_is(name: str, value: Any) -> Any:
    return value


_READERS: dict[Any, Callable[[str, Any], Any]] = {int: to_int, bool: to_bool, str: _to_str}
