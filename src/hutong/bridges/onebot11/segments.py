"""What was said, as OneBot's segments say it, and the reverse.

Both ways nothing makes a message fail: what the other side has no word for becomes text.
"""

import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from hutong.bridges.files import FileLinks
from hutong.kit.text import clean_text

from .answers import REFUSED, WRONG_TARGET, ActionFailed
from .cq import Part, parse_cq
from .faces import emoji_of, face_id
from .ids import chat_and_seq, file_name, message_id

__all__ = ["Attachment", "Piece", "carries_files", "heard_parts", "read_message", "said_pieces"]

_ENDINGS = {"image": "image", "voice": "amr", "video": "mp4", "file": "file"}
_NAMES = {"image": "image", "voice": "record", "video": "video", "file": "file"}
_KINDS = {name: kind for kind, name in _NAMES.items()}
_PARTS_MAX = 1_000
_RPS = ("✊", "✌️", "✋")


class Attachment(msgspec.Struct, frozen=True):
    """A file that is still to be fetched and stored: ``source`` is as the bot named it."""

    kind: str
    source: str
    name: str


Piece = dict[str, Any] | Attachment
"""A segment of ours, or a file that becomes one."""


def carries_files(segments: Sequence[dict[str, Any]]) -> bool:
    """Whether what a bot hears of it holds links that are good for that bot alone."""
    return any(segment.get("type") in _NAMES for segment in segments)


def heard_parts(segments: Sequence[dict[str, Any]], chat: int, seq: int, links: FileLinks | None) -> list[Part]:
    """Our segments as a bot hears them. ``links`` makes addresses for files."""
    return [_heard(segment, chat, seq, links) for segment in segments]


def _heard(segment: dict[str, Any], chat: int, seq: int, links: FileLinks | None) -> Part:
    match segment:
        case {"type": "text", "text": str(text)}:
            return Part("text", {"text": text})
        case {"type": "mention", "all": True}:
            return Part("at", {"qq": "all"})
        case {"type": "mention", "number": int(number)}:
            name = segment.get("name")
            return Part("at", {"qq": str(number)} | ({"name": name} if name else {}))
        case {"type": "reply", "seq": int(answered)}:
            return Part("reply", {"id": str(message_id(chat, answered))})
        case {"type": "image" | "voice" | "video" | "file" as kind, "media": str(media)}:
            return _heard_file(segment, kind, media, chat, seq, links)
        case {"type": "face", "face": str(face)}:
            numbered = face_id(face)
            return Part("face", {"id": numbered}) if numbered else Part("text", {"text": emoji_of(face) or f"[{face}]"})
        case {"type": "link", "url": str(url)}:
            return Part("share", {"url": url, "title": segment.get("title") or url})
        case {"type": "forward"}:
            return Part("forward", {"id": str(message_id(chat, seq))})
        case {"type": "markdown", "text": str(text)}:
            return Part("text", {"text": text})
        case {"type": "card" | "form", "title": str(title)}:
            below = segment.get("text")
            return Part("text", {"text": f"{title}\n{below}" if below else title})
    return Part("text", {"text": f"[{segment.get('type')}]"})


def _heard_file(segment: dict[str, Any], kind: str, media: str, chat: int, seq: int, links: FileLinks | None) -> Part:
    data: dict[str, Any] = {"file": file_name(chat, seq, media, _ENDINGS[kind])}
    if links is not None:
        data["url"] = links.url(chat, media)
    if segment.get("size") is not None:
        data["file_size"] = str(segment["size"])
    if segment.get("name"):
        data["name"] = segment["name"]
    return Part(_NAMES[kind], data)


def read_message(told: Any, *, auto_escape: bool = False) -> list[Part]:
    """A message as an action is given it: a string with CQ codes (or literally, with ``auto_escape``), one segment, or
    a list of them. Raises ``ActionFailed``."""
    match told:
        case str():
            parts = [Part("text", {"text": told})] if auto_escape else parse_cq(told)
        case int() | float():
            parts = [Part("text", {"text": str(told)})]
        case dict():
            parts = [_part(told)]
        case list():
            parts = [_part(one) for one in told]
        case _:
            raise ActionFailed(WRONG_TARGET, "message is neither a text nor segments")
    if len(parts) > _PARTS_MAX:
        raise ActionFailed(REFUSED, f"message has more than {_PARTS_MAX} segments")
    return parts


