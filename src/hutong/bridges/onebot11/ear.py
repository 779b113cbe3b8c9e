"""What the bots of this process hear: each frame is translated once for all who want it in the same form."""

from collections import OrderedDict

import msgspec
import structlog

from hutong.kit.errors import NotFound

from .hearing import Form, anew, for_bot, read_frame, told_by
from .robot import Robot

__all__ = ["Ear"]

log = structlog.get_logger()

_KEPT_MAX = 512
_CHATS_MAX = 100_000


class Ear:
    """Keeps what it has translated lately, and which conversations are groups."""

    def __init__(self) -> None:
        self._is_group: dict[int, bool] = {}
        self._translated: OrderedDict[tuple[bytes, Form], list[bytes]] = OrderedDict()

    async def hear(self, robot: Robot, frame: bytes) -> list[bytes]:
        """The events that a frame is for this bot, ready to be sent."""
        told = self._find_translated(robot, frame)
        if told is None:
            told = await self._translate(robot, frame)
        return [for_bot(robot.number, one) for one in told]

    def _find_translated(self, robot: Robot, frame: bytes) -> list[bytes] | None:
        return self._translated.get((_shared(frame), robot.form))

    async def _translate(self, robot: Robot, frame: bytes) -> list[bytes]:
        try:
            read = read_frame(frame)
        except msgspec.MsgspecError as error:
            # A newer part of the house may say what this bridge has no word for.
            log.warning("onebot11.frame_not_understood", error=str(error))
            return []
        if read.chat == 0:
            return []
        is_group = await self._ask(robot, read.chat)
        told = told_by(read, robot.number, is_group=is_group, form=robot.form, links=robot.links)
        if not anew(read):
            self._translated[_shared(frame), robot.form] = told
            if len(self._translated) > _KEPT_MAX:
                self._translated.popitem(last=False)
        return told

    async def _ask(self, robot: Robot, chat: int) -> bool:
        """Whether a conversation is a group, which never changes."""
        known = self._is_group.get(chat)
        if known is not None:
            return known
        try:
            place = await robot.desk.place(robot.actor, chat)
        except NotFound:
            # It has just been removed, which can happen in groups only.
            return True
        if len(self._is_group) >= _CHATS_MAX:
            self._is_group.clear()
        self._is_group[chat] = place.kind == "group"
        return self._is_group[chat]


def _shared(frame: bytes) -> bytes:
    """What is the same for every bot: all but the number of the event, which comes first."""
    return frame[frame.index(b",") :]
