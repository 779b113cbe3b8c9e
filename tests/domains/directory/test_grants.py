"""Traffic grants: begun, shown to those who keep fitting groups, counted once, ended, reported by day."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.event import listen

from hutong.api import House
from hutong.domains.directory import begin_grant, end_grant, list_grants
from hutong.domains.directory.actions import forget_offers
from hutong.domains.directory.errors import BadGrant, GrantRunning, GrantsFull, NoSuchGrant, NotListed
from hutong.domains.directory.jobs import sweep_grants
from hutong.domains.directory.models import Offer
from hutong.domains.openplatform import set_app_state
from hutong.settings import Limits
from tests.cast import Cast, Person, people
from tests.conftest import HandClock

from .conftest import Robot, Tell, approve, box, draft, install, listed, make_robot, submit


async def grant(house: House, app: int, *, limits: Limits | None = None, **more: Any) -> int:
    wanted = {"showings_max": 100, "days": 14} | more
    async with house.database.transaction() as session:
        made = await begin_grant(session, app, clock=house.clock, limits=limits or house.settings.limits, **wanted)
        return made.grant_id


async def sweep(house: House) -> None:
    await sweep_grants(house.database, clock=house.clock, limits=house.settings.limits)


async def offers(who: Person, chat: int) -> list[int]:
    found = (await who.http.get(f"chats/{chat}/offers")).raise_for_status().json()
    return [one["grant"] for one in found]


async def report(owner: Person, app: int) -> dict[str, Any]:
    found: dict[str, Any] = (await owner.http.get(f"apps/{app}/grants")).raise_for_status().json()[0]
    return found


async def counts(owner: Person, app: int) -> tuple[int, int, int]:
    told = await report(owner, app)
    for what in ("showings", "opened", "installed"):
        assert sum(day[what] for day in told["days"]) == told[what]
    return told["showings"], told["opened"], told["installed"]


@pytest.fixture
async def game(app: Litestar, cast: Cast, house: House) -> AsyncGenerator[Robot]:
    """A listed app of Chen's, whose bot is nowhere yet."""
    async with contextlib.AsyncExitStack() as stack:
        made = await make_robot(app, cast.chen, stack)
        await listed(house, cast.chen, made.app, name="Riddles", category="games")
        yield made


async def group_of(who: Person, **more: Any) -> int:
    made: int = (await who.http.post("groups", json={"name": "Players"} | more)).raise_for_status().json()["chat"]
    return made


async def test_those_who_keep_a_group_are_offered_the_app(cast: Cast, game: Robot, house: House, chat: int) -> None:
    number = await grant(house, game.app)
    card = (await cast.bob.http.get("directory")).json()["items"][0]
    assert (await cast.alice.http.get(f"chats/{chat}/offers")).json() == [{"grant": number, "listing": card}]
    assert (await cast.bob.http.get(f"chats/{chat}/offers")).json() == []
    assert (await cast.chen.http.get(f"chats/{chat}/offers")).status_code == 404
    await cast.alice.http.patch(f"groups/{chat}/members/{cast.bob.number}", json={"role": "admin"})
    assert await offers(cast.bob, chat) == [number]
    top = (await cast.alice.http.get("directory/offers")).json()
    assert top == [{"grant": number, "chat": chat, "group_name": "Readers", "listing": card}]
    assert (await cast.mo.http.get("directory/offers")).json() == []
    told = {"app": game.app, "name": "Riddles", "showings_max": 100, "ends_at": "2026-12-07T06:00:00.000Z"}
    assert (await box(cast.chen))[0] == ("directory.grant_begun", 1, told)


async def test_a_conversation_of_two_is_offered_nothing(cast: Cast, game: Robot, house: House) -> None:
    await grant(house, game.app)
    direct = (await cast.alice.http.post("directs", json={"number": cast.bob.number})).json()["chat"]
    assert await offers(cast.alice, direct) == []
    assert await counts(cast.chen, game.app) == (0, 0, 0)


async def test_a_showing_is_counted_once_for_each_group_and_day(
    cast: Cast, game: Robot, house: House, chat: int, clock: HandClock
) -> None:
    number = await grant(house, game.app)
    other = await group_of(cast.bob)
    everybody = [offers(cast.alice, chat) for _ in range(4)] + [offers(cast.bob, other) for _ in range(4)]
    assert await asyncio.gather(*everybody) == [[number]] * 8
    await cast.alice.http.get("directory/offers")
    assert await counts(cast.chen, game.app) == (2, 0, 0)
    clock.advance(days=1)
    await asyncio.gather(*(offers(cast.alice, chat) for _ in range(4)))
    assert await counts(cast.chen, game.app) == (3, 0, 0)
    days = (await report(cast.chen, game.app))["days"]
    assert [(day["day"], day["showings"]) for day in days] == [("2026-11-23", 2), ("2026-11-24", 1)]


