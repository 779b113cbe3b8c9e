"""What is settled before a message is stored: mentioning everybody, and forwarding."""

from typing import Any

import msgspec
import pytest

from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast
from tests.conftest import HandClock

from .talk import direct, group_of, message, refused, say, try_to_say

ALL = {"type": "mention", "all": True}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With two mentions of everybody a day, and small forwards."""
    limits = msgspec.structs.replace(
        settings.limits, mention_all_per_day_max=2, forward_items_max=5, forward_bytes_max=2_000
    )
    return msgspec.structs.replace(settings, limits=limits)


def _forward(chat: int, *seqs: int, **more: Any) -> dict[str, Any]:
    return {"type": "forward", "chat": chat, "seqs": list(seqs), **more}


async def test_admins_mention_everybody_so_often_a_day(cast: Cast, database: Database, clock: HandClock) -> None:
    chat = await group_of(cast, database)

    by_bob = await try_to_say(cast.bob, chat, ALL)
    seq = await say(cast.mo, chat, "look ", ALL, key="first")
    repeated = [await say(cast.mo, chat, "look ", ALL, key="first") for _ in range(3)]
    await say(cast.alice, chat, ALL)
    third = await try_to_say(cast.mo, chat, ALL)
    clock.advance(days=1)
    tomorrow = await try_to_say(cast.mo, chat, ALL)

    assert refused(by_bob) == (403, "chat.mention_all_denied")
    assert repeated == [seq] * 3
    assert refused(third) == (429, "chat.mention_all_used_up")
    assert tomorrow.status_code == 201
    mentions = {row["chat"]: row["mentions"] for row in (await cast.bob.http.get("chats")).json()["items"]}
    assert mentions == {chat: 3}


async def test_a_refused_mention_of_everybody_costs_nothing(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.put(f"groups/{chat}/mutes/{cast.mo.number}", json={"minutes": 5})
    for _ in range(3):
        assert refused(await try_to_say(cast.mo, chat, ALL)) == (403, "chat.muted")
        assert refused(await try_to_say(cast.alice, chat, ALL, _forward(chat, 9))) == (404, "chat.no_such_message")
    assert [await say(cast.alice, chat, ALL) for _ in range(2)] == [1, 2]


async def test_in_a_direct_nobody_mentions_everybody(cast: Cast) -> None:
    chat = await direct(cast.alice, cast.bob)
    assert refused(await try_to_say(cast.alice, chat, ALL)) == (403, "chat.mention_all_denied")


async def test_a_merged_forward_carries_names_times_and_what_was_said(cast: Cast, database: Database) -> None:
    source = await group_of(cast, database)
    first = await say(cast.alice, source, "one")
    second = await say(cast.bob, source, {"type": "reply", "seq": first}, "two")
    chat = await direct(cast.bob, cast.chen)

    seq = await say(cast.bob, chat, _forward(source, second, first, second, title="Readers"))

    seen = await message(cast.chen, chat, seq)
    at = "2026-11-23T06:00:00.000Z"
    assert seen["segments"] == [
        {
            "type": "forward",
            "title": "Readers",
            "items": [
                {"name": "Alice", "at": at, "segments": [{"type": "text", "text": "one"}]},
                {"name": "Bob", "at": at, "segments": [{"type": "text", "text": "two"}]},
            ],
        }
    ]


async def test_what_a_client_claims_to_forward_counts_for_nothing(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    said = await say(cast.alice, chat, "one")
    forged = [{"name": "Mo", "at": "", "segments": [{"type": "text", "text": "I resign"}]}]
    seq = await say(cast.bob, chat, _forward(chat, said, items=forged))
    (forward,) = (await message(cast.bob, chat, seq))["segments"]
    assert [item["name"] for item in forward["items"]] == ["Alice"]
    assert refused(await try_to_say(cast.bob, chat, {"type": "forward", "items": forged})) == (400, "chat.bad_segment")


async def test_a_single_message_is_said_again_and_calls_nobody(cast: Cast, database: Database) -> None:
    source = await group_of(cast, database)
    said = await say(cast.alice, source, "hi ", {"type": "mention", "number": cast.bob.number, "name": "Bob"})
    chat = await group_of(cast, database)

    seq = await say(cast.mo, chat, _forward(source, said, merged=False))

    seen = await message(cast.bob, chat, seq)
    assert seen["segments"] == [{"type": "text", "text": "hi "}, {"type": "text", "text": "@Bob"}]
    rows = {row["chat"]: row["mentions"] for row in (await cast.bob.http.get("chats")).json()["items"]}
    assert rows == {source: 1, chat: 0}
    for parts in ([_forward(source, said, said, merged=False)], ["x", _forward(source, said, merged=False)]):
        assert refused(await try_to_say(cast.mo, chat, *parts)) == (400, "chat.bad_segment")


async def test_only_what_one_can_see_is_forwarded(cast: Cast, database: Database) -> None:
    source = await group_of(cast, database)
    said, gone = await say(cast.alice, source, "one"), await say(cast.alice, source, "two")
    await cast.alice.http.put(f"chats/{source}/messages/{gone}/recall")
    chat = await direct(cast.chen, cast.bob)

    by_a_stranger = await try_to_say(cast.chen, chat, _forward(source, said))
    recalled = await try_to_say(cast.bob, chat, _forward(source, said, gone))
    nowhere = await try_to_say(cast.bob, chat, _forward(source, 99))

    assert refused(by_a_stranger) == (404, "chat.no_such_chat")
    assert refused(recalled) == refused(nowhere) == (404, "chat.no_such_message")


async def test_forwards_of_forwards_end(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seqs = [await say(cast.alice, chat, "one")]
    for _ in range(3):
        seqs.append(await say(cast.alice, chat, _forward(chat, seqs[-1])))

    too_deep = await try_to_say(cast.alice, chat, _forward(chat, seqs[-1]))
    many = [await say(cast.alice, chat, f"{n}") for n in range(5)]
    five = await try_to_say(cast.alice, chat, _forward(chat, *many))
    six = await try_to_say(cast.alice, chat, _forward(chat, seqs[0], *many))
    long = await say(cast.alice, chat, "字" * 1_000)
    too_long = await try_to_say(cast.alice, chat, _forward(chat, long))

    assert five.status_code == 201
    for answer in (too_deep, six, too_long):
        assert refused(answer) == (400, "chat.forward_too_large")
    assert six.json()["params"] == {"items_max": 5, "depth_max": 3}


async def test_too_many_messages_are_refused_before_any_is_read(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    not_there = [_forward(chat, *range(start, start + 3)) for start in (1, 4)]
    assert refused(await try_to_say(cast.alice, chat, *not_there)) == (400, "chat.forward_too_large")
    assert refused(await try_to_say(cast.alice, chat, not_there[0])) == (404, "chat.no_such_message")


async def test_a_message_is_no_larger_over_http_than_over_the_socket(
    cast: Cast, database: Database, settings: Settings
) -> None:
    chat = await group_of(cast, database)
    bytes_max = settings.limits.frame_bytes_max
    large = await try_to_say(cast.alice, chat, {"type": "hologram", "pixels": "x" * bytes_max})
    assert refused(large) == (400, "chat.bad_segment")
    fits = await try_to_say(cast.alice, chat, {"type": "hologram", "pixels": "x" * (bytes_max - 100)})
    assert fits.status_code == 201
