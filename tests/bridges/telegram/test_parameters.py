"""Parameters mean the same in every way of writing them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.telegram.entities import Entity
from hutong.bridges.telegram.parameters import Parameters, Upload
from hutong.bridges.telegram.refusals import Refusal

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_numbers_come_as_numbers_or_as_texts(number: int) -> None:
    assert Parameters({"offset": number}).number("offset") == number
    assert Parameters({"offset": str(number)}).number("offset") == number
    assert Parameters({"chat_id": str(number)}).chat() == number


@given(st.booleans())
def test_truths_come_as_truths_or_as_texts(truth: bool) -> None:
    for value in (truth, str(truth), str(truth).lower(), int(truth), str(int(truth))):
        assert Parameters({"x": value}).flag("x") is truth


@given(st.dictionaries(st.text(max_size=5), values) | st.lists(values))
def test_structures_come_as_such_or_as_json_in_a_text(value: object) -> None:
    for written in (value, msgspec.json.encode(value).decode()):
        parameters = Parameters({"x": written})
        assert (parameters.record("x") if isinstance(value, dict) else parameters.items("x")) == value


@given(values, st.sampled_from(["text", "number", "chat", "user", "record", "items", "entities", "flag"]))
def test_whatever_was_sent_is_read_or_refused(value: object, reader: str) -> None:
    parameters = Parameters({"x": value})
    try:
        getattr(parameters, reader)("x")
    except Refusal as refusal:
        known = refusal
    else:
        return
    assert known.status == 400


def test_a_file_comes_as_a_part_by_another_part_or_by_name() -> None:
    upload = Upload("a.png", b"123")
    assert Parameters({}, {"photo": upload}).file("photo") == upload
    assert Parameters({"photo": "attach://a0"}, {"a0": upload}).file("photo") == upload
    assert Parameters({"photo": "https://example.org/a.png"}).file("photo") == "https://example.org/a.png"
    with pytest.raises(Refusal, match="file b is not attached"):
        Parameters({"photo": "attach://b"}, {"a0": upload}).file("photo")


def test_marks_with_unknown_fields_are_marks_and_others_are_overlooked() -> None:
    written = '[{"type":"bold","offset":0,"length":1,"new":true},{"type":"bold"},3]'
    assert Parameters({"entities": written}).entities("entities") == [Entity("bold", 0, 1)]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "chat_id is empty"),
        ({"chat_id": ""}, "chat_id is empty"),
        ({"chat_id": "somewhere"}, "chat not found"),
        ({"chat_id": 1.5}, "chat not found"),
    ],
)
def test_a_conversation_must_be_named(values: dict[str, object], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        Parameters(values).chat()


def test_what_should_be_json_and_is_not_is_refused() -> None:
    for value in ("{", "[]", 3):
        with pytest.raises(Refusal, match="can't parse reply markup JSON object"):
            Parameters({"reply_markup": value}).record("reply_markup")
