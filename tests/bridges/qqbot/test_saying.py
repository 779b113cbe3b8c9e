"""What people say, as bots hear it; what bots say, as people read it."""

from typing import Any

import msgspec
import pytest

from hutong.bridges.qqbot.content import read_text
from hutong.bridges.qqbot.drafts import open_file, read_body, seal_file, segments_of
from hutong.bridges.qqbot.intents import are_known, wants
from hutong.bridges.qqbot.refusals import Refusal
from hutong.bridges.qqbot.seals import Seals
from hutong.bridges.qqbot.telling import About, Frame, find_name, read_frame, tell

BOT, BOB, CHAT = 10_003, 10_002, 80_001
SEALS = Seals(b"a" * 32)
BOT_ID, BOB_ID, GROUP = SEALS.account(BOT), SEALS.account(BOB), SEALS.chat(CHAT)
AT = "2026-11-23T05:48:40.123Z"


def about(*, direct: bool = False, quoted: Frame | None = None) -> About:
    return About(BOT, SEALS, direct, lambda media: f"https://host/{media}", "admin", quoted)


def message(*segments: dict[str, Any], seq: int = 7) -> Frame:
    sender = {"number": BOB, "name": "Bob"}
    return read_frame(
        msgspec.json.encode(
            {"event": 3, "on": "message", "chat": CHAT, "seq": seq, "from": sender, "segments": segments, "at": AT}
        )
    )


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def test_a_message_that_names_the_bot_is_told_without_its_name() -> None:
    frame = message({"type": "mention", "number": BOT, "name": "@Bot"}, text("你好"))

    assert find_name(frame, BOT, direct=False) == "GROUP_AT_MESSAGE_CREATE"
    assert tell("GROUP_AT_MESSAGE_CREATE", frame, about()) == {
        "id": SEALS.message(CHAT, 7),
        "content": " 你好",
        "timestamp": AT,
        "message_scene": {"source": "default", "ext": [f"msg_idx={SEALS.reference(CHAT, 7)}"]},
        "message_type": 0,
        "group_id": GROUP,
        "group_openid": GROUP,
        "author": {
            "id": BOB_ID,
            "member_openid": BOB_ID,
            "union_openid": BOB_ID,
            "bot": False,
            "member_role": "admin",
            "username": "Bob",
        },
    }


def test_any_other_message_is_told_with_all_names_and_files() -> None:
    frame = message(
        {"type": "mention", "number": BOB, "name": "@Bob"},
        text(" and "),
        {"type": "mention", "all": True},
        {"type": "image", "media": "m1234567", "width": 3, "height": 4, "size": 5},
    )

    said = tell("GROUP_MESSAGE_CREATE", frame, about())

    assert find_name(frame, BOT, direct=False) == "GROUP_MESSAGE_CREATE"
    assert said["content"] == f"<@{BOB_ID}> and <@everyone>"
    assert [mention["scope"] for mention in said["mentions"]] == ["single", "all"]
    assert said["mentions"][0]["username"] == "Bob"
    url = "https://host/m1234567"
    assert said["attachments"] == [
        {"content_type": "image/png", "filename": "m1234567.png", "url": url, "width": 3, "height": 4, "size": 5}
    ]


@pytest.mark.parametrize(
    ("words", "called", "told"),
    [
        (f"/help@{BOT} me", True, "/help me"),
        (f"/help@{BOT}", True, "/help"),
        (f"/help@{BOT}1", False, f"/help@{BOT}1"),
        (f"/help@{BOB} me", False, f"/help@{BOB} me"),
        (f"see /help@{BOT}", False, f"see /help@{BOT}"),
        ("/help me", False, "/help me"),
    ],
)
def test_a_command_for_the_bot_by_its_number_calls_it(words: str, called: bool, told: str) -> None:
    frame = message(text(words))
    name = "GROUP_AT_MESSAGE_CREATE" if called else "GROUP_MESSAGE_CREATE"

    assert find_name(frame, BOT, direct=False) == name
    assert tell(name, frame, about())["content"] == told


def test_a_message_of_a_file_alone_has_empty_content() -> None:
    frame = message({"type": "file", "media": "m1234567", "name": "a.pdf"})

    assert tell("C2C_MESSAGE_CREATE", frame, about(direct=True))["content"] == ""


def test_somebody_who_writes_to_the_bot_becomes_a_friend() -> None:
    frame = changed(on="installed", new=True, by={"number": BOB, "name": "Bob"}, scopes=["read_all", "send"])

    assert find_name(frame, BOT, direct=True) == "FRIEND_ADD"
    assert tell("FRIEND_ADD", frame, about(direct=True)) == {
        "timestamp": 1_795_412_920,
        "openid": BOB_ID,
        "author": {"union_openid": BOB_ID},
    }
    by_itself = changed(on="installed", new=True, by={"number": BOT, "name": "Bot"})
    assert find_name(by_itself, BOT, direct=True) is None


def changed(**change: Any) -> Frame:
    return msgspec.convert(change | {"chat": CHAT, "at": AT}, Frame)


