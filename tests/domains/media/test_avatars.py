"""Avatars: pictures of one's own, readable while somebody wears them."""

import httpx
import pytest

from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from tests.cast import Cast, Person, visitor
from tests.conftest import HandClock
from tests.files import BLUE, png, send_file, sweep_files


async def wear(person: Person, media: str | None) -> httpx.Response:
    return await person.http.patch("accounts/me", json={"avatar": media})


async def status_of(person: Person, media: str, size: str = "small") -> int:
    return (await person.http.get(f"avatars/{media}/{size}")).status_code


async def test_an_avatar_is_seen_by_everybody_who_is_signed_in(cast: Cast) -> None:
    media = await send_file(cast.alice.http, png(), purpose="avatar")

    assert await status_of(cast.bob, media) == 404
    answer = await wear(cast.alice, media)

    assert (answer.status_code, answer.json()["avatar"]) == (200, media)
    for size in ("small", "large", "original"):
        seen = await cast.chen.http.get(f"avatars/{media}/{size}")
        assert seen.status_code == 200
        assert seen.headers["content-type"] == ("image/png" if size == "original" else "image/webp")
        assert seen.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (await cast.chen.http.head(f"avatars/{media}/small")).status_code == 200
    async with visitor(cast.chen.http._transport.app) as nobody:  # type: ignore[attr-defined] # httpx keeps it there
        assert (await nobody.get(f"/api/v1/avatars/{media}/small")).status_code == 401


async def test_an_avatar_that_is_taken_off_is_seen_by_nobody(cast: Cast) -> None:
    first = await send_file(cast.alice.http, png(), purpose="avatar")
    second = await send_file(cast.alice.http, png(40, 30, BLUE), purpose="avatar")
    await wear(cast.alice, first)
    await wear(cast.alice, first)

    await wear(cast.alice, second)
    assert [await status_of(cast.bob, media) for media in (first, second)] == [404, 200]
    await wear(cast.alice, None)
    assert [await status_of(cast.alice, media) for media in (first, second)] == [404, 404]


@pytest.mark.parametrize("what", ["somebody else's", "nothing", "a file"])
async def test_only_a_picture_of_ones_own_is_worn(cast: Cast, what: str) -> None:
    media = {
        "somebody else's": await send_file(cast.bob.http, png(), purpose="avatar"),
        "nothing": "never-uploaded",
        "a file": await send_file(cast.alice.http, b"words"),
    }[what]

    answer = await wear(cast.alice, media)

    code = "media.not_a_picture" if what == "a file" else "media.no_such_media"
    assert (answer.status_code in (400, 404), answer.json()["code"]) == (True, code)
    assert (await cast.alice.http.get("accounts/me")).json()["avatar"] is None
    assert await status_of(cast.bob, media) == 404


async def test_a_group_wears_what_its_admin_sent_until_it_ends(cast: Cast) -> None:
    of_alice = await send_file(cast.alice.http, png(), purpose="avatar")
    of_bob = await send_file(cast.bob.http, png(40, 30, BLUE), purpose="avatar")

    made = await cast.alice.http.post("groups", json={"name": "Pond", "avatar": of_alice})
    address = f"groups/{made.json()['number']}"
    assert await status_of(cast.chen, of_alice) == 200
    stolen = await cast.alice.http.patch(address, json={"avatar": of_bob})
    assert (stolen.status_code, stolen.json()["code"]) == (404, "media.no_such_media")
    await wear(cast.alice, of_alice)
    assert (await cast.alice.http.patch(address, json={"avatar": None})).status_code == 200
    # Its owner wears it too.
    assert await status_of(cast.chen, of_alice) == 200
    await wear(cast.alice, None)
    assert await status_of(cast.chen, of_alice) == 404

    await cast.alice.http.patch(address, json={"avatar": of_alice})
    assert await status_of(cast.chen, of_alice) == 200
    await cast.alice.http.delete(address)
    assert await status_of(cast.chen, of_alice) == 404


async def test_an_avatar_outlives_every_sweep(cast: Cast, database: Database, blobs: Blobs, clock: HandClock) -> None:
    media = await send_file(cast.alice.http, png(), purpose="avatar")
    await wear(cast.alice, media)

    clock.advance(days=30)
    await sweep_files(database, blobs, clock)

    assert await status_of(cast.bob, media) == 200
    assert len(await blobs.list_keys("files")) == 3
