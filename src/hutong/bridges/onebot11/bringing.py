"""Files that a bot sends, in the ways in which OneBot names them."""

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any
from urllib.parse import urlsplit

from hutong.bridges.files import FILES_PATH, read_link

from .answers import REFUSED, WRONG_TARGET, ActionFailed
from .ids import read_file_name
from .robot import Robot
from .segments import Attachment, Piece

__all__ = ["bring_all"]

_BASE64 = "base64://"


async def bring_all(robot: Robot, pieces: list[Piece]) -> list[dict[str, Any]]:
    """The pieces with every file stored, ready to be sent. Raises ``ActionFailed`` and what the desk raises."""
    return [await _bring(robot, piece) if isinstance(piece, Attachment) else piece for piece in pieces]


async def _bring(robot: Robot, attachment: Attachment) -> dict[str, Any]:
    content, name = await _content_of(robot, attachment.source)
    wanted = attachment.name or name or attachment.kind
    bringing = robot.desk.bringing
    return await bringing.store(robot.actor, content, wanted, as_file=attachment.kind == "file")


async def _content_of(robot: Robot, source: str) -> tuple[bytes, str]:
    """The bytes of a file and its name, if it has one: what the bot has sent along, what it has received before, or
    what lies at an address."""
    if source.startswith(_BASE64):
        return await asyncio.to_thread(_decoded, source.removeprefix(_BASE64)), ""
    if source.startswith("data:") and ";base64," in source:
        return await asyncio.to_thread(_decoded, source.partition(";base64,")[2]), ""
    received = read_file_name(source)
    if received is not None:
        return await _received(robot, received[0], received[2])
    if source.startswith(("http://", "https://")):
        path = urlsplit(source).path
        link = read_link(path.rpartition("/")[2]) if path.startswith(f"{FILES_PATH}/") else None
        if link is not None and link[0].bot == robot.number:
            return await _received(robot, link[0].chat, link[0].media)
        found = await robot.desk.bringing.fetch(source)
        return found.content, found.name
    if source.startswith("file:"):
        raise ActionFailed(REFUSED, "files of this machine cannot be sent; send base64:// or an address")
    raise ActionFailed(WRONG_TARGET, "file is neither base64, nor an address, nor the name of a received file")


def _decoded(told: str) -> bytes:
    told = "".join(told.split())
    try:
        return b64decode(told + "=" * (-len(told) % 4), validate=True)
    except (NotBase64, ValueError) as error:
        raise ActionFailed(WRONG_TARGET, "file is not in base64") from error


async def _received(robot: Robot, chat: int, media: str) -> tuple[bytes, str]:
    """A file that it may read: whether it may is asked as for everybody."""
    version, content = await robot.desk.whole_file(robot.actor, chat, media)
    return content, version.name
