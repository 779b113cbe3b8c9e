"""Keyboards under messages as our buttons, and back.

A button of a keyboard that replaces the phone's own says its text, so here it is one that says it as a command.
"""

from collections.abc import Mapping
from typing import Any

from hutong.kit.text import shorten

from .refusals import bad_request

__all__ = ["CALLBACK_BYTES_MAX", "markup_of", "read_markup", "web_apps_in"]

CALLBACK_BYTES_MAX = 64
_ROWS_MAX = 20
_ROW_MAX = 8
_LABEL_CHARS_MAX = 40

Row = list[dict[str, Any]]


def read_markup(
    markup: dict[str, Any] | None, username: str, minis: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """The segment ``buttons`` for a reply markup; None where it has no buttons. ``username`` is the bot's, which a
    button that asks the bot something in the line of input begins with; ``minis`` are the addresses under which pages
    of ``web_app`` buttons open as a mini app here. Others open as links."""
    if not markup:
        return None
    inline, replacing = markup.get("inline_keyboard"), markup.get("keyboard")
    if inline:
        rows = _rows_of(inline, lambda one: _inline(one, username, minis or {}))
    else:
        rows = _rows_of(replacing, lambda one: _replacing(one, minis or {}))
    if len(rows) > _ROWS_MAX or any(len(row) > _ROW_MAX for row in rows):
        raise bad_request("reply markup is too long")
    return {"type": "buttons", "rows": rows} if rows else None


def web_apps_in(markup: dict[str, Any] | None) -> set[str]:
    """The addresses of the pages that buttons of a reply markup open."""
    keyboard = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard")
    rows = keyboard if isinstance(keyboard, list) else []
    found = (one for row in rows if isinstance(row, list) for one in row if isinstance(one, dict))
    pages = (one.get("web_app") for one in found)
    return {page["url"] for page in pages if isinstance(page, dict) and isinstance(page.get("url"), str)}


def _rows_of(keyboard: Any, read: Any) -> list[Row]:
    if keyboard is None:
        return []
    if not isinstance(keyboard, list) or not all(isinstance(row, list) for row in keyboard):
        raise bad_request("object expected as reply markup")
    rows = [[button for one in row if (button := read(one)) is not None] for row in keyboard]
    return [row for row in rows if row]


def _inline(one: Any, username: str, minis: Mapping[str, str]) -> dict[str, Any] | None:
    label = _label(one)
    match one:
        case {"callback_data": str(data)}:
            if not 1 <= len(data.encode("utf-8", "replace")) <= CALLBACK_BYTES_MAX:
                raise bad_request("BUTTON_DATA_INVALID")
            return {"label": label, "data": data}
        case {"web_app": {"url": str(link)}} if link in minis:
            return {"label": label, "link": minis[link]}
        case {"url": str(link)} | {"web_app": {"url": str(link)}} | {"login_url": {"url": str(link)}}:
            if not link.startswith(("https://", "http://")):
                raise bad_request(f"inline keyboard button URL '{link[:100]}' is invalid: wrong HTTP URL")
            return {"label": label, "link": link}
        case {"switch_inline_query_current_chat": str(query)} | {"switch_inline_query": str(query)}:
            return {"label": label, "command": f"@{username} {query}"}
        case {"copy_text": {"text": str(text)}}:
            return {"label": label, "command": text}
    raise bad_request("text buttons are unallowed in the inline keyboard")


def _replacing(one: Any, minis: Mapping[str, str]) -> dict[str, Any] | None:
    label = _label({"text": one} if isinstance(one, str) else one)
    match one:
        case {"web_app": {"url": str(link)}} if link.startswith(("https://", "http://")):
            return {"label": label, "link": minis.get(link, link)}
        case {"request_contact": True} | {"request_location": True} | {"request_poll": _}:
            return None
    return {"label": label, "command": str(one if isinstance(one, str) else one["text"])}


def _label(one: Any) -> str:
    text = one.get("text") if isinstance(one, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise bad_request('field "text" of a button must be a non-empty string')
    return shorten(text, _LABEL_CHARS_MAX)


def markup_of(segments: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The inline keyboard of a message, as bots are told of it."""
    rows = next((part.get("rows") for part in segments if part.get("type") == "buttons"), None)
    return {"inline_keyboard": [[_told(button) for button in row] for row in rows]} if rows else None


def _told(button: dict[str, Any]) -> dict[str, Any]:
    label = button.get("label", "")
    match button:
        case {"data": data}:
            return {"text": label, "callback_data": data}
        case {"link": link}:
            return {"text": label, "url": link}
    return {"text": label, "switch_inline_query_current_chat": button.get("command", "")}
