"""What messages are made of: a list of segments, each a dict with its ``type``.

The functions here make those that a bot sends; what it hears may have types that are not known here, and is left as it
is. Where a segment is wanted, a plain ``str`` is one of text.
"""

from collections.abc import Iterable
from typing import Any, Literal

__all__ = [
    "Segment",
    "Who",
    "as_segments",
    "button",
    "buttons",
    "card",
    "everybody",
    "face",
    "field",
    "form",
    "link",
    "markdown",
    "mention",
    "quote",
    "text",
    "text_of",
]

Segment = dict[str, Any]
Who = Literal["all", "admins"] | list[int]
"""Who may press a button, or send a form."""


def text(words: str) -> Segment:
    """Words as they are."""
    return {"type": "text", "text": words}


def mention(number: int) -> Segment:
    """Calls a member."""
    return {"type": "mention", "number": number}


def everybody() -> Segment:
    """Calls everybody; for owners and admins, a few times a day."""
    return {"type": "mention", "all": True}


def quote(seq: int) -> Segment:
    """Makes the message an answer to another one of the same chat."""
    return {"type": "reply", "seq": seq}


def face(name: str) -> Segment:
    """A face, by its name."""
    return {"type": "face", "face": name}


def link(url: str, title: str = "") -> Segment:
    """An address with a title of its own."""
    return {"type": "link", "url": url, "title": title}


def markdown(words: str) -> Segment:
    """Words in CommonMark, with ``~~`` for what is struck out."""
    return {"type": "markdown", "text": words}


def card(
    title: str,
    words: str | None = None,
    *,
    link: str | None = None,
    media: str | None = None,
    fields: dict[str, str] | None = None,
) -> Segment:
    """A card: ``media`` is a picture above it, ``link`` where it leads, ``fields`` a table under it."""
    rows = [{"label": label, "value": value} for label, value in (fields or {}).items()]
    return _with({"type": "card", "title": title}, text=words, link=link, media=media, fields=rows or None)


def button(
    label: str,
    data: str | None = None,
    *,
    link: str | None = None,
    command: str | None = None,
    style: Literal["plain", "primary", "danger"] = "plain",
    who: Who = "all",
) -> dict[str, Any]:
    """One button: with ``data`` the bot hears that it was pressed, ``link`` is opened, ``command`` is put where one
    writes. One of the three."""
    return _with({"label": label, "style": style, "who": who}, data=data, link=link, command=command)


def buttons(*rows: dict[str, Any] | list[dict[str, Any]]) -> Segment:
    """Buttons under a message: each a row of its own, or rows of several in lists."""
    return {"type": "buttons", "rows": [row if isinstance(row, list) else [row] for row in rows]}


def field(
    name: str,
    label: str,
    kind: Literal["text", "number", "choice", "date"] = "text",
    *,
    required: bool = False,
    least: int | str | None = None,
    most: int | str | None = None,
    choices: Iterable[str] = (),
    hint: str = "",
    lines: int = 1,
) -> dict[str, Any]:
    """A field of a form: ``least`` and ``most`` are of a number, of a text's length, or dates, ``2026-11-30``."""
    made = {"name": name, "label": label, "kind": kind, "required": required, "hint": hint, "lines": lines}
    return _with(made, min=least, max=most, choices=list(choices) or None)


def form(
    title: str, data: str, *fields: dict[str, Any], words: str = "", submit: str = "", who: Who = "all"
) -> Segment:
    """Something to fill in; the bot hears it as a press with ``data`` and ``values``."""
    made = {"type": "form", "title": title, "data": data, "fields": list(fields), "who": who}
    return _with(made, text=words or None, submit=submit or None)


def as_segments(what: Iterable[str | Segment]) -> list[Segment]:
    """The parts of a message, where a ``str`` is one of text."""
    return [text(part) if isinstance(part, str) else part for part in what]


def text_of(segments: Iterable[Segment]) -> str:
    """The words of a message alone, without mentions, files and the rest."""
    return "".join(str(part["text"]) for part in segments if part.get("type") == "text").strip()


def _with(made: dict[str, Any], **more: Any) -> dict[str, Any]:
    """With those of the others that there are."""
    return made | {name: value for name, value in more.items() if value is not None}
