"""An archive becomes groups with their people, once, however often it is carried."""

from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text

from hutong.archives import Archive, Carried, carry, read_slack, read_telegram
from hutong.domains import chat, identity
from hutong.infra.db import Database

from .conftest import MakeSlack, MakeTelegram

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ROOT = {"type": "message", "user": "U1", "text": "shall we?", "ts": "1700000000.000100"}
ANSWER = {
    "type": "message",
    "user": "U2",
    "text": "<@U1> yes",
    "ts": "1700000001.000200",
    "thread_ts": "1700000000.000100",
    "reactions": [{"name": "heart", "users": ["U1"]}],
}
LATER = {"type": "message", "user": "U2", "text": "so be it", "ts": "1700000100.0", "thread_ts": "1700000000.000100"}


async def carried(database: Database, archive: Archive) -> list[Carried]:
    async with database.transaction() as session:
        return await carry(session, archive, NOW, lambda messages: None)


async def test_people_times_replies_mentions_and_reactions_come_over(database: Database, make_slack: MakeSlack) -> None:
    (result,) = await carried(database, read_slack([make_slack(ROOT, ANSWER)]))

    assert (result.people_new, result.messages_new, result.replies, result.reactions) == (2, 2, 1, 1)
    async with database.transaction() as session:
        frames = await chat.message_frames(session, result.chat, after=0, limit=10)
    first, second = (frame.decode() for _, frame in frames)
    assert '"name":"Ann"' in first
    assert '"at":"2023-11-14T22:13:20.000Z"' in first
    assert '{"type":"reply","seq":1},{"type":"mention","number":10001,"name":"Ann"}' in second


async def test_the_name_of_a_channel_becomes_one_that_a_group_may_have(
    database: Database, make_slack: MakeSlack
) -> None:
    archive = read_slack([make_slack(ROOT)])
    archive.chats[0].name, archive.chats[0].description = "#" + "long-" * 16, "x" * 2_000
    (result,) = await carried(database, archive)
    async with database.transaction() as session:
        row = (await session.execute(text("SELECT name, length(description) AS length FROM chat_group"))).one()
    assert (row.name, row.length) == ("#long-long-long-long-long-long-long-lon…", 1_000)
    assert result.messages_new == 1


async def test_carrying_again_adds_nothing_and_a_longer_export_adds_what_is_new(
    database: Database, make_slack: MakeSlack
) -> None:
    await carried(database, read_slack([make_slack(ROOT, ANSWER)]))
    again = read_slack([make_slack(ROOT, ANSWER)])
    longer = read_slack([make_slack(ROOT, ANSWER, LATER)])

    (nothing,) = await carried(database, again)
    (more,) = await carried(database, longer)

    assert not nothing.is_new
    assert (nothing.people_new, nothing.messages_new) == (0, 0)
    assert again.tally.sentence() == "read 2 = carried 0 + skipped 2 (already there 2)"
    assert (more.chat, more.messages_new, more.replies) == (nothing.chat, 1, 1)
    assert longer.tally.sentence() == "read 3 = carried 1 + skipped 2 (already there 2)"


async def test_what_fails_half_way_leaves_nothing(database: Database, make_telegram: MakeTelegram) -> None:
    archive = read_telegram(
        [make_telegram({"type": "message", "date_unixtime": "1544006350", "from": "Ann", "text": "hi"})]
    )

    async def fail() -> None:
        async with database.transaction() as session:
            await carry(session, archive, NOW, lambda messages: None)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail()
    async with database.transaction() as session:
        assert await chat.chat_from(session, "telegram", "77") is None
        assert await identity.names_of(session, range(10_001, 10_010)) == {}


async def test_somebody_signs_up_and_takes_over_their_placeholder(
    database: Database, make_slack: MakeSlack, client: httpx.AsyncClient
) -> None:
    (result,) = await carried(database, read_slack([make_slack(ROOT, ANSWER)]))
    async with database.transaction() as session:
        numbers, _ = await identity.placeholders_for(session, "slack", {"U2": "Ben Real"}, NOW)
        code = await identity.offer_placeholder(session, numbers["U2"])

    draft = {"nickname": "Benjamin", "password": "seven green lanterns", "invitation": code}
    account = await client.post("/api/v1/accounts", json=draft)
    twice = await client.post("/api/v1/accounts", json=draft)
    login = {"login": str(numbers["U2"]), "password": draft["password"]}
    signed_in = await client.post("/api/v1/sessions", json=login)
    assert signed_in.status_code == 201, signed_in.text
    token = signed_in.json()["token"]
    chats = await client.get("/api/v1/chats", headers={"authorization": f"Bearer {token}"})

    assert account.status_code == 201, account.text
    assert account.json()["number"] == numbers["U2"]
    assert twice.json()["code"] == "identity.invitation_needed"
    assert [row["chat"] for row in chats.json()["items"]] == [result.chat]


async def test_only_a_placeholder_can_be_offered(database: Database) -> None:
    async with database.transaction() as session:
        (number,) = await identity.bulk_create(session, [identity.NewPerson(nickname="Alice")])
        with pytest.raises(identity.NotAPlaceholder):
            await identity.offer_placeholder(session, number)
