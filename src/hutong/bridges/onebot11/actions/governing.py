"""Actions by which a bot keeps order in a group, as far as its role and its scopes go."""

from typing import TypeAlias

from ..answers import REFUSED, WRONG_TARGET, ActionFailed
from ..ids import read_request_flag
from ..robot import Robot

__all__ = ["GOVERNING", "decide_request"]

_BAN_S = 1_800

Seconds: TypeAlias = int
"""The standard names it ``duration``."""


async def set_group_kick(robot: Robot, *, group_id: int, user_id: int, reject_add_request: bool = False) -> None:
    await robot.desk.remove(robot.actor, await robot.group(group_id), user_id, ban=reject_add_request)


async def set_group_ban(robot: Robot, *, group_id: int, user_id: int, duration: Seconds = _BAN_S) -> None:
    """``duration`` is in seconds, and counts by whole minutes here; 0 lets them speak again."""
    chat = await robot.group(group_id)
    if duration > 0:
        await robot.desk.mute(robot.actor, chat, user_id, duration)
    else:
        await robot.desk.unmute(robot.actor, chat, user_id)


async def set_group_whole_ban(robot: Robot, *, group_id: int, enable: bool = True) -> None:
    await robot.desk.mute_all(robot.actor, await robot.group(group_id), enable)


async def set_group_card(robot: Robot, *, group_id: int, user_id: int, card: str = "") -> None:
    chat = await robot.group(group_id)
    if user_id != robot.number:
        raise ActionFailed(REFUSED, "not_here", "members choose their own cards here")
    await robot.desk.set_card(robot.actor, chat, card)


async def set_group_name(robot: Robot, *, group_id: int, group_name: str) -> None:
    await robot.desk.rename(robot.actor, await robot.group(group_id), group_name)


async def set_group_leave(robot: Robot, *, group_id: int, is_dismiss: bool = False) -> None:
    chat = await robot.group(group_id)
    if is_dismiss:
        raise ActionFailed(REFUSED, "not_here", "only a group's owner dissolves it, and no bot owns one")
    await robot.desk.leave(robot.actor, chat)


async def set_group_add_request(robot: Robot, *, flag: str, approve: bool = True, reason: str = "") -> None:
    await decide_request(robot, flag, approve, reason)


async def decide_request(robot: Robot, flag: str, approve: bool, reason: str) -> None:
    """Lets in whoever a request told of, or refuses them. Raises ``ActionFailed``, ``NoSuchRequest``."""
    asked = read_request_flag(flag)
    if asked is None:
        raise ActionFailed(WRONG_TARGET, f"{flag} is no request")
    await robot.desk.decide(robot.actor, asked[0], asked[1], approve, reason)


async def _send_group_notice(robot: Robot, *, group_id: int, content: str) -> None:
    await robot.desk.announce(robot.actor, await robot.group(group_id), content)


GOVERNING = {
    one.__name__: one
    for one in (
        set_group_kick,
        set_group_ban,
        set_group_whole_ban,
        set_group_card,
        set_group_name,
        set_group_leave,
        set_group_add_request,
        _send_group_notice,
    )
}