def test_a_persons_word_is_told_with_who_they_are() -> None:
    frame = message(text("Hi"))

    assert find_name(frame, BOT, direct=True) == "C2C_MESSAGE_CREATE"
    author = tell("C2C_MESSAGE_CREATE", frame, about(direct=True))["author"]
    assert (author["id"], author["user_openid"], author["username"]) == (BOB_ID, BOB_ID, "Bob")


def test_a_reply_brings_what_it_replies_to() -> None:
    frame = message({"type": "reply", "seq": 5}, text("Yes"))
    said = tell("GROUP_MESSAGE_CREATE", frame, about(quoted=message(text("Really?"), seq=5)))

    assert said["message_type"] == 103
    reference = SEALS.reference(CHAT, 5)
    assert said["message_scene"]["ext"][0] == f"ref_msg_idx={reference}"
    assert said["msg_elements"][0]["msg_idx"] == reference
    assert said["msg_elements"][0]["content"] == "Really?"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"on": "installed", "new": True, "by": {"number": BOB}, "scopes": ["send"]}, "GROUP_ADD_ROBOT"),
        ({"on": "installed", "by": {"number": BOB}, "scopes": ["send"]}, "GROUP_MSG_RECEIVE"),
        ({"on": "installed", "by": {"number": BOB}, "scopes": ["read_all"]}, "GROUP_MSG_REJECT"),
        ({"on": "joined", "number": BOB}, "GROUP_MEMBER_ADD"),
        ({"on": "left", "number": BOT, "removed_by": BOB}, "GROUP_DEL_ROBOT"),
        ({"on": "left", "number": BOB}, "GROUP_MEMBER_REMOVE"),
        ({"on": "dissolved"}, "GROUP_DEL_ROBOT"),
    ],
)
def test_who_comes_and_goes(change: dict[str, Any], name: str) -> None:
    frame = msgspec.convert(change | {"chat": CHAT, "at": AT}, Frame)

    assert find_name(frame, BOT, direct=False) == name
    said = tell(name, frame, about())
    assert (said["group_openid"], isinstance(said["timestamp"], int)) == (GROUP, True)
    if change["on"] != "dissolved":
        assert said["op_member_openid"] == BOB_ID


@pytest.mark.parametrize("on", ["reacted", "recalled", "pinned", "chat", "announced", "muted", "gap"])
def test_of_other_changes_there_is_nothing_to_tell(on: str) -> None:
    assert find_name(Frame(on=on, chat=CHAT), BOT, direct=False) is None


def test_bits_of_things_that_are_not_here_are_accepted_and_unknown_ones_are_not() -> None:
    default = 1 | 1 << 1 | 1 << 10 | 1 << 12 | 1 << 30

    assert are_known(default)
    assert not wants(default, "GROUP_AT_MESSAGE_CREATE")
    assert wants(1 << 25, "GROUP_AT_MESSAGE_CREATE")
    assert not are_known(1 << 5)
    assert not are_known(-1)
    assert not are_known(1 << 31)


def test_mentions_in_what_a_bot_writes_become_mentions() -> None:
    assert read_text(SEALS, f"Hi <@{BOB_ID}>, <@!{BOB_ID}> and <@everyone>!") == [
        text("Hi "),
        {"type": "mention", "number": BOB},
        text(", "),
        {"type": "mention", "number": BOB},
        text(" and "),
        {"type": "mention", "all": True},
        text("!"),
    ]
    stranger = Seals(b"b" * 32).account(BOB)
    assert read_text(SEALS, f"Hi <@{stranger}>") == [text(f"Hi <@{stranger}>")]
    assert read_text(SEALS, f'<qqbot-at-user id="{BOB_ID}" />') == [{"type": "mention", "number": BOB}]


def said_by_bot(**body: Any) -> list[dict[str, Any]]:
    return segments_of(read_body(msgspec.json.encode(body)), SEALS, BOT, "group")


def test_a_body_full_of_nulls_is_read() -> None:
    body = {"msg_type": 0, "content": "Hi", "embed": None, "ark": None, "media": None, "group_openid": GROUP}

    assert said_by_bot(**body, keyboard=None, message_reference=None, msg_seq="1", timestamp=17) == [text("Hi")]


def test_a_file_that_was_uploaded_is_said_with_its_words() -> None:
    image = {"type": "image", "media": "m1234567"}
    info = seal_file(SEALS, BOT, "group", image)

    assert said_by_bot(msg_type=7, content=" ", media={"file_info": info, "ttl": 3}) == [image]
    assert said_by_bot(msg_type=7, content="See", media={"file_info": info}) == [text("See"), image]
    for bot, where in ((BOT, "user"), (BOB, "group")):
        with pytest.raises(Refusal):
            open_file(SEALS, bot, where, info)  # type: ignore[arg-type]  # a loop over a tuple loses the literal


