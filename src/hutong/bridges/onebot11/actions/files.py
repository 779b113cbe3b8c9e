"""Actions on files."""

from typing import Any

from ..answers import WRONG_TARGET, ActionFailed
from ..cq import Part
from ..ids import FileName, read_file_name
from ..robot import Robot
from .talking import say

__all__ = ["FILES"]


async def upload_group_file(
    robot: Robot, *, group_id: int, file: str, name: str = "", folder: str = ""
) -> dict[str, Any]:
    """Says the file in the group: there are no folders."""
    return await say(robot, await robot.group(group_id), [Part("file", {"file": file, "name": name})])


async def upload_private_file(robot: Robot, *, user_id: int, file: str, name: str = "") -> dict[str, Any]:
    chat = await robot.desk.direct_with(robot.actor, user_id)
    return await say(robot, chat, [Part("file", {"file": file, "name": name})])


async def delete_group_file(robot: Robot, *, group_id: int, file_id: str) -> None:
    """Recalls the message in which the file was sent."""
    chat, seq, _ = _received(file_id)
    if chat != group_id:
        raise ActionFailed(WRONG_TARGET, f"{file_id} is no file of this group")
    await robot.desk.recall(robot.actor, chat, seq)


async def get_image(robot: Robot, *, file: str) -> dict[str, Any]:
    """Where a received file is to be had, for a while."""
    chat, _, media = _received(file)
    return {"file": file, "url": robot.links.url(chat, media)}


async def get_record(robot: Robot, *, file: str, out_format: str = "") -> dict[str, Any]:
    """As it was sent: it is not made into another format."""
    return await get_image(robot, file=file)


async def get_file(robot: Robot, *, file: str = "", file_id: str = "") -> dict[str, Any]:
    return await get_image(robot, file=file or file_id)


async def get_group_file_url(robot: Robot, *, group_id: int, file_id: str) -> dict[str, Any]:
    return {"url": (await get_image(robot, file=file_id))["url"]}


async def can_send_image(robot: Robot) -> dict[str, bool]:
    return {"yes": True}


async def can_send_record(robot: Robot) -> dict[str, bool]:
    return {"yes": True}


def _received(name: str) -> FileName:
    found = read_file_name(name)
    if found is None:
        raise ActionFailed(WRONG_TARGET, f"{name} is not the name of a received file")
    return found


FILES = {
    one.__name__: one
    for one in (
        upload_group_file,
        upload_private_file,
        delete_group_file,
        get_image,
        get_record,
        get_file,
        get_group_file_url,
        can_send_image,
        can_send_record,
    )
}
