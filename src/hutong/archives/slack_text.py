"""Slack's way of writing: ``<@U1>`` mentions, ``<#C1|name>``, ``<!here>``, ``<url|label>``, ``&lt;``, ``:smile:``."""

import html
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import emoji

from hutong.domains.chat import Text

from .shape import Mentioned, Part

__all__ = ["emoji_for", "read_text"]

_TOKEN = re.compile(r"<([^<>\n]+)>")
_SECRET = re.compile(r"\bxox[a-z]-[0-9A-Za-z-]{8,}|\bpub_secret=[0-9A-Za-z]+")
_SECRET_NAMES = {"t", "token", "pub_secret", "access_token", "key", "sig", "signature"}


def read_text(text: str, names: dict[str, str]) -> list[Part]:
    """The text as parts; ``names`` are those of people by their ids."""
    parts: list[Part] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(_plain(text[end : match.start()]))
        parts.append(_special(match[1], names))
        end = match.end()
    parts.append(_plain(text[end:]))
    return [part for part in parts if not isinstance(part, Text) or part.text]


def emoji_for(name: str) -> str:
    """The emoji that Slack calls ``name``; one of the workspace's own stays as its name."""
    base = name.partition("::")[0]
    shown = emoji.emojize(f":{base}:", language="alias")
    return shown if shown != f":{base}:" else f":{base[:30]}:"


def _plain(text: str) -> Text:
    return Text(_SECRET.sub("…", emoji.emojize(html.unescape(text), language="alias")))


def _special(token: str, names: dict[str, str]) -> Part:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        person = target[1:]
        return Mentioned(person, names.get(person) or label.lstrip("@") or person)
    if target.startswith("#"):
        return Text(f"#{label or target[1:]}")
    if target.startswith("!"):
        return Text(f"@{(label or target[1:].partition('^')[0]).lstrip('@')}")
    address = without_secrets(html.unescape(target.removeprefix("mailto:")))
    label = html.unescape(label)
    return Text(address if not label or label == address else f"{label} ({address})")


def without_secrets(address: str) -> str:
    """The address without what would open it to anybody who has it."""
    parts = urlsplit(address)
    if not parts.scheme.startswith("http"):
        return _SECRET.sub("…", address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _SECRET_NAMES]
    kept = parts._replace(query=urlencode(query)) if len(query) != len(parse_qsl(parts.query)) else parts
    return _SECRET.sub("…", kept.geturl())
