"""A box of notices: counted, grouped, read up to a moment, kept within bounds."""

from typing import Any

import msgspec

from hutong.api import House
from hutong.domains.notifications import notify
from hutong.domains.notifications.jobs import sweep_notices
from hutong.settings import Limits
from tests.cast import Cast, Person
from tests.conftest import HandClock


async def tell(
    house: House, who: Person, kind: str, about: str, *, limits: Limits | None = None, **params: Any
) -> None:
    async with house.database.transaction() as session:
        limits = limits or house.settings.limits
        await notify(session, who.number, kind, about, clock=house.clock, limits=limits, **params)


async def box(who: Person, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await who.http.get("notices", params=params)).raise_for_status().json()
    return found


async def test_what_came_again_is_one_notice_until_it_is_read(cast: Cast, house: House, clock: HandClock) -> None:
    said: list[tuple[str, bytes]] = []
    house.database.say = lambda subject, payload: said.append((subject, payload))
    for stars in (5, 3):
        await tell(house, cast.alice, "test.rated", "app:1", stars=stars)
        clock.advance(seconds=10)
    await tell(house, cast.alice, "test.rated", "app:2", stars=1)

    found = await box(cast.alice)
    assert found["unread"] == 2
    assert [(one["about"], one["count"], one["params"], one["read"]) for one in found["items"]] == [
        ("app:2", 1, {"stars": 1}, False),
        ("app:1", 2, {"stars": 3}, False),
    ]
    assert msgspec.json.decode(said[-1][1]) == {"on": "noticed", "unread": 2}
    assert said[-1][0] == f"account.{cast.alice.number}"
    assert (await box(cast.bob))["items"] == []

    until = found["items"][1]["last_at"]
    assert (await cast.alice.http.put("notices/read", json={"until": until})).status_code == 204
    await tell(house, cast.alice, "test.rated", "app:1", stars=4)
    found = await box(cast.alice)
    assert found["unread"] == 2
    assert [(one["about"], one["count"], one["read"]) for one in found["items"]] == [
        ("app:1", 1, False),
        ("app:2", 1, False),
        ("app:1", 2, True),
    ]
    assert (await cast.alice.http.put("notices/read", json={})).status_code == 204
    assert (await box(cast.alice))["unread"] == 0


async def test_pages_follow_one_another(cast: Cast, house: House, clock: HandClock) -> None:
    for number in range(5):
        await tell(house, cast.alice, "test.rated", f"app:{number}")
        clock.advance(seconds=1)
    first = await box(cast.alice, limit=3)
    second = await box(cast.alice, limit=3, cursor=first["next"])
    assert [one["about"] for one in first["items"] + second["items"]] == [f"app:{n}" for n in range(4, -1, -1)]
    assert second["next"] is None


async def test_only_so_many_are_kept_and_for_so_long(cast: Cast, house: House, clock: HandClock) -> None:
    limits = Limits(notices_per_account_max=2, notices_kept_days=1)
    for number in range(4):
        await tell(house, cast.alice, "test.rated", f"app:{number}", limits=limits)
        clock.advance(hours=5)
    assert [one["about"] for one in (await box(cast.alice))["items"]] == ["app:3", "app:2"]
    clock.advance(hours=15)
    await sweep_notices(house.database, clock=clock, limits=limits)
    assert [one["about"] for one in (await box(cast.alice))["items"]] == ["app:3"]


async def test_what_is_no_moment_is_told_so(cast: Cast) -> None:
    answer = await cast.alice.http.put("notices/read", json={"until": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (400, "notifications.bad_moment")
