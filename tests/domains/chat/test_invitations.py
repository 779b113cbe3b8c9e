"""Links into a group: who makes them, whom they let in, for how long and how often."""

import asyncio
import re
from typing import Any

import httpx
import msgspec
import pytest
import segno

from hutong.infra.db import Database
from hutong.settings import Settings
from tests.cast import API, Cast, Person
from tests.conftest import HandClock
from tests.files import BLUE, png, send_file

from .talk import changes, facts, fill, group_of, join, refused, set_role


async def invite(person: Person, chat: int, **how: int) -> Any:
    answer = await person.http.post(f"groups/{chat}/invitations", json=how)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def mode(cast: Cast, chat: int, join_mode: str, **fields: object) -> None:
    answer = await cast.alice.http.patch(f"groups/{chat}", json={"join_mode": join_mode, **fields})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("join_mode", ["open", "approval", "invitation", "closed"])
async def test_a_link_of_an_admin_leads_into_a_group_of_any_mode(
    cast: Cast, database: Database, join_mode: str
) -> None:
    chat = await group_of(cast, database)
    await mode(cast, chat, join_mode, listed=False, question="Why?")
    link = await invite(cast.mo, chat)

    preview = await cast.chen.http.get(f"invitations/{link['code']}")
    joined = await join(cast.chen, chat, invitation=link["code"])

    assert preview.status_code == 200, preview.text
    assert preview.json()["group"]["name"] == "Readers"
    assert preview.json()["invited_by"] == {"number": cast.mo.number, "name": "Mo"}
    assert joined.json() == {"state": "joined", "chat": chat}
    assert (await changes(cast.bob, chat, "joined"))[-1] == {
        "number": cast.chen.number,
        "name": "Chen",
        "invited_by": cast.mo.number,
        "invited_by_name": "Mo",
        "role": "member",
        "members": 4,
    }
    assert (await facts(database, "MemberJoined"))[-1]["invited_by"] == cast.mo.number
    assert (await cast.mo.http.get(f"groups/{chat}/invitations")).json()["items"][0]["joined"] == 1


