"""The three ways in which these bots mark a text, read into the text and the marks on it.

HTML nests; MarkdownV2 nests and wants every sign that could mark something escaped; Markdown is older and nests not.
What cannot be read is refused, with the place in bytes, as authors of bots know it.
"""

import html
import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from .entities import Entity, Marked, fitting, units
from .refusals import Refusal, bad_request

__all__ = ["read_marked"]


def read_marked(text: str, parse_mode: str | None) -> Marked:
    """The text and its marks. Raises ``Refusal`` for what cannot be read."""
    match (parse_mode or "").lower():
        case "":
            return Marked(text, [])
        case "html":
            return _Html(text).read()
        case "markdownv2":
            return _MarkdownV2(text).read()
        case "markdown":
            return _Markdown(text).read()
    raise bad_request("unsupported parse_mode")


class _Open(NamedTuple):
    """A mark that is not closed yet. ``at`` is where it begins in what is read."""

    type: str
    offset: int
    at: int
    argument: str = ""


class _Written:
    """What was read so far: the text, how many units it has, and the marks on it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.units = 0
        self.entities: list[Entity] = []

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.units += units(text)

    def since(self, offset: int) -> str:
        """What was written from a place on that was the end of some part."""
        taken: list[str] = []
        left = self.units - offset
        for part in reversed(self.parts):
            if left <= 0:
                break
            taken.append(part)
            left -= units(part)
        return "".join(reversed(taken))

    def mark(self, kind: str, offset: int, **more: str) -> None:
        if self.units > offset:
            self.entities.append(Entity(kind, offset, self.units - offset, **more))  # type: ignore[arg-type]  # All of these fields are texts.

    def mark_link(self, url: str, offset: int) -> None:
        """A link; one to a person marks that person, and one to nowhere nothing."""
        number = _person_in(url)
        if number is not None and self.units > offset:
            person = {"id": number, "is_bot": False, "first_name": self.since(offset)}
            self.entities.append(Entity("text_mention", offset, self.units - offset, user=person))
        elif address := _address(url):
            self.mark("text_link", offset, url=address)

    def marked(self) -> Marked:
        text = "".join(self.parts)
        # Of two marks on the same the outer one was closed last, and comes first.
        return Marked(text, fitting(text, reversed(self.entities)))


def _person_in(url: str) -> int | None:
    parts = urlsplit(url) if url.startswith("tg://user") else None
    number = parse_qs(parts.query).get("id", [""])[0] if parts is not None else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 16 else None


def _address(url: str) -> str:
    """An address of the web, or nothing. One without a scheme gets the old one."""
    url = url.strip()
    if re.match(r"(?i)https?://\S+$", url):
        return url
    return f"http://{url}" if re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]\S*)?", url) else ""


def _cannot(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")


_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "link",
    "tg-emoji": "custom_emoji",
}
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>")
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_CHARACTER = re.compile(r"&(?:#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|lt|gt|amp|quot);")


class _Html:
    def __init__(self, source: str) -> None:
        self.source = source
        self.out = _Written()
        self.open: list[_Open] = []

    def read(self) -> Marked:
        done = 0
        while (at := self.source.find("<", done)) >= 0:
            self._write(self.source[done:at])
            tag = _TAG.match(self.source, at)
            if tag is None:
                raise _cannot(f"Unsupported start tag at byte offset {self._bytes(at)}")
            self._close(tag) if tag[1] else self._begin(tag)
            done = tag.end()
        self._write(self.source[done:])
        if self.open:
            name = self.open[-1].argument.partition(" ")[0]
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{name}"')
        return self.out.marked()

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _write(self, raw: str) -> None:
        self.out.write(_CHARACTER.sub(lambda found: _character(found[0]), raw) if "&" in raw else raw)

    def _begin(self, tag: re.Match[str]) -> None:
        name = tag[2].lower()
        attributes = {
            one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in _ATTRIBUTE.finditer(tag[3])
        }
        if name not in _TAGS or (name == "span" and attributes.get("class") != "tg-spoiler"):
            raise _cannot(f'Unsupported start tag "{name}" at byte offset {self._bytes(tag.start())}')
        kind, argument = _TAGS[name], ""
        if kind == "link":
            argument = attributes.get("href", "")
        elif kind == "custom_emoji":
            argument = attributes.get("emoji-id", "")
        elif kind == "code":
            argument = attributes.get("class", "").removeprefix("language-")
        elif kind == "blockquote" and "expandable" in attributes:
            kind = "expandable_blockquote"
        self.open.append(_Open(kind, self.out.units, tag.start(), f"{name} {argument}"))

    def _close(self, tag: re.Match[str]) -> None:
        name, at = tag[2].lower(), self._bytes(tag.start())
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {at}")
        begun = self.open.pop()
        expected, _, argument = begun.argument.partition(" ")
        if name != expected:
            raise _cannot(f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{name}>"')
        match begun.type:
            case "link":
                self.out.mark_link(argument or self.out.since(begun.offset), begun.offset)
            case "custom_emoji":
                self.out.mark("custom_emoji", begun.offset, custom_emoji_id=argument)
            case "code" if argument and self._is_all_of_a_block(begun):
                # The block itself carries the language, once it is closed.
                self.open[-1] = self.open[-1]._replace(argument=f"pre {argument}")
            case "pre":
                self._mark_block(begun, argument)
            case kind:
                self.out.mark(kind, begun.offset)

    def _is_all_of_a_block(self, begun: _Open) -> bool:
        return bool(self.open) and self.open[-1].type == "pre" and self.open[-1].offset == begun.offset

    def _mark_block(self, begun: _Open, language: str) -> None:
        inner = [one for one in self.out.entities if one.offset >= begun.offset and one.type == "code"]
        self.out.entities = [one for one in self.out.entities if one not in inner]
        if language:
            self.out.mark("pre", begun.offset, language=language)
        else:
            self.out.mark("pre", begun.offset)


def _character(name: str) -> str:
    """A character that has a name or a number; one that no text may hold stays as it was written."""
    found = html.unescape(name)
    return found if found != "\ufffd" and not "\ud800" <= found <= "\udfff" else name


_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_WORDS_V2 = (
    ("__", "underline"),
    ("||", "spoiler"),
    ("_", "italic"),
    ("*", "bold"),
    ("~", "strikethrough"),
)
_QUOTES = ("blockquote", "expandable_blockquote")


class _MarkdownV2:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out = _Written()
        self.open: list[_Open] = []

    def read(self) -> Marked:
        while self.at < len(self.source):
            if not (self._line_began() or self._escaped() or self._in_code() or self._quote_ends() or self._word()):
                self._sign()
        if self.open and self.open[-1].type in _QUOTES:
            self._mark(self.open.pop())
        if self.open:
            raise self._endless(self.open[-1])
        return self.out.marked()

    def _starts(self, word: str) -> bool:
        return self.source.startswith(word, self.at)

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _endless(self, begun: _Open) -> Refusal:
        return _cannot(f"Can't find end of {begun.type} entity at byte offset {self._bytes(begun.at)}")

    def _is_in(self, *kinds: str) -> bool:
        return bool(self.open) and self.open[-1].type in kinds

    def _line_began(self) -> bool:
        """A ``>`` at the beginning of a line, which begins a quotation or goes on with it."""
        if self._is_in("code", "pre") or (self.at and self.source[self.at - 1] != "\n"):
            return False
        quoted = bool(self.open) and self.open[0].type in _QUOTES
        if self._starts(">") and quoted:
            self.at += 1
            return True
        mark = "**>" if self._starts("**>") and not quoted else ">" if self._starts(">") else ""
        if not mark or self.open:
            return False
        self.open.append(_Open("blockquote", self.out.units, self.at))
        self.at += len(mark)
        return True

    def _escaped(self) -> bool:
        if not self._starts("\\") or not "\x00" < self.source[self.at + 1 : self.at + 2] <= "\x7e":
            return False
        self.out.write(self.source[self.at + 1])
        self.at += 2
        return True

    def _in_code(self) -> bool:
        """Inside of code nothing is a mark but its end."""
        if not self._is_in("code", "pre"):
            return False
        end = "```" if self.open[-1].type == "pre" else "`"
        if self._starts(end):
            self._mark(self.open.pop())
            self.at += len(end)
        else:
            self._write_one()
        return True

    def _quote_ends(self) -> bool:
        """The end of a line that is quoted: the quotation goes on where the next one begins with ``>``."""
        if not self.open or self.open[0].type not in _QUOTES:
            return False
        rest = self.source[self.at :]
        if self._is_in(*_QUOTES) and rest.startswith("||") and rest[2:3] in ("", "\n") and rest[3:4] != ">":
            self._mark(self.open.pop()._replace(type="expandable_blockquote"))
            self.at += 2
            return True
        if not rest.startswith("\n"):
            return False
        if rest[1:2] != ">":
            if not self._is_in(*_QUOTES):
                raise self._endless(self.open[-1])
            self._mark(self.open.pop())
        self._write_one()
        return True

    def _word(self) -> bool:
        """A sign that begins and ends the same."""
        for word, kind in _WORDS_V2:
            if not self._starts(word):
                continue
            if self._is_in(kind):
                self._mark(self.open.pop())
            elif any(one.type == kind for one in self.open):
                raise self._endless(self.open[-1])
            else:
                self.open.append(_Open(kind, self.out.units, self.at))
            self.at += len(word)
            return True
        return False

    def _sign(self) -> None:
        """Code, links, and everything that means nothing."""
        character = self.source[self.at]
        if character == "`":
            self._begin_code()
        elif character == "[" or self._starts("!["):
            kind = "link" if character == "[" else "custom_emoji"
            self.open.append(_Open(kind, self.out.units, self.at))
            self.at += 1 if character == "[" else 2
        elif character == "]" and self._is_in("link", "custom_emoji"):
            self.at += 1
            self._end_link(self.open.pop())
        elif character in _RESERVED:
            raise _cannot(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        else:
            self._write_one()

    def _write_one(self) -> None:
        self.out.write(self.source[self.at])
        self.at += 1

    def _begin_code(self) -> None:
        begun, language = self.at, ""
        if not self._starts("```"):
            self.open.append(_Open("code", self.out.units, begun))
            self.at += 1
            return
        self.at += 3
        if found := re.compile(r"[^\s`]+(?=\s)").match(self.source, self.at):
            language, self.at = found[0], found.end()
        if self._starts("\n"):
            self.at += 1
        self.open.append(_Open("pre", self.out.units, begun, language))

    def _end_link(self, begun: _Open) -> None:
        address = self._address_in_brackets(begun) if self._starts("(") else self.out.since(begun.offset)
        if begun.type == "link":
            self.out.mark_link(address, begun.offset)
        elif number := parse_qs(urlsplit(address).query).get("id"):
            self.out.mark("custom_emoji", begun.offset, custom_emoji_id=number[0])

    def _address_in_brackets(self, begun: _Open) -> str:
        written, self.at = "", self.at + 1
        while self.at < len(self.source):
            if self._starts("\\") and "\x00" < self.source[self.at + 1 : self.at + 2] <= "\x7e":
                self.at += 1
            elif self._starts(")"):
                self.at += 1
                return written
            written += self.source[self.at]
            self.at += 1
        raise _cannot(f"Can't find end of a URL at byte offset {self._bytes(begun.at)}")

    def _mark(self, begun: _Open) -> None:
        if begun.type == "pre" and begun.argument:
            self.out.mark("pre", begun.offset, language=begun.argument)
        else:
            self.out.mark(begun.type, begun.offset)


_ENDS = {"_": "_", "*": "*", "`": "`", "[": "]"}
_KINDS = {"_": "italic", "*": "bold", "`": "code"}


class _Markdown:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out = _Written()

    def read(self) -> Marked:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "\\" and self.source[self.at + 1 : self.at + 2] in ("_", "*", "`", "["):
                self.out.write(self.source[self.at + 1])
                self.at += 2
            elif character in _ENDS:
                self._mark(character)
            else:
                self.out.write(character)
                self.at += 1
        return self.out.marked()

    def _mark(self, sign: str) -> None:
        begun, offset = self.at, self.out.units
        if self.source.startswith("```", begun):
            language, inside = _language_of(self._until("```", begun + 3, begun))
            self.out.write(inside)
            if language:
                self.out.mark("pre", offset, language=language)
            else:
                self.out.mark("pre", offset)
            return
        self.out.write(self._until(_ENDS[sign], begun + 1, begun))
        if sign != "[":
            self.out.mark(_KINDS[sign], offset)
        elif self.source.startswith("(", self.at):
            self.out.mark_link(self._until(")", self.at + 1, begun), offset)
        else:
            self.out.mark_link(self.out.since(offset), offset)

    def _until(self, end: str, start: int, begun: int) -> str:
        """What stands before the end of a mark; reading goes on behind it."""
        found = self.source.find(end, start)
        if found < 0:
            at = len(self.source[:begun].encode("utf-8", "surrogatepass"))
            raise _cannot(f"Can't find end of the entity starting at byte offset {at}")
        self.at = found + len(end)
        return self.source[start:found]


def _language_of(inside: str) -> tuple[str, str]:
    """The language that a block of code begins with, and the code."""
    found = re.match(r"([^\s`]+)\s", inside)
    if found is None:
        return "", inside.removeprefix("\n")
    return found[1], inside[found.end(1) :].removeprefix("\n")
