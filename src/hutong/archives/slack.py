"""Slack's export: a zip with ``users.json``, ``channels.json`` (and ``groups``, ``mpims``, ``dms``) and a folder for
each conversation with a file of messages a day. Links to files carry access tokens in such an export; they are dropped,
and so is everything else that looks like a token.
"""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from hutong.domains.chat import Text
from hutong.kit.text import shorten

from .errors import BrokenArchive
from .shape import Archive, ArchivedChat, ArchivedMessage, Part, Tally, archive_of, merged
from .slack_text import emoji_for, read_text

__all__ = ["read_slack"]

_FILE_BYTES_MAX = 64 * 1024 * 1024
_ARCHIVE_BYTES_MAX = 4 * 1024 * 1024 * 1024
_TEXT_CHARS_MAX = 5_000
_LISTS = {"channels.json": True, "groups.json": False, "mpims.json": False, "dms.json": False}
_NOTICES = {
    "bot_add": "notices of apps",
    "bot_remove": "notices of apps",
    "channel_join": "joins and leaves",
    "channel_leave": "joins and leaves",
    "group_join": "joins and leaves",
    "group_leave": "joins and leaves",
    "channel_archive": "notices of settings",
    "channel_name": "notices of settings",
    "channel_purpose": "notices of settings",
    "channel_topic": "notices of settings",
    "channel_unarchive": "notices of settings",
    "pinned_item": "notices of settings",
}
_LACKING = "it lists users and channels; the folders of the channels are missing, each with a file of messages a day."
_SAYS_SOMETHING = {None, "bot_message", "file_share", "file_comment", "me_message", "thread_broadcast", "file_mention"}


def read_slack(files: Iterable[Path], group: str | None = None) -> Archive:
    """One conversation for each of the export's, called ``group`` where there is only one. Raises ``BrokenArchive``
    with the file and the entry that cannot be read, and ``NothingSaid``."""
    tally = Tally("entries")
    chats: list[ArchivedChat] = []
    given = list(files)
    for path in given:
        try:
            with zipfile.ZipFile(path) as export:
                chats += _read_export(_Export(path, export), tally)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise BrokenArchive(
                file=path.name, where="as a whole", reason=f"it is not a whole zip ({error})."
            ) from error
    if group is not None and len(chats) == 1:
        chats[0].name = group
    return archive_of("slack", chats, tally, given, lacking=_LACKING)


class _Export:
    """The JSON files of the zip, read within bounds."""

    def __init__(self, path: Path, export: zipfile.ZipFile) -> None:
        self.name = path.name
        self._export = export
        self._entries = {info.filename: info for info in export.infolist() if not info.is_dir()}
        if sum(info.file_size for info in self._entries.values()) > _ARCHIVE_BYTES_MAX:
            raise BrokenArchive(file=path.name, where="as a whole", reason="it unpacks to more than can be imported.")

    def names(self) -> list[str]:
        return sorted(self._entries)

    def load(self, name: str) -> list[dict[str, Any]]:
        """The list in a file of the zip; empty where the file is not there."""
        info = self._entries.get(name)
        if info is None:
            return []
        if info.file_size > _FILE_BYTES_MAX:
            raise BrokenArchive(file=self.name, where=name, reason="the file is too large.")
        try:
            return msgspec.json.decode(self._export.read(info), type=list[dict[str, Any]])
        except msgspec.MsgspecError as error:
            raise BrokenArchive(
                file=self.name, where=name, reason=f"it is not the list that Slack writes ({error})."
            ) from error


def _read_export(export: _Export, tally: Tally) -> list[ArchivedChat]:
    names = {str(user.get("id")): _name_of(user) for user in export.load("users.json")}
    if "channels.json" not in export.names() and not names:
        raise BrokenArchive(file=export.name, where="as a whole", reason="it has neither users nor channels of Slack.")
    chats: list[ArchivedChat] = []
    for list_name, is_public in _LISTS.items():
        for channel in export.load(list_name):
            chat = _read_channel(export, channel, is_public, names, tally)
            if chat.messages:
                chats.append(chat)
    return chats


def _name_of(user: dict[str, Any]) -> str:
    profile = user.get("profile") or {}
    found = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return shorten(str(found or user.get("id")), 40)


