"""Several messages told as one.

What people forward, a bot reads as nodes. What a bot forwards, or makes up, is told as what it is, words of the bot,
with the names before them: no bot puts words into the mouth of somebody.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from hutong.bridges.files import FileLinks

from .answers import WRONG_TARGET, ActionFailed
from .cq import Part
from .parameters import to_int
from .robot import Robot
from .segments import Piece, heard_parts, read_message, said_pieces
from .telling import message_told, seconds_of

__all__ = ["looked_up", "made_up", "nodes_in", "nodes_of"]

_NODES_MAX = 100
_DEPTH_MAX = 3
_TEXT_CHARS_MAX = 4_000
_PIECES_MAX = 40


def nodes_of(told: Any) -> list[Part]:
    """The nodes that an action was given. Raises ``ActionFailed``."""
    nodes = [part for part in read_message(told) if part.type == "node"]
    if not 1 <= len(nodes) <= _NODES_MAX:
        raise ActionFailed(WRONG_TARGET, f"messages are 1 to {_NODES_MAX} nodes")
    return nodes


async def looked_up(robot: Robot, node: Part) -> Part:
    """A node that names a message, with what was said in it and by whom. Raises ``ActionFailed``, ``NoSuchMessage``."""
    if not node.data.get("id") or node.data.get("content"):
        return node
    place = robot.message(to_int("id", node.data["id"]))
    told = await message_told(robot, await robot.desk.message(robot.actor, *place))
    name = told["sender"].get("card") or told["sender"]["nickname"]
    return Part("node", {"nickname": name, "content": told["raw_message"]})


def made_up(nodes: Sequence[Part], chat: int) -> list[list[Piece]]:
    """The messages in which a bot tells what it has made up: few, as each holds as many nodes as it can."""
    messages: list[list[Part]] = [[]]
    chars = 0
    for name, parts in _told(nodes, 1):
        told = [Part("text", {"text": f"{name}:\n"}), *parts, Part("text", {"text": "\n"})]
        size_chars = sum(len(str(part.data.get("text", ""))) for part in told)
        too_many = len(messages[-1]) + len(told) > _PIECES_MAX or chars + size_chars > _TEXT_CHARS_MAX
        if messages[-1] and too_many:
            messages.append([])
            chars = 0
        messages[-1] += told
        chars += size_chars
    return [said_pieces(_without_last_break(parts), chat) for parts in messages]


def _without_last_break(parts: list[Part]) -> list[Part]:
    return parts[:-1] if parts and parts[-1].data.get("text") == "\n" else parts


def _told(nodes: Sequence[Part], depth: int) -> Iterator[tuple[str, list[Part]]]:
    for node in nodes:
        name = node.data.get("nickname") or node.data.get("name") or node.data.get("user_id") or node.data.get("uin")
        content = read_message(node.data.get("content") or "")
        inner = [part for part in content if part.type == "node"]
        if inner and depth < _DEPTH_MAX:
            yield from _told(inner, depth + 1)
        else:
            yield str(name or "?"), [part for part in content if part.type not in ("node", "reply")]


def nodes_in(frame: dict[str, Any], links: FileLinks) -> list[dict[str, Any]]:
    """The nodes of what a message forwards; none where it forwards nothing."""
    forwards = [segment for segment in frame["segments"] if segment.get("type") == "forward"]
    return [_node(item, frame, links) for forward in forwards[:1] for item in forward.get("items", [])]


def _node(item: dict[str, Any], frame: dict[str, Any], links: FileLinks) -> dict[str, Any]:
    content = heard_parts(item.get("segments", []), frame["chat"], frame["seq"], links)
    said = {"user_id": 0, "nickname": item.get("name", ""), "time": seconds_of(item.get("at")), "content": content}
    return {"type": "node", "data": said}
