"""Actions on messages: saying them, reading them, taking them back."""

from collections.abc import Sequence
from typing import Any

from ..answers import REFUSED, WRONG_TARGET, ActionFailed
from ..bringing import bring_all
from ..cq import Part
from ..faces import emoji_of
from ..forwards import looked_up, made_up, nodes_in, nodes_of
from ..ids import message_id as id_of
from ..parameters import to_int
from ..robot import Robot
from ..segments import Piece, read_message, said_pieces
from ..telling import message_told

__all__ = ["TALKING", "say"]

_HISTORY_MAX = 100


async def say(robot: Robot, chat: int, parts: Sequence[Part]) -> dict[str, Any]:
    """Says a message in a chat; nodes in it are told as one."""
    nodes = [part for part in parts if part.type == "node"]
    if nodes:
        return await _say_nodes(robot, chat, nodes)
    return await _say_pieces(robot, chat, said_pieces(parts, chat))


async def _say_pieces(robot: Robot, chat: int, pieces: list[Piece]) -> dict[str, Any]:
    sent = await robot.desk.send(robot.actor, chat, await bring_all(robot, pieces))
    return {"message_id": id_of(chat, sent.seq)}


async def _say_nodes(robot: Robot, chat: int, nodes: Sequence[Part]) -> dict[str, Any]:
    first: dict[str, Any] = {}
    for pieces in made_up([await looked_up(robot, node) for node in nodes], chat):
        sent = await _say_pieces(robot, chat, pieces)
        first = first or sent
    return first | {"forward_id": str(first["message_id"]), "res_id": str(first["message_id"])}


async def send_group_msg(robot: Robot, *, group_id: int, message: Any, auto_escape: bool = False) -> dict[str, Any]:
    return await say(robot, await robot.group(group_id), read_message(message, auto_escape=auto_escape))


async def send_private_msg(robot: Robot, *, user_id: int, message: Any, auto_escape: bool = False) -> dict[str, Any]:
    parts = read_message(message, auto_escape=auto_escape)
    return await say(robot, await robot.desk.direct_with(robot.actor, user_id), parts)


async def send_msg(
    robot: Robot,
    *,
    message: Any,
    message_type: str = "",
    user_id: int = 0,
    group_id: int = 0,
    auto_escape: bool = False,
) -> dict[str, Any]:
    """``message_type`` wins; without it the ids say where to."""
    if message_type == "group" or (message_type != "private" and group_id):
        return await send_group_msg(robot, group_id=group_id, message=message, auto_escape=auto_escape)
    if not user_id:
        raise ActionFailed(WRONG_TARGET, "user_id or group_id is missing")
    return await send_private_msg(robot, user_id=user_id, message=message, auto_escape=auto_escape)


async def send_group_forward_msg(robot: Robot, *, group_id: int, messages: Any) -> dict[str, Any]:
    return await _say_nodes(robot, await robot.group(group_id), nodes_of(messages))


async def send_private_forward_msg(robot: Robot, *, user_id: int, messages: Any) -> dict[str, Any]:
    nodes = nodes_of(messages)
    return await _say_nodes(robot, await robot.desk.direct_with(robot.actor, user_id), nodes)


async def send_forward_msg(
    robot: Robot, *, messages: Any, message_type: str = "", user_id: int = 0, group_id: int = 0
) -> dict[str, Any]:
    if message_type == "group" or (message_type != "private" and group_id):
        return await send_group_forward_msg(robot, group_id=group_id, messages=messages)
    return await send_private_forward_msg(robot, user_id=user_id, messages=messages)


async def delete_msg(robot: Robot, *, message_id: int) -> None:
    await robot.desk.recall(robot.actor, *robot.message(message_id))


async def get_msg(robot: Robot, *, message_id: int) -> dict[str, Any]:
    return await message_told(robot, await robot.desk.message(robot.actor, *robot.message(message_id)))


async def get_forward_msg(robot: Robot, *, id: str = "", message_id: str = "") -> dict[str, Any]:  # noqa: A002  # The standard's name.
    place = robot.message(to_int("id", id or message_id))
    nodes = nodes_in(await robot.desk.message(robot.actor, *place), robot.links)
    return {"message": nodes, "messages": nodes}


async def get_group_msg_history(
    robot: Robot, *, group_id: int, message_seq: int = 0, count: int = 20
) -> dict[str, Any]:
    """Up to ``message_seq``, which is the place in the group; without it the newest."""
    chat = await robot.group(group_id)
    before = message_seq + 1 if message_seq > 0 else None
    found = await robot.desk.history(robot.actor, chat, before=before, limit=max(1, min(count, _HISTORY_MAX)))
    return {"messages": [await message_told(robot, one) for one in found]}


async def set_msg_emoji_like(robot: Robot, *, message_id: int, emoji_id: str, set: bool = True) -> None:  # noqa: A002  # The clients' name.
    emoji = emoji_of(emoji_id)
    if emoji is None:
        raise ActionFailed(REFUSED, f"there is no emoji {emoji_id}")
    chat, seq = robot.message(message_id)
    await (robot.desk.react if set else robot.desk.unreact)(robot.actor, chat, seq, emoji)


async def set_essence_msg(robot: Robot, *, message_id: int) -> None:
    await robot.desk.pin(robot.actor, *robot.message(message_id))


async def delete_essence_msg(robot: Robot, *, message_id: int) -> None:
    await robot.desk.unpin(robot.actor, *robot.message(message_id))


async def get_essence_msg_list(robot: Robot, *, group_id: int) -> list[dict[str, Any]]:
    chat = await robot.group(group_id)
    pinned = [
        await message_told(robot, await robot.desk.message(robot.actor, chat, seq))
        for seq in await robot.desk.pinned(robot.actor, chat)
    ]
    return [
        {
            "message_id": one["message_id"],
            "sender_id": one["user_id"],
            "sender_nick": one["sender"]["nickname"],
            "sender_time": one["time"],
            "content": one["message"],
        }
        for one in pinned
    ]


async def mark_msg_as_read(robot: Robot, *, message_id: int = 0) -> None:
    """A bot has no unread messages, so there is nothing to mark."""


TALKING = {
    one.__name__: one
    for one in (
        send_group_msg,
        send_private_msg,
        send_msg,
        send_group_forward_msg,
        send_private_forward_msg,
        send_forward_msg,
        delete_msg,
        get_msg,
        get_forward_msg,
        get_group_msg_history,
        set_msg_emoji_like,
        set_essence_msg,
        delete_essence_msg,
        get_essence_msg_list,
        mark_msg_as_read,
    )
}
