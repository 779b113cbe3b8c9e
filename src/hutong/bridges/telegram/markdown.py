"""Marked text as our markdown, which is CommonMark with ``~~struck out~~``, and back.

What CommonMark cannot say stays as it is without its mark (underlined, spoilers). Signs that could mark something are
escaped. A zero-width space parts a mark from a sign beside it, where CommonMark would else not take it for one.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .entities import Entity, Marked, cut, fitting, found_in, in_order, trimmed, units

__all__ = ["is_plain", "read_markdown", "written_as_markdown"]

_SIGNS = {"bold": "**", "italic": "*", "strikethrough": "~~"}
_BLOCKS = frozenset({"pre", "blockquote", "expandable_blockquote"})
_FOUND_AGAIN = frozenset({"url", "email", "mention", "hashtag", "cashtag", "bot_command", "phone_number"})
"""Marks that whoever reads the text finds by themselves."""
_PARTED = "\u200b"
_ESCAPED = re.compile(r"[\\`*_\[\]<>~&]")
_BREAKS_FIRST = re.compile(r"\A(?:\\?\n)+")
_BREAKS_LAST = re.compile(r"(?:(?<!\\)\\\n|\n)+\Z")
_AT_LINE = re.compile(r"(?m)^( {0,3})([#+=-]|\d{1,9}(?=[.)]))")


def is_plain(entities: Iterable[Entity]) -> bool:
    """Whether nothing would be lost if the text were said without its marks."""
    return all(one.type in _FOUND_AGAIN for one in entities)


def written_as_markdown(marked: Marked) -> str:
    """The text with its marks, as we write them."""
    tidy = trimmed(marked)
    entities = [part for one in tidy.entities for part in _within_lines(tidy.text, one)]
    return _BREAKS_LAST.sub("", _write(tidy.text, in_order(entities), 0)).lstrip("\n")


def _within_lines(text: str, entity: Entity) -> list[Entity]:
    """A mark without white space at its ends, and in pieces that end with the paragraph that they stand in."""
    if entity.type in _BLOCKS or entity.type in ("code", "custom_emoji"):
        return [entity]
    pieces = []
    at = entity.offset
    for paragraph in re.split(r"(\n\s*\n)", cut(text, entity)):
        if body := paragraph.strip():
            start = at + units(paragraph[: len(paragraph) - len(paragraph.lstrip())])
            pieces.append(Entity(entity.type, start, units(body), url=entity.url, user=entity.user))
        at += units(paragraph)
    return pieces


def _write(text: str, entities: Sequence[Entity], base: int) -> str:
    """``entities`` are in order, and their offsets count from ``base``. One that overlaps the one before it without
    lying in it is left out."""
    written: list[str] = []
    done = 0
    while entities:
        first, rest = entities[0], entities[1:]
        inside = [one for one in rest if one.end <= first.end]
        entities = [one for one in rest if one.offset >= first.end]
        here = Entity(first.type, first.offset - base, first.length)
        before = cut(text, Entity("", done, here.offset - done))
        _add(written, _escape(before, at_line=not written))
        _add(written, _mark(first, cut(text, here), inside), is_mark=True)
        done = here.end
    _add(written, _escape(cut(text, Entity("", done, units(text) - done)), at_line=not written))
    return "".join(written)


def _add(written: list[str], piece: str, *, is_mark: bool = False) -> None:
    """Parts two marks that would touch, and a block from what stands on the same line."""
    if not piece:
        return
    before = written[-1] if written else ""
    if is_mark and before and before[-1] in "*~`)" and piece[0] in "*~`[":
        written.append(_PARTED)
    if before.endswith("\n\n"):
        piece = _BREAKS_FIRST.sub("", piece)
    elif before and piece.startswith("\n\n"):
        written[-1] = _BREAKS_LAST.sub("", before)
    written.append(piece)


def _mark(entity: Entity, text: str, inside: Sequence[Entity]) -> str:
    match entity.type:
        case "pre":
            fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
            language = re.sub(r"[^\w+#.-]", "", entity.language or "")
            return "\n\n" + "\n".join((f"{fence}{language}", text.strip("\n"), fence)) + "\n\n"
        case "blockquote" | "expandable_blockquote":
            quoted = _BREAKS_LAST.sub("", _write(text, inside, entity.offset)).lstrip("\n")
            return "\n\n" + "\n".join(f"> {line}" for line in quoted.split("\n")) + "\n\n"
        case "code":
            return _code(text)
        case "text_link" if entity.url:
            address = re.sub(r"([\\<>()])", r"\\\1", entity.url)
            return f"[{_write(text, inside, entity.offset)}]({address})"
        case "url":
            address = re.sub(r"([\\<>()])", r"\\\1", text)
            return f"[{_escape(text, at_line=False)}]({address})"
        case kind if kind in _SIGNS:
            return _signed(_SIGNS[kind], text, _write(text, inside, entity.offset))
    return _write(text, inside, entity.offset)


def _signed(sign: str, text: str, written: str) -> str:
    before = _PARTED if _is_sign(text[:1]) or written.startswith(sign[0]) else ""
    behind = _PARTED if _is_sign(text[-1:]) or written.endswith(sign[0]) else ""
    return f"{sign}{before}{written}{behind}{sign}"


def _is_sign(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "PS"


def _code(text: str) -> str:
    """Between one more backtick than there are together inside, and spaces where it begins or ends with some."""
    text = " ".join(text.split("\n"))
    fence = "`" * (1 + max(map(len, re.findall(r"`+", text)), default=0))
    space = " " if text[:1] in "` " or text[-1:] in "` " else ""
    return f"{fence}{space}{text}{space}{fence}"


def _escape(text: str, *, at_line: bool) -> str:
    """Plain text. ``at_line``: it begins a line, where more signs mean something."""
    escaped = _ESCAPED.sub(lambda found: "\\" + found[0], text)
    first, *more = escaped.split("\n")
    lines = [_at_line(first) if at_line else first, *map(_at_line, more)]
    # A single line break is one, and no space.
    return re.sub(r"(?<!\n)\n(?!\n)", "\\\\\n", "\n".join(lines))


def _at_line(line: str) -> str:
    stripped = line.lstrip(" \t")
    spaces = "\u00a0" * (len(line) - len(stripped))
    found = _AT_LINE.match(stripped)
    if spaces or found is None:
        return spaces + stripped
    if found[2].isdigit():
        return found[2] + "\\" + stripped[found.end() :]
    return "\\" + stripped


_parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def read_markdown(text: str) -> Marked:
    """What our markdown says, with its marks; headings are bold, lists have dots."""
    reading = _Reading()
    reading.blocks(_parser.parse(text))
    return reading.marked()


class _Reading:
    """Walks the tokens of a parsed text."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: list[Entity] = []
        self.begun: list[tuple[str, int, str]] = []
        self.lists: list[int | None] = []
        self.is_tight = False

    def blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "inline":
                    self.inline(token.children or ())
                case "fence" | "code_block":
                    self.paragraph()
                    self.whole("pre", token.content.removesuffix("\n"), language=token.info.strip() or None)
                case "hr":
                    self.paragraph()
                    self.text += "———"
                case "list_item_open":
                    self.item()
                case "bullet_list_open" | "ordered_list_open":
                    start = token.attrGet("start") or 1
                    self.lists.append(int(start) - 1 if token.type.startswith("ordered") else None)
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                case _:
                    self.bounds(token)

    def bounds(self, token: Token) -> None:
        """The beginning or the end of a block that holds others."""
        if token.type in ("paragraph_open", "heading_open", "blockquote_open"):
            self.paragraph()
        kind = {"heading": "bold", "blockquote": "blockquote"}.get(token.type.rpartition("_")[0])
        if kind and token.nesting == 1:
            self.open_mark(kind)
        elif kind and token.nesting == -1:
            self.close_mark()

    def paragraph(self) -> None:
        """A new one begins, which is further away from what stands before than a new line; not so in a list."""
        if self.is_tight:
            self.is_tight = False
        elif self.text:
            self.text += "\n\n" if not self.text.endswith("\n") else ""

    def item(self) -> None:
        if self.text:
            self.text = self.text.rstrip("\n") + "\n"
        number = self.lists[-1]
        if number is not None:
            self.lists[-1] = number + 1
        self.text += "  " * (len(self.lists) - 1) + (f"{number + 1}. " if number is not None else "• ")
        self.is_tight = True

    def inline(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "text" | "text_special":
                    self.text += token.content.replace(_PARTED, "")
                case "softbreak" | "hardbreak":
                    self.text += "\n"
                case "code_inline":
                    self.whole("code", token.content)
                case "strong_open" | "em_open" | "s_open":
                    self.open_mark({"strong_open": "bold", "em_open": "italic"}.get(token.type, "strikethrough"))
                case "link_open":
                    self.open_mark("text_link", str(token.attrGet("href") or ""))
                case "image":
                    self.open_mark("text_link", str(token.attrGet("src") or ""))
                    self.text += token.content or "🖼"
                    self.close_mark()
                case _ if token.nesting == -1:
                    self.close_mark()

    def open_mark(self, kind: str, url: str = "") -> None:
        self.begun.append((kind, units(self.text), url))

    def close_mark(self) -> None:
        kind, offset, url = self.begun.pop()
        self.entities.append(Entity(kind, offset, units(self.text) - offset, url=url or None))

    def whole(self, kind: str, content: str, language: str | None = None) -> None:
        self.entities.append(Entity(kind, units(self.text), units(content), language=language))
        self.text += content

    def marked(self) -> Marked:
        text = re.sub(r"(?m)^\u00a0+", lambda spaces: " " * len(spaces[0]), self.text)
        entities = fitting(text, reversed(self.entities))
        # A link that shows its own address is one by itself.
        kept = [one for one in entities if one.type != "text_link" or not _shows_itself(text, one)]
        taken = [one for one in kept if one.type in ("text_link", "code", "pre")]
        return Marked(text, in_order([*kept, *found_in(text, taken)]))


def _shows_itself(text: str, entity: Entity) -> bool:
    shown: Any = cut(text, entity)
    return bool(shown == entity.url) and [one.length for one in found_in(shown)] == [entity.length]
