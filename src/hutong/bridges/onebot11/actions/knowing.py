"""Actions by which a bot learns who is who, where it is, and of us."""

from typing import Any

from hutong import __version__

from ..answers import ACCEPTED
from ..robot import Robot
from ..telling import group_told, member_told, notice_told

__all__ = ["KNOWING"]


async def get_login_info(robot: Robot) -> dict[str, Any]:
    return {"user_id": robot.number, "nickname": robot.actor.nickname}


async def get_stranger_info(robot: Robot, *, user_id: int) -> dict[str, Any]:
    profile = await robot.desk.person(robot.actor, user_id)
    return {"user_id": profile.number, "nickname": profile.nickname, "sex": "unknown", "age": 0}


async def get_friend_list(robot: Robot) -> list[dict[str, Any]]:
    """With whom it has a conversation of two."""
    people = await robot.desk.people(robot.actor)
    return [{"user_id": one.number, "nickname": one.name, "remark": ""} for one in people]


async def get_group_info(robot: Robot, *, group_id: int) -> dict[str, Any]:
    return group_told(await robot.desk.group(robot.actor, await robot.group(group_id)))


async def get_group_list(robot: Robot) -> list[dict[str, Any]]:
    return [group_told(place) for place in await robot.desk.groups(robot.actor)]


async def get_group_member_info(robot: Robot, *, group_id: int, user_id: int) -> dict[str, Any]:
    chat = await robot.group(group_id)
    return member_told(chat, await robot.desk.member(robot.actor, chat, user_id))


async def get_group_member_list(robot: Robot, *, group_id: int) -> list[dict[str, Any]]:
    chat = await robot.group(group_id)
    return [member_told(chat, member) for member in await robot.desk.members(robot.actor, chat)]


async def get_group_at_all_remain(robot: Robot, *, group_id: int) -> dict[str, Any]:
    me = await robot.desk.member(robot.actor, await robot.group(group_id), robot.number)
    return {"can_at_all": me.role in ("owner", "admin")}


async def _get_group_notice(robot: Robot, *, group_id: int) -> list[dict[str, Any]]:
    found = await robot.desk.announcements(robot.actor, await robot.group(group_id))
    return [notice_told(one) for one in found]


async def get_status(robot: Robot) -> dict[str, bool]:
    return {"online": True, "good": True}


async def get_version_info(robot: Robot) -> dict[str, str]:
    return {"app_name": "hutong", "app_version": __version__, "protocol_version": "v11"}


async def set_restart(robot: Robot) -> Any:
    """There is nothing to restart for one bot."""
    return ACCEPTED


async def clean_cache(robot: Robot) -> None:
    """There is nothing to clean for one bot."""


KNOWING = {
    one.__name__: one
    for one in (
        get_login_info,
        get_stranger_info,
        get_friend_list,
        get_group_info,
        get_group_list,
        get_group_member_info,
        get_group_member_list,
        get_group_at_all_remain,
        _get_group_notice,
        get_status,
        get_version_info,
        set_restart,
        clean_cache,
    )
}
