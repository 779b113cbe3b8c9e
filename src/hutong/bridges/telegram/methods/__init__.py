"""The methods that a bot may call, by name in small letters."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..calls import Call
from . import chats, editing, files, life, menu, sending

__all__ = ["METHODS", "Method"]

Method = Callable[[Call], Awaitable[Any]]

METHODS: Mapping[str, Method] = {
    name.lower(): method
    for room in (chats, editing, files, life, menu, sending)
    for name, method in room.METHODS.items()
}
"""What is not here is refused as not supported."""