async def test_a_grant_is_never_shown_more_often_than_it_may_be(
    cast: Cast, game: Robot, house: House, app: Litestar
) -> None:
    number = await grant(house, game.app, showings_max=3)
    async with contextlib.AsyncExitStack() as stack:
        many = await people(app, house, stack, [f"Keeper {n}" for n in range(8)])
        chats = [await group_of(one) for one in many]
        shown = await asyncio.gather(*(offers(one, chat) for one, chat in zip(many, chats, strict=True)))
        assert sorted(shown) == [[]] * 5 + [[number]] * 3
        again = await asyncio.gather(*(offers(one, chat) for one, chat in zip(many, chats, strict=True)))
        assert again == shown
    assert await counts(cast.chen, game.app) == (3, 0, 0)
    await sweep(house)
    assert (await report(cast.chen, game.app))["ended"] is True
    told = {"app": game.app, "name": "Riddles", "showings": 3, "opened": 0, "installed": 0}
    assert (await box(cast.chen))[0] == ("directory.grant_ended", 1, told)


async def test_only_groups_that_fit_are_offered_it(cast: Cast, game: Robot, house: House, chat: int) -> None:
    tools = await group_of(cast.alice, kind="tool")
    number = await grant(house, game.app, kinds=("tool",))
    assert (await offers(cast.alice, chat), await offers(cast.alice, tools)) == ([], [number])
    assert [one["chat"] for one in (await cast.alice.http.get("directory/offers")).json()] == [tools]
    async with house.database.transaction() as session:
        await end_grant(session, game.app, clock=house.clock, limits=house.settings.limits)
    assert await offers(cast.alice, tools) == []
    number = await grant(house, game.app, members_min=2)
    assert (await offers(cast.alice, chat), await offers(cast.alice, tools)) == ([number], [])


