"""What a bot hears of our frames."""

from typing import Any

import msgspec
import pytest

from hutong.bridges.onebot11.hearing import Form, for_bot, read_frame, told_by
from hutong.bridges.onebot11.ids import message_id

BOT = 10_009
AT = "2026-11-23T05:48:40.123Z"
SECONDS = 1_795_412_920


def heard(frame: dict[str, Any], *, is_group: bool = True, form: Form = "array") -> list[dict[str, Any]]:
    told = told_by(read_frame(msgspec.json.encode(frame)), BOT, is_group=is_group, form=form, links=None)
    return [msgspec.json.decode(for_bot(BOT, one)) for one in told]


def message(**fields: Any) -> dict[str, Any]:
    return {
        "event": 17, "on": "message", "chat": 80_001, "seq": 46, "id": 9001,
        "from": {"number": 10_001, "name": "Alice"}, "segments": [{"type": "text", "text": "a [b]"}], "at": AT,
    } | fields  # fmt: skip


def change(on: str, **fields: Any) -> dict[str, Any]:
    return {"event": 18, "on": on, "chat": 80_001, "rev": 3, "at": AT} | fields


def test_a_message_in_a_group_has_all_that_clients_ask_for() -> None:
    assert heard(message()) == [
        {
            "time": SECONDS,
            "self_id": BOT,
            "post_type": "message",
            "message_type": "group",
            "sub_type": "normal",
            "message_id": message_id(80_001, 46),
            "message_seq": 46,
            "group_id": 80_001,
            "user_id": 10_001,
            "anonymous": None,
            "message": [{"type": "text", "data": {"text": "a [b]"}}],
            "raw_message": "a &#91;b&#93;",
            "font": 0,
            "sender": {
                "user_id": 10_001,
                "nickname": "Alice",
                "card": "",
                "sex": "unknown",
                "age": 0,
                "area": "",
                "level": "0",
                "role": "member",
                "title": "",
            },
        }
    ]


def test_a_private_message_has_no_group() -> None:
    (told,) = heard(message(), is_group=False)
    assert (told["message_type"], told["sub_type"]) == ("private", "friend")
    assert not told.keys() & {"group_id", "anonymous"}
    assert told["sender"] == {"user_id": 10_001, "nickname": "Alice", "sex": "unknown", "age": 0}


def test_a_message_may_be_a_string() -> None:
    (told,) = heard(message(segments=[{"type": "mention", "number": BOT}]), form="string")
    assert told["message"] == told["raw_message"] == f"[CQ:at,qq={BOT}]"


def test_card_and_role_of_the_sender() -> None:
    sender = {"number": 10_001, "name": "Al", "nickname": "Alice", "role": "owner"}
    (told,) = heard(message(**{"from": sender}))
    assert [told["sender"][field] for field in ("card", "nickname", "role")] == ["Al", "Alice", "owner"]


def test_what_was_recalled_before_it_was_heard_is_not_told() -> None:
    assert heard(message(recalled=True, segments=[])) == []


def test_a_file_in_a_group_is_an_upload_too() -> None:
    _, told = heard(message(segments=[{"type": "file", "media": "abcdefgh", "name": "a.pdf", "size": 9}]))
    assert told == {
        "time": SECONDS,
        "self_id": BOT,
        "post_type": "notice",
        "notice_type": "group_upload",
        "group_id": 80_001,
        "user_id": 10_001,
        "file": {"id": "80001-46-abcdefgh.file", "name": "a.pdf", "size": 9, "busid": 0},
    }


WHO = {"number": 10_002, "name": "Bob"}
BY = {"by": 10_001, "by_name": "Alice"}
GROUP = {"group_id": 80_001, "user_id": 10_002}


