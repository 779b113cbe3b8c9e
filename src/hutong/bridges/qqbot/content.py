"""What messages say, in either direction: text with mentions in it there, segments here."""

import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .seals import Seals

__all__ = ["Attachment", "Said", "calls", "read_text", "told"]

_MENTION = re.compile(
    r"<@!?(?P<openid>[0-9A-F]{32})>"
    r"|<qqbot-at-user\s+id=\"(?P<at>[0-9A-F]{32})\"\s*/>"
    r"|(?P<all><@(?:everyone|all)>|<qqbot-at-everyone\s*/>|@everyone)"
)

_COMMAND = re.compile(r"(?P<command>/[^\s@/]{1,64})@(?P<bot>[0-9]{1,16})(?![\w])")

_USUAL_TYPES = {"image": "image/png", "video": "video/mp4", "voice": "audio/mpeg", "file": "file"}
_EVERYBODY = "<@everyone>"

Attachment = dict[str, Any]
"""A file of a message as it travels: its kind, name, size and where it is."""

Link = Callable[[str], str]
"""Where a file can be fetched: asked by its media id."""


class Said(NamedTuple):
    """A message as it travels."""

    content: str
    mentions: list[dict[str, Any]]
    attachments: list[Attachment]
    reply_to: int | None


def read_text(seals: Seals, content: str) -> list[dict[str, Any]]:
    """What a bot wrote as segments. A mention of somebody whom the app cannot know stays the text that it is."""
    segments: list[dict[str, Any]] = []
    text = ""
    begin = 0
    for found in _MENTION.finditer(content):
        openid = found["openid"] or found["at"]
        number = seals.account_of(openid) if openid else None
        if number is None and found["all"] is None:
            continue
        text += content[begin : found.start()]
        begin = found.end()
        if text:
            segments.append({"type": "text", "text": text})
            text = ""
        segments.append({"type": "mention", "number": number} if number else {"type": "mention", "all": True})
    text += content[begin:]
    if text.strip() or (text and segments):
        segments.append({"type": "text", "text": text})
    return segments


def calls(segments: Sequence[dict[str, Any]], bot: int) -> bool:
    """Whether a message names the bot, or is a command for it by its number, ``/help@10023``."""
    if any(part.get("type") == "mention" and part.get("number") == bot for part in segments):
        return True
    return any(_words(part) != _without_number(_words(part), bot) for part in segments if part.get("type") == "text")


def _without_number(text: str, bot: int) -> str:
    """A command without the number of the bot that it is for."""
    found = _COMMAND.match(text)
    return found["command"] + text[found.end() :] if found is not None and int(found["bot"]) == bot else text


def told(seals: Seals, segments: Sequence[dict[str, Any]], bot: int, link: Link, types: Mapping[str, str]) -> Said:
    """What people wrote, for the bot. ``types`` are those of files, by their media ids, as far as they are known. The
    first mention of the bot itself is left out of the content and of the mentions, as the name of the dispatch tells
    it."""
    content: list[str] = []
    mentions: dict[str, dict[str, Any]] = {}
    attachments: list[Attachment] = []
    reply_to: int | None = None
    called = False
    for part in segments:
        match part.get("type"):
            case "mention" if part.get("number") == bot and not called:
                called = True
            case "mention":
                word, mention = _mention(seals, part, bot)
                content.append(word)
                mentions[word] = mention
            case "image" | "video" | "voice" | "file":
                attachments.append(_attachment(part, link, types))
            case "reply":
                reply_to = part.get("seq")
            case _:
                content.append(_without_number(_words(part), bot))
    text = "".join(content)
    if called and text and not text.startswith((" ", "\n")):
        text = " " + text
    return Said(text, list(mentions.values()), attachments, reply_to)


def _mention(seals: Seals, part: dict[str, Any], bot: int) -> tuple[str, dict[str, Any]]:
    if part.get("all") is True:
        return _EVERYBODY, {"scope": "all", "is_you": True, "username": part.get("name") or "全体成员"}
    number = int(part.get("number") or 0)
    openid = seals.account(number)
    mention = {
        "scope": "single",
        "bot": number == bot,
        "id": openid,
        "is_you": number == bot,
        "member_openid": openid,
        "username": str(part.get("name") or "").removeprefix("@"),
    }
    return f"<@{openid}>", mention


def _attachment(part: dict[str, Any], link: Link, types: Mapping[str, str]) -> Attachment:
    media, kind = str(part.get("media", "")), str(part["type"])
    content_type = types.get(media, _USUAL_TYPES[kind])
    name = str(part.get("name") or "") or media + (mimetypes.guess_extension(content_type) or "")
    found: Attachment = {"content_type": content_type, "filename": name, "url": link(media)}
    for ours in ("width", "height", "size"):
        if isinstance(part.get(ours), int):
            found[ours] = part[ours]
    return found


def _words(part: dict[str, Any]) -> str:
    """What of a segment can be said in words."""
    match part.get("type"):
        case "text" | "markdown":
            return str(part.get("text", ""))
        case "link":
            return str(part.get("url", ""))
        case "face":
            return f"[{part.get('face', '')}]"
        case "forward":
            return f"[{part.get('title') or '聊天记录'}]"
        case "card" | "form":
            return "\n".join(str(part[name]) for name in ("title", "text", "link") if part.get(name))
    return ""
