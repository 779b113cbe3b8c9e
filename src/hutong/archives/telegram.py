"""Telegram Desktop's ``result.json``: one chat, or a whole account under ``chats.list``.

Files lie in folders beside it, ``photos/photo_1@…jpg``, if they were exported too.

Old exports lack ids, ``date_unixtime``, or the names of people who have deleted their account. A chat without id is
known by its name, a message without one by its place among equal ones.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from hutong.domains.chat import Text
from hutong.kit.text import clean_text, shorten

from .errors import BrokenArchive
from .shape import Archive, ArchivedChat, ArchivedMessage, Attached, Part, Tally, archive_of, key_from, merged

__all__ = ["read_telegram"]

_TEXT_CHARS_MAX = 5_000
_DELETED = "Deleted account"
_NO_FILE = "(File "
"""What stands in the place of a path: ``(File not included. Change data exporting settings to download.)``."""
_LACKING = "its lists of messages are empty. Export the chat again, with its messages, as machine-readable JSON."
_SHOWN = {"voice_message", "video_message", "video_file", "animation", "sticker"}
_MEDIA_NAMES = {"sticker": "sticker", "voice_message": "voice", "video_message": "video", "video_file": "video"}
_PUBLIC = {"public_supergroup", "public_channel"}


def read_telegram(files: Iterable[Path], group: str | None = None) -> Archive:
    """One conversation for each chat, called ``group`` where there is only one. Raises ``BrokenArchive`` with the entry
    that cannot be read, and ``NothingSaid``."""
    tally = Tally("entries")
    chats: list[ArchivedChat] = []
    given = list(files)
    for path in given:
        export = _load(path)
        found = (export.get("chats") or {}).get("list") if "chats" in export else [export]
        if not isinstance(found, list) or not all(
            isinstance(c, dict) and isinstance(c.get("messages"), list) for c in found
        ):
            raise BrokenArchive(
                file=path.name, where="as a whole", reason="it has no messages as Telegram Desktop writes them."
            )
        chats += [_read_chat(path, place, chat, tally) for place, chat in enumerate(found, 1)]
    archive = archive_of("telegram", chats, tally, given, lacking=_LACKING)
    if group is not None and len(archive.chats) == 1:
        archive.chats[0].name = group
    return archive


def _load(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BrokenArchive(file=path.name, where="as a whole", reason=f"it is not JSON ({error}).") from error


def _read_chat(path: Path, place: int, chat: dict[str, Any], tally: Tally) -> ArchivedChat:
    name = shorten(str(chat.get("name") or "Telegram"), 40)
    read = ArchivedChat(
        key=str(chat.get("id") or key_from(name)),
        name=name,
        is_public=chat.get("type") in _PUBLIC,
        people={},
        messages=[],
    )
    seen: Counter[tuple[object, ...]] = Counter()
    for number, entry in enumerate(chat["messages"], 1):
        where = f"chat {place}, entry {number}"
        if not isinstance(entry, dict):
            raise BrokenArchive(file=path.name, where=where, reason="it is not an object.")
        if entry.get("type") != "message":
            tally.skip("service notices" if entry.get("type") == "service" else "entries of unknown type")
            continue
        message = _read_message(path, where, entry, read, seen, tally)
        if message is None:
            tally.skip("empty messages")
            continue
        read.messages.append(message)
        tally.carried += 1
    read.messages.sort(key=lambda message: message.at)
    return read


def _read_message(
    path: Path,
    where: str,
    entry: dict[str, Any],
    chat: ArchivedChat,
    seen: Counter[tuple[object, ...]],
    tally: Tally,
) -> ArchivedMessage | None:
    at = _moment(path, where, entry)
    name = str(entry.get("from") or _DELETED)
    sender = str(entry.get("from_id") or key_from(name))
    # A message has the same key whether its file lies beside it or not.
    named = _parts_of(entry, _file_line(entry))
    if not named:
        return None
    file = _file_of(path.parent, entry, tally)
    parts = [file, *_parts_of(entry, "")] if file is not None else named
    chat.people.setdefault(sender, shorten(name, 40))
    answered = entry.get("reply_to_message_id")
    return ArchivedMessage(
        key=_key(chat, entry, at, sender, named, seen),
        at=at,
        sender=sender,
        parts=parts,
        reply_to=f"telegram/{chat.key}/{answered}" if answered is not None else None,
        reactions=_reactions_of(entry, tally),
    )


def _key(
    chat: ArchivedChat,
    entry: dict[str, Any],
    at: datetime,
    sender: str,
    parts: list[Part],
    seen: Counter[tuple[object, ...]],
) -> str:
    if entry.get("id") is not None:
        return f"telegram/{chat.key}/{entry['id']}"
    name = (at, sender, str(parts))
    seen[name] += 1
    return key_from("telegram", chat.key, *name, seen[name])


def _moment(path: Path, where: str, entry: dict[str, Any]) -> datetime:
    """The second since 1970 where there is one; else the local time of the one who exported, taken as UTC."""
    try:
        if entry.get("date_unixtime") is not None:
            return datetime.fromtimestamp(int(entry["date_unixtime"]), UTC)
        return datetime.fromisoformat(str(entry["date"])).replace(tzinfo=UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError) as error:
        raise BrokenArchive(file=path.name, where=where, reason="it has no date that can be read.") from error


def _parts_of(entry: dict[str, Any], file_line: str) -> list[Part]:
    said = entry.get("text") or ""
    pieces = said if isinstance(said, list) else [said]
    text = "".join(_words_of(piece) for piece in pieces)
    lines = [clean_text(text), file_line]
    if poll := entry.get("poll"):
        lines.append(
            "\n".join(
                [f"📊 {poll.get('question', '')}", *(f"· {a.get('text', '')}" for a in poll.get("answers") or ())]
            )
        )
    if place := entry.get("location_information"):
        lines.append(f"📍 {place.get('latitude')}, {place.get('longitude')}")
    if author := entry.get("forwarded_from"):
        lines.insert(0, f"↪ {author}")
    whole = shorten("\n".join(line for line in lines if line), _TEXT_CHARS_MAX)
    return merged([Text(whole)]) if whole.strip() else []


def _words_of(piece: object) -> str:
    if isinstance(piece, dict):
        text, target = str(piece.get("text") or ""), piece.get("href")
        return f"{text} ({target})" if target and target != text else text
    return str(piece)


def _file_line(entry: dict[str, Any]) -> str:
    """The words that stand for a file which is not there; empty for a message without one."""
    if not _has_file(entry):
        return ""
    if entry.get("media_type") == "sticker":
        return str(entry.get("sticker_emoji") or "[sticker]")
    kind = "photo" if entry.get("photo") else _MEDIA_NAMES.get(str(entry.get("media_type")), "file")
    return f"📎 {_name_of_file(entry) or kind}"


def _file_of(folder: Path, entry: dict[str, Any], tally: Tally) -> Attached | None:
    """The file of a message, where the export holds it."""
    if not _has_file(entry):
        return None
    if entry.get("media_type") == "sticker" and entry.get("sticker_emoji"):
        tally.notes["stickers, carried as their emoji"] += 1
        return None
    path = _inside(folder, _path_of_file(entry))
    if path is None:
        tally.notes["files that the export does not hold, only named"] += 1
        return None
    return Attached(
        path=path,
        name=_name_of_file(entry),
        shown=bool(entry.get("photo")) or entry.get("media_type") in _SHOWN,
        line=_file_line(entry),
    )


def _has_file(entry: dict[str, Any]) -> bool:
    return bool(entry.get("photo") or entry.get("file") or entry.get("media_type"))


def _path_of_file(entry: dict[str, Any]) -> str:
    path = str(entry.get("photo") or entry.get("file") or "")
    return "" if path.startswith(_NO_FILE) else path


def _name_of_file(entry: dict[str, Any]) -> str:
    return str(entry.get("file_name") or _path_of_file(entry).rpartition("/")[2])


def _inside(folder: Path, named: str) -> Path | None:
    """The file of that name within the export, unless it is empty. Whoever wrote the export does not choose other
    files of this machine."""
    try:
        path = (folder / named).resolve()
        is_there = path.is_relative_to(folder.resolve()) and path.is_file() and path.stat().st_size > 0
    except (OSError, ValueError):
        return None
    return path if is_there else None


def _reactions_of(entry: dict[str, Any], tally: Tally) -> list[tuple[str, list[str]]]:
    """Only those whose people are named can be carried over; Telegram names the latest ones."""
    kept: list[tuple[str, list[str]]] = []
    for reaction in entry.get("reactions") or ():
        whos = [str(who["from_id"]) for who in reaction.get("recent") or () if who.get("from_id")]
        unnamed = int(reaction.get("count") or 0) - len(whos)
        if unnamed > 0:
            tally.notes["reactions without a name"] += unnamed
        if whos and reaction.get("emoji"):
            kept.append((str(reaction["emoji"]), whos))
    return kept
