"""Messages as strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.onebot11.cq import Part, parse_cq, write_cq

WORDS = st.text(st.sampled_from("ab 你,[]&;=#\n") | st.characters(codec="utf-8"), max_size=20)
KEYS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
CODES = st.builds(
    Part, st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter("text".__ne__), st.dictionaries(KEYS, WORDS)
)
TEXTS = st.builds(lambda text: Part("text", {"text": text}), WORDS.filter(bool))


@given(st.lists(CODES | TEXTS, max_size=6))
def test_what_is_written_is_read_as_it_was(parts: list[Part]) -> None:
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].type == part.type == "text":
            joined[-1] = Part("text", {"text": joined[-1].data["text"] + part.data["text"]})
        else:
            joined.append(part)
    assert parse_cq(write_cq(parts)) == joined


@given(st.text(max_size=60))
def test_every_string_is_a_message(text: str) -> None:
    assert parse_cq(write_cq(parse_cq(text))) == parse_cq(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hi", [Part("text", {"text": "hi"})]),
        ("", []),
        ("[CQ:at,qq=10001] hi", [Part("at", {"qq": "10001"}), Part("text", {"text": " hi"})]),
        ("[CQ:shake]", [Part("shake", {})]),
        ("&#91;CQ:face,id=1&#93;&amp;#44;", [Part("text", {"text": "[CQ:face,id=1]&#44;"})]),
        ("[CQ:image,file=a&#44;b.png,url=https://x.example/?a=1]",
         [Part("image", {"file": "a,b.png", "url": "https://x.example/?a=1"})]),
        ("[CQ:at,qq=1", [Part("text", {"text": "[CQ:at,qq=1"})]),
        ("[CQ:]", [Part("text", {"text": "[CQ:]"})]),
    ],
)  # fmt: skip
def test_strings_are_read_as_the_standard_says(text: str, parts: list[Part]) -> None:
    assert parse_cq(text) == parts
