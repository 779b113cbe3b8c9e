"""What nothing uses any more goes after a week, with its bytes; whatever is used, or is about to be, stays."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from hutong.api import House
from hutong.domains.media import jobs
from hutong.domains.media.actions import sweeping
from hutong.domains.media.models import MediaFile, MediaItem
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.settings import Limits
from tests.cast import Cast, Person
from tests.conftest import HandClock
from tests.domains.chat.talk import direct, group_of, refused, say, try_to_say
from tests.files import BLUE, RED, begin, png, send_file, sweep_files


def image(media: str) -> dict[str, Any]:
    return {"type": "image", "media": media}


async def recall(person: Person, chat: int, seq: int) -> None:
    assert (await person.http.put(f"chats/{chat}/messages/{seq}/recall")).status_code == 204


async def wear(person: Person, media: str | None) -> None:
    assert (await person.http.patch("accounts/me", json={"avatar": media})).status_code == 200


async def is_read(person: Person, chat: int, media: str) -> bool:
    return (await person.http.get(f"chats/{chat}/media/{media}/original")).status_code == 200


async def left(database: Database, blobs: Blobs) -> tuple[int, int, int]:
    """Items, files, and blobs of files."""
    async with database.transaction() as session:
        items = await session.scalar(select(func.count()).select_from(MediaItem))
        files = await session.scalar(select(func.count()).select_from(MediaFile))
    return int(items or 0), int(files or 0), len(await blobs.list_keys("files"))


async def test_the_files_of_a_recalled_message_go_after_a_week(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    chat = await group_of(cast, database)
    ids = [await send_file(cast.alice.http, png(40, 30, colour)) for colour in (RED, BLUE)]
    seq = await say(cast.alice, chat, *map(image, ids))
    clock.advance(minutes=1)
    await recall(cast.alice, chat, seq)

    clock.advance(days=7)
    await sweep_files(database, blobs, clock)
    assert await left(database, blobs) == (2, 2, 6)
    clock.advance(minutes=10)
    await sweep_files(database, blobs, clock)
    assert await left(database, blobs) == (0, 0, 0)


@pytest.mark.parametrize("how", ["another message", "a forward", "a forward of a forward", "an avatar", "of a group"])
async def test_what_something_else_uses_stays_until_that_is_gone_too(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, how: str
) -> None:
    chat = await group_of(cast, database)
    bobs = int((await cast.bob.http.post("groups", json={"name": "Pond"})).json()["chat"])
    media = await send_file(cast.alice.http, png())
    seq = await say(cast.alice, chat, image(media))
    used_in: tuple[Person, int, int] | None = None
    match how:
        case "another message":
            used_in = cast.alice, chat, await say(cast.alice, chat, image(media))
        case "a forward":
            used_in = cast.bob, bobs, await say(cast.bob, bobs, {"type": "forward", "chat": chat, "seqs": [seq]})
        case "a forward of a forward":
            first = await say(cast.bob, bobs, {"type": "forward", "chat": chat, "seqs": [seq]})
            used_in = cast.bob, bobs, await say(cast.bob, bobs, {"type": "forward", "chat": bobs, "seqs": [first]})
            await recall(cast.bob, bobs, first)
        case "an avatar":
            await wear(cast.alice, media)
        case "of a group":
            await cast.alice.http.patch(f"groups/{chat}", json={"avatar": media})
    await recall(cast.alice, chat, seq)

    for _ in range(2):
        clock.advance(days=8)
        await sweep_files(database, blobs, clock)
        assert await left(database, blobs) == (1, 1, 3)
    if used_in is not None:
        assert await is_read(*used_in[:2], media)
        await recall(*used_in)
    else:
        assert (await cast.chen.http.get(f"avatars/{media}/small")).status_code == 200
        await wear(cast.alice, None)
        await cast.alice.http.patch(f"groups/{chat}", json={"avatar": None})
    clock.advance(days=8)
    await sweep_files(database, blobs, clock)
    assert await left(database, blobs) == (0, 0, 0)


async def test_an_avatar_that_is_replaced_goes_and_so_does_that_of_a_group_that_ends(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    first, second, group = [
        await send_file(cast.alice.http, png(40, 30, (place, 0, 0)), purpose="avatar") for place in range(3)
    ]
    made = await cast.alice.http.post("groups", json={"name": "Pond", "avatar": group})
    await wear(cast.alice, first)
    await wear(cast.alice, second)

    clock.advance(days=8)
    await sweep_files(database, blobs, clock)
    assert await left(database, blobs) == (2, 2, 6)
    await cast.alice.http.delete(f"groups/{made.json()['chat']}")
    clock.advance(days=8)
    await sweep_files(database, blobs, clock)
    assert await left(database, blobs) == (1, 1, 3)
    assert (await cast.bob.http.get(f"avatars/{second}/small")).status_code == 200


async def test_the_same_content_stays_as_long_as_somebody_else_holds_it(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    chat = await group_of(cast, database)
    of_alice, of_bob = await send_file(cast.alice.http, png()), await send_file(cast.bob.http, png())
    seq = await say(cast.alice, chat, image(of_alice))
    await say(cast.bob, chat, image(of_bob))
    await recall(cast.alice, chat, seq)

    clock.advance(days=8)
    await sweep_files(database, blobs, clock)

    assert await left(database, blobs) == (1, 1, 3)
    assert await is_read(cast.alice, chat, of_bob)


async def test_what_is_said_again_within_the_week_stays(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png())
    await recall(cast.alice, chat, await say(cast.alice, chat, image(media)))
    clock.advance(days=6)
    await say(cast.alice, chat, image(media))

    clock.advance(days=8)
    await sweep_files(database, blobs, clock)

    assert await is_read(cast.bob, chat, media)


async def test_what_was_taken_for_a_message_that_never_came_goes_too(
    house: House, cast: Cast, database: Database, blobs: Blobs, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await group_of(cast, database)
    media = await send_file(cast.alice.http, png())

    async def stopped(**fields: Any) -> None:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(house.writer, "send", stopped)
        assert (await try_to_say(cast.alice, chat, image(media))).status_code == 500
    clock.advance(days=8)
    await sweep_files(database, blobs, clock)

    assert await left(database, blobs) == (0, 0, 0)
    assert refused(await try_to_say(cast.alice, chat, image(media))) == (404, "media.no_such_media")


async def test_a_forward_that_is_under_way_while_its_message_is_recalled_and_swept_survives(
    house: House, cast: Cast, database: Database, blobs: Blobs, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short the operator made the days: what was prepared before the recall is stored after the sweep."""
    chat, other = await group_of(cast, database), await direct(cast.bob, cast.chen)
    media = await send_file(cast.alice.http, png())
    seq = await say(cast.alice, chat, image(media))
    store = house.writer.send
    soon = Limits(released_media_days=0, unused_media_days=0)

    async def after_a_recall_and_a_sweep(**fields: Any) -> Any:
        await recall(cast.alice, chat, seq)
        clock.advance(minutes=5)
        await sweep_files(database, blobs, clock, limits=soon)
        return await store(**fields)

    with monkeypatch.context() as patched:
        patched.setattr(house.writer, "send", after_a_recall_and_a_sweep)
        await say(cast.bob, other, {"type": "forward", "chat": chat, "seqs": [seq]})
    clock.advance(days=1)
    await sweep_files(database, blobs, clock, limits=soon)

    assert await is_read(cast.chen, other, media)