def _part(told: Any) -> Part:
    match told:
        case {"type": str(kind)}:
            data = told.get("data")
            return Part(kind, data if isinstance(data, dict) else {})
        case str():
            return Part("text", {"text": told})
    raise ActionFailed(WRONG_TARGET, "a segment has a type and data")


def said_pieces(parts: Sequence[Part], chat: int) -> list[Piece]:
    """What a bot says, as we say it in this chat; texts that stand side by side become one."""
    pieces: list[Piece] = []
    for part in parts:
        piece = _said(part, chat)
        if piece is None:
            continue
        before = pieces[-1] if pieces else None
        if _is_text(piece) and _is_text(before):
            pieces[-1] = {"type": "text", "text": before["text"] + piece["text"]}  # type: ignore[index]  # both are texts
        else:
            pieces.append(piece)
    return pieces


def _is_text(piece: Piece | None) -> bool:
    return isinstance(piece, dict) and piece["type"] == "text"


def _text(text: str) -> Piece | None:
    return {"type": "text", "text": text} if text else None


def _said(part: Part, chat: int) -> Piece | None:
    data = part.data
    match part.type:
        case "text":
            return _text(_word(data, "text"))
        case "at":
            return _said_mention(data)
        case "reply":
            place = _place_of(data)
            return {"type": "reply", "seq": place[1]} if place is not None and place[0] == chat else None
        case "image" | "record" | "video" | "file":
            source = _word(data, "file") or _word(data, "url")
            return Attachment(_KINDS[part.type], source, _word(data, "name")) if source else _text(f"[{part.type}]")
        case "face":
            return _text(emoji_of(_word(data, "id")) or "[face]")
        case "anonymous":
            return None
    return _said_otherwise(part)


def _said_mention(data: dict[str, Any]) -> Piece | None:
    whom, name = _word(data, "qq"), _word(data, "name").removeprefix("@")[:80]
    if whom == "all":
        return {"type": "mention", "all": True}
    if whom.isascii() and whom.isdigit() and 0 < int(whom) < 2**53:
        return {"type": "mention", "number": int(whom)} | ({"name": name} if name else {})
    return _text(f"@{name or whom} ")


def _said_otherwise(part: Part) -> Piece | None:
    """What we have no segment for, as a text that says the same."""
    data = part.data
    match part.type:
        case "share":
            return _link(_word(data, "url"), _word(data, "title"))
        case "music":
            return _link(*_music(data))
        case "location":
            where = [_word(data, "title"), _word(data, "content"), f"{_word(data, 'lat')}, {_word(data, 'lon')}"]
            return _text("📍 " + " · ".join(filter(None, where)))
        case "contact":
            return _text(f"[{_word(data, 'type') or 'contact'} {_word(data, 'id')}]")
        case "dice":
            return _text(f"🎲 {random.randint(1, 6)}")  # noqa: S311  # A game, not a secret.
        case "rps":
            return _text(random.choice(_RPS))  # noqa: S311  # As above.
        case "markdown":
            content = clean_text(_word(data, "content"))
            return {"type": "markdown", "text": content} if content else None
        case "json":
            return _text(_prompt_of(data.get("data")))
    return _text(f"[{part.type}]")


def _link(url: str, title: str) -> Piece | None:
    if url.startswith(("https://", "http://")) and len(url) <= 2_000 and not any(map(str.isspace, url)):
        return {"type": "link", "url": url} | ({"title": title[:200]} if title else {})
    return _text(f"{title} {url}".strip() or "[share]")


def _music(data: dict[str, Any]) -> tuple[str, str]:
    """The address and the title of a piece of music."""
    number = quote(_word(data, "id"), safe="")
    match _word(data, "type"):
        case "163":
            return f"https://music.163.com/#/song?id={number}", "♫"
        case "qq":
            return f"https://y.qq.com/n/ryqq/songDetail/{number}", "♫"
        case "xm":
            return f"https://www.xiami.com/song/{number}", "♫"
    return _word(data, "url") or _word(data, "audio"), _word(data, "title")


def _prompt_of(told: Any) -> str:
    """What a card of JSON says of itself where it cannot be shown."""
    try:
        card = msgspec.json.decode(told) if isinstance(told, str) else told
    except msgspec.MsgspecError:
        card = None
    prompt = card.get("prompt") if isinstance(card, dict) else None
    return prompt if isinstance(prompt, str) and prompt else "[json]"


def _place_of(data: dict[str, Any]) -> tuple[int, int] | None:
    told = _word(data, "id")
    return chat_and_seq(int(told)) if told.isascii() and told.isdigit() and len(told) <= 16 else None


def _word(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
