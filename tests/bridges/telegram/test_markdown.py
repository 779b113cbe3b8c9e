"""Our markdown says what the bot's text said."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.telegram.entities import Entity, Marked, cut, fitting, units
from hutong.bridges.telegram.markdown import is_plain, read_markdown, written_as_markdown
from hutong.bridges.telegram.markup import read_marked

KINDS = ("bold", "italic", "strikethrough", "code")
letters = st.sampled_from('ab12 中文😀*_~`[]()<>#+-.!&\\|="「」')
lines = st.text(letters, min_size=1, max_size=12).map(lambda line: line.strip() or "x")


@given(st.lists(lines, min_size=1, max_size=4), st.sampled_from(["\n", "\n\n"]))
def test_plain_text_comes_back(some: list[str], between: str) -> None:
    text = between.join(some)
    assert read_markdown(written_as_markdown(Marked(text, []))).text == text


@given(st.lists(st.tuples(lines, st.sampled_from([None, *KINDS])), min_size=1, max_size=5))
def test_marks_side_by_side_come_back(pieces: list[tuple[str, str | None]]) -> None:
    text, entities = "", []
    for piece, kind in pieces:
        if kind is not None:
            entities.append(Entity(kind, units(text), units(piece)))
        text += piece + " "
    text = text.rstrip()
    entities = fitting(text, entities)
    assert marks_of(read_markdown(written_as_markdown(Marked(text, entities)))) == marks_of(Marked(text, entities))


@given(
    st.text(letters, min_size=1, max_size=20),
    st.lists(st.tuples(st.sampled_from([*KINDS, "underline"]), st.integers(0, 20), st.integers(1, 9)), max_size=4),
)
def test_whatever_is_marked_every_letter_comes_back(text: str, spans: list[tuple[str, int, int]]) -> None:
    entities = fitting(text, [Entity(kind, offset, length) for kind, offset, length in spans])
    read = read_markdown(written_as_markdown(Marked(text, entities)))
    assert "".join(re.findall(r"[a-z0-9中文😀]", read.text)) == "".join(re.findall(r"[a-z0-9中文😀]", text))


def marks_of(marked: Marked) -> tuple[str, list[tuple[str, str]]]:
    return marked.text, [(one.type, cut(marked.text, one)) for one in marked.entities if one.type in KINDS]


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<b>a</b> b", "**a** b"),
        ("<b>a <i>b</i></b>", "**a *b*\u200b**"),
        ("<b> a </b>b", "**a** b"),
        ("<b>「中」</b>文", "**\u200b「中」\u200b**文"),
        ("a\nb\n\nc", "a\\\nb\n\nc"),
        ("1. x\n# y\n- z", "1\\. x\\\n\\# y\\\n\\- z"),
        ("<code>a`b</code>", "``a`b``"),
        ('x<pre><code class="language-py">a\nb</code></pre>y', "x\n\n```py\na\nb\n```\n\ny"),
        ("<blockquote>a\n<b>b</b></blockquote>c", "> a\\\n> **b**\n\nc"),
        ('<a href="https://a.b/c(d)">x_y</a>', "[x\\_y](https://a.b/c\\(d\\))"),
        ("<u>a</u> <tg-spoiler>b</tg-spoiler>", "a b"),
        ("<b>a\n\nb</b>", "**a**\n\n**b**"),
    ],
)
def test_marks_are_written_as_commonmark(html: str, markdown: str) -> None:
    assert written_as_markdown(read_marked(html, "HTML")) == markdown


@pytest.mark.parametrize(
    ("markdown", "text", "entities"),
    [
        ("# Title\n\nText", "Title\n\nText", [Entity("bold", 0, 5)]),
        ("- a\n- b\n  1. c", "• a\n• b\n  1. c", []),
        ("> a\n\nb", "a\n\nb", [Entity("blockquote", 0, 1)]),
        ("```py\nx\n```", "x", [Entity("pre", 0, 1, language="py")]),
        ("[a](https://a.b)", "a", [Entity("text_link", 0, 1, url="https://a.b")]),
        ("[https://a.b](https://a.b)", "https://a.b", [Entity("url", 0, 11)]),
        ("![a](https://a.b/c.png)", "a", [Entity("text_link", 0, 1, url="https://a.b/c.png")]),
        ("***a***", "a", [Entity("italic", 0, 1), Entity("bold", 0, 1)]),
        ("/help **x**", "/help x", [Entity("bot_command", 0, 5), Entity("bold", 6, 1)]),
        ("<b>a</b>", "<b>a</b>", []),
    ],
)
def test_markdown_is_read_with_its_marks(markdown: str, text: str, entities: list[Entity]) -> None:
    assert read_markdown(markdown) == Marked(text, entities)


def test_what_readers_find_themselves_is_plain() -> None:
    assert is_plain([Entity("url", 0, 3), Entity("bot_command", 0, 3)])
    assert not is_plain([Entity("bold", 0, 3)])
