"""Logs of IRC channels.

Two ways of writing are known: ``channel 2018-05-29 [21:20:37] <nick> text``, and ``[18:29] <nick> text`` with the
channel and the day in the file's name (``ubuntu.2017-03-23.train-c.raw.txt``), where a time that goes back is the next
day's. Times are taken as UTC. Beside a log ``NAME.annotation.txt`` may lie, whose lines ``A B -`` say that line B
answers line A, counted from 0 (jkkummerfeld/irc-disentanglement).
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hutong.domains.chat import Text
from hutong.kit.text import clean_text

from .errors import BrokenArchive
from .shape import Archive, ArchivedChat, ArchivedMessage, Mentioned, Part, Tally, archive_of, key_from

__all__ = ["read_irc"]

_DATED = re.compile(r"(?P<channel>\S+) (?P<day>\d{4}-\d\d-\d\d) \[(?P<time>\d\d:\d\d(?::\d\d)?)\]\s*(?P<rest>.*)")
_TIMED = re.compile(r"\[(?P<time>\d\d:\d\d(?::\d\d)?)\]\s*(?P<rest>.*)")
_NAMED = re.compile(r"(?P<channel>.+?)[._-](?P<day>\d{4}-\d\d-\d\d)")
_SAID = re.compile(r"<[ @+%&~]?(?P<nick>[^>\s]+)>(?: |\t)?(?P<text>.*)")
_NOTICED = re.compile(r"-(?P<nick>[^\s-]\S*)- (?P<text>.+)")
_ACTED = re.compile(r"\* (?P<nick>\S+) (?P<text>.+)")
_STATUS = re.compile(r"(?:\S+ \d{4}-\d\d-\d\d )?(?:===|---|\*\*\*|-!-|-->|<--)\s?(?P<text>.*)")
_CONTROL = re.compile("\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|[\x02\x04\x0f\x11\x16\x1d\x1e\x1f]")
_ADDRESSED = re.compile(r"(?P<nick>[^\s:,]+)[:,] ")
_ANSWER = re.compile(r"(\d+) (\d+)\b")
_ANNOTATION = ".annotation.txt"


def read_irc(files: Iterable[Path], group: str | None = None) -> Archive:
    """One conversation a channel, or ``group`` for all. Raises ``BrokenArchive`` with the line that cannot be read,
    and ``NothingSaid``."""
    tally = Tally("lines")
    chats: dict[str, ArchivedChat] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    given = sorted(files, key=lambda path: path.name)
    for path in given:
        if not path.name.endswith(_ANNOTATION):
            _read_log(path, group, chats, seen, tally)
    for chat in chats.values():
        chat.messages.sort(key=lambda message: message.at)
    return archive_of("irc", chats.values(), tally, given, lacking=_lacking_log(given))


def _lacking_log(notes: list[Path]) -> str:
    stem = notes[0].name.removesuffix(_ANNOTATION)
    return (
        f"it notes who answers whom in a log, and the log itself is missing. "
        f"Name that one ({stem}.ascii.txt, {stem}.raw.txt or {stem}); what lies beside it is found."
    )


def _read_log(
    path: Path,
    group: str | None,
    chats: dict[str, ArchivedChat],
    seen: Counter[tuple[object, ...]],
    tally: Tally,
) -> None:
    named = _NAMED.match(path.name)
    day = datetime.fromisoformat(named["day"]).replace(tzinfo=UTC) if named else None
    latest: datetime | None = None
    by_line: dict[int, ArchivedMessage] = {}
    for number, line in enumerate(_lines(path)):
        if not line.strip():
            tally.skip("empty lines")
            continue
        dated, timed = _DATED.fullmatch(line), _TIMED.fullmatch(line)
        if dated:
            channel, rest = dated["channel"], dated["rest"]
            at = _moment(path, number, datetime.fromisoformat(dated["day"]).replace(tzinfo=UTC), dated["time"])
        elif timed and named and day is not None:
            channel, rest = named["channel"], timed["rest"]
            at = _moment(path, number, day, timed["time"])
            if latest is not None and at < latest - timedelta(hours=12):
                day, at = day + timedelta(days=1), at + timedelta(days=1)
            latest = at
        elif _STATUS.match(line):
            tally.skip(_kind_of_status(line))
            continue
        else:
            raise BrokenArchive(
                file=path.name, where=f"line {number + 1}", reason="this is not a line of a channel's log."
            )
        chat = chats.setdefault(group or channel, _new_chat(group or channel, by_group=group is not None))
        message = _message(rest, channel, at, chat, seen)
        if isinstance(message, str):
            tally.skip(message)
            continue
        chat.messages.append(message)
        by_line[number] = message
        tally.carried += 1
    _note_answers(path, by_line)


def _lines(path: Path) -> list[str]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        # Channels of that time mixed encodings; Latin-1 reads any byte.
        text = raw.decode("latin-1")
    return text.removesuffix("\n").split("\n")


def _moment(path: Path, number: int, day: datetime, time: str) -> datetime:
    hours, minutes, seconds = (*map(int, time.split(":")), 0)[:3]
    if hours > 23 or minutes > 59 or seconds > 60:
        raise BrokenArchive(file=path.name, where=f"line {number + 1}", reason=f"there is no time {time}.")
    return day + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _new_chat(name: str, *, by_group: bool) -> ArchivedChat:
    return ArchivedChat(
        key=name, name=name if by_group else f"#{name.lstrip('#')}", people={}, messages=[], is_public=True
    )


def _kind_of_status(line: str) -> str:
    if "now known as" in line:
        return "changes of nick"
    if " has joined" in line or " has left" in line or " has quit" in line:
        return "joins and leaves"
    return "status lines"


def _message(
    rest: str, channel: str, at: datetime, chat: ArchivedChat, seen: Counter[tuple[object, ...]]
) -> ArchivedMessage | str:
    """What somebody said, or why the line is nothing that was said."""
    said, acted = _SAID.fullmatch(rest), _ACTED.fullmatch(rest)
    match = said or acted or _NOTICED.fullmatch(rest)
    if match is None:
        return _kind_of_status(rest) if _STATUS.match(rest) else "status lines"
    nick, text = match["nick"], clean_text(_CONTROL.sub("", match["text"]))
    if not text:
        return "empty messages"
    # The same words may stand twice in one minute: the second time they are another message.
    name = (channel, at, nick, text)
    seen[name] += 1
    chat.people.setdefault(nick.lower(), nick)
    parts: list[Part] = [Text(f"* {nick} {text}")] if acted and not said else _addressed(text, chat.people)
    return ArchivedMessage(key=key_from("irc", *name, seen[name]), at=at, sender=nick.lower(), parts=parts)


def _addressed(text: str, people: dict[str, str]) -> list[Part]:
    """``nick: text`` mentions somebody, if they are known to the channel."""
    match = _ADDRESSED.match(text)
    if match is None or match["nick"].lower() not in people:
        return [Text(text)]
    person = match["nick"].lower()
    return [Mentioned(person, people[person]), Text(f" {text[match.end() :]}")]


def _note_answers(path: Path, by_line: dict[int, ArchivedMessage]) -> None:
    """Takes over who answers whom. Of several answered lines the nearest counts, as a reply names one message."""
    nearest: dict[int, int] = {}
    notes = path.with_name(path.name.split(".ascii.")[0].split(".raw.")[0] + _ANNOTATION)
    if not notes.exists():
        return
    for number, line in enumerate(_lines(notes)):
        if not line.strip():
            continue
        match = _ANSWER.match(line)
        if match is None:
            raise BrokenArchive(file=notes.name, where=f"line {number + 1}", reason="this is not «A B -».")
        answered, answer = sorted((int(match[1]), int(match[2])))
        if answered != answer and answered in by_line and answer in by_line:
            nearest[answer] = max(answered, nearest.get(answer, -1))
    for answer, answered in nearest.items():
        by_line[answer].reply_to = by_line[answered].key
