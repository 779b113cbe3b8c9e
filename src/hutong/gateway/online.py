"""An account with at least one connection here."""

import msgspec

from .connection import Connection
from .room import Room

__all__ = ["Online"]


class Online:
    """``rooms`` are those that it has a place in; ``sender_json`` is how frames show it where it has no card.
    ``clients`` are the kinds of its clients that the database knows of, a bit for each. A bot has no place in any room:
    it hears its events."""

    __slots__ = ("avatar", "clients", "connections", "is_bot", "nickname", "number", "rooms", "sender_json")

    def __init__(self, number: int, nickname: str, avatar: str | None, *, is_bot: bool = False) -> None:
        self.number = number
        self.is_bot = is_bot
        self.connections: list[Connection] = []
        self.rooms: list[Room] = []
        self.clients = 0
        self.rename(nickname, avatar)

    def rename(self, nickname: str, avatar: str | None) -> None:
        self.nickname = nickname
        self.avatar = avatar
        self.sender_json = self.shown_as("")

    def shown_as(self, card: str) -> bytes:
        person: dict[str, object] = {"number": self.number, "name": card or self.nickname}
        if self.avatar:
            person["avatar"] = self.avatar
        if self.is_bot:
            person["bot"] = True
        return msgspec.json.encode(person)
