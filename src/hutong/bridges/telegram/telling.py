"""Events of ours made into updates, with what must be looked up for them. What a bot is told costs it no calls."""

from collections.abc import Iterable
from typing import Any

import msgspec

from hutong.bridges.desk import Desk
from hutong.domains.chat import NoSuchChat
from hutong.domains.openplatform import Heard

from .calls import Bot, chat_of, find_frame
from .hearing import updates_of, wants_replied
from .reading import Frame, Scene, replied_to
from .shapes import chat_of_group

__all__ = ["told"]

_decode = msgspec.json.Decoder(dict[str, Any]).decode


async def told(desk: Desk, bot: Bot, heard: Iterable[Heard], kinds: frozenset[str]) -> list[dict[str, Any]]:
    """The updates of these events, in rising id."""
    updates: list[dict[str, Any]] = []
    for number, raw in heard:
        frame: Frame = _decode(raw)
        if "chat" in frame:
            updates += updates_of(number, frame, await _scene(desk, bot, frame), kinds)
    return updates


async def _scene(desk: Desk, bot: Bot, frame: Frame) -> Scene:
    try:
        chat = chat_of(await desk.place(bot.actor, frame["chat"]))
    except NoSuchChat:
        # It is not there any more, which is just what it is to be told.
        chat = chat_of_group(frame["chat"], str(frame["chat"]))
    seq = wants_replied(frame) or replied_to(frame)
    replied = await find_frame(desk, bot.number, frame["chat"], seq) if seq else None
    return Scene(bot.me, chat, replied)
