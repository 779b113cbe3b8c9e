"""Messages as one string: plain text with CQ codes, ``[CQ:at,qq=10001]``, between it."""

import re
from typing import Any

import msgspec

__all__ = ["Part", "parse_cq", "write_cq"]

_CODE = re.compile(r"\[CQ:([^,\]]+)((?:,[^\]]*)?)\]")


class Part(msgspec.Struct):
    """A segment of OneBot: ``data`` holds strings, mostly."""

    type: str
    data: dict[str, Any] = {}


def parse_cq(text: str) -> list[Part]:
    """The parts of a string, in order. What looks like a code and is none stays text."""
    parts: list[Part] = []
    at = 0
    for code in _CODE.finditer(text):
        if code.start() > at:
            parts.append(Part("text", {"text": _unescape(text[at : code.start()])}))
        parts.append(Part(code[1].strip(), _parameters(code[2])))
        at = code.end()
    if at < len(text):
        parts.append(Part("text", {"text": _unescape(text[at:])}))
    return parts


def write_cq(parts: list[Part]) -> str:
    """The reverse: what ``parse_cq`` reads as the same parts, but for neighbouring texts, which become one."""
    return "".join([_written(part) for part in parts])


def _written(part: Part) -> str:
    if part.type == "text":
        return _escape(str(part.data.get("text", "")))
    told = [f",{key}={_escape(_word(value), in_code=True)}" for key, value in part.data.items() if value is not None]
    return f"[CQ:{part.type}{''.join(told)}]"


def _word(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case dict() | list():
            return msgspec.json.encode(value).decode()
    return str(value)


def _parameters(told: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in told.split(",")[1:]:
        key, equals, value = one.partition("=")
        if equals:
            found[key.strip()] = _unescape(value)
    return found


def _escape(text: str, *, in_code: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    return text.replace(",", "&#44;") if in_code else text


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    text = text.replace("&#91;", "[").replace("&#93;", "]").replace("&#44;", ",")
    return text.replace("&amp;", "&")
