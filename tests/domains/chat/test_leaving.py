"""Leaving, being removed, being kept out, and the end of a group."""

import asyncio

from sqlalchemy import text

from hutong.infra.db import Database
from tests.cast import Cast

from .conftest import Said
from .talk import changes, facts, group_of, join, refused, set_role, try_to_say


async def test_who_leaves_is_gone_and_the_others_see_it(cast: Cast, database: Database, said: Said) -> None:
    chat = await group_of(cast, database)

    answer = await cast.bob.http.delete(f"groups/{chat}/members/me")

    assert answer.status_code == 204
    assert await changes(cast.mo, chat, "left") == [{"number": cast.bob.number, "name": "Bob", "members": 2}]
    assert said[cast.bob.number][-1] == {"on": "unseated", "chat": chat, "number": cast.bob.number, "name": "Bob"}
    assert await facts(database, "MemberLeft") == [
        {"chat": chat, "number": cast.bob.number, "removed_by": None, "banned": False}
    ]
    assert refused(await cast.bob.http.get(f"chats/{chat}/messages")) == (404, "chat.no_such_chat")
    assert refused(await cast.bob.http.delete(f"groups/{chat}/members/me")) == (404, "chat.no_such_chat")


async def test_the_owner_cannot_leave(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    assert refused(await cast.alice.http.delete(f"groups/{chat}/members/me")) == (409, "chat.cannot_leave_as_owner")


async def test_who_is_removed_is_gone_and_may_come_back(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    answer = await cast.mo.http.delete(f"groups/{chat}/members/{cast.bob.number}")

    assert answer.status_code == 204
    assert await changes(cast.alice, chat, "left") == [
        {"number": cast.bob.number, "name": "Bob", "removed_by": cast.mo.number, "removed_by_name": "Mo", "members": 2}
    ]
    assert refused(await try_to_say(cast.bob, chat, "wait")) == (404, "chat.no_such_chat")
    assert (await join(cast.bob, chat)).status_code == 200


async def test_who_is_kept_out_comes_back_only_when_the_ban_is_lifted(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    answer = await cast.mo.http.delete(f"groups/{chat}/members/{cast.bob.number}", params={"ban": "true"})

    assert answer.status_code == 204
    assert (await changes(cast.alice, chat, "left"))[0]["banned"] is True
    assert refused(await join(cast.bob, chat)) == (403, "chat.banned")
    (ban,) = (await cast.alice.http.get(f"groups/{chat}/bans")).json()["items"]
    assert ban == {
        "number": cast.bob.number,
        "name": "Bob",
        "avatar": None,
        "by": {"number": cast.mo.number, "name": "Mo"},
        "at": "2026-11-23T06:00:00.000Z",
    }

    for _ in range(2):
        assert (await cast.alice.http.delete(f"groups/{chat}/bans/{cast.bob.number}")).status_code == 204

    assert (await cast.alice.http.get(f"groups/{chat}/bans")).json()["items"] == []
    assert (await join(cast.bob, chat)).status_code == 200


async def test_somebody_outside_can_be_kept_out_and_their_request_goes(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": "approval"})
    await join(cast.chen, chat)
    path = f"groups/{chat}/members/{cast.chen.number}"

    assert refused(await cast.mo.http.delete(path)) == (404, "chat.no_such_member")
    assert (await cast.mo.http.delete(path, params={"ban": "true"})).status_code == 204

    assert (await cast.alice.http.get(f"groups/{chat}/requests")).json()["items"] == []
    assert refused(await join(cast.chen, chat)) == (403, "chat.banned")
    nobody = await cast.mo.http.delete(f"groups/{chat}/members/99999", params={"ban": "true"})
    assert refused(nobody) == (404, "chat.no_such_member")


async def test_nobody_removes_their_equals_or_betters(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await set_role(cast.alice, chat, cast.bob, "admin")
    await join(cast.chen, chat)

    for ban in ("false", "true"):
        for target in (cast.alice, cast.bob, cast.mo):
            answer = await cast.mo.http.delete(f"groups/{chat}/members/{target.number}", params={"ban": ban})
            assert refused(answer) == (403, "chat.not_allowed")
    by_chen = await cast.chen.http.delete(f"groups/{chat}/members/{cast.bob.number}")
    assert refused(by_chen) == (403, "chat.not_allowed")
    assert (await cast.alice.http.get(f"groups/{chat}/bans")).json()["items"] == []
    assert (await cast.alice.http.delete(f"groups/{chat}/members/{cast.mo.number}")).status_code == 204


async def test_only_owner_and_admins_see_and_lift_bans(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.delete(f"groups/{chat}/members/{cast.chen.number}", params={"ban": "true"})

    assert refused(await cast.bob.http.get(f"groups/{chat}/bans")) == (403, "chat.not_allowed")
    assert refused(await cast.chen.http.get(f"groups/{chat}/bans")) == (404, "chat.no_such_chat")
    lifted = await cast.bob.http.delete(f"groups/{chat}/bans/{cast.chen.number}")
    assert refused(lifted) == (403, "chat.not_allowed")
    assert refused(await join(cast.chen, chat)) == (403, "chat.banned")


async def test_members_are_counted_right_however_many_leave_and_join_at_once(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    await asyncio.gather(
        cast.bob.http.delete(f"groups/{chat}/members/me"),
        join(cast.chen, chat),
        cast.alice.http.delete(f"groups/{chat}/members/{cast.bob.number}"),
        cast.mo.http.delete(f"groups/{chat}/members/me"),
        join(cast.chen, chat),
    )

    assert (await cast.alice.http.get(f"groups/{chat}")).json()["members"] == 2
    assert len((await cast.alice.http.get(f"groups/{chat}/members")).json()["items"]) == 2


async def test_a_dissolved_group_exists_for_nobody(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    await cast.alice.http.patch(f"groups/{chat}", json={"handle": "readers"})
    link = (await cast.alice.http.post(f"groups/{chat}/invitations")).json()["code"]

    answer = await cast.alice.http.delete(f"groups/{chat}")

    assert answer.status_code == 204
    for person in (cast.alice, cast.mo, cast.bob, cast.chen):
        assert refused(await person.http.get(f"groups/{chat}")) == (404, "chat.no_such_chat")
        assert refused(await person.http.get(f"chats/{chat}/messages")) == (404, "chat.no_such_chat")
        assert refused(await try_to_say(person, chat, "hello?")) == (404, "chat.no_such_chat")
        assert refused(await join(person, chat)) == (404, "chat.no_such_chat")
        assert refused(await person.http.get(f"invitations/{link}")) == (404, "chat.no_such_invitation")
        assert (await person.http.get("chats")).json()["items"] == []
        assert (await person.http.get("groups")).json()["items"] == []
    assert (await cast.chen.http.get("handles/readers")).status_code == 404
    assert refused(await cast.alice.http.delete(f"groups/{chat}")) == (404, "chat.no_such_chat")
    assert await facts(database, "GroupDissolved") == [{"chat": chat, "by": cast.alice.number}]
    async with database.transaction() as session:
        last = text(
            "SELECT frame::jsonb - 'at' - 'rev' FROM chat_change WHERE chat_id = :chat ORDER BY rev DESC LIMIT 1"
        )
        assert await session.scalar(last, {"chat": chat}) == {
            "on": "dissolved",
            "chat": chat,
            "by": cast.alice.number,
            "by_name": "Alice",
        }


async def test_only_the_owner_dissolves(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    for person in (cast.mo, cast.bob):
        assert refused(await person.http.delete(f"groups/{chat}")) == (403, "chat.not_allowed")
    assert refused(await cast.chen.http.delete(f"groups/{chat}")) == (404, "chat.no_such_chat")
    assert (await cast.alice.http.get(f"groups/{chat}")).status_code == 200
