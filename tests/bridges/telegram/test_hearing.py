"""Frames of ours as updates: whatever happens is told in a form that every client takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.bridges.telegram.entities import units
from hutong.bridges.telegram.hearing import DEFAULT_KINDS, KINDS, event_before, updates_of
from hutong.bridges.telegram.reading import Scene, message_of
from hutong.bridges.telegram.shapes import NOTICES

ME = {"id": 10_009, "is_bot": True, "first_name": "Librarian", "username": "librarian"}
CHAT = {"id": -80_001, "type": "supergroup", "title": "Lane"}
SCENE = Scene(ME, CHAT)
AT = "2026-11-23T06:00:00.123Z"
AT_S = 1_795_413_600
BOB = {"number": 10_002, "name": "Bob"}
MEDIA = "abcdefgh12345678"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.sampled_from([10_002, 10_009, 10_011])
segments = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, texts),
    st.builds(lambda text: {"type": "markdown", "text": text}, texts),
    st.builds(lambda number, name: {"type": "mention", "number": number, "name": name}, numbers, texts),
    st.just({"type": "mention", "all": True}),
    st.builds(
        lambda kind: {"type": kind, "media": MEDIA, "size": 3}, st.sampled_from(["image", "file", "voice", "video"])
    ),
    st.builds(lambda title: {"type": "link", "url": "https://a.b/c", "title": title}, texts),
    st.builds(lambda title: {"type": "card", "title": title, "fields": [{"label": "a", "value": "b"}]}, texts),
    st.just({"type": "buttons", "rows": [[{"label": "Yes", "data": "y"}, {"label": "Go", "link": "https://a.b"}]]}),
    st.just({"type": "reply", "seq": 1}),
    st.just({"type": "hologram", "shape": "cube"}),
)
messages = st.lists(segments, min_size=1, max_size=6).map(
    lambda parts: {"on": "message", "chat": 80_001, "seq": 7, "from": BOB, "segments": parts, "at": AT}
)


def change(on: str, **more: Any) -> dict[str, Any]:
    return {"event": 5, "on": on, "chat": 80_001, "rev": 3, "at": AT} | more


@given(messages)
def test_a_message_has_what_clients_need(frame: dict[str, Any]) -> None:
    (update,) = updates_of(5, frame, SCENE)
    message = update["message"]
    assert update["update_id"] == 10
    assert (message["message_id"], message["date"], message["chat"]) == (7, AT_S, CHAT)
    assert message["from"] == {"id": 10_002, "is_bot": False, "first_name": "Bob"}
    words = [name for name in ("text", "caption") if name in message]
    files = [name for name in ("photo", "document", "voice", "video") if name in message]
    assert len(files) <= 1
    assert words != ["text", "caption"]
    assert words == ["text"] or files
    for name, marks in (("text", "entities"), ("caption", "caption_entities")):
        for one in message.get(marks, ()):
            assert 0 <= one["offset"] < one["offset"] + one["length"] <= units(message[name])


@pytest.mark.parametrize(
    ("parts", "text", "entities"),
    [
        ([{"type": "text", "text": "/help me"}], "/help me", [("bot_command", 0, 5)]),
        ([{"type": "text", "text": "/help@librarian me"}], "/help@librarian me", [("bot_command", 0, 15)]),
        ([{"type": "text", "text": "/help@10009 me"}], "/help@librarian me", [("bot_command", 0, 15)]),
        ([{"type": "text", "text": "/help@other me"}], "/help@other me", [("bot_command", 0, 11)]),
        (
            [{"type": "mention", "number": 10_009, "name": "Librarian"}, {"type": "text", "text": " /help me"}],
            "/help@librarian me",
            [("bot_command", 0, 15)],
        ),
        (
            [{"type": "mention", "number": 10_009, "name": "Librarian"}, {"type": "text", "text": " good day"}],
            "@librarian good day",
            [("mention", 0, 10)],
        ),
        (
            [{"type": "text", "text": "😀 "}, {"type": "mention", "number": 10_002, "name": "Bob"}],
            "😀 @Bob",
            [("text_mention", 3, 4)],
        ),
        ([{"type": "markdown", "text": "**/go** x"}], "/go x", [("bold", 0, 3), ("bot_command", 0, 3)]),
    ],
)
def test_commands_and_people_are_marked(parts: list[dict[str, Any]], text: str, entities: list[Any]) -> None:
    message = message_of({"chat": 80_001, "seq": 7, "from": BOB, "segments": parts, "at": AT}, SCENE)
    assert message["text"] == text
    assert [(one["type"], one["offset"], one["length"]) for one in message["entities"]] == entities


def test_a_reply_carries_what_it_replies_to() -> None:
    first = {
        "chat": 80_001,
        "seq": 6,
        "from": {"number": 10_009},
        "segments": [{"type": "text", "text": "Ask"}],
        "at": AT,
    }
    parts = [{"type": "reply", "seq": 6}, {"type": "text", "text": "I ask"}]
    message = message_of({"chat": 80_001, "seq": 7, "from": BOB, "segments": parts, "at": AT}, Scene(ME, CHAT, first))
    assert (message["text"], message["reply_to_message"]["text"]) == ("I ask", "Ask")
    assert message["reply_to_message"]["from"] == ME


def test_a_picture_has_its_sizes_the_largest_last() -> None:
    part = {"type": "image", "media": MEDIA, "width": 3_200, "height": 1_600, "size": 9}
    message = message_of({"chat": 80_001, "seq": 7, "from": BOB, "segments": [part], "at": AT}, SCENE)
    assert [(one["width"], one["height"]) for one in message["photo"]] == [(320, 160), (1_600, 800), (3_200, 1_600)]
    assert len({one["file_id"] for one in message["photo"]}) == 3
    assert "caption" not in message


def test_a_button_that_was_pressed_names_its_message() -> None:
    said = {
        "chat": 80_001,
        "seq": 6,
        "from": {"number": 10_009},
        "segments": [{"type": "text", "text": "Ask"}],
        "at": AT,
    }
    frame = change("pressed", seq=6, press="p1", by=BOB, data="yes")
    (update,) = updates_of(5, frame, Scene(ME, CHAT, said))
    query = update["callback_query"]
    assert (query["id"], query["data"], query["chat_instance"]) == ("p1", "yes", "80001")
    assert query["message"]["text"] == "Ask"
    (update,) = updates_of(5, frame, SCENE)
    assert update["callback_query"]["message"] == {"message_id": 6, "chat": CHAT, "date": 0}


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (
            change("joined", number=10_009, name="Librarian", role="member", invited_by=10_002),
            ["my_chat_member", "message"],
        ),
        (change("installed", new=True, scopes=["send"], by=BOB), ["my_chat_member", "message"]),
        (change("installed", new=False, scopes=["send"], by=BOB), []),
        (change("joined", number=10_002, name="Bob", role="member"), ["chat_member", "message"]),
        (change("left", number=10_002, name="Bob", removed_by=10_001), ["chat_member", "message"]),
        (change("left", number=10_009, name="Librarian", removed_by=10_001), ["my_chat_member"]),
        (change("dissolved"), ["my_chat_member"]),
        (change("role", number=10_009, name="Librarian", role="admin", by=10_001), ["my_chat_member"]),
        (change("role", number=10_002, name="Bob", role="owner", by=10_001), ["chat_member"]),
        (change("muted", number=10_002, name="Bob", until=AT, by=10_001), ["chat_member"]),
        (change("muted", all=True, by=10_001), []),
        (change("reacted", seq=6, number=10_002, name="Bob", emoji="👍", added=True), ["message_reaction"]),
        (change("requested", number=10_002, name="Bob", answer="Let me in"), ["chat_join_request"]),
        (change("pinned", seq=6, pinned=True, by=10_001), ["message"]),
        (change("pinned", seq=6, pinned=False, by=10_001), []),
        (change("chat", group={"name": "Alley"}), ["message"]),
        (change("chat", group={"city": "成都"}), []),
        (change("recalled", seq=6, by=10_002), []),
        (change("card", number=10_002, card="B"), []),
        (change("something_new"), []),
    ],
)
def test_changes_are_told_as_these_bots_know_them(frame: dict[str, Any], told: list[str]) -> None:
    updates = updates_of(5, frame, SCENE, frozenset(KINDS))
    assert [next(kind for kind in update if kind != "update_id") for update in updates] == told
    assert [update["update_id"] for update in updates] == [10, 11][: len(told)]
    for update in updates:
        if "message" in update:
            assert update["message"]["message_id"] == NOTICES + 3


def test_a_kind_that_is_not_wanted_is_left_out_and_changes_no_id() -> None:
    frame = change("joined", number=10_002, name="Bob", role="member")
    (update,) = updates_of(5, frame, SCENE, DEFAULT_KINDS)
    assert (update["update_id"], "message" in update) == (11, True)


@given(st.integers(1, 10**9), st.integers(0, 1))
def test_an_offset_confirms_an_event_with_its_last_update(event: int, place: int) -> None:
    following = 2 * event + place + 1
    assert event_before(following) == (event if place == 1 else event - 1)
    assert event_before(2 * event + 2) == event
