"""What an action is answered with: one envelope, the same on every transport."""

from typing import Any

import msgspec

from hutong.kit.errors import HutongError, NotFound

__all__ = [
    "ACCEPTED",
    "BAD_REQUEST",
    "NO_SUCH_ACTION",
    "REFUSED",
    "WRONG_TARGET",
    "ActionFailed",
    "Request",
    "answer_of",
    "failure_of",
    "read_request",
]

WRONG_TARGET = 100
"""Something that the action needs is missing, or is not there."""
REFUSED = 102
"""The bot may not do it, or hutong cannot."""
BAD_REQUEST = 1400
NO_SUCH_ACTION = 1404


class ActionFailed(Exception):
    """An action cannot be carried out, and no error of the house says why."""

    def __init__(self, retcode: int, message: str, wording: str = "") -> None:
        super().__init__(message)
        self.retcode = retcode
        self.message = message
        self.wording = wording or message


class Request(msgspec.Struct):
    """What a bot asks for. ``echo`` comes back as it came, byte for byte."""

    action: str
    params: dict[str, Any] | None = None
    echo: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Answer(msgspec.Struct, omit_defaults=True):
    status: str
    retcode: int
    data: Any
    message: str = ""
    wording: str = ""
    echo: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode = msgspec.json.Decoder(Request).decode
_encode = msgspec.json.Encoder().encode

ACCEPTED = _Answer("async", 1, None)
"""It will be done."""


def read_request(payload: bytes | str) -> Request | None:
    """The request in a frame; None for what is none."""
    try:
        return _decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def answer_of(data: Any, echo: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET) -> bytes:
    """It is done; ``data`` is what it brought. ``ACCEPTED`` in its place says that it will be."""
    answer = data if isinstance(data, _Answer) else _Answer("ok", 0, data)
    return _encode(msgspec.structs.replace(answer, echo=echo))


def failure_of(error: ActionFailed | HutongError, echo: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET) -> bytes:
    """It is not done. ``message`` is our code, which never changes, and ``wording`` the sentence for people."""
    if isinstance(error, ActionFailed):
        told = _Answer("failed", error.retcode, None, error.message, error.wording, echo)
    else:
        retcode = WRONG_TARGET if isinstance(error, NotFound) else REFUSED
        told = _Answer("failed", retcode, None, error.code, error.detail, echo)
    return _encode(told)
