"""What a page says of itself: its title, and a line about it."""

import codecs
import re
from html.parser import HTMLParser

import msgspec

from hutong.kit.text import clean_line, shorten

__all__ = ["PageText", "read_page"]

_HEAD_BYTES_MAX = 131_072
_TITLE_CHARS_MAX, _TEXT_CHARS_MAX = 120, 240
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_TITLES = ("og:title", "twitter:title")
_TEXTS = ("og:description", "twitter:description", "description")


class PageText(msgspec.Struct, frozen=True):
    title: str
    text: str


class _Head(HTMLParser):
    """Takes titles and descriptions out of a page, until its body begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.title = ""
        self._in_title = False
        self._is_done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_done |= tag == "body"
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag == "meta" and not self._is_done:
            said = dict(attrs)
            name = (said.get("property") or said.get("name") or "").lower()
            if name and said.get("content"):
                self.meta.setdefault(name, said["content"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_title &= tag != "title"

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._is_done:
            self.title += data


def read_page(content_type: str, body: bytes) -> PageText | None:
    """None for what is not a page, or says nothing of itself. Takes some milliseconds for a large page."""
    if not content_type.lower().lstrip().startswith(("text/html", "application/xhtml+xml")):
        return None
    head = _Head()
    head.feed(_decoded(content_type, body[:_HEAD_BYTES_MAX]))
    title = _first(head.meta, _TITLES) or clean_line(head.title)
    if not title:
        return None
    return PageText(shorten(title, _TITLE_CHARS_MAX), shorten(_first(head.meta, _TEXTS), _TEXT_CHARS_MAX))


def _first(meta: dict[str, str], names: tuple[str, ...]) -> str:
    return next((line for name in names if (line := clean_line(meta.get(name, "")))), "")


def _decoded(content_type: str, body: bytes) -> str:
    named = _CHARSET.search(content_type) or _CHARSET.search(body[:2_048].decode("ascii", "ignore"))
    try:
        name = codecs.lookup(named.group(1)).name if named else "utf-8"
    except LookupError:
        name = "utf-8"
    # Pages that say GB2312 mean its superset, as browsers have it.
    return body.decode("gb18030" if name in ("gb2312", "gbk") else name, "replace")
