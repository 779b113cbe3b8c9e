"""Pins, and what becomes of a message that is taken back."""

import msgspec
import pytest

from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast
from tests.conftest import HandClock

from .talk import changes, group_of, message, refused, say


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With room for two pins only."""
    return msgspec.structs.replace(settings, limits=msgspec.structs.replace(settings.limits, pins_per_chat_max=2))


async def test_an_admin_pins_and_everybody_is_told_all_pins(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    one, two = await say(cast.alice, chat, "one"), await say(cast.bob, chat, "two")

    answers = [await cast.mo.http.put(f"chats/{chat}/pins/{seq}") for seq in (one, two, one)]
    await cast.alice.http.delete(f"chats/{chat}/pins/{one}")
    await cast.alice.http.delete(f"chats/{chat}/pins/{one}")

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    who = {"by": cast.mo.number, "by_name": "Mo"}
    assert await changes(cast.bob, chat, "pinned") == [
        {"seq": one, "pinned": True, **who, "pins": [one]},
        {"seq": two, "pinned": True, **who, "pins": [two, one]},
        {"seq": one, "pinned": False, "by": cast.alice.number, "by_name": "Alice", "pins": [two]},
    ]


async def test_members_do_not_pin_and_strangers_see_nothing(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "one")
    for verb in (cast.bob.http.put, cast.bob.http.delete):
        assert refused(await verb(f"chats/{chat}/pins/{seq}")) == (403, "chat.not_allowed")
    assert refused(await cast.chen.http.put(f"chats/{chat}/pins/{seq}")) == (404, "chat.no_such_chat")
    assert refused(await cast.mo.http.put(f"chats/{chat}/pins/99")) == (404, "chat.no_such_message")


async def test_one_pin_too_many_is_refused(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seqs = [await say(cast.alice, chat, f"{n}") for n in range(3)]
    answers = [await cast.alice.http.put(f"chats/{chat}/pins/{seq}") for seq in seqs]
    assert [answer.status_code for answer in answers] == [204, 204, 409]
    assert answers[2].json()["params"] == {"pins_max": 2}


async def test_a_recalled_message_is_empty_unpinned_and_stays_so(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    mention = {"type": "mention", "number": cast.bob.number, "name": "Bob"}
    seq = await say(cast.alice, chat, "secret ", mention)
    await cast.alice.http.put(f"chats/{chat}/pins/{seq}")

    answers = [await cast.alice.http.put(f"chats/{chat}/messages/{seq}/recall") for _ in range(2)]
    pinning = await cast.alice.http.put(f"chats/{chat}/pins/{seq}")

    assert [answer.status_code for answer in answers] == [204, 204]
    seen = await message(cast.bob, chat, seq)
    assert (seen["segments"], seen["recalled"], seen["recalled_by"]) == ([], True, cast.alice.number)
    assert await changes(cast.bob, chat, "recalled") == [
        {
            "seq": seq,
            "sender": cast.alice.number,
            "mentions": [cast.bob.number],
            "mentions_all": False,
            "by": cast.alice.number,
            "by_name": "Alice",
        }
    ]
    assert refused(pinning) == (404, "chat.no_such_message")


async def test_who_may_recall_and_until_when(cast: Cast, database: Database, clock: HandClock) -> None:
    chat = await group_of(cast, database)
    seqs = [await say(cast.bob, chat, f"{n}") for n in range(3)]

    stranger = await cast.chen.http.put(f"chats/{chat}/messages/{seqs[0]}/recall")
    clock.advance(seconds=120)
    in_time = await cast.bob.http.put(f"chats/{chat}/messages/{seqs[0]}/recall")
    clock.advance(seconds=1)
    too_late = await cast.bob.http.put(f"chats/{chat}/messages/{seqs[1]}/recall")
    by_admin = await cast.mo.http.put(f"chats/{chat}/messages/{seqs[2]}/recall")
    of_alice = await cast.bob.http.put(f"chats/{chat}/messages/{await say(cast.alice, chat, 'x')}/recall")

    assert refused(stranger) == (404, "chat.no_such_chat")
    assert in_time.status_code == by_admin.status_code == 204
    assert refused(too_late) == (403, "chat.recall_too_late")
    assert refused(of_alice) == (403, "chat.not_allowed")


async def test_pages_of_changes_are_dense(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "one")
    await cast.alice.http.put(f"chats/{chat}/pins/{seq}")

    page = (await cast.bob.http.get(f"chats/{chat}/changes", params={"after": 1, "limit": 2})).json()
    rest = (await cast.bob.http.get(f"chats/{chat}/changes", params={"after": 3})).json()
    history = (await cast.bob.http.get(f"chats/{chat}/messages")).json()

    assert [frame["rev"] for frame in page["changes"]] == [2, 3]
    assert page["more"] is True
    assert ([frame["rev"] for frame in rest["changes"]], rest["more"]) == ([4], False)
    assert history["rev"] == 4
    assert refused(await cast.chen.http.get(f"chats/{chat}/changes")) == (404, "chat.no_such_chat")
