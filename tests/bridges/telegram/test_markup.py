"""The ways of marking a text, each against a writer of its own: whatever is written is read back."""

import html
import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.telegram.entities import Entity, Marked, cut, fitting, found_in, in_order, index_of, trimmed, units
from hutong.bridges.telegram.markup import read_marked
from hutong.bridges.telegram.refusals import Refusal

NESTING = ("bold", "italic", "underline", "strikethrough", "spoiler")
TAGS = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler", "code": "code"}
SIGNS = {"bold": "*", "italic": "_", "underline": "__", "strikethrough": "~", "spoiler": "||", "code": "`"}
ADDRESS = "https://example.org/a?b=(c)"


@dataclass
class Mark:
    """A piece of a text: ``inside`` are words and further marks."""

    kind: str
    inside: "list[str | Mark]"


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


def marks(outer: tuple[str, ...] = ()) -> st.SearchStrategy[Mark]:
    """No kind stands in itself: the old ways of marking cannot say that."""
    left = [kind for kind in NESTING if kind not in outer]
    code = st.builds(lambda text: Mark("code", [text]), words)
    if not left or len(outer) > 2:
        return code
    deeper = st.sampled_from(left).flatmap(
        lambda kind: st.builds(
            Mark,
            st.just(kind),
            st.lists(words | marks((*outer, kind)), min_size=1, max_size=3),
        )
    )
    links = st.builds(lambda inside: Mark("text_link", inside), st.lists(words, min_size=1, max_size=2))
    return code | (deeper if "text_link" in outer else deeper | links)


texts = st.lists(words | marks(), max_size=5)


def said(parts: "list[str | Mark]") -> Marked:
    """The text and the marks that are meant."""
    text, entities = "", []
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        inner = said(part.inside)
        at = units(text)
        url = ADDRESS if part.kind == "text_link" else None
        entities.append(Entity(part.kind, at, units(inner.text), url=url))
        entities += [Entity(one.type, one.offset + at, one.length, url=one.url) for one in inner.entities]
        text += inner.text
    return Marked(text, in_order(entities))


def as_html(parts: "list[str | Mark]") -> str:
    written = ""
    for part in parts:
        if isinstance(part, str):
            written += html.escape(part, quote=False)
        elif part.kind == "text_link":
            written += f'<a href="{html.escape(ADDRESS)}">{as_html(part.inside)}</a>'
        else:
            written += f"<{TAGS[part.kind]}>{as_html(part.inside)}</{TAGS[part.kind]}>"
    return written


def as_markdown(parts: "list[str | Mark]") -> str:
    written = ""
    for part in parts:
        if isinstance(part, str):
            written += re.sub(r"([\\_*\[\]()~`>#+\-=|{}.!])", r"\\\1", part)
        elif part.kind == "code":
            inside = "".join(str(one) for one in part.inside)
            written += "`" + re.sub(r"([`\\])", r"\\\1", inside) + "`"
        elif part.kind == "text_link":
            written += f"[{as_markdown(part.inside)}](" + re.sub(r"([)\\])", r"\\\1", ADDRESS) + ")"
        else:
            # An empty code between them keeps a sign from growing together with its neighbour.
            sign = SIGNS[part.kind]
            written += (
                f"``{sign}{as_markdown(part.inside)}{sign}``"
                if sign in "___"
                else f"{sign}{as_markdown(part.inside)}{sign}"
            )
    return written


@given(texts)
def test_html_is_read_as_it_was_meant(parts: "list[str | Mark]") -> None:
    assert same(read_marked(as_html(parts), "HTML"), said(parts))


@given(texts)
def test_the_second_markdown_is_read_as_it_was_meant(parts: "list[str | Mark]") -> None:
    written = as_markdown(parts)
    # Where two codes meet, their signs would be read as one that begins a block.
    if "```" not in written:
        assert same(read_marked(written, "MarkdownV2"), said(parts))


def same(one: Marked, other: Marked) -> bool:
    return one.text == other.text and in_order(one.entities) == fitting(other.text, other.entities)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.sampled_from(["HTML", "MarkdownV2", "Markdown"])
)
def test_whatever_is_written_is_read_or_refused(text: str, parse_mode: str) -> None:
    marked = read_or_refused(text, parse_mode)
    if isinstance(marked, Refusal):
        assert marked.description.startswith("Bad Request: can't parse entities: ")
        return
    assert all(one.offset >= 0 and one.length > 0 and one.end <= units(marked.text) for one in marked.entities)


