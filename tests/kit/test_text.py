"""Text is made safe once: what is clean stays as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.kit.text import clean_line, clean_text, is_clean, shorten

# Letters, accents that join them, spaces of all kinds, line ends, and what must not be seen.
TRICKY = st.text(
    st.sampled_from("ae\u0301\u0323 \t\n\r\x00\x1b\u00a0\u2028\u202e\u2066\u200f\ud800\ue000爱") | st.characters()
)


@given(TRICKY)
def test_a_clean_line_is_one_line_without_anything_invisible(text: str) -> None:
    line = clean_line(text)

    assert line == line.strip()
    assert "  " not in line
    assert len(line.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not set("\u202e\u2066\u200f") & set(line)
    assert unicodedata.is_normalized("NFC", line)
    assert clean_line(line) == line


@given(TRICKY)
def test_what_is_said_to_be_clean_would_be_left_as_it_is(text: str) -> None:
    assert not is_clean(text) or clean_text(text) == text.strip(" ")


@pytest.mark.parametrize("text", ["Good morning, everybody!", "早上好，各位书友。", "naïve café", " with ends "])
def test_what_nearly_everybody_writes_is_clean(text: str) -> None:
    assert is_clean(text)


@given(TRICKY)
def test_clean_text_keeps_lines_and_nothing_invisible(text: str) -> None:
    kept = clean_text(text)

    assert "\r" not in kept
    assert "\n\n\n\n" not in kept
    categories = {unicodedata.category(character) for character in kept if character not in "\n\t"}
    assert not categories & {"Cc", "Cs", "Co", "Cn"}
    assert unicodedata.is_normalized("NFC", kept)
    assert clean_text(kept) == kept


@given(st.text(), st.integers(1, 50))
def test_what_is_shortened_fits(text: str, length_max: int) -> None:
    assert len(shorten(text, length_max)) <= length_max


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" Alice \t B. ", "Alice B."),
        ("a \x1b b", "a b"),
        ("e\x00\u0301", "é"),
        ("\u202egnp.exe", "gnp.exe"),
        ("一 二", "一 二"),
    ],
)
def test_a_line_as_people_see_it(text: str, line: str) -> None:
    assert clean_line(text) == line
