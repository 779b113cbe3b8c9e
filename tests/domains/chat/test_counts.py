"""What is unread, exactly: against a count by hand, for everybody, on every device."""

import random
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from hutong.api import House
from hutong.domains.chat import list_chats
from hutong.infra.db import Database
from tests.cast import Cast, Person
from tests.conftest import HandClock

from .talk import changes, group_of, message, refused, say


@dataclass
class Said:
    """A message as somebody counting by hand remembers it."""

    by: int
    mentions: set[int]
    is_recalled: bool = False


@dataclass
class Memory:
    """What was said, and how far everybody has read."""

    said: list[Said] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)

    def count(self, number: int) -> tuple[int, int]:
        unread = [
            one
            for seq, one in enumerate(self.said, start=1)
            if seq > self.read.get(number, 0) and one.by != number and not one.is_recalled
        ]
        return len(unread), sum(number in one.mentions for one in unread)


async def _act(act: str, who: Person, cast: Cast, chat: int, memory: Memory, dice: random.Random) -> None:
    seq = dice.randint(1, len(memory.said) + 1)
    if act == "say":
        mentioned = dice.sample([cast.alice, cast.bob, cast.mo], dice.randint(0, 3))
        # Mentioning somebody twice is mentioning them once.
        parts = [{"type": "mention", "number": one.number} for one in mentioned * 2]
        await say(who, chat, "hm ", *parts)
        memory.said.append(Said(who.number, {one.number for one in mentioned}))
    elif act == "recall":
        answer = await cast.alice.http.put(f"chats/{chat}/messages/{seq}/recall")
        assert answer.status_code == (204 if seq <= len(memory.said) else 404)
        if seq <= len(memory.said):
            memory.said[seq - 1].is_recalled = True
    else:
        await who.http.put(f"chats/{chat}/read", json={"seq": seq})
        mark = min(seq, len(memory.said))
        memory.read[who.number] = max(memory.read.get(who.number, 0), mark)


@drawn(
    max_examples=12,
    deadline=None,
    derandomize=True,
    # An example that fails is told as it is: to make it smaller takes far longer than to read it.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(st.sampled_from(["say", "say", "say", "recall", "read"]), min_size=10, max_size=25),
    dice=st.randoms(use_true_random=False),
)
async def test_unread_and_mentions_are_those_of_a_count_by_hand(
    cast: Cast, house: House, clock: HandClock, acts: list[str], dice: random.Random
) -> None:
    chat = await group_of(cast, house.database)
    people = [cast.alice, cast.bob, cast.mo]
    memory = Memory()
    for act in acts:
        await _act(act, dice.choice(people), cast, chat, memory, dice)
    for person in people:
        row = await _row(person, chat)
        snapshot = (await person.http.get(f"chats/{chat}")).json()
        assert (row["unread"], row["mentions"]) == memory.count(person.number)
        assert (snapshot["unread"], snapshot["mentions"]) == memory.count(person.number)


async def _row(person: Person, chat: int) -> dict[str, Any]:
    rows = (await person.http.get("chats")).json()["items"]
    (row,) = (row for row in rows if row["chat"] == chat)
    assert isinstance(row, dict)
    return row


