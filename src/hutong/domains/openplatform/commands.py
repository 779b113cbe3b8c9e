"""Commands: what people write to a bot behind a ``/``.

``/help`` is for the bots here that have such a command, ``/help@librarian`` (or ``@10023``) for that one alone,
whatever commands it has.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

__all__ = ["NO_CALLSIGNS", "Call", "Callsigns", "call_in", "is_command_name"]

_NAME = re.compile(r"\w{1,32}")
_CALL = re.compile(r"/(\w{1,32})(?:@([\w-]{1,40}))?(?=\s|$)")


class Callsigns(NamedTuple):
    """What a bot can be called by: its handle, and the names of its commands."""

    handle: str | None = None
    commands: Collection[str] = ()


NO_CALLSIGNS = Callsigns()


class Call(NamedTuple):
    """A command as somebody has written it; ``to`` is the bot that it names, by its handle or number."""

    name: str
    to: str | None

    def is_for(self, number: int, signs: Callsigns) -> bool:
        if self.to is None:
            return self.name in signs.commands
        return self.to in (str(number), signs.handle)


def is_command_name(name: str) -> bool:
    """Letters of any writing, digits and ``_``; small letters, as far as there are such."""
    return _NAME.fullmatch(name) is not None and name == name.casefold()


def call_in(segments: Sequence[dict[str, Any]]) -> Call | None:
    """The command that a message is, if it is one: it may answer another message, and else begins with the ``/``."""
    said = next((part for part in segments if part.get("type") != "reply"), {})
    found = _CALL.match(str(said.get("text", ""))) if said.get("type") == "text" else None
    return Call(found[1].casefold(), found[2].casefold() if found[2] else None) if found else None
