"""Quick operations: what a bot asks for in its answer to an event, or by the action that stands for such an answer."""

from typing import Any

from ..answers import WRONG_TARGET, ActionFailed
from ..cq import Part
from ..parameters import to_bool, to_int
from ..robot import Robot
from ..segments import read_message
from .governing import decide_request, set_group_ban, set_group_kick
from .talking import delete_msg, say

__all__ = ["QUICK", "operate"]

_BAN_S = 1_800


async def handle_quick_operation(robot: Robot, *, context: Any, operation: Any) -> None:
    if not isinstance(context, dict) or not isinstance(operation, dict):
        raise ActionFailed(WRONG_TARGET, "context and operation are objects")
    await operate(robot, context, operation)


async def operate(robot: Robot, context: dict[str, Any], operation: dict[str, Any]) -> None:
    """Does what the operation asks for, of the event that ``context`` is, in the order in which the standard names it.
    Raises ``ActionFailed`` and every ``HutongError``."""
    match context:
        case {"post_type": "message"}:
            await _of_message(robot, context, operation)
        case {"post_type": "request", "request_type": "group"} if operation.get("approve") is not None:
            approve = to_bool("approve", operation["approve"])
            await decide_request(robot, str(context.get("flag", "")), approve, str(operation.get("reason") or ""))


async def _of_message(robot: Robot, context: dict[str, Any], operation: dict[str, Any]) -> None:
    is_group = context.get("message_type") == "group"
    user = to_int("user_id", context.get("user_id", 0))
    if operation.get("reply") not in (None, "", []):
        await _reply(robot, context, operation, user, is_group)
    if not is_group:
        return
    group = to_int("group_id", context.get("group_id", 0))
    if _asked(operation, "delete"):
        await delete_msg(robot, message_id=to_int("message_id", context.get("message_id", 0)))
    if _asked(operation, "kick"):
        await set_group_kick(robot, group_id=group, user_id=user)
    if _asked(operation, "ban"):
        duration_s = to_int("ban_duration", operation.get("ban_duration") or _BAN_S)
        await set_group_ban(robot, group_id=group, user_id=user, duration=duration_s)


async def _reply(robot: Robot, context: dict[str, Any], operation: dict[str, Any], user: int, is_group: bool) -> None:
    parts = read_message(operation["reply"], auto_escape=_asked(operation, "auto_escape"))
    if not is_group:
        await say(robot, await robot.desk.direct_with(robot.actor, user), parts)
        return
    if _asked(operation, "at_sender", default=True):
        parts = [Part("at", {"qq": str(user)}), Part("text", {"text": " "}), *parts]
    await say(robot, await robot.group(to_int("group_id", context.get("group_id", 0))), parts)


def _asked(operation: dict[str, Any], what: str, *, default: bool = False) -> bool:
    value = operation.get(what)
    return default if value is None else to_bool(what, value)


QUICK = {".handle_quick_operation": handle_quick_operation}
