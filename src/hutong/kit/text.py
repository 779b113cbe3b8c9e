"""Text as people write it, made safe to keep and to show on one line."""

import re
import unicodedata

__all__ = ["clean_line", "clean_text", "is_clean", "shorten"]

_INVISIBLE = {"Cc", "Cs", "Co", "Cn"}
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_SPACES = re.compile(r"\s+")
_MANY_BREAKS = re.compile(r"\n{4,}")


def clean_line(text: str) -> str:
    """One line: NFC, no control or direction-changing characters, spaces collapsed, ends trimmed."""
    text = _SPACES.sub(" ", _BIDI.sub("", text))
    # What is left out may have stood between two spaces, or between a letter and its accent.
    text = "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def clean_text(text: str) -> str:
    """Many lines: NFC, line ends as ``\\n``, no control characters, no more than three line breaks in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)
    return _MANY_BREAKS.sub("\n\n\n", unicodedata.normalize("NFC", text)).strip()


def is_clean(text: str) -> bool:
    """Whether it is one line that ``clean_text`` would leave as it is, but for spaces at its ends. It is told without
    looking at each character in turn."""
    return text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text))


def shorten(text: str, length_max: int) -> str:
    """The text in at most ``length_max`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= length_max else text[: length_max - 1].rstrip() + "…"