async def test_a_newcomer_has_read_what_was_said_before(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await say(cast.alice, chat, "before")
    await cast.chen.http.put(f"groups/{chat}/members/me", json={})
    await say(cast.alice, chat, "after")
    row = await _row(cast.chen, chat)
    assert (row["read_seq"], row["unread"]) == (1, 1)


async def test_a_read_mark_never_goes_back_nor_beyond_the_end(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    for number in range(3):
        await say(cast.alice, chat, f"{number}")
    marks = []
    for seq in (2, 1, 900, 3):
        assert (await cast.bob.http.put(f"chats/{chat}/read", json={"seq": seq})).status_code == 204
        marks.append((await _row(cast.bob, chat))["read_seq"])
    assert marks == [2, 2, 3, 3]
    assert refused(await cast.chen.http.put(f"chats/{chat}/read", json={"seq": 1})) == (404, "chat.no_such_chat")


async def test_the_sender_sees_how_many_of_those_who_were_there_have_read_it(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    first = await say(cast.alice, chat, "first")
    await say(cast.bob, chat, "second")
    await cast.chen.http.put(f"groups/{chat}/members/me", json={})
    third = await say(cast.alice, chat, "third")
    await cast.bob.http.put(f"chats/{chat}/read", json={"seq": first})
    await cast.chen.http.put(f"chats/{chat}/read", json={"seq": third})

    answer = (await cast.alice.http.get(f"chats/{chat}/reads", params={"first": 1, "last": 50})).json()

    assert answer["items"] == [
        {"seq": first, "read": 1, "members": 2},
        {"seq": third, "read": 1, "members": 3},
    ]
    await cast.chen.http.delete(f"groups/{chat}/members/me")
    outside = await cast.chen.http.get(f"chats/{chat}/reads", params={"first": 1, "last": 50})
    assert refused(outside) == (404, "chat.no_such_chat")


async def test_the_list_has_pinned_ones_first_and_then_the_newest(
    cast: Cast, database: Database, clock: HandClock
) -> None:
    chats = []
    for _ in range(3):
        clock.advance(seconds=1)
        chats.append(await group_of(cast, database))
    clock.advance(seconds=1)
    await say(cast.alice, chats[1], "news")
    before = [row["chat"] for row in (await cast.bob.http.get("chats")).json()["items"]]
    answer = await cast.bob.http.patch(f"chats/{chats[0]}", json={"pinned": True, "notify": "none"})
    again = await cast.bob.http.patch(f"chats/{chats[0]}", json={})
    rows = (await cast.bob.http.get("chats")).json()

    assert before == [chats[1], chats[2], chats[0]]
    assert answer.json() == again.json() == {"notify": "none", "pinned": True}
    assert [row["chat"] for row in rows["items"]] == [chats[0], chats[1], chats[2]]
    assert [row["last_message"] and row["last_message"]["segments"][0]["text"] for row in rows["items"]] == [
        None,
        "news",
        None,
    ]
    assert rows["next"] is None
    alice = {row["chat"]: row for row in (await cast.alice.http.get("chats")).json()["items"]}
    assert (alice[chats[0]]["pinned"], alice[chats[0]]["notify"]) == (False, "all")


async def test_the_list_comes_in_pages(cast: Cast, database: Database) -> None:
    chats = [await group_of(cast, database) for _ in range(5)]
    async with database.transaction() as session:
        pages = [await list_chats(session, cast.bob.number, start=start, limit=2) for start in (0, 2, 4)]
    assert [row.chat for rows, _ in pages for row in rows] == chats[::-1]
    assert [more for _, more in pages] == [True, True, False]
    assert refused(await cast.bob.http.get("chats", params={"cursor": "what"})) == (400, "hutong.invalid")


async def test_the_snapshot_is_for_members_and_says_what_they_are(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    seq = await say(cast.alice, chat, "hello")
    await cast.alice.http.put(f"chats/{chat}/pins/{seq}")
    await cast.alice.http.put(f"groups/{chat}/mutes/{cast.bob.number}", json={"minutes": 5})

    seen = (await cast.bob.http.get(f"chats/{chat}")).json()

    assert seen["me"] == {"role": "member", "card": "", "muted_until": "2026-11-23T06:05:00.000Z"}
    assert seen["pins"] == [seq]
    assert seen["group"]["members"] == 3
    assert seen["last_message"]["seq"] == seq
    assert (seen["last_seq"], seen["last_rev"]) == (1, 5)
    assert refused(await cast.chen.http.get(f"chats/{chat}")) == (404, "chat.no_such_chat")
    assert refused(await cast.chen.http.patch(f"chats/{chat}", json={"pinned": True})) == (404, "chat.no_such_chat")
    assert (await message(cast.bob, chat, seq))["from"]["name"] == "Alice"
    assert len(await changes(cast.bob, chat, "joined")) == 3