def test_a_reply_names_the_message_by_either_name() -> None:
    for name in (SEALS.message(CHAT, 5), SEALS.reference(CHAT, 5)):
        assert said_by_bot(content="Yes", message_reference={"message_id": name})[0] == {"type": "reply", "seq": 5}
    ignored = {"message_id": "made up", "ignore_get_message_error": True}
    assert said_by_bot(content="Yes", message_reference=ignored) == [text("Yes")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": ""}, 50_006),
        ({"content": None, "msg_type": 0}, 50_006),
        ({"msg_type": 2, "markdown": {"content": " "}}, 50_041),
        ({"msg_type": 99, "content": "Hi"}, 50_035),
        ({"msg_type": "x"}, 12_002),
        ({"content": "Yes", "message_reference": {"message_id": "made up"}}, 50_035),
        ({"msg_type": 7, "media": {"file_info": "made up"}}, 50_035),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_code(body: dict[str, Any], code: int) -> None:
    with pytest.raises(Refusal) as refused:
        said_by_bot(**body)
    assert refused.value.code == code


def test_a_body_that_is_no_object_is_refused() -> None:
    for raw in (b"", b"[]", b"{", b'"x"', b"\xff", b'{"content":"\xff"}', b"[" * 10_000):
        with pytest.raises(Refusal) as refused:
            read_body(raw)
        assert refused.value.code == 12_002


def test_templates_of_the_original_are_said_in_words() -> None:
    params = [{"key": "title", "values": ["Weather"]}, {"key": "text", "values": ["Sunny", "27°"]}]
    ark = {"template_id": 23, "kv": [{"key": "#DESC#", "value": "News"}, {"key": "#LIST#", "obj": [
        {"obj_kv": [{"key": "desc", "value": "First"}]}]}]}  # fmt: skip
    embed = {"title": "Score", "prompt": "p", "fields": [{"name": "3:1"}]}

    assert said_by_bot(msg_type=2, markdown={"custom_template_id": "1", "params": params}) == [
        {"type": "markdown", "text": "Weather\n\nSunny 27°"}
    ]
    assert said_by_bot(msg_type=3, ark=ark) == [text("News\nFirst")]
    assert said_by_bot(msg_type=4, embed=embed) == [text("Score\n3:1")]


def a_button(label: str = "Sun", **action: Any) -> dict[str, Any]:
    return {"id": "1", "render_data": {"label": label, "style": 1, "visited_label": "x"}, "action": action}


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"content": {"rows": [{"buttons": buttons} for buttons in rows]}}


def test_a_keyboard_becomes_buttons() -> None:
    stranger = Seals(b"b" * 32).account(BOB)
    rows = [
        [a_button(type=1, data="sun", permission={"type": 2}), a_button(type=0, data="https://example.org")],
        [a_button(type=2, data="/help me", permission={"type": 1}), a_button(type=2, data="words", enter=True)],
        [a_button(type=1, data="x", permission={"type": 0, "specify_user_ids": [BOB_ID, stranger]})],
    ]
    said = said_by_bot(msg_type=2, markdown={"content": "# Hi"}, keyboard=keyboard(*rows))

    look = {"label": "Sun", "style": "primary"}
    assert said == [
        {"type": "markdown", "text": "# Hi"},
        {
            "type": "buttons",
            "rows": [
                [look | {"data": "1\nsun"}, look | {"link": "https://example.org"}],
                [look | {"command": f"/help@{BOT} me", "who": "admins"}, look | {"command": "words"}],
                [look | {"data": "1\nx", "who": [BOB]}],
            ],
        },
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"id": "template"},
        keyboard([a_button(label=" ", type=1)]),
        keyboard([a_button(type=1)] * 6),
        keyboard(*[[a_button(type=1)]] * 6),
        keyboard([a_button(type=1, data="x" * 199)]),
    ],
)
def test_a_keyboard_that_cannot_be(bad: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        said_by_bot(msg_type=2, markdown={"content": "# Hi"}, keyboard=bad)


def test_an_empty_keyboard_is_none() -> None:
    empty: list[dict[str, Any] | None] = [{}, {"content": {}}, {"content": {"rows": []}}, None]
    for none in empty:
        assert said_by_bot(content="Hi", keyboard=none) == [text("Hi")]


@pytest.mark.parametrize("direct", [True, False])
def test_a_press_is_an_interaction(direct: bool) -> None:
    press = {"on": "pressed", "chat": CHAT, "seq": 7, "press": "p1", "by": {"number": BOB, "name": "Bob"}}
    frame = msgspec.convert(press | {"data": "1\nsun", "at": AT}, Frame)

    assert find_name(frame, BOT, direct=direct) == "INTERACTION_CREATE"
    said = tell("INTERACTION_CREATE", frame, about(direct=direct))
    assert (said["id"], said["type"], said["version"], said["application_id"]) == ("p1", 11, 1, str(BOT))
    assert said["data"]["resolved"] == {
        "button_id": "1",
        "button_data": "sun",
        "user_id": BOB_ID,
        "message_id": SEALS.message(CHAT, 7),
    }
    if direct:
        assert (said["scene"], said["chat_type"], said["user_openid"]) == ("c2c", 2, BOB_ID)
    else:
        assert (said["scene"], said["chat_type"], said["group_openid"]) == ("group", 1, GROUP)
        assert said["group_member_openid"] == BOB_ID
