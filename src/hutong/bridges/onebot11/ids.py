"""OneBot's numbers. Accounts and groups go by their own; a message, which is a place in a conversation for us, gets one
number of both, which can be taken apart again and is kept nowhere.

The pairing is Szudzik's (*An Elegant Pairing Function*, 2006). It is dense: as long as there are fewer than 46,000
conversations, and fewer messages in each, every number has 32 bits, as the standard wants it; beyond that it stays
below 2^53 for all that can be stored.
"""

import math
import re

__all__ = [
    "FileName",
    "chat_and_seq",
    "file_name",
    "message_id",
    "read_file_name",
    "read_request_flag",
    "request_flag",
]

_BEFORE_THE_FIRST_CHAT = 80_000
_FILE = re.compile(r"(\d{1,16})-(\d{1,16})-([0-9A-Za-z_-]{8,64})(?:\.\w{1,8})?")
_FLAG = re.compile(r"(\d{1,16})-(\d{1,16})")

FileName = tuple[int, int, str]
"""The chat, the seq and the media id of a file that was received."""


def message_id(chat: int, seq: int) -> int:
    """The one number of a message."""
    x, y = chat - _BEFORE_THE_FIRST_CHAT, seq
    return y * y + x if x < y else x * x + x + y


def chat_and_seq(number: int) -> tuple[int, int] | None:
    """Which message that is; None where the number is none of ours."""
    if number < 0:
        return None
    root = math.isqrt(number)
    rest = number - root * root
    x, y = (rest, root) if rest < root else (root, rest - root)
    return (x + _BEFORE_THE_FIRST_CHAT, y) if x > 0 and y > 0 else None


def file_name(chat: int, seq: int, media: str, ending: str) -> str:
    """The name under which a bot receives a file: it finds the file again, and can be sent on."""
    return f"{chat}-{seq}-{media}.{ending}"


def read_file_name(name: str) -> FileName | None:
    """What the name of a received file says; None for any other name."""
    found = _FILE.fullmatch(name)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def request_flag(chat: int, number: int) -> str:
    """What a bot hands in again to let somebody in who has asked to join."""
    return f"{chat}-{number}"


def read_request_flag(flag: str) -> tuple[int, int] | None:
    """The chat and who has asked; None for what is no flag."""
    found = _FLAG.fullmatch(flag)
    return (int(found[1]), int(found[2])) if found else None
