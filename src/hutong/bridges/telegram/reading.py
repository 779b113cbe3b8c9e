"""Messages of ours as these bots read them: one text with marks, one file, buttons, and what is replied to."""

import re
from typing import Any, NamedTuple

import msgspec

from .buttons import markup_of
from .entities import Entity, Marked, found_in, in_order, units
from .files import MEDIA, described
from .markdown import read_markdown
from .shapes import unix_s, user_of

__all__ = ["Frame", "Scene", "message_of", "replied_to"]

Frame = dict[str, Any]
"""A message or a change as our own interface tells of it."""


class Scene(NamedTuple):
    """What must be known beside a frame: the bot itself, the conversation, and the message that it replies to."""

    me: dict[str, Any]
    chat: dict[str, Any]
    replied: Frame | None = None


def replied_to(frame: Frame) -> int | None:
    """The seq of the message that a message replies to."""
    return next((part.get("seq") for part in frame.get("segments", ()) if part.get("type") == "reply"), None)


def message_of(frame: Frame, scene: Scene) -> dict[str, Any]:
    """A message. One that was recalled has no text."""
    segments: list[Frame] = frame.get("segments") or []
    sender = frame.get("from") or {}
    message: dict[str, Any] = {
        "message_id": frame["seq"],
        "date": unix_s(frame.get("at", "")),
        "chat": scene.chat,
        "from": _sender(sender, scene.me),
    }
    if frame.get("edited_at"):
        message["edit_date"] = unix_s(frame["edited_at"])
    if scene.replied is not None:
        message["reply_to_message"] = message_of(scene.replied, scene._replace(replied=None))
    files = [part for part in segments if part.get("type") in MEDIA]
    if files:
        message |= described(files[0], frame["chat"])
    marked = _said(segments, scene.me, named=files[1:])
    words, marks = ("caption", "caption_entities") if files else ("text", "entities")
    if marked.text or not files:
        message[words] = marked.text
    if marked.entities:
        message[marks] = msgspec.to_builtins(marked.entities)
    if markup := markup_of(segments):
        message["reply_markup"] = markup
    return message


def _sender(sender: Frame, me: dict[str, Any]) -> dict[str, Any]:
    if sender.get("number") == me["id"]:
        return me
    return user_of(sender.get("number", 0), sender.get("name", ""), is_bot=bool(sender.get("bot")))


def _said(segments: list[Frame], me: dict[str, Any], *, named: list[Frame]) -> Marked:
    """All words of a message in one text. Files that are ``named`` cannot be shown beside the first one."""
    text, entities = "", []
    for part in segments:
        piece = _piece(part, me) if part not in named else Marked(f"[{part['type']}]", [])
        at = units(text)
        entities += [msgspec.structs.replace(one, offset=one.offset + at) for one in piece.entities]
        text += piece.text
    text, entities = _command_first(text, entities, me)
    taken = [one for one in entities if one.type not in ("bold", "italic", "underline", "strikethrough", "blockquote")]
    known = {(one.type, one.offset) for one in entities}
    more = [one for one in found_in(text, taken) if (one.type, one.offset) not in known]
    return Marked(text, in_order([*entities, *more]))


def _piece(part: Frame, me: dict[str, Any]) -> Marked:
    match part.get("type"):
        case "text":
            return Marked(str(part.get("text", "")), [])
        case "markdown":
            return read_markdown(str(part.get("text", "")))
        case "mention":
            return _mention(part, me)
        case "face":
            return Marked(f"[{part.get('face', '')}]", [])
        case "link":
            return _linked(str(part.get("title") or part.get("url", "")), str(part.get("url", "")))
        case "card":
            return _card(part)
        case "form":
            return _headed(str(part.get("title", "")), [str(field.get("label")) for field in part.get("fields", ())])
        case "forward":
            return Marked(f"[forward] {part.get('title', '')}".rstrip(), [])
        case "reply" | "buttons" | "image" | "voice" | "video" | "file":
            return Marked("", [])
    return Marked(f"[{part.get('type', 'unsupported')}]", [])


def _mention(part: Frame, me: dict[str, Any]) -> Marked:
    if part.get("all"):
        return Marked("@all", [])
    number = part.get("number", 0)
    if number == me["id"]:
        text = f"@{me['username']}"
        return Marked(text, [Entity("mention", 0, units(text))])
    name = str(part.get("name") or number).removeprefix("@")
    text = f"@{name}"
    return Marked(text, [Entity("text_mention", 0, units(text), user=user_of(number, name))])


def _linked(text: str, url: str) -> Marked:
    return Marked(text, [Entity("text_link", 0, units(text), url=url)] if text != url else [])


def _card(part: Frame) -> Marked:
    fields = [f"{field.get('label', '')}: {field.get('value', '')}" for field in part.get("fields", ())]
    lines = [*filter(None, [str(part.get("text", ""))]), *fields, *filter(None, [str(part.get("link", ""))])]
    return _headed(str(part.get("title", "")), lines)


def _headed(title: str, lines: list[str]) -> Marked:
    return Marked("\n".join([title, *lines]), [Entity("bold", 0, units(title))] if title else [])


_ADDRESSED = re.compile(r"/(\w{1,64})@([\w-]{1,32})(?!\w)")
_CALLED = re.compile(r"@([\w-]{1,32})\s+/(\w{1,64})(?![\w@/])")


def _command_first(text: str, entities: list[Entity], me: dict[str, Any]) -> tuple[str, list[Entity]]:
    """A command to this bot as such bots expect it: ``/help@its_username``, at the very beginning. Here one may also
    call the bot first (``@bot /help``), and call it by its number."""
    username = str(me["username"])
    own = {username.lower(), str(me["id"])}
    if (found := _ADDRESSED.match(text)) and found[2].lower() in own:
        written = f"/{found[1]}@{username}"
    elif (found := _CALLED.match(text)) and found[1].lower() in own:
        written = f"/{found[2]}@{username}"
    else:
        return text, entities
    end, moved = units(text[: found.end()]), units(written) - units(text[: found.end()])
    kept = [msgspec.structs.replace(one, offset=one.offset + moved) for one in entities if one.offset >= end]
    return written + text[found.end() :], kept