async def test_a_link_says_where_it_leads_how_long_and_how_often(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    link, endless = await invite(cast.alice, chat, hours=2, uses=3), await invite(cast.alice, chat)

    assert link == {
        "code": link["code"],
        "url": f"http://hutong.test/join/{link['code']}",
        "expires_at": "2026-11-23T08:00:00.000Z",
        "uses_left": 3,
        "made_by": {"number": cast.alice.number, "name": "Alice"},
        "made_at": "2026-11-23T06:00:00.000Z",
        "joined": 0,
    }
    assert (endless["uses_left"], endless["expires_at"]) == (None, "2026-11-30T06:00:00.000Z")
    assert len(link["code"]) == 10
    assert link["code"] != endless["code"]


async def test_a_link_is_good_until_its_hour_and_not_after(cast: Cast, database: Database, clock: HandClock) -> None:
    chat = await group_of(cast, database)
    await mode(cast, chat, "closed")
    link = await invite(cast.alice, chat, hours=2)

    clock.advance(hours=1, minutes=59, seconds=59)
    assert (await cast.chen.http.get(f"invitations/{link['code']}")).status_code == 200
    clock.advance(seconds=1)

    assert refused(await cast.chen.http.get(f"invitations/{link['code']}")) == (404, "chat.no_such_invitation")
    assert refused(await join(cast.chen, chat, invitation=link["code"])) == (404, "chat.no_such_invitation")
    assert (await cast.alice.http.get(f"groups/{chat}/invitations")).json()["items"] == []


async def test_of_many_who_use_a_link_for_one_at_once_one_gets_in(
    cast: Cast, database: Database, crowd: list[Person]
) -> None:
    chat = await group_of(cast, database)
    await mode(cast, chat, "closed")
    link = await invite(cast.alice, chat, uses=1)

    answers = await asyncio.gather(*[join(person, chat, invitation=link["code"]) for person in crowd])

    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 11
    assert (await cast.alice.http.get(f"groups/{chat}")).json()["members"] == 4
    (kept,) = (await cast.alice.http.get(f"groups/{chat}/invitations")).json()["items"]
    assert (kept["uses_left"], kept["joined"]) == (0, 1)


async def test_joining_again_by_the_same_link_spends_no_use(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    link = await invite(cast.alice, chat, uses=2)

    for _ in range(3):
        assert (await join(cast.chen, chat, invitation=link["code"])).json()["state"] == "joined"

    (kept,) = (await cast.alice.http.get(f"groups/{chat}/invitations")).json()["items"]
    assert (kept["uses_left"], kept["joined"]) == (1, 1)


async def test_a_full_group_spends_no_use(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database, capacity=200)
    link = await invite(cast.alice, chat, uses=1)
    await fill(database, chat, 200)
    assert refused(await join(cast.chen, chat, invitation=link["code"])) == (409, "chat.group_is_full")

    await fill(database, chat, 199)

    assert (await join(cast.chen, chat, invitation=link["code"])).status_code == 200


async def test_a_link_leads_into_its_own_group_only(cast: Cast, database: Database) -> None:
    chat, other = await group_of(cast, database), await group_of(cast, database)
    link = await invite(cast.alice, chat)

    assert refused(await join(cast.chen, other, invitation=link["code"])) == (404, "chat.no_such_invitation")
    assert (await join(cast.chen, chat, invitation=link["code"].upper())).status_code == 200


@pytest.mark.parametrize(
    ("join_mode", "may"), [("open", True), ("invitation", True), ("approval", False), ("closed", False)]
)
async def test_members_invite_where_the_admins_leave_it_to_them(
    cast: Cast, database: Database, join_mode: str, may: bool
) -> None:
    chat = await group_of(cast, database)
    await mode(cast, chat, join_mode)

    answer = await cast.bob.http.post(f"groups/{chat}/invitations")

    if may:
        assert answer.status_code == 201
        assert (await join(cast.chen, chat, invitation=answer.json()["code"])).status_code == 200
    else:
        assert refused(answer) == (403, "chat.not_allowed")
    assert refused(await cast.chen.http.post(f"groups/{chat + 1}/invitations")) == (404, "chat.no_such_chat")


async def test_a_members_link_is_good_only_while_members_may_invite(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    link = await invite(cast.bob, chat)

    await mode(cast, chat, "approval")
    assert refused(await join(cast.chen, chat, invitation=link["code"])) == (404, "chat.no_such_invitation")
    await set_role(cast.alice, chat, cast.bob, "admin")

    assert (await join(cast.chen, chat, invitation=link["code"])).json()["state"] == "joined"


@pytest.mark.parametrize("going", ["leaves", "is removed"])
async def test_the_links_of_whoever_goes_lead_nowhere_even_if_they_come_back(
    cast: Cast, database: Database, going: str
) -> None:
    chat = await group_of(cast, database)
    link = await invite(cast.bob, chat)

    if going == "leaves":
        await cast.bob.http.delete(f"groups/{chat}/members/me")
    else:
        await cast.alice.http.delete(f"groups/{chat}/members/{cast.bob.number}")
    await join(cast.bob, chat)

    assert refused(await join(cast.chen, chat, invitation=link["code"])) == (404, "chat.no_such_invitation")


async def test_a_revoked_link_leads_nowhere(cast: Cast, database: Database) -> None:
    chat, other = await group_of(cast, database), await group_of(cast, database)
    of_bob, of_alice = await invite(cast.bob, chat), await invite(cast.alice, chat)

    by_bob = await cast.bob.http.delete(f"groups/{chat}/invitations/{of_alice['code']}")
    elsewhere = await cast.alice.http.delete(f"groups/{other}/invitations/{of_bob['code']}")
    by_mo = await cast.mo.http.delete(f"groups/{chat}/invitations/{of_bob['code']}")

    assert refused(by_bob) == (404, "chat.no_such_invitation")
    assert refused(elsewhere) == (404, "chat.no_such_invitation")
    assert by_mo.status_code == 204
    assert refused(await join(cast.chen, chat, invitation=of_bob["code"])) == (404, "chat.no_such_invitation")
    assert (await join(cast.chen, chat, invitation=of_alice["code"])).status_code == 200


async def test_members_see_their_own_links_and_admins_all(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    of_bob, of_alice = await invite(cast.bob, chat), await invite(cast.alice, chat)

    async def seen(person: Person) -> set[str]:
        answer = await person.http.get(f"groups/{chat}/invitations")
        return {link["code"] for link in answer.json()["items"]}

    assert await seen(cast.bob) == {of_bob["code"]}
    assert await seen(cast.mo) == {of_bob["code"], of_alice["code"]}
    assert refused(await cast.chen.http.get(f"groups/{chat}/invitations")) == (404, "chat.no_such_chat")


async def test_whoever_is_kept_out_is_kept_out_by_a_link_too(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    link = await invite(cast.alice, chat)
    await cast.alice.http.delete(f"groups/{chat}/members/{cast.bob.number}", params={"ban": "true"})

    assert refused(await join(cast.bob, chat, invitation=link["code"])) == (403, "chat.banned")
    assert refused(await cast.bob.http.get(f"invitations/{link['code']}")) == (403, "chat.banned")


async def test_the_qr_code_is_a_picture_of_the_link(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    link = await invite(cast.alice, chat)

    answer = await cast.chen.http.get(f"invitations/{link['code']}/qr.svg")

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    modules = segno.make(link["url"], error="m", micro=False).svg_inline(scale=8, border=4)
    (drawn,) = re.findall(r' d="[^"]+"', modules)
    assert drawn in answer.text
    assert refused(await cast.chen.http.get("invitations/guessed234/qr.svg")) == (404, "chat.no_such_invitation")


async def look(visitor: httpx.AsyncClient, code: str) -> httpx.Response:
    """What the link says to whoever holds it and is not signed in."""
    return await visitor.get(f"{API}invitations/{code}/group")


@pytest.mark.parametrize("join_mode", ["approval", "invitation", "closed"])
async def test_a_link_says_what_it_is_to_before_one_signs_in(
    cast: Cast, database: Database, client: httpx.AsyncClient, join_mode: str
) -> None:
    chat = await group_of(cast, database, description="We read.", city="Lishui", kind="knowledge")
    await mode(cast, chat, join_mode, listed=False)
    link = await invite(cast.alice, chat)

    assert (await look(client, link["code"].upper())).json() == {
        "number": chat,
        "name": "Readers",
        "avatar": None,
        "description": "We read.",
        "city": "Lishui",
        "kind": "knowledge",
        "members": 3,
    }
    assert refused(await client.get(f"{API}invitations/{link['code']}")) == (401, "identity.sign_in_needed")
    assert refused(await client.get(f"{API}groups/{chat}")) == (401, "identity.sign_in_needed")


@pytest.mark.parametrize("why", ["guessed", "expired", "used up", "revoked", "its maker left", "dissolved"])
async def test_a_link_that_is_not_good_says_nothing_to_a_visitor(
    cast: Cast, database: Database, client: httpx.AsyncClient, clock: HandClock, why: str
) -> None:
    media = await send_file(cast.alice.http, png(), purpose="avatar")
    chat = await group_of(cast, database, avatar=media)
    link = await invite(cast.bob, chat, hours=2, uses=1)
    code = "guessed234" if why == "guessed" else link["code"]
    if why == "expired":
        clock.advance(hours=2)
    elif why == "used up":
        await join(cast.chen, chat, invitation=code)
    elif why == "revoked":
        await cast.alice.http.delete(f"groups/{chat}/invitations/{code}")
    elif why == "its maker left":
        await cast.bob.http.delete(f"groups/{chat}/members/me")
    elif why == "dissolved":
        await cast.alice.http.delete(f"groups/{chat}")

    answers = [await look(client, code), await client.get(f"{API}invitations/{code}/avatars/{media}/large")]

    assert [refused(answer) for answer in answers] == [(404, "chat.no_such_invitation")] * 2


async def test_a_link_shows_what_its_group_wears_and_no_other_picture(
    cast: Cast, database: Database, client: httpx.AsyncClient
) -> None:
    media = await send_file(cast.alice.http, png(), purpose="avatar")
    former = await send_file(cast.alice.http, png(40, 30, BLUE), purpose="avatar")
    chat = await group_of(cast, database, avatar=former)
    await cast.alice.http.patch(f"groups/{chat}", json={"avatar": media})
    await cast.bob.http.patch("accounts/me", json={"avatar": await send_file(cast.bob.http, png(), purpose="avatar")})
    worn_by_bob = (await cast.bob.http.get("accounts/me")).json()["avatar"]
    link = await invite(cast.alice, chat)
    assert (await look(client, link["code"])).json()["avatar"] == media

    async def picture(avatar: str) -> httpx.Response:
        return await client.get(f"{API}invitations/{link['code']}/avatars/{avatar}/large")

    shown = await picture(media)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert refused(await picture(former)) == (404, "media.no_such_media")
    assert refused(await picture(worn_by_bob)) == (404, "media.no_such_media")
    assert (await client.get(f"{API}avatars/{media}/large")).status_code == 401


async def test_an_invitation_is_good_for_a_year_at_most(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)

    longest = await cast.alice.http.post(f"groups/{chat}/invitations", json={"hours": 8_760})
    longer = await cast.alice.http.post(f"groups/{chat}/invitations", json={"hours": 8_761})
    never = await cast.alice.http.post(f"groups/{chat}/invitations", json={"uses": 0})

    assert longest.status_code == 201
    assert refused(longer) == (400, "hutong.invalid")
    assert refused(never) == (400, "hutong.invalid")


class TestWithFewOfEach:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Two links at a time, three looks a minute, two from a network."""
        limits = msgspec.structs.replace(
            settings.limits,
            invitations_per_group_max=2,
            invitations_seen_per_minute_max=3,
            invitations_seen_per_network_minute_max=2,
        )
        return msgspec.structs.replace(settings, limits=limits)

    async def test_a_group_has_only_so_many_links_at_a_time(
        self, cast: Cast, database: Database, clock: HandClock
    ) -> None:
        chat = await group_of(cast, database)
        await invite(cast.alice, chat, hours=1)

        answers = await asyncio.gather(*[cast.mo.http.post(f"groups/{chat}/invitations") for _ in range(3)])
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        clock.advance(hours=1)

        await invite(cast.alice, chat)

    async def test_codes_cannot_be_tried_out(self, cast: Cast, clock: HandClock) -> None:
        looks = [await cast.chen.http.get(f"invitations/guessed23{number}") for number in range(4)]

        assert [look.status_code for look in looks] == [404, 404, 404, 429]
        clock.advance(minutes=1)
        assert (await cast.chen.http.get("invitations/guessed234")).status_code == 404

    async def test_codes_cannot_be_tried_out_from_one_network(
        self, client: httpx.AsyncClient, clock: HandClock
    ) -> None:
        async def from_network(address: str, path: str = "group") -> int:
            headers = {"x-forwarded-for": address}
            answer = await client.get(f"{API}invitations/guessed234/{path}", headers=headers)
            return answer.status_code

        looks = [await from_network("203.0.113.5"), await from_network("203.0.113.5", "avatars/guessed-too/small")]
        looks += [await from_network("203.0.113.5"), await from_network("203.0.113.5", "avatars/guessed-too/small")]
        elsewhere = await from_network("203.0.113.6")
        clock.advance(minutes=1)

        assert (looks, elsewhere) == ([404, 404, 429, 429], 404)
        assert await from_network("203.0.113.5") == 404
