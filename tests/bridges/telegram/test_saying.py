"""What these bots say, as segments of ours."""

from typing import Any

import pytest

from hutong.bridges.telegram.buttons import markup_of, read_markup, web_apps_in
from hutong.bridges.telegram.entities import Marked
from hutong.bridges.telegram.files import file_path, named_in_path, read_file_id
from hutong.bridges.telegram.parameters import Parameters
from hutong.bridges.telegram.refusals import Refusal
from hutong.bridges.telegram.saying import composed, words_of


def segments_of(text: str, **more: Any) -> list[dict[str, Any]]:
    return composed(words_of(Parameters({"text": text} | more)))


def test_plain_words_are_text_and_marked_ones_markdown() -> None:
    assert segments_of(" a *b* ") == [{"type": "text", "text": "a *b*"}]
    assert segments_of("a <b>b</b>", parse_mode="HTML") == [{"type": "markdown", "text": "a **b**"}]
    bold = [{"type": "bold", "offset": 3, "length": 1}]
    assert segments_of("😀 b", entities=bold) == [{"type": "markdown", "text": "😀 **b**"}]
    assert segments_of("https://a.b/c_d", entities=[{"type": "url", "offset": 0, "length": 15}]) == [
        {"type": "text", "text": "https://a.b/c_d"}
    ]


def test_people_are_called_where_they_are_named() -> None:
    html = 'Hi <a href="tg://user?id=10002">@Bob</a>'
    assert segments_of(html, parse_mode="HTML") == [
        {"type": "text", "text": "Hi "},
        {"type": "mention", "number": 10_002, "name": "Bob"},
    ]
    assert segments_of(f"<b>x</b> {html} {html}", parse_mode="HTML") == [
        {"type": "markdown", "text": "**x** Hi @Bob Hi @Bob"},
        {"type": "mention", "number": 10_002, "name": "Bob"},
    ]


def test_a_message_is_in_the_order_in_which_it_is_shown() -> None:
    parts = composed(Marked("a", []), files=[{"type": "image"}], buttons={"type": "buttons"}, reply_to=3)
    assert [part["type"] for part in parts] == ["reply", "image", "text", "buttons"]


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(Refusal, match="message is too long"):
        segments_of("😀" * 2_049)
    with pytest.raises(Refusal, match="message caption is too long"):
        words_of(Parameters({"caption": "x" * 4_097}), "caption", "caption_entities")


@pytest.mark.parametrize(
    ("button", "ours"),
    [
        ({"text": "A", "callback_data": "a", "hide": False}, {"label": "A", "data": "a"}),
        ({"text": "A", "url": "https://a.b"}, {"label": "A", "link": "https://a.b"}),
        ({"text": "A", "web_app": {"url": "https://a.b"}}, {"label": "A", "link": "https://a.b"}),
        ({"text": "A", "switch_inline_query_current_chat": "x"}, {"label": "A", "command": "@librarian x"}),
        ({"text": "A" * 50, "callback_data": "a"}, {"label": "A" * 39 + "…", "data": "a"}),
    ],
)
def test_buttons_are_ours(button: dict[str, Any], ours: dict[str, Any]) -> None:
    assert read_markup({"inline_keyboard": [[button]]}, "librarian") == {"type": "buttons", "rows": [[ours]]}


def test_pages_of_its_mini_app_open_as_such() -> None:
    rows = [[{"text": "A", "web_app": {"url": "https://a.b/x"}}, {"text": "B", "web_app": {"url": "https://c.d"}}]]
    minis = {"https://a.b/x": "https://hutong.test/chats/1/apps/2?page=x"}
    ours = [[{"label": "A", "link": minis["https://a.b/x"]}, {"label": "B", "link": "https://c.d"}]]
    for name in ("inline_keyboard", "keyboard"):
        assert web_apps_in({name: rows}) == {"https://a.b/x", "https://c.d"}
        assert read_markup({name: rows}, "librarian", minis) == {"type": "buttons", "rows": ours}
    nothings: list[dict[str, Any] | None] = [None, {"keyboard": "x"}, {"keyboard": [["One", 1]]}]
    for nothing in nothings:
        assert web_apps_in(nothing) == set()


def test_a_keyboard_says_its_texts_and_taking_it_away_is_nothing() -> None:
    keyboard = {"keyboard": [["One", {"text": "Two"}, {"text": "Where", "request_location": True}]]}
    assert read_markup(keyboard, "librarian") == {
        "type": "buttons",
        "rows": [[{"label": "One", "command": "One"}, {"label": "Two", "command": "Two"}]],
    }
    nothings: list[dict[str, object] | None] = [None, {}, {"remove_keyboard": True}, {"force_reply": True}]
    nothings.append({"inline_keyboard": []})
    for nothing in nothings:
        assert read_markup(nothing, "librarian") is None


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ({"inline_keyboard": [[{"text": "A"}]]}, "text buttons are unallowed in the inline keyboard"),
        ({"inline_keyboard": [[{"text": "A", "callback_data": "中" * 22}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "A", "url": "ftp://a"}]]}, "wrong HTTP URL"),
        ({"inline_keyboard": [[{"text": " ", "callback_data": "a"}]]}, "must be a non-empty string"),
        ({"inline_keyboard": [{"text": "A"}]}, "object expected as reply markup"),
        ({"inline_keyboard": [[{"text": "A", "callback_data": "a"}]] * 21}, "reply markup is too long"),
    ],
)
def test_buttons_that_are_none_are_refused(markup: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        read_markup(markup, "librarian")


def test_buttons_are_told_as_they_were_given() -> None:
    markup = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}, {"text": "B", "url": "https://a.b"}]]}
    ours = read_markup(markup, "librarian")
    assert ours is not None
    assert markup_of([{"type": "text", "text": "x"}, ours]) == markup


def test_a_file_is_found_again_by_its_id_and_its_path() -> None:
    name = read_file_id("i80001_abcdefgh-_12345678")
    assert (name.kind, name.variant, name.chat, name.media) == ("image", "original", 80_001, "abcdefgh-_12345678")
    assert file_path(name, "a b.PNG") == "photos/i80001_abcdefgh-_12345678.PNG"
    assert named_in_path("/" + file_path(name, "a.tar.gz")) == name
    assert named_in_path(file_path(name, "no ending")) == name
    for wrong in ("", "x80001_abcdefgh", "i0_abcdefgh", "i80001_abc", "AgACAgIAAx0"):
        with pytest.raises(Refusal, match="wrong file identifier"):
            read_file_id(wrong)