@pytest.mark.parametrize(
    ("frame", "notice"),
    [
        (change("joined", **WHO),
         GROUP | {"notice_type": "group_increase", "sub_type": "approve", "operator_id": 10_002}),
        (change("joined", **WHO, accepted_by=10_001),
         GROUP | {"notice_type": "group_increase", "sub_type": "approve", "operator_id": 10_001}),
        (change("joined", **WHO, invited_by=10_001),
         GROUP | {"notice_type": "group_increase", "sub_type": "invite", "operator_id": 10_001}),
        (change("left", **WHO), GROUP | {"notice_type": "group_decrease", "sub_type": "leave", "operator_id": 10_002}),
        (change("left", **WHO, removed_by=10_001),
         GROUP | {"notice_type": "group_decrease", "sub_type": "kick", "operator_id": 10_001}),
        (change("left", number=BOT, removed_by=10_001),
         {"group_id": 80_001, "user_id": BOT, "notice_type": "group_decrease", "sub_type": "kick_me",
          "operator_id": 10_001}),
        (change("dissolved", **BY),
         {"group_id": 80_001, "user_id": BOT, "notice_type": "group_decrease", "sub_type": "kick_me",
          "operator_id": 10_001}),
        (change("role", **WHO, **BY, role="admin"), GROUP | {"notice_type": "group_admin", "sub_type": "set"}),
        (change("role", **WHO, **BY, role="member"), GROUP | {"notice_type": "group_admin", "sub_type": "unset"}),
        (change("muted", **WHO, **BY, until="2026-11-23T05:58:40.123Z"),
         GROUP | {"notice_type": "group_ban", "sub_type": "ban", "operator_id": 10_001, "duration": 600}),
        (change("muted", **WHO, **BY, until=None),
         GROUP | {"notice_type": "group_ban", "sub_type": "lift_ban", "operator_id": 10_001, "duration": 0}),
        (change("muted", all=True, **BY),
         {"group_id": 80_001, "user_id": 0, "notice_type": "group_ban", "sub_type": "ban", "operator_id": 10_001,
          "duration": -1}),
        (change("recalled", seq=46, sender=10_002, **BY),
         GROUP | {"notice_type": "group_recall", "operator_id": 10_001, "message_id": message_id(80_001, 46)}),
    ],
)  # fmt: skip
def test_changes_of_a_group_are_notices(frame: dict[str, Any], notice: dict[str, Any]) -> None:
    assert heard(frame) == [{"time": SECONDS, "self_id": BOT, "post_type": "notice"} | notice]


def test_a_bot_hears_where_it_was_let_in() -> None:
    let_in = change("installed", new=True, scopes=["send"], by={"number": 10_001, "name": "Alice"})
    (came,) = heard(let_in)
    assert (came["notice_type"], came["sub_type"], came["user_id"]) == ("group_increase", "invite", BOT)
    assert came["operator_id"] == 10_001
    (befriended,) = heard(let_in, is_group=False)
    assert (befriended["notice_type"], befriended["user_id"]) == ("friend_add", 10_001)
    assert heard(let_in | {"new": False}) == []


def test_a_reaction_a_request_and_a_recall_between_two() -> None:
    (liked,) = heard(change("reacted", seq=46, emoji="👍", added=True, count=2, **WHO))
    assert (liked["notice_type"], liked["likes"]) == ("group_msg_emoji_like", [{"emoji_id": "128077", "count": 2}])
    (asked,) = heard(change("requested", **WHO, answer="I read"))
    assert asked == GROUP | {
        "time": SECONDS,
        "self_id": BOT,
        "post_type": "request",
        "request_type": "group",
        "sub_type": "add",
        "comment": "I read",
        "flag": "80001-10002",
    }
    (recalled,) = heard(change("recalled", seq=46, sender=10_002, **BY), is_group=False)
    assert (recalled["notice_type"], recalled["user_id"]) == ("friend_recall", 10_002)


@pytest.mark.parametrize(
    "frame",
    [
        change("role", **WHO, **BY, role="owner"),
        change("previewed", seq=4, previews=[]),
        change("chat", group={"name": "x"}),
        change("announced", id=4, removed=False, announcement=None, **BY),
        change("pinned", seq=4, pinned=True, pins=[4], **BY),
        {"on": "gap", "events": True, "from": 12, "to": 90},
    ],
)
def test_of_what_onebot_has_no_word_for_nothing_is_told(frame: dict[str, Any]) -> None:
    assert heard(frame) == []
