"""The same file is stored once, whoever sends it, and goes with the last one who holds it."""

import asyncio

import pytest
from sqlalchemy import func, select

from hutong.domains import media
from hutong.domains.media.models import MediaFile, MediaItem, Spare
from hutong.infra.blobs import Blobs, FilesUnavailable
from hutong.infra.db import Database
from tests.cast import Cast
from tests.conftest import HandClock
from tests.files import BLUE, RED, png, send_file, sweep_files


async def counts(database: Database) -> tuple[int, int]:
    """Items, and files."""
    async with database.transaction() as session:
        items = await session.scalar(select(func.count()).select_from(MediaItem))
        files = await session.scalar(select(func.count()).select_from(MediaFile))
    return int(items or 0), int(files or 0)


async def sweep(database: Database, blobs: Blobs, clock: HandClock) -> None:
    await sweep_files(database, blobs, clock)
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Spare)) == 0


async def test_two_who_send_the_same_at_once_hold_one_file(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    people = [cast.alice, cast.bob, cast.chen, cast.mo]

    ids = await asyncio.gather(*[send_file(person.http, png(), name=person.nickname) for person in people])
    other = await send_file(cast.alice.http, png(40, 30, BLUE))
    await sweep(database, blobs, clock)

    assert len({*ids, other}) == 5
    assert await counts(database) == (5, 2)
    assert len(await blobs.list_keys("files")) == 6
    async with database.transaction() as session:
        views = await media.describe_media(session, [*ids, "nobodys"])
    assert [views[each].name for each in ids] == ["Alice", "Bob", "Chen", "Mo"]
    assert {views[each].size_bytes for each in ids} == {len(png())}


async def test_a_picture_and_the_same_bytes_as_a_file_are_two(cast: Cast, database: Database) -> None:
    shown, kept = await send_file(cast.alice.http, png()), await send_file(cast.alice.http, png(), purpose="file")

    async with database.transaction() as session:
        views = await media.describe_media(session, [shown, kept])
    assert [views[each].kind for each in (shown, kept)] == ["image", "file"]
    assert await counts(database) == (2, 2)


async def test_what_nothing_uses_goes_after_a_week_and_what_is_used_stays(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    used = await send_file(cast.alice.http, png(40, 30, RED))
    await send_file(cast.bob.http, png(40, 30, RED))
    await send_file(cast.bob.http, png(40, 30, BLUE))
    await cast.alice.http.patch("accounts/me", json={"avatar": used})

    clock.advance(days=6)
    await sweep(database, blobs, clock)
    assert await counts(database) == (3, 2)
    clock.advance(days=1)
    await sweep(database, blobs, clock)

    assert await counts(database) == (1, 1)
    assert len(await blobs.list_keys("files")) == 3
    async with database.transaction() as session:
        version = await media.get_version(session, used, "original")
    assert await blobs.read_all(version.key) == png(40, 30, RED)


async def test_what_was_given_up_can_be_sent_again(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    await send_file(cast.alice.http, png())
    clock.advance(days=8)
    await sweep_files(database, blobs, clock)

    again = await send_file(cast.alice.http, png())
    await sweep(database, blobs, clock)

    async with database.transaction() as session:
        version = await media.get_version(session, again, "small")
    assert len(await blobs.read_all(version.key)) == version.size_bytes


async def test_sending_while_a_sweep_takes_the_last_holder_away_loses_nothing(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    for _ in range(5):
        await send_file(cast.alice.http, png())
        clock.advance(days=8)

        again, _ = await asyncio.gather(send_file(cast.bob.http, png()), sweep_files(database, blobs, clock))
        await sweep(database, blobs, clock)

        async with database.transaction() as session:
            version = await media.get_version(session, again, "original")
        assert await blobs.read_all(version.key) == png()
        clock.advance(days=8)
        await sweep(database, blobs, clock)
        assert await counts(database) == (0, 0)
        assert await blobs.list_keys("files") == []


async def test_a_sweep_that_was_cut_off_is_made_good_by_the_next(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(prefix: object) -> None:
        raise FilesUnavailable

    await send_file(cast.alice.http, png())
    clock.advance(days=8)
    with monkeypatch.context() as patched:
        patched.setattr(blobs, "delete_below", cut_off)
        with pytest.raises(FilesUnavailable):
            await sweep_files(database, blobs, clock)
    assert await counts(database) == (0, 0)
    assert len(await blobs.list_keys("files")) == 3

    await sweep(database, blobs, clock)
    assert await blobs.list_keys("files") == []


async def test_one_file_that_cannot_be_deleted_keeps_no_other(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_below = blobs.delete_below
    stuck: list[str] = []

    async def all_but_the_first(prefix: str) -> None:
        stuck[:] = stuck or [prefix] * prefix.startswith("files/")
        if prefix in stuck:
            raise FilesUnavailable
        await delete_below(prefix)

    await send_file(cast.alice.http, png())
    await send_file(cast.alice.http, png(colour=BLUE))
    clock.advance(days=8)
    with monkeypatch.context() as patched:
        patched.setattr(blobs, "delete_below", all_but_the_first)
        with pytest.raises(FilesUnavailable):
            await sweep_files(database, blobs, clock)
    assert {key.rpartition("/")[0] for key in await blobs.list_keys("files")} == set(stuck)

    await sweep(database, blobs, clock)
    assert await blobs.list_keys("files") == []
