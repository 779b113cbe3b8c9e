"""What these bots say, as segments of ours."""

from collections.abc import Sequence
from typing import Any

from .entities import Entity, Marked, cut, in_order, trimmed, units
from .markdown import is_plain, written_as_markdown
from .markup import read_marked
from .parameters import Parameters
from .refusals import bad_request

__all__ = ["TEXT_CHARS_MAX", "composed", "words_of"]

TEXT_CHARS_MAX = 4_096

Segment = dict[str, Any]


def words_of(parameters: Parameters, name: str = "text", marks: str = "entities") -> Marked:
    """The text of a call with its marks: those that it lists, or else those that its ``parse_mode`` reads."""
    text = parameters.text(name)
    entities = parameters.entities(marks)
    marked = trimmed(Marked(text, in_order(entities)) if entities else read_marked(text, parameters.text("parse_mode")))
    if units(marked.text) > TEXT_CHARS_MAX:
        raise bad_request("message is too long" if name == "text" else "message caption is too long")
    return marked


def composed(
    marked: Marked,
    *,
    files: Sequence[Segment] = (),
    buttons: Segment | None = None,
    reply_to: int | None = None,
) -> list[Segment]:
    """A whole message: the reply, the files, the words, the people that they name, and the buttons."""
    reply: list[Segment] = [{"type": "reply", "seq": reply_to}] if reply_to is not None else []
    return [*reply, *files, *_words(marked), *([buttons] if buttons else [])]


def _words(marked: Marked) -> list[Segment]:
    named = [one for one in marked.entities if one.type == "text_mention" and one.user]
    others = [one for one in marked.entities if one.type != "text_mention"]
    if not marked.text:
        return []
    if not is_plain(others):
        return [{"type": "markdown", "text": written_as_markdown(marked)}, *_mentions(marked.text, named)]
    segments: list[Segment] = []
    done = 0
    for one in named:
        if one.offset < done:
            continue
        segments += [*_text(cut(marked.text, Entity("", done, one.offset - done))), *_mentions(marked.text, [one])]
        done = one.end
    return [*segments, *_text(cut(marked.text, Entity("", done, units(marked.text) - done)))]


def _text(text: str) -> list[Segment]:
    return [{"type": "text", "text": text}] if text else []


def _mentions(text: str, named: Sequence[Entity]) -> list[Segment]:
    """Each person once. What the text calls them is their name, without the sign that stands before it here anyway."""
    people = {one.user.get("id"): cut(text, one).removeprefix("@")[:80] for one in reversed(named) if one.user}
    return [
        {"type": "mention", "number": number, "name": name}
        for number, name in reversed(people.items())
        if isinstance(number, int) and number > 0
    ]