def read_or_refused(text: str, parse_mode: str) -> Marked | Refusal:
    try:
        return read_marked(text, parse_mode)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize(
    ("parse_mode", "written", "text", "entities"),
    [
        ("HTML", "<b>a</b> &lt;&amp;&#128512;", "a <&😀", [Entity("bold", 0, 1)]),
        ("HTML", "😀<i>x</i>", "😀x", [Entity("italic", 2, 1)]),
        (
            "html",
            '<pre><code class="language-python">x = 1</code></pre>',
            "x = 1",
            [Entity("pre", 0, 5, language="python")],
        ),
        ("HTML", "<pre>x</pre>", "x", [Entity("pre", 0, 1)]),
        ("HTML", '<span class="tg-spoiler">x</span>', "x", [Entity("spoiler", 0, 1)]),
        ("HTML", "<blockquote expandable>x</blockquote>", "x", [Entity("expandable_blockquote", 0, 1)]),
        ("HTML", '<a href="example.org">x</a>', "x", [Entity("text_link", 0, 1, url="http://example.org")]),
        ("HTML", '<a href="javascript:x">x</a>', "x", []),
        (
            "HTML",
            '<a href="tg://user?id=10002">Bob</a>',
            "Bob",
            [Entity("text_mention", 0, 3, user={"id": 10002, "is_bot": False, "first_name": "Bob"})],
        ),
        ("MarkdownV2", "*a* \\. ||b||", "a . b", [Entity("bold", 0, 1), Entity("spoiler", 4, 1)]),
        ("MarkdownV2", "```py\nx\n```", "x\n", [Entity("pre", 0, 2, language="py")]),
        ("MarkdownV2", "```\nx```", "x", [Entity("pre", 0, 1)]),
        ("MarkdownV2", ">a\n>b\nc", "a\nb\nc", [Entity("blockquote", 0, 3)]),
        ("MarkdownV2", ">a\n>b||\nc", "a\nb\nc", [Entity("expandable_blockquote", 0, 3)]),
        ("MarkdownV2", "[x](https://a.b/c\\))", "x", [Entity("text_link", 0, 1, url="https://a.b/c)")]),
        (
            "Markdown",
            "*a* _b_ `c` \\_",
            "a b c _",
            [Entity("bold", 0, 1), Entity("italic", 2, 1), Entity("code", 4, 1)],
        ),
        ("Markdown", "a_b [x](https://a.b) d_", "ab [x](https://a.b) d", [Entity("italic", 1, 20)]),
        ("Markdown", "[x](https://a.b)", "x", [Entity("text_link", 0, 1, url="https://a.b")]),
        ("Markdown", "```\nx```", "x", [Entity("pre", 0, 1)]),
        (None, "<b>", "<b>", []),
    ],
)
def test_marks_are_read(parse_mode: str | None, written: str, text: str, entities: list[Entity]) -> None:
    assert read_marked(written, parse_mode) == Marked(text, entities)


@pytest.mark.parametrize(
    ("parse_mode", "written", "reason"),
    [
        ("HTML", "ä<x>", 'Unsupported start tag "x" at byte offset 2'),
        ("HTML", "a < b", "Unsupported start tag at byte offset 2"),
        ("HTML", "<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("HTML", "<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("MarkdownV2", "a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "ä*a", "Can't find end of bold entity at byte offset 2"),
        ("Markdown", "ä_a", "Can't find end of the entity starting at byte offset 2"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(parse_mode: str, written: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_marked(written, parse_mode)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


@given(st.text(max_size=30), st.data())
def test_places_are_counted_in_utf_16(text: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(text)))
    offset = len(text[:index].encode("utf-16-le", "surrogatepass")) // 2
    assert units(text[:index]) == offset
    assert index_of(text, offset) == index


@given(st.text(st.sampled_from(" \n😀a"), max_size=12), st.integers(0, 20), st.integers(1, 20))
def test_white_space_at_the_ends_goes_and_marks_stay_on_what_they_stood(text: str, offset: int, length: int) -> None:
    marked = Marked(text, fitting(text, [Entity("bold", offset, length)]))
    tidy = trimmed(marked)
    assert tidy.text == text.strip()
    if index_of(text, offset) < len(text) and units(text[: index_of(text, offset)]) == offset:
        assert [cut(tidy.text, one).strip() for one in tidy.entities] in ([cut(text, marked.entities[0]).strip()], [])


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start now", [Entity("bot_command", 0, 6)]),
        ("/start@librarian-bot", [Entity("bot_command", 0, 20)]),
        ("/天气 北京", [Entity("bot_command", 0, 3)]),
        ("see /help, or /天气", [Entity("bot_command", 4, 5)]),
        ("a/b https://a.b/c/d.", [Entity("url", 4, 15)]),
        ("😀 #tag @bob a@b.cd", [Entity("hashtag", 3, 4), Entity("mention", 8, 4), Entity("email", 13, 6)]),
        ("/etc/passwd", []),
    ],
)
def test_what_marks_itself_is_found(text: str, entities: list[Entity]) -> None:
    assert found_in(text) == entities


def test_nothing_is_found_where_a_mark_stands() -> None:
    assert found_in("https://a.b", [Entity("code", 0, 11)]) == []


def test_an_unknown_way_of_marking_is_refused() -> None:
    with pytest.raises(Refusal, match="unsupported parse_mode"):
        read_marked("x", "BBCode")
