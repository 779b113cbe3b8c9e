"""The message writer stores a batch in one statement or in several, and nobody can tell which."""

import asyncio
import uuid
from typing import Any

import msgspec
import pytest
from sqlalchemy import literal_column, select, text
from sqlalchemy import table as table_named

from hutong.api import House
from hutong.domains.chat import NoSuchChat, Outgoing, read_segments, writer
from tests.cast import Cast

from .talk import group_of

# PostgreSQL refuses this with the same class of error with which Citus refuses what it cannot do.
REFUSED = """
SELECT count(*) FROM chat_chat WHERE ($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
  $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::timestamptz) IS NOT NULL FOR UPDATE
"""


class Several:
    """Sends messages of different people and chats at once, so that they become one batch."""

    def __init__(self, house: House, cast: Cast) -> None:
        self.house = house
        self.cast = cast

    async def send(self, *wanted: tuple[int, int, str]) -> list[Outgoing]:
        """``wanted`` are chat, members_rev and text; ``@Bob`` in it mentions him."""
        return await asyncio.gather(*[self.one(*one) for one in wanted])

    async def one(self, chat: int, members_rev: int, said: str, *, key: str = "") -> Outgoing:
        parts: list[dict[str, Any]] = [{"type": "text", "text": said}]
        if "@Bob" in said:
            parts.append({"type": "mention", "number": self.cast.bob.number, "name": "Bob"})
        alice = self.cast.alice
        return await self.house.writer.send(
            chat=chat,
            sender=alice.number,
            sender_json=b'{"number":%d,"name":"Alice"}' % alice.number,
            key=key or str(uuid.uuid4()),
            draft=read_segments(msgspec.json.encode(parts), text_chars_max=100, segments_max=5),
            members_rev=members_rev,
        )

    async def members_rev(self, chat: int) -> int:
        async with self.house.database.transaction() as session:
            query = text("SELECT members_rev FROM chat_chat WHERE chat_id = :chat")
            return int((await session.execute(query, {"chat": chat})).scalar_one())

    async def stored(self, table: str) -> list[Any]:
        async with self.house.database.transaction() as session:
            return list((await session.execute(select(literal_column("*")).select_from(table_named(table)))).all())


@pytest.fixture(params=["in one statement", "in several"])
def several(request: pytest.FixtureRequest, house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Several:
    if request.param == "in several":
        monkeypatch.setattr(writer, "_STORE_AT_ONCE", REFUSED)
    return Several(house, cast)


async def test_a_batch_over_chats_is_dense_in_each_and_told_in_one_fact(several: Several, cast: Cast) -> None:
    database = several.house.database
    chats = [await group_of(cast, database, name=name) for name in "ABC"]
    a, b, c = [(chat, await several.members_rev(chat)) for chat in chats]
    before = len(await several.stored("infra_outbox"))

    sent = await several.send((*a, "one"), (*b, "hello @Bob"), (*a, "two"), (*c, "see https://example.org"), (*b, "x"))
    again = await several.send((*a, "three"), (*b, "four"))

    assert [(one.chat, one.seq) for one in sent + again] == [
        (chats[0], 1),
        (chats[1], 1),
        (chats[0], 2),
        (chats[2], 1),
        (chats[1], 2),
        (chats[0], 3),
        (chats[1], 3),
    ]
    assert [(row.chat_id, row.account_number, row.seq) for row in await several.stored("chat_mention")] == [
        (chats[1], cast.bob.number, 1)
    ]
    facts = (await several.stored("infra_outbox"))[before:]
    ranges = [one for fact in facts if fact.topic == "chat.MessagesSent" for one in fact.payload["ranges"]]
    assert sorted((one["chat"], one["first_seq"], one["last_seq"]) for one in ranges) == [
        (chats[0], 1, 2),
        (chats[0], 3, 3),
        (chats[1], 1, 2),
        (chats[1], 3, 3),
        (chats[2], 1, 1),
    ]
    links = [fact.payload for fact in facts if fact.topic == "chat.LinksSent"]
    assert links == [{"messages": [{"chat": chats[2], "seq": 1}]}]


async def test_what_was_checked_against_older_members_is_checked_again(several: Several, cast: Cast) -> None:
    chat = await group_of(cast, several.house.database)
    other = await group_of(cast, several.house.database)
    old, now = await several.members_rev(chat), await several.members_rev(other)
    assert (await cast.alice.http.put(f"groups/{chat}/owner", json={"number": cast.mo.number})).status_code == 204
    assert await several.members_rev(chat) > old

    allowed = await several.send((chat, old, "still here"), (other, now, "here too"))
    assert (await cast.alice.http.delete(f"groups/{chat}/members/me")).status_code == 204
    refused = await asyncio.gather(
        several.one(chat, old, "gone"), several.one(other, now, "not gone"), return_exceptions=True
    )

    assert [one.seq for one in allowed] == [1, 1]
    assert isinstance(refused[0], NoSuchChat)
    assert isinstance(refused[1], Outgoing)
    assert refused[1].seq == 2
    rows = await several.stored("chat_chat")
    assert sorted((row.chat_id, row.last_seq) for row in rows) == [(chat, 1), (other, 2)]


async def test_a_repeated_key_is_answered_as_before_and_holds_up_nobody(several: Several, cast: Cast) -> None:
    chat = await group_of(cast, several.house.database)
    rev = await several.members_rev(chat)
    first = await several.one(chat, rev, "once", key="k")

    again, new = await asyncio.gather(several.one(chat, rev, "once", key="k"), several.one(chat, rev, "new"))

    assert (again.seq, again.id, again.at) == (first.seq, first.id, first.at)
    assert new.seq == 2
    assert len(await several.stored("chat_message")) == 2


async def test_a_refusal_by_the_database_is_asked_for_once_only(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_STORE_AT_ONCE", REFUSED)
    several = Several(house, cast)
    chat = await group_of(cast, house.database)
    rev = await several.members_rev(chat)
    assert house.writer._takes_one_statement

    await several.send((chat, rev, "one"))

    assert not house.writer._takes_one_statement