def _read_channel(
    export: _Export, channel: dict[str, Any], is_public: bool, names: dict[str, str], tally: Tally
) -> ArchivedChat:
    name, key = str(channel.get("name") or channel.get("id")), str(channel.get("id") or channel.get("name"))
    people = {str(member): names[str(member)] for member in channel.get("members") or () if str(member) in names}
    chat = ArchivedChat(
        key=key,
        name=f"#{name}" if is_public else name,
        description=str((channel.get("purpose") or {}).get("value") or ""),
        is_public=is_public,
        people=people,
        messages=[],
    )
    seen: Counter[str] = Counter()
    for path in export.names():
        if PurePosixPath(path).parent.name in (name, key) and path.endswith(".json"):
            for place, entry in enumerate(export.load(path), 1):
                _read_entry(export, f"{path}, entry {place}", entry, chat, names, seen, tally)
    chat.messages.sort(key=lambda message: message.at)
    return chat


def _read_entry(
    export: _Export,
    where: str,
    entry: dict[str, Any],
    chat: ArchivedChat,
    names: dict[str, str],
    seen: Counter[str],
    tally: Tally,
) -> None:
    subtype = entry.get("subtype")
    if subtype not in _SAYS_SOMETHING:
        tally.skip(_NOTICES.get(str(subtype), "other notices"))
        return
    try:
        at = datetime.fromtimestamp(float(entry["ts"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BrokenArchive(file=export.name, where=where, reason="it has no time (ts) that can be read.") from error
    sender, name = _sender_of(entry, names)
    parts = _parts_of(entry, names, tally)
    if not parts:
        tally.skip("empty messages")
        return
    chat.people.setdefault(sender, name)
    seen[str(entry["ts"])] += 1
    answered = entry.get("thread_ts")
    chat.messages.append(
        ArchivedMessage(
            key=_key(chat.key, entry["ts"], seen[str(entry["ts"])]),
            at=at,
            sender=sender,
            parts=parts,
            reply_to=_key(chat.key, answered, 1) if answered and answered != entry["ts"] else None,
            reactions=_reactions_of(entry),
        )
    )
    tally.carried += 1


def _key(chat: str, ts: object, repetition: int) -> str:
    """Slack's own id of a message is its ``ts``; old exports repeat one now and then."""
    return f"slack/{chat}/{ts}" + (f"/{repetition}" if repetition > 1 else "")


def _sender_of(entry: dict[str, Any], names: dict[str, str]) -> tuple[str, str]:
    user = entry.get("user") or (entry.get("comment") or {}).get("user")
    if user:
        profile = entry.get("user_profile") or {}
        return str(user), names.get(str(user)) or shorten(str(profile.get("display_name") or user), 40)
    bot = str(entry.get("bot_id") or entry.get("username") or "bot")
    return bot, shorten(str(entry.get("username") or (entry.get("bot_profile") or {}).get("name") or bot), 40)


def _parts_of(entry: dict[str, Any], names: dict[str, str], tally: Tally) -> list[Part]:
    parts = read_text(str(entry.get("text") or ""), names)
    for attachment in entry.get("attachments") or ():
        said = "\n".join(str(attachment[k]) for k in ("pretext", "title", "text") if attachment.get(k))
        said = said or str(attachment.get("fallback") or "")
        parts += [Text("\n" if parts else ""), *read_text(said, names)]
    files = [*(entry.get("files") or ()), *([entry["file"]] if entry.get("file") else [])]
    for file in files:
        title = str(file.get("title") or file.get("name") or "file")
        if not any(isinstance(part, Text) and title in part.text for part in parts):
            parts.append(Text(f"{chr(10) if parts else ''}📎 {title}"))
        tally.notes["files that Slack only links to, named and not fetched"] += 1
    return _shortened(merged(parts))


def _shortened(parts: list[Part]) -> list[Part]:
    kept: list[Part] = []
    left = _TEXT_CHARS_MAX
    for part in parts:
        if isinstance(part, Text):
            text = shorten(part.text, left) if left > 0 else ""
            left -= len(text)
            if text:
                kept.append(Text(text))
        else:
            kept.append(part)
    has_words = any(not isinstance(part, Text) or part.text.strip() for part in kept)
    return kept if has_words else []


def _reactions_of(entry: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (emoji_for(str(reaction.get("name"))), [str(user) for user in reaction.get("users") or ()])
        for reaction in entry.get("reactions") or ()
    ]