async def test_opening_is_counted_once_for_each_group(cast: Cast, game: Robot, house: House, chat: int) -> None:
    number = await grant(house, game.app)
    path = f"chats/{chat}/offers/{number}/open"
    answer = await cast.alice.http.post(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "directory.no_such_offer")
    await offers(cast.alice, chat)
    answers = await asyncio.gather(*(cast.alice.http.post(path) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {204}
    answer = await cast.bob.http.post(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "directory.no_such_offer")
    assert (await cast.chen.http.post(path)).json()["code"] == "chat.no_such_chat"
    assert await counts(cast.chen, game.app) == (1, 1, 0)


async def test_opening_is_counted_while_the_grant_runs(
    cast: Cast, game: Robot, house: House, chat: int, clock: HandClock
) -> None:
    number = await grant(house, game.app, days=2)
    await offers(cast.alice, chat)
    clock.advance(days=2)
    path = f"chats/{chat}/offers/{number}/open"
    # Its time is over, and then it was ended.
    for _ in range(2):
        assert (await cast.alice.http.post(path)).status_code == 204
        assert await counts(cast.chen, game.app) == (1, 0, 0)
        await sweep(house)
    number = await grant(house, game.app)
    await offers(cast.alice, chat)
    async with house.database.transaction() as session:
        await end_grant(session, game.app, clock=house.clock, limits=house.settings.limits)
    assert (await cast.alice.http.post(f"chats/{chat}/offers/{number}/open")).status_code == 204
    assert await counts(cast.chen, game.app) == (1, 0, 0)


async def test_what_counts_as_shown_is_stored_nowhere_on_its_way(
    cast: Cast, game: Robot, house: House, chat: int
) -> None:
    await grant(house, game.app)
    for path in (f"chats/{chat}/offers", "directory/offers"):
        answer = await cast.alice.http.get(path)
        assert (len(answer.json()), answer.headers["cache-control"]) == (1, "no-store")


async def test_what_a_group_does_not_want_it_is_not_offered_again(
    cast: Cast, game: Robot, house: House, chat: int, clock: HandClock
) -> None:
    number = await grant(house, game.app)
    await offers(cast.alice, chat)
    path = f"chats/{chat}/offers/{number}"
    assert (await cast.bob.http.delete(path)).status_code == 404
    for _ in range(2):
        assert (await cast.alice.http.delete(path)).status_code == 204
    assert await offers(cast.alice, chat) == []
    clock.advance(days=1)
    assert await offers(cast.alice, chat) == []
    assert (await cast.alice.http.get("directory/offers")).json() == []


async def test_a_group_that_lets_the_app_in_within_days_counts_and_is_offered_it_no_more(
    cast: Cast, game: Robot, house: House, chat: int, tell: Tell, clock: HandClock
) -> None:
    await grant(house, game.app)
    await offers(cast.alice, chat)
    clock.advance(days=6)
    await install(cast.alice, chat, game, "send")
    await tell()
    assert await offers(cast.alice, chat) == []
    await install(cast.alice, chat, game, "send", "members")
    await tell()
    await cast.alice.http.delete(f"groups/{chat}/bots/{game.number}")
    await tell()
    await install(cast.alice, chat, game, "send")
    await tell()
    assert await counts(cast.chen, game.app) == (1, 0, 1)
    days = (await report(cast.chen, game.app))["days"]
    assert [(day["day"], day["showings"], day["installed"]) for day in days] == [
        ("2026-11-23", 1, 0),
        ("2026-11-29", 0, 1),
    ]


async def test_a_group_that_lets_it_in_late_or_was_never_shown_it_does_not_count(
    cast: Cast, game: Robot, house: House, chat: int, tell: Tell, clock: HandClock
) -> None:
    await grant(house, game.app)
    await offers(cast.alice, chat)
    other = await group_of(cast.bob)
    await install(cast.bob, other, game, "send")
    clock.advance(days=7, seconds=1)
    await install(cast.alice, chat, game, "send")
    await tell()
    assert await counts(cast.chen, game.app) == (1, 0, 0)


async def test_the_grants_furthest_behind_are_shown_first_and_two_at_most(
    cast: Cast, game: Robot, house: House, chat: int, app: Litestar
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        others = [await make_robot(app, cast.chen, stack) for _ in range(2)]
        for one in others:
            await listed(house, cast.chen, one.app)
    first = await grant(house, game.app, showings_max=2)
    second, third = [await grant(house, one.app, showings_max=10) for one in others]
    assert await offers(cast.alice, chat) == [first, second]
    assert await offers(cast.alice, chat) == [third, second]
    players = await group_of(cast.bob)
    assert await offers(cast.bob, players) == [second, third]


async def test_a_grant_ends_with_its_time_and_its_owner_hears_what_came_of_it(
    cast: Cast, game: Robot, house: House, chat: int, clock: HandClock
) -> None:
    number = await grant(house, game.app, days=2)
    await offers(cast.alice, chat)
    await cast.alice.http.post(f"chats/{chat}/offers/{number}/open")
    clock.advance(days=2)
    assert await offers(cast.alice, chat) == []
    for _ in range(2):
        await sweep(house)
    told = {"app": game.app, "name": "Riddles", "showings": 1, "opened": 1, "installed": 0}
    assert [one for one in await box(cast.chen) if one[0] == "directory.grant_ended"] == [
        ("directory.grant_ended", 1, told)
    ]
    assert (await report(cast.chen, game.app))["ended"] is True


async def test_what_is_suspended_or_taken_out_is_offered_to_nobody(
    cast: Cast, game: Robot, house: House, chat: int
) -> None:
    number = await grant(house, game.app)

    async def become(state: Any) -> None:
        async with house.database.transaction() as session:
            await set_app_state(session, game.app, state, clock=house.clock, limits=house.settings.limits)

    await become("suspended")
    assert await offers(cast.alice, chat) == []
    await become("reviewed")
    assert await offers(cast.alice, chat) == [number]
    (await cast.chen.http.delete(f"apps/{game.app}/listing")).raise_for_status()
    assert await offers(cast.alice, chat) == []


async def test_the_grant_of_an_app_that_is_suspended_ends_and_gives_its_place_to_another(
    cast: Cast, game: Robot, robot: Robot, house: House, chat: int
) -> None:
    await listed(house, cast.alice, robot.app)
    await grant(house, game.app)
    await sweep(house)
    assert (await report(cast.chen, game.app))["ended"] is False
    async with house.database.transaction() as session:
        await set_app_state(session, game.app, "suspended", clock=house.clock, limits=house.settings.limits)
    for _ in range(2):
        await sweep(house)
    assert (await report(cast.chen, game.app))["ended"] is True
    told = {"app": game.app, "name": "Riddles", "showings": 0, "opened": 0, "installed": 0}
    assert [one for one in await box(cast.chen) if one[0] == "directory.grant_ended"] == [
        ("directory.grant_ended", 1, told)
    ]
    await grant(house, robot.app, limits=Limits(grants_running_max=1))


async def test_an_app_that_is_taken_out_ends_its_grant(cast: Cast, game: Robot, house: House, chat: int) -> None:
    await grant(house, game.app)
    await offers(cast.alice, chat)
    (await cast.chen.http.delete(f"apps/{game.app}/listing")).raise_for_status()
    assert (await report(cast.chen, game.app))["ended"] is True
    told = {"app": game.app, "name": "Riddles", "showings": 1, "opened": 0, "installed": 0}
    assert (await box(cast.chen))[0] == ("directory.grant_ended", 1, told)
    (await cast.chen.http.post(f"apps/{game.app}/versions/1/live")).raise_for_status()
    assert await offers(cast.alice, chat) == []
    await grant(house, game.app)


async def test_grants_are_listed_by_as_many_statements_for_one_app_as_for_several(
    cast: Cast, game: Robot, house: House, app: Litestar
) -> None:
    async def asked() -> tuple[int, set[str]]:
        count = 0

        def note(*_: Any) -> None:
            nonlocal count
            count += 1

        async with house.database.transaction() as session:
            connection = await session.connection()
            listen(connection.sync_connection, "before_cursor_execute", note)
            names = {one.name for one in await list_grants(session)}
        return count, names

    await grant(house, game.app)
    before, _ = await asked()
    async with contextlib.AsyncExitStack() as stack:
        for name in ("Chess", "Draughts"):
            other = await make_robot(app, cast.chen, stack)
            await listed(house, cast.chen, other.app, name=name)
            await grant(house, other.app)
    assert await asked() == (before, {"Riddles", "Chess", "Draughts"})


async def test_an_app_that_is_given_up_leaves_no_grant(
    cast: Cast, game: Robot, house: House, chat: int, tell: Tell
) -> None:
    number = await grant(house, game.app)
    await offers(cast.alice, chat)
    async with house.database.transaction() as session:
        assert [(one.app, one.name) for one in await list_grants(session)] == [(game.app, "Riddles")]
    (await cast.chen.http.delete(f"apps/{game.app}")).raise_for_status()
    async with house.database.transaction() as session:
        assert [(one.app, one.name) for one in await list_grants(session)] == [(game.app, "")]
    await tell()
    async with house.database.transaction() as session:
        assert await list_grants(session) == []
    assert await offers(cast.alice, chat) == []
    assert (await cast.alice.http.post(f"chats/{chat}/offers/{number}/open")).status_code == 404
    await sweep(house)


async def test_a_grant_is_for_an_app_in_the_directory_and_one_at_a_time(
    cast: Cast, game: Robot, robot: Robot, house: House
) -> None:
    version = await draft(cast.alice, robot.app)
    with pytest.raises(NotListed):
        await grant(house, robot.app)
    for showings_max, days in ((0, 14), (1_000_001, 14), (100, 0), (100, 91)):
        with pytest.raises(BadGrant):
            await grant(house, game.app, showings_max=showings_max, days=days)
    with pytest.raises(NoSuchGrant):
        async with house.database.transaction() as session:
            await end_grant(session, game.app, clock=house.clock, limits=house.settings.limits)
    made = await asyncio.gather(*(grant(house, game.app) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["GrantRunning", "GrantRunning", "int"]
    assert any(isinstance(one, GrantRunning) for one in made)
    await submit(cast.alice, robot.app, version)
    await approve(house, robot.app, version)
    with pytest.raises(GrantsFull):
        await grant(house, robot.app, limits=Limits(grants_running_max=1))


async def test_what_was_shown_of_grants_that_ended_long_ago_is_forgotten(
    cast: Cast, game: Robot, house: House, chat: int, clock: HandClock
) -> None:
    other = await group_of(cast.alice)
    old = await grant(house, game.app)
    assert (await offers(cast.alice, chat), await offers(cast.alice, other)) == ([old], [old])
    async with house.database.transaction() as session:
        await end_grant(session, game.app, clock=house.clock, limits=house.settings.limits)
    clock.advance(days=house.settings.limits.installs_counted_days)
    new = await grant(house, game.app)
    assert await offers(cast.alice, chat) == [new]

    async def kept() -> list[int]:
        async with house.database.transaction() as session:
            return sorted(await session.scalars(select(Offer.grant_id)))

    await sweep(house)
    assert await kept() == [old, old, new]
    clock.advance(seconds=1)
    async with house.database.transaction() as session:
        limits = house.settings.limits
        assert await forget_offers(session, clock=house.clock, limits=limits, at_once_max=1)
    assert await kept() == [old, new]
    await sweep(house)
    assert await kept() == [new]
    # What came of it is still told.
    [_, told] = (await cast.chen.http.get(f"apps/{game.app}/grants")).json()
    assert (told["grant"], told["showings"]) == (old, 2)
