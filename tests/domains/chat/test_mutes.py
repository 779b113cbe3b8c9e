"""Who may not speak for a while."""

from hutong.infra.db import Database
from tests.cast import Cast, Person
from tests.conftest import HandClock

from .talk import changes, facts, group_of, refused, say, set_role, try_to_say


async def mute(by: Person, chat: int, person: Person, **how: object) -> tuple[int, str]:
    answer = await by.http.put(f"groups/{chat}/mutes/{person.number}", json={"minutes": 10, **how})
    return (204, "") if answer.status_code == 204 else refused(answer)


async def test_a_muted_member_is_silent_until_the_minute(cast: Cast, database: Database, clock: HandClock) -> None:
    chat = await group_of(cast, database)

    assert await mute(cast.mo, chat, cast.bob, reason="  Too\nloud ") == (204, "")

    assert refused(await try_to_say(cast.bob, chat, "but")) == (403, "chat.muted")
    assert await changes(cast.alice, chat, "muted") == [
        {
            "number": cast.bob.number,
            "name": "Bob",
            "until": "2026-11-23T06:10:00.000Z",
            "reason": "Too loud",
            "by": cast.mo.number,
            "by_name": "Mo",
        }
    ]
    assert await facts(database, "MemberMuted") == [
        {"chat": chat, "number": cast.bob.number, "until": "2026-11-23T06:10:00.000Z", "by": cast.mo.number}
    ]
    (bob,) = (await cast.alice.http.get(f"groups/{chat}/members", params={"query": "Bob"})).json()["items"]
    assert (bob["muted_until"], bob["mute_reason"]) == ("2026-11-23T06:10:00.000Z", "Too loud")

    clock.advance(minutes=9, seconds=59)
    assert refused(await try_to_say(cast.bob, chat, "and now?")) == (403, "chat.muted")
    clock.advance(seconds=1)
    assert await say(cast.bob, chat, "finally") == 1


async def test_a_later_mute_replaces_an_earlier_one(cast: Cast, database: Database, clock: HandClock) -> None:
    chat = await group_of(cast, database)
    await mute(cast.mo, chat, cast.bob, minutes=60, reason="first")

    await mute(cast.mo, chat, cast.bob, minutes=1)

    clock.advance(minutes=1)
    assert await say(cast.bob, chat, "short") == 1
    assert "reason" not in (await changes(cast.alice, chat, "muted"))[-1]


async def test_whoever_is_let_speak_again_may_at_once_and_nothing_is_told_of_the_others(
    cast: Cast, database: Database
) -> None:
    chat = await group_of(cast, database)
    await mute(cast.mo, chat, cast.bob, reason="x")

    for _ in range(2):
        assert (await cast.alice.http.delete(f"groups/{chat}/mutes/{cast.bob.number}")).status_code == 204

    assert await say(cast.bob, chat, "thanks") == 1
    assert [frame["until"] for frame in await changes(cast.bob, chat, "muted")] == ["2026-11-23T06:10:00.000Z", None]


async def test_nobody_mutes_their_equals_or_betters(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    assert await mute(cast.bob, chat, cast.bob) == (403, "chat.not_allowed")
    assert await mute(cast.mo, chat, cast.alice) == (403, "chat.not_allowed")
    assert await mute(cast.alice, chat, cast.alice) == (403, "chat.not_allowed")
    assert await mute(cast.alice, chat, cast.chen) == (404, "chat.no_such_member")
    assert await mute(cast.chen, chat, cast.bob) == (404, "chat.no_such_chat")
    assert await mute(cast.alice, chat, cast.mo) == (204, "")

    await set_role(cast.alice, chat, cast.bob, "admin")
    assert await mute(cast.mo, chat, cast.bob) == (403, "chat.not_allowed")
    assert await changes(cast.bob, chat, "muted") != []


async def test_a_mute_lasts_a_minute_at_least_and_a_year_at_most(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    assert await mute(cast.mo, chat, cast.bob, minutes=525_600) == (204, "")
    assert await mute(cast.mo, chat, cast.bob, minutes=525_601) == (400, "hutong.invalid")
    assert await mute(cast.mo, chat, cast.bob, minutes=0) == (400, "hutong.invalid")


async def test_a_mute_of_all_is_told_once_and_spares_owner_and_admins(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    for _ in range(2):
        assert (await cast.mo.http.put(f"groups/{chat}/mutes/all")).status_code == 204

    assert refused(await try_to_say(cast.bob, chat, "but")) == (403, "chat.muted_all")
    assert await say(cast.alice, chat, "quiet please") == 1
    assert await say(cast.mo, chat, "indeed") == 2
    assert (await cast.bob.http.get(f"groups/{chat}")).json()["mute_all"] is True
    assert await changes(cast.bob, chat, "muted") == [{"all": True, "by": cast.mo.number, "by_name": "Mo"}]

    await cast.alice.http.delete(f"groups/{chat}/mutes/all")
    assert await say(cast.bob, chat, "ah") == 3
    assert refused(await cast.bob.http.put(f"groups/{chat}/mutes/all")) == (403, "chat.not_allowed")
