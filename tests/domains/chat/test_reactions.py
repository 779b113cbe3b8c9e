"""Emoji put to messages: by whom, how many kinds, and what everybody sees of them."""

from typing import Any

import msgspec
import pytest

from hutong.api import House
from hutong.domains.chat import emoji
from hutong.domains.chat.errors import BadReaction
from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import Cast

from .talk import changes, group_of, message, refused, say


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With room for two kinds of reactions only."""
    limits = msgspec.structs.replace(settings.limits, reaction_kinds_per_message_max=2, reactions_per_minute_max=5)
    return msgspec.structs.replace(settings, limits=limits)


async def test_a_reaction_is_seen_by_all_and_as_ones_own(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    path = f"chats/{chat}/messages/{seq}/reactions"

    first = await cast.bob.http.put(f"{path}/👍")
    again = await cast.bob.http.put(f"{path}/👍")
    await cast.mo.http.put(f"{path}/👍")
    await cast.mo.http.put(f"{path}/❤")

    assert (first.status_code, again.status_code) == (204, 204)
    heart = {"emoji": "❤️", "count": 1}
    assert (await message(cast.bob, chat, seq))["reactions"] == [
        {"emoji": "👍", "count": 2, "mine": True},
        {**heart, "mine": False},
    ]
    assert (await changes(cast.alice, chat, "reacted"))[-1] == {
        "seq": seq,
        "emoji": "❤️",
        "count": 1,
        "added": True,
        "number": cast.mo.number,
        "name": "Mo",
        "reactions": [{"emoji": "👍", "count": 2}, heart],
    }
    assert len(await changes(cast.alice, chat, "reacted")) == 3


async def test_a_reaction_can_be_taken_back_by_its_owner_only(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    path = f"chats/{chat}/messages/{seq}/reactions/🎉"
    await cast.bob.http.put(path)

    by_alice = await cast.alice.http.delete(path)
    seen_before = (await message(cast.alice, chat, seq))["reactions"]
    by_bob = await cast.bob.http.delete(path)

    assert (by_alice.status_code, by_bob.status_code) == (204, 204)
    assert seen_before == [{"emoji": "🎉", "count": 1, "mine": False}]
    assert "reactions" not in await message(cast.alice, chat, seq)
    told = await changes(cast.alice, chat, "reacted")
    assert [(frame["added"], frame["count"], frame["reactions"]) for frame in told] == [
        (True, 1, [{"emoji": "🎉", "count": 1}]),
        (False, 0, []),
    ]


async def test_one_kind_too_many_is_refused_and_joining_one_is_not(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    path = f"chats/{chat}/messages/{seq}/reactions"
    for one in "😀😂":
        await cast.bob.http.put(f"{path}/{one}")

    third = await cast.mo.http.put(f"{path}/😎")
    joining = await cast.mo.http.put(f"{path}/😂")

    assert refused(third) == (409, "chat.reactions_full")
    assert joining.status_code == 204


async def test_reacting_too_often_is_refused(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    answers = [await cast.bob.http.put(f"chats/{chat}/messages/{seq}/reactions/👍") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [204] * 5 + [429]


@pytest.mark.parametrize("text", ["a", "👍👍", "👍 ", "ok", "#", "字", "x" * 32])
async def test_only_one_emoji_is_a_reaction(cast: Cast, database: Database, text: str) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    answer = await cast.bob.http.put(f"chats/{chat}/messages/{seq}/reactions/{text.replace('#', '%23')}")
    assert refused(answer) == (400, "chat.bad_reaction")


def test_an_emoji_is_kept_in_one_spelling() -> None:
    assert emoji.check_emoji("❤") == emoji.check_emoji("❤\ufe0f") == "❤\ufe0f"
    assert emoji.check_emoji("🏳‍🌈") == "🏳\ufe0f‍🌈"
    assert all(len(one) <= 32 for one in emoji.known_emoji().values())
    assert {emoji.check_emoji(one) for one in ("🇨🇳", "1️⃣", "👩🏽‍🚀")} == {"🇨🇳", "1️⃣", "👩🏽‍🚀"}
    with pytest.raises(BadReaction):
        emoji.check_emoji("")


async def test_who_may_react(cast: Cast, database: Database, house: House) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    path = f"chats/{chat}/messages/{seq}/reactions/👍"

    stranger = await cast.chen.http.put(path)
    nowhere = await cast.bob.http.put(f"chats/{chat}/messages/{seq + 1}/reactions/👍")
    await cast.alice.http.put(f"groups/{chat}/mutes/all")
    while_all_are_muted = await cast.bob.http.put(path)
    await cast.alice.http.put(f"groups/{chat}/mutes/{cast.bob.number}", json={"minutes": 5})
    muted = await cast.bob.http.put(f"chats/{chat}/messages/{seq}/reactions/😀")

    assert refused(stranger) == (404, "chat.no_such_chat")
    assert refused(nowhere) == (404, "chat.no_such_message")
    assert while_all_are_muted.status_code == 204
    assert refused(muted) == (403, "chat.muted")
    assert refused(await cast.chen.http.delete(path)) == (404, "chat.no_such_chat")


async def test_a_recalled_message_has_no_reactions_and_takes_none(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    await cast.bob.http.put(f"chats/{chat}/messages/{seq}/reactions/👍")
    await cast.alice.http.put(f"chats/{chat}/messages/{seq}/recall")

    seen: dict[str, Any] = await message(cast.bob, chat, seq)

    assert "reactions" not in seen
    assert seen["recalled"] is True
    answer = await cast.bob.http.put(f"chats/{chat}/messages/{seq}/reactions/👍")
    assert refused(answer) == (404, "chat.no_such_message")
