"""A bot as the bridge serves it: on one connection, or for one outlet."""

from dataclasses import dataclass

from hutong.bridges.desk import Desk
from hutong.bridges.files import FileLinks
from hutong.kit.actor import Actor

from .answers import WRONG_TARGET, ActionFailed
from .hearing import Form
from .ids import chat_and_seq

__all__ = ["Robot"]


@dataclass(frozen=True, slots=True)
class Robot:
    """``form`` is how it wants messages written; ``links`` makes addresses of files for it."""

    desk: Desk
    actor: Actor
    links: FileLinks
    form: Form = "array"

    @property
    def number(self) -> int:
        return self.actor.number

    async def group(self, group_id: int) -> int:
        """The chat of a group that it is in. Raises ``ActionFailed``, ``NoSuchChat``."""
        place = await self.desk.place(self.actor, group_id)
        if place.kind != "group":
            raise ActionFailed(WRONG_TARGET, f"{group_id} is no group")
        return group_id

    def message(self, message_id: int) -> tuple[int, int]:
        """The chat and the seq of a message. Raises ``ActionFailed``."""
        place = chat_and_seq(message_id)
        if place is None:
            raise ActionFailed(WRONG_TARGET, f"there is no message {message_id}")
        return place