async def test_sending_the_same_again_while_a_sweep_takes_it_away_loses_nothing(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    chat = await group_of(cast, database)
    for _ in range(5):
        media = await send_file(cast.alice.http, png())
        await recall(cast.alice, chat, await say(cast.alice, chat, image(media)))
        clock.advance(days=8)

        # Whoever says it again, and whoever sends the same, is either in time or told so.
        said, sent, _, _ = await asyncio.gather(
            try_to_say(cast.alice, chat, image(media)),
            send_file(cast.bob.http, png()),
            sweep_files(database, blobs, clock),
            sweep_files(database, blobs, clock),
        )
        carried = await say(cast.bob, chat, image(sent))
        await sweep_files(database, blobs, clock)

        assert await is_read(cast.mo, chat, sent)
        assert said.status_code in (201, 404)
        assert await is_read(cast.mo, chat, media) == (said.status_code == 201)
        for seq in {carried, said.json().get("seq", carried)}:
            await recall(cast.mo, chat, seq)
        clock.advance(days=8)
        await sweep_files(database, blobs, clock)
        assert await left(database, blobs) == (0, 0, 0)


async def test_one_sweep_looks_at_everything_that_is_due(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (sweeping, jobs):
        monkeypatch.setattr(room, "AT_ONCE_MAX", 2)
    chat = await group_of(cast, database)
    ids = [await send_file(cast.alice.http, png(40, 30, (place, 0, 0))) for place in range(5)]
    seqs = [await say(cast.alice, chat, image(media)) for media in ids]
    for seq in seqs[1:]:
        await recall(cast.alice, chat, seq)
    clock.advance(days=8)

    await sweep_files(database, blobs, clock)

    assert await left(database, blobs) == (1, 1, 3)
    assert await is_read(cast.bob, chat, ids[0])


async def test_an_upload_whose_file_went_is_gone_as_well(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    begun = await begin(cast.alice.http, png(), purpose="avatar")
    address = f"media/uploads/{begun['upload']}"
    await cast.alice.http.put(f"{address}/pieces/0", content=png())
    media = (await cast.alice.http.post(f"{address}/finish")).json()["media"]
    await wear(cast.alice, media)
    await wear(cast.alice, None)
    clock.advance(hours=1)
    assert (await cast.alice.http.post(f"{address}/finish")).json()["media"] == media

    await sweep_files(database, blobs, clock, limits=Limits(released_media_days=0))

    assert refused(await cast.alice.http.post(f"{address}/finish")) == (404, "media.no_such_upload")
