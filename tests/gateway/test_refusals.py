"""What a socket refuses, what it says then, and that nobody else notices."""

import pytest
from picows import WSHandshakeError

from .conftest import OpenTown, Town


async def test_before_hello_nothing_else_is_served(town: Town) -> None:
    (alice,) = await town.people("Alice")
    client = await town.connect(authorization=f"Bearer {alice.token}")

    refused = await client.answer(client.do("ping"))
    welcome = await client.hello()

    assert refused["code"] == "socket.bad_frame"
    assert welcome["on"] == "welcome"


async def test_a_bad_token_gets_an_error_and_4401(town: Town) -> None:
    client = await town.connect()
    refused = await client.hello(token="10001.nonsense")
    assert refused["on"] == "error"
    assert refused["code"] == "identity.sign_in_needed"
    assert await client.until_closed() == 4401


async def test_a_revoked_session_is_closed_with_4401_and_the_other_device_stays(town: Town) -> None:
    (alice,) = await town.people("Alice")
    token = (
        await alice.http.post("sessions", json={"login": str(alice.number), "password": "seven green lanterns"})
    ).json()["token"]
    phone, desk = await alice.online(), await town.connect(authorization=f"Bearer {token}")
    await desk.hello()

    assert (await alice.http.delete("sessions/current")).status_code == 204

    assert await phone.until_closed() == 4401
    assert (await desk.answer(desk.do("ping")))["on"] == "pong"


@pytest.mark.parametrize(
    "frame",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'{"do":"fly","ref":7}',
        b'{"do":"send","ref":7,"chat":"x","key":"k","segments":[]}',
        b'{"do":"read","ref":7,"chat":1}',
        b'{"do":"read","ref":7,"chat":1,"seq":-1}',
        b'{"do":"send","ref":7,"chat":1,"key":"' + b"k" * 100_000 + b'","segments":[]}',
    ],
)
async def test_a_bad_frame_gets_an_error_and_the_connection_stays(town: Town, frame: bytes) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()

    client.send_text(frame)
    refused = await client.until(lambda frame: frame["on"] == "error")

    assert refused["code"] == "socket.bad_frame"
    assert (await client.answer(client.do("ping")))["on"] == "pong"


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        ([], "chat.message_empty"),
        ([{"type": "text", "text": "  "}], "chat.message_empty"),
        ([{"type": "text", "text": "字" * 5_001}], "chat.message_too_long"),
        ([{"type": "text"}], "chat.bad_segment"),
        ([{"text": "no type"}], "chat.bad_segment"),
        ([{"type": "mention"}], "chat.bad_segment"),
        ([{"type": "packet", "amount_fen": 100}], "chat.bad_segment"),
        ([{"type": "link", "url": "javascript:alert(1)"}], "chat.bad_segment"),
        ("text", "chat.bad_segment"),
        ([{"type": "face", "face": "smile"}] * 61, "chat.bad_segment"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused_and_spends_no_number(
    town: Town, segments: object, code: str
) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    client = await alice.online()

    refused = await client.answer(client.do("send", chat=chat, key="bad", segments=segments))
    sent = await client.say(chat, "good")

    assert refused["code"] == code
    assert sent["seq"] == 1


async def test_a_segment_of_unknown_type_is_kept_as_it_is(town: Town) -> None:
    (alice,) = await town.people("Alice")
    chat = await alice.create_group()
    client = await alice.online()
    strange = {"type": "hologram", "depth": [1, 2, {"x": "y"}]}

    await client.answer(client.do("send", chat=chat, key="k", segments=[strange]))

    page = (await alice.http.get(f"chats/{chat}/messages")).json()
    assert page["messages"][0]["segments"] == [strange]


async def test_a_stranger_is_told_that_there_is_no_such_chat(town: Town) -> None:
    alice, chen = await town.people("Alice", "Chen")
    chat = await alice.create_group()
    outside = await chen.online()

    there = await outside.say(chat, "let me in")
    nowhere = await outside.say(chat + 1, "hello?")

    assert there["code"] == nowhere["code"] == "chat.no_such_chat"
    assert there["detail"] == nowhere["detail"]


async def test_a_page_of_another_origin_may_not_open_a_socket(town: Town) -> None:
    with pytest.raises(WSHandshakeError, match="403"):
        await town.connect(origin="https://evil.example")
    assert (await (await town.connect(origin=town.origin)).hello())["code"] == "identity.sign_in_needed"


async def test_too_many_frames_close_the_connection_with_1008(town: Town) -> None:
    (alice,) = await town.people("Alice")
    client = await alice.online()
    for _ in range(town.parts.gateway.limits.frames_per_10_s_max + 1):
        client.do("read", chat=1, seq=1)
    assert await client.until_closed() == 1008


async def test_one_account_talks_so_fast_by_both_doors_and_the_others_go_on(
    open_town: OpenTown,
) -> None:
    town = await open_town(messages_per_10_s_max=3)
    alice, bob = await town.people("Alice", "Bob")
    chat = await alice.create_group()
    await bob.join(chat)
    client, phone = await alice.online(), await alice.online()

    said = [await client.say(chat, "one"), await phone.say(chat, "two")]
    body = {"key": "three", "segments": [{"type": "text", "text": "three"}]}
    posted = await alice.http.post(f"chats/{chat}/messages", json=body)
    assert [frame["seq"] for frame in said] + [posted.json()["seq"]] == [1, 2, 3]

    refused = await phone.say(chat, "four")
    again = await alice.http.post(f"chats/{chat}/messages", json=body | {"key": "four"})
    assert (refused["on"], refused["code"]) == ("error", "hutong.too_many")
    assert (again.status_code, again.json()["code"]) == (429, "hutong.too_many")
    assert 1 <= refused["params"]["retry_after_s"] <= 10
    assert 1 <= int(again.headers["retry-after"]) <= 10
    assert (await (await bob.online()).say(chat, "five"))["seq"] == 4
    assert (await client.answer(client.do("ping")))["on"] == "pong"
