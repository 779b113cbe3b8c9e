"""Segments, both ways."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.onebot11.answers import ActionFailed
from hutong.bridges.onebot11.cq import Part
from hutong.bridges.onebot11.faces import emoji_of, face_id
from hutong.bridges.onebot11.ids import message_id
from hutong.bridges.onebot11.segments import Attachment, heard_parts, read_message, said_pieces
from hutong.domains.chat import read_segments

CHAT = 80_001
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=8), some, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(
    ["text", "face", "image", "record", "video", "at", "rps", "dice", "shake", "poke", "anonymous", "share", "contact",
     "location", "music", "reply", "forward", "node", "xml", "json", "markdown", "file", "sung"]
)  # fmt: skip
FIELDS = st.sampled_from(["text", "id", "qq", "file", "url", "title", "content", "type", "lat", "lon", "data", "name"])
PARTS = st.builds(Part, KINDS, st.dictionaries(FIELDS, ANYTHING, max_size=4))


@given(st.lists(PARTS, max_size=8))
def test_nothing_that_a_bot_says_fails_for_its_form(parts: list[Part]) -> None:
    pieces = said_pieces(parts, CHAT)
    ours = [piece for piece in pieces if not isinstance(piece, Attachment)]
    said = [*ours, {"type": "text", "text": "."}]
    read_segments(msgspec.json.encode(said), text_chars_max=100_000, segments_max=1_000, by_bot=True)


@given(st.lists(st.dictionaries(FIELDS | st.sampled_from(["number", "seq", "media", "all", "face"]), ANYTHING)))
def test_nothing_that_is_heard_fails(segments: list[dict[str, Any]]) -> None:
    parts = heard_parts(segments, CHAT, 7, None)
    assert len(parts) == len(segments)


@pytest.mark.parametrize(
    ("parts", "pieces"),
    [
        ([Part("text", {"text": "a"}), Part("text", {"text": "b"})], [{"type": "text", "text": "ab"}]),
        ([Part("at", {"qq": 10_001, "name": "@Bob"})], [{"type": "mention", "number": 10_001, "name": "Bob"}]),
        ([Part("at", {"qq": "all"})], [{"type": "mention", "all": True}]),
        ([Part("at", {"qq": "somebody"})], [{"type": "text", "text": "@somebody "}]),
        ([Part("reply", {"id": message_id(CHAT, 5)})], [{"type": "reply", "seq": 5}]),
        ([Part("reply", {"id": str(message_id(CHAT + 1, 5))})], []),
        ([Part("image", {"file": "base64:///9j/4AAQ"})], [Attachment("image", "base64:///9j/4AAQ", "")]),
        ([Part("record", {"file": "https://x.example/a.mp3"})], [Attachment("voice", "https://x.example/a.mp3", "")]),
        ([Part("face", {"id": "76"}), Part("text", {"text": "!"})], [{"type": "text", "text": "👍!"}]),
        ([Part("face", {"id": "999"})], [{"type": "text", "text": "[face]"}]),
        ([Part("anonymous", {})], []),
        ([Part("sung", {"note": "a"})], [{"type": "text", "text": "[sung]"}]),
        ([Part("share", {"url": "https://x.example", "title": "X"})],
         [{"type": "link", "url": "https://x.example", "title": "X"}]),
        ([Part("share", {"url": "javascript:alert(1)"})], [{"type": "text", "text": "javascript:alert(1)"}]),
        ([Part("markdown", {"content": "# Rules"})], [{"type": "markdown", "text": "# Rules"}]),
        ([Part("json", {"data": '{"prompt":"[a card]"}'})], [{"type": "text", "text": "[a card]"}]),
    ],
)  # fmt: skip
def test_what_a_bot_says_becomes_ours(parts: list[Part], pieces: list[object]) -> None:
    assert said_pieces(parts, CHAT) == pieces


@pytest.mark.parametrize(
    ("segment", "part"),
    [
        ({"type": "text", "text": "hi"}, Part("text", {"text": "hi"})),
        ({"type": "mention", "number": 10_001, "name": "Bob"}, Part("at", {"qq": "10001", "name": "Bob"})),
        ({"type": "mention", "all": True}, Part("at", {"qq": "all"})),
        ({"type": "reply", "seq": 3}, Part("reply", {"id": str(message_id(CHAT, 3))})),
        ({"type": "image", "media": "abcdefgh", "size": 9},
         Part("image", {"file": f"{CHAT}-7-abcdefgh.image", "file_size": "9"})),
        ({"type": "face", "face": "👍"}, Part("face", {"id": "76"})),
        ({"type": "face", "face": "grin"}, Part("text", {"text": "[grin]"})),
        ({"type": "link", "url": "https://x.example"},
         Part("share", {"url": "https://x.example", "title": "https://x.example"})),
        ({"type": "forward", "items": []}, Part("forward", {"id": str(message_id(CHAT, 7))})),
        ({"type": "markdown", "text": "# Rules"}, Part("text", {"text": "# Rules"})),
        ({"type": "card", "title": "Rules", "text": "Be kind."}, Part("text", {"text": "Rules\nBe kind."})),
        ({"type": "form", "title": "Lend"}, Part("text", {"text": "Lend"})),
        ({"type": "poll", "question": "?"}, Part("text", {"text": "[poll]"})),
    ],
)  # fmt: skip
def test_what_is_said_is_heard(segment: dict[str, Any], part: Part) -> None:
    assert heard_parts([segment], CHAT, 7, None) == [part]


def test_a_message_comes_in_three_forms() -> None:
    at = Part("at", {"qq": "1"})
    assert read_message("[CQ:at,qq=1]") == read_message({"type": "at", "data": {"qq": "1"}}) == [at]
    assert read_message([{"type": "at", "data": {"qq": "1"}}, {"type": "shake", "data": None}]) == [
        at,
        Part("shake", {}),
    ]
    assert read_message("[CQ:at,qq=1]", auto_escape=True) == [Part("text", {"text": "[CQ:at,qq=1]"})]
    wrong: Any
    for wrong in (None, [1], {"data": {}}):
        with pytest.raises(ActionFailed):
            read_message(wrong)


def test_faces_are_emoji_and_emoji_faces() -> None:
    assert (emoji_of("76"), emoji_of("128077"), emoji_of("👍"), emoji_of("999"), emoji_of("x")) == (
        "👍",
        "👍",
        "👍",
        None,
        None,
    )
    assert (face_id("👍"), face_id("🪿")) == ("76", None)
