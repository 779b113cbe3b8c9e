"""Files in conversations: their sender's until a message carries them, then for those who may see that message."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from hutong.api import House
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from tests.cast import Cast, Person, people, visitor
from tests.conftest import HandClock
from tests.domains.chat.talk import direct, group_of, message, say, try_to_say
from tests.files import BLUE, gif, png, send_file, sweep_files
from tests.infra.test_recordings import RECORDINGS


def image(media: str, **claims: object) -> dict[str, Any]:
    return {"type": "image", "media": media, **claims}


async def fetch(person: Person, chat: int, media: str, variant: str = "original", **more: Any) -> httpx.Response:
    return await person.http.get(f"chats/{chat}/media/{media}/{variant}", **more)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_file_is_kept_before_the_message_that_carries_it_is_stored(
    house: House, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png())
    store, kept = house.writer.send, []

    async def send(**fields: Any) -> Any:
        async with database.transaction() as session:
            kept.append(await session.scalar(text("SELECT count(*) FROM media_item WHERE kept_at IS NOT NULL")))
        return await store(**fields)

    monkeypatch.setattr(house.writer, "send", send)
    await say(cast.alice, chat, image(media))
    assert kept == [1]


async def test_a_file_is_read_by_those_who_may_see_the_message(
    app: Litestar, house: House, cast: Cast, database: Database
) -> None:
    chat = await group_of(cast, database)
    other_chat = await direct(cast.alice, cast.chen)
    media = await send_file(cast.alice.http, png(), name="港口.html")
    before = [await fetch(person, chat, media) for person in (cast.alice, cast.bob, cast.chen)]
    assert [refused(answer)[0] for answer in before] == [404, 404, 404]

    await say(cast.alice, chat, "look", image(media))

    for person in (cast.alice, cast.bob, cast.mo):
        answer = await fetch(person, chat, media)
        assert (answer.status_code, answer.content) == (200, png())
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"].endswith("filename*=UTF-8''%E6%B8%AF%E5%8F%A3.png")
    assert refused(await fetch(cast.chen, chat, media)) == (404, "chat.no_such_chat")
    # Not through a conversation that does not carry it, nor for somebody who has just left or come.
    assert refused(await fetch(cast.alice, other_chat, media)) == (404, "media.no_such_media")
    assert refused(await fetch(cast.alice, 999_999, media)) == (404, "chat.no_such_chat")
    await cast.bob.http.delete(f"groups/{chat}/members/me")
    assert refused(await fetch(cast.bob, chat, media)) == (404, "chat.no_such_chat")
    await cast.chen.http.put(f"groups/{chat}/members/me", json={})
    assert (await fetch(cast.chen, chat, media)).status_code == 200
    async with visitor(app) as nobody:
        answer = await nobody.get(f"/api/v1/chats/{chat}/media/{media}/original")
        assert refused(answer) == (401, "identity.sign_in_needed")
    async with AsyncExitStack() as stack:
        (stranger,) = await people(app, house, stack, ["Stranger"])
        assert refused(await fetch(stranger, chat, media)) == (404, "chat.no_such_chat")


async def test_a_picture_comes_in_three_versions_whole_and_in_part(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png(2_000, 1_000))
    await say(cast.alice, chat, image(media))

    versions = {name: await fetch(cast.bob, chat, media, name) for name in ("original", "large", "small")}
    sizes = {name: len(answer.content) for name, answer in versions.items()}

    assert [answer.headers["content-type"] for answer in versions.values()] == ["image/png", "image/webp", "image/webp"]
    assert len({answer.headers["etag"] for answer in versions.values()}) == 3
    assert {answer.headers["content-disposition"].split(";")[0] for answer in versions.values()} == {"inline"}
    part = await fetch(cast.bob, chat, media, "small", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, versions["small"].content[10:20])
    again = await fetch(cast.bob, chat, media, "small", headers={"if-none-match": part.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await cast.bob.http.head(f"chats/{chat}/media/{media}/small")
    assert (head.status_code, head.headers["content-length"]) == (200, str(sizes["small"]))
    assert refused(await fetch(cast.bob, chat, media, "huge")) == (400, "hutong.invalid")


async def test_what_the_message_says_of_its_files_is_what_they_are(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    picture = await send_file(cast.alice.http, png(40, 30), name="a.png")
    voice = await send_file(cast.alice.http, (RECORDINGS / "opus.ogg").read_bytes(), name="b.ogg")
    film = await send_file(cast.alice.http, (RECORDINGS / "film.mp4").read_bytes(), name="c.mp4")
    words = await send_file(cast.alice.http, b"words", name="d.txt")

    lies = {"width": 9, "height": 9, "size": 1, "duration": 5}
    seq = await say(
        cast.alice,
        chat,
        image(picture, width=9, height=9, size=1),
        {"type": "voice", "media": voice, "duration": 5},
        {"type": "video", "media": film, **lies},
        {"type": "file", "media": words, "name": "invoice.exe", "size": 1},
        {"type": "hologram", "media": "kept-as-it-is"},
    )

    said = (await message(cast.bob, chat, seq))["segments"]
    sizes = [len(png(40, 30)), *[(RECORDINGS / name).stat().st_size for name in ("opus.ogg", "film.mp4")], 5]
    assert said == [
        {"type": "image", "media": picture, "width": 40, "height": 30, "size": sizes[0]},
        {"type": "voice", "media": voice, "duration": 1_500, "size": sizes[1]},
        {"type": "video", "media": film, "width": 64, "height": 48, "duration": 1_500, "size": sizes[2]},
        {"type": "file", "media": words, "name": "d.txt", "size": sizes[3]},
        {"type": "hologram", "media": "kept-as-it-is"},
    ]


@pytest.mark.parametrize("kind", ["image", "voice", "video"])
async def test_a_file_is_not_shown_as_what_it_is_not(cast: Cast, database: Database, kind: str) -> None:
    chat = await group_of(cast, database)
    page = await send_file(cast.alice.http, b"<html><script>alert(1)</script>", name="a.png")

    assert refused(await try_to_say(cast.alice, chat, {"type": kind, "media": page})) == (400, "chat.bad_segment")
    assert refused(await fetch(cast.alice, chat, page)) == (404, "media.no_such_media")


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 and a script",
        b"#!/bin/sh\nrm -rf /\n",
    ],
)
async def test_what_could_run_is_only_ever_downloaded(cast: Cast, database: Database, content: bytes) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, content, name="holiday.png")
    await say(cast.alice, chat, {"type": "file", "media": media})

    answer = await fetch(cast.bob, chat, media)

    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert refused(await fetch(cast.bob, chat, media, "small")) == (404, "media.no_such_media")


async def test_a_picture_that_is_a_page_too_is_only_a_picture(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    both = png(4, 4, BLUE, (b"tEXt", b"Comment\0<script>alert(1)</script>")) + b"<html><script>alert(2)</script>"
    media = await send_file(cast.alice.http, both, name="page.html")
    await say(cast.alice, chat, image(media))

    answer = await fetch(cast.bob, chat, media, params={"download": "true"})

    assert answer.content == png(4, 4, BLUE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith('attachment; filename="page.png"')


async def test_a_moving_picture_moves_in_its_large_version(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, gif(frames=3))
    await say(cast.alice, chat, image(media))

    assert (await fetch(cast.bob, chat, media, "large")).content == gif(frames=3)
    assert (await fetch(cast.bob, chat, media, "small")).headers["content-type"] == "image/webp"


@pytest.mark.parametrize("whose", ["somebody else's", "nobody's", "seen"])
async def test_only_ones_own_files_are_said(cast: Cast, database: Database, whose: str) -> None:
    chat = await group_of(cast, database)
    secret = await send_file(cast.chen.http, png())
    seen = await send_file(cast.alice.http, png(40, 30, BLUE))
    await say(cast.alice, chat, image(seen))
    media = {"somebody else's": secret, "nobody's": "never-uploaded-at-all", "seen": seen}[whose]
    last = (await cast.bob.http.get(f"chats/{chat}/messages")).json()["messages"][-1]["seq"]

    assert refused(await try_to_say(cast.bob, chat, image(media))) == (404, "media.no_such_media")

    assert (await cast.bob.http.get(f"chats/{chat}/messages")).json()["messages"][-1]["seq"] == last
    if whose != "seen":
        assert refused(await fetch(cast.bob, chat, media)) == (404, "media.no_such_media")


async def test_a_recalled_message_shows_its_files_no_more(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png())
    first, second = [await say(cast.alice, chat, image(media)) for _ in range(2)]

    await cast.alice.http.put(f"chats/{chat}/messages/{first}/recall")
    assert (await fetch(cast.bob, chat, media)).status_code == 200
    await cast.alice.http.put(f"chats/{chat}/messages/{second}/recall")
    assert [refused(await fetch(person, chat, media)) for person in (cast.alice, cast.bob)] == [
        (404, "media.no_such_media")
    ] * 2

    third = await say(cast.alice, chat, image(media))
    assert third == second + 1
    assert (await fetch(cast.bob, chat, media)).status_code == 200


@pytest.mark.parametrize("merged", [True, False])
async def test_what_is_forwarded_is_read_where_it_was_forwarded_to(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, merged: bool
) -> None:
    chat, other = await group_of(cast, database), await direct(cast.bob, cast.chen)
    media = await send_file(cast.alice.http, png())
    seq = await say(cast.alice, chat, image(media))

    await say(cast.bob, other, {"type": "forward", "chat": chat, "seqs": [seq], "merged": merged})

    assert (await fetch(cast.chen, other, media)).content == png()
    assert refused(await fetch(cast.chen, chat, media)) == (404, "chat.no_such_chat")
    assert refused(await fetch(cast.alice, other, media)) == (404, "chat.no_such_chat")
    # It was recalled where it came from, and is gone there alone.
    await cast.alice.http.put(f"chats/{chat}/messages/{seq}/recall")
    clock.advance(days=30)
    await sweep_files(database, blobs, clock)
    assert (await fetch(cast.chen, other, media)).status_code == 200
    assert refused(await fetch(cast.bob, chat, media)) == (404, "media.no_such_media")


async def test_who_cannot_see_a_message_cannot_have_its_files_by_forwarding_it(cast: Cast, database: Database) -> None:
    chat, other = await group_of(cast, database), await direct(cast.bob, cast.chen)
    media = await send_file(cast.alice.http, png())
    seq = await say(cast.alice, chat, image(media))

    forged = {"type": "forward", "chat": chat, "seqs": [seq], "items": [{"segments": [image(media)]}]}
    assert refused(await try_to_say(cast.chen, other, forged)) == (404, "chat.no_such_chat")
    assert refused(await fetch(cast.chen, other, media)) == (404, "media.no_such_media")


async def test_sending_again_under_the_same_key_is_one_message(cast: Cast, database: Database) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png())
    key = str(uuid.uuid4())

    seqs = await asyncio.gather(*[say(cast.alice, chat, image(media), key=key) for _ in range(4)])

    assert len(set(seqs)) == 1
    async with database.transaction() as session:
        rows = (await session.execute(text("SELECT chat_id, media_id, seq FROM chat_media"))).all()
    assert [tuple(row) for row in rows] == [(chat, media, seqs[0])]


async def test_what_has_been_said_is_kept_for_good(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    chat = await group_of(cast, database)
    said, unsaid = await send_file(cast.alice.http, png()), await send_file(cast.alice.http, png(40, 30, BLUE))
    await say(cast.alice, chat, image(said))

    clock.advance(days=30)
    await sweep_files(database, blobs, clock)

    assert (await fetch(cast.bob, chat, said)).status_code == 200
    assert refused(await try_to_say(cast.alice, chat, image(unsaid))) == (404, "media.no_such_media")


async def test_a_file_without_its_bytes_is_an_error_and_the_server_goes_on(
    cast: Cast, database: Database, blobs: Blobs
) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png())
    await say(cast.alice, chat, image(media))
    await blobs.delete(await blobs.list_keys("files"))

    assert refused(await fetch(cast.bob, chat, media)) == (503, "hutong.files_unavailable")
    assert (await cast.bob.http.head(f"chats/{chat}/media/{media}/original")).status_code == 200
