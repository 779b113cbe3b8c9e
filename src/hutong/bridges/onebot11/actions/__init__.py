"""What a bot can ask for: each action is a function of the bot and of what it was given, by name and type."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from ..answers import NO_SUCH_ACTION, ActionFailed
from ..parameters import Wants, parameters_of, wants_of
from ..robot import Robot
from .files import FILES
from .governing import GOVERNING
from .knowing import KNOWING
from .quick import QUICK
from .refusing import REFUSED_HERE, refuse
from .talking import TALKING

__all__ = ["is_action", "perform"]


class Action(msgspec.Struct, frozen=True):
    """``wants`` says what to make of what came."""

    function: Callable[..., Awaitable[Any]]
    wants: Wants


_ACTIONS = {
    name: Action(function, wants_of(function))
    for table in (TALKING, FILES, GOVERNING, KNOWING, QUICK)
    for name, function in table.items()
}


def is_action(name: str) -> bool:
    """Whether the standard, or those who use it, know an action of that name."""
    return name in _ACTIONS or name in REFUSED_HERE


async def perform(robot: Robot, name: str, given: dict[str, Any]) -> Any:
    """Does it, and returns its data. Raises ``ActionFailed`` and every ``HutongError``."""
    action = _ACTIONS.get(name)
    if action is not None:
        return await action.function(robot, **parameters_of(action.wants, given))
    if name in REFUSED_HERE:
        refuse(name)
    raise ActionFailed(NO_SUCH_ACTION, f"there is no action {name}")
