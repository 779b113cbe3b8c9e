"""Uploads: in pieces, in any order, again after a break, and put together once."""

import asyncio
import dataclasses
import random
import shutil
from pathlib import Path

import httpx
import pytest

from hutong.api import House, create_app
from hutong.domains.media.actions.uploads import take_upload
from hutong.infra.blobs import Blobs
from hutong.infra.darkroom import Developed, Order, Refusal
from hutong.infra.db import Database
from hutong.settings import Limits, Settings
from tests.cast import Cast, Person, speaker
from tests.conftest import HandClock
from tests.files import begin, pieces_of, png, send_file, sweep_files, upload

CONTENT = random.Random(8).randbytes(5_500)  # noqa: S311 - any bytes will do
LIMITS = Limits(upload_piece_bytes=1_000, upload_bytes_max=100_000)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Small pieces, so that a small file has many."""
    return Settings(data=settings.data, database_url=settings.database_url, nats_url=settings.nats_url, limits=LIMITS)


async def put(person: Person, name: object, n: int, piece: bytes) -> httpx.Response:
    return await person.http.put(f"media/uploads/{name}/pieces/{n}", content=piece)


async def received(person: Person, name: object) -> list[int]:
    return list((await person.http.get(f"media/uploads/{name}")).json()["received"])


async def finish(person: Person, name: object) -> httpx.Response:
    return await person.http.post(f"media/uploads/{name}/finish")


async def stored(blobs: Blobs) -> list[bytes]:
    """Everything that lies in store."""
    return [await blobs.read_all(key) for key in await blobs.list_keys("files") + await blobs.list_keys("uploads")]


async def test_an_upload_says_how_it_is_to_be_sent(cast: Cast) -> None:
    begun = await begin(cast.alice.http, CONTENT)

    assert begun["received"] == []
    assert (begun["piece_bytes"], begun["pieces"], begun["size_bytes"]) == (1_000, 6, 5_500)
    assert begun["expires_at"] == "2026-11-24T06:00:00.000Z"


async def test_pieces_come_in_any_order_and_more_than_once(cast: Cast, blobs: Blobs) -> None:
    name = (await begin(cast.alice.http, CONTENT, name="notes.bin"))["upload"]
    pieces = list(enumerate(pieces_of(CONTENT, 1_000)))
    await put(cast.alice, name, 3, b"x" * 1_000)

    answers = await asyncio.gather(*[put(cast.alice, name, n, piece) for n, piece in reversed(pieces * 2)])
    finished = await finish(cast.alice, name)

    assert {answer.status_code for answer in answers} == {204}
    assert finished.status_code == 201
    assert finished.json() == {
        "media": finished.json()["media"],
        "kind": "file",
        "type": "application/octet-stream",
        "size_bytes": 5_500,
        "name": "notes.bin",
    }
    assert CONTENT in await stored(blobs)


@pytest.mark.parametrize("lost", [{0}, {2, 4}, {5}, set(range(6))])
async def test_what_has_not_arrived_is_named_and_can_be_sent_later(cast: Cast, lost: set[int]) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    pieces = pieces_of(CONTENT, 1_000)
    for n in set(range(6)) - lost:
        await put(cast.alice, name, n, pieces[n])

    refused = await finish(cast.alice, name)
    assert (refused.status_code, refused.json()["code"]) == (409, "media.upload_incomplete")
    assert refused.json()["params"] == {"missing": len(lost), "first": min(lost)}
    assert await received(cast.alice, name) == sorted(set(range(6)) - lost)

    for n in lost:
        assert (await put(cast.alice, name, n, pieces[n])).status_code == 204
    assert (await finish(cast.alice, name)).status_code == 201


async def test_what_has_arrived_survives_a_restart(cast: Cast, house: House) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    pieces = pieces_of(CONTENT, 1_000)
    for n in range(3):
        await put(cast.alice, name, n, pieces[n])

    async with speaker(create_app(house), cast.alice.token) as http:
        alice = Person(cast.alice.number, "Alice", cast.alice.token, http)
        assert await received(alice, name) == [0, 1, 2]
        for n in range(3, 6):
            await put(alice, name, n, pieces[n])
        assert (await finish(alice, name)).json()["size_bytes"] == 5_500


@pytest.mark.parametrize(
    ("n", "size_bytes", "expected"),
    [(0, 999, 1_000), (0, 1_001, 1_000), (0, 0, 1_000), (5, 1_000, 500), (6, 500, 0), (1_000_000, 0, 0)],
)
async def test_a_piece_of_another_size_is_refused_and_not_kept(
    cast: Cast, blobs: Blobs, n: int, size_bytes: int, expected: int
) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]

    answer = await put(cast.alice, name, n, b"x" * size_bytes)

    assert (answer.status_code, answer.json()["code"]) == (400, "media.bad_piece")
    assert answer.json()["params"] == {"n": n, "bytes_expected": expected, "bytes_sent": size_bytes}
    assert await received(cast.alice, name) == []
    assert await stored(blobs) == []


@pytest.mark.parametrize("n", ["-1", "x", "1000001", "9" * 40])
async def test_a_piece_without_a_number_is_refused(cast: Cast, n: str) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]

    answer = await cast.alice.http.put(f"media/uploads/{name}/pieces/{n}", content=b"x")

    assert answer.status_code in (400, 404)


async def test_finishing_twice_and_at_once_makes_one_file(cast: Cast, blobs: Blobs) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    for n, piece in enumerate(pieces_of(CONTENT, 1_000)):
        await put(cast.alice, name, n, piece)

    together = await asyncio.gather(*[finish(cast.alice, name) for _ in range(3)])
    again = await finish(cast.alice, name)

    assert {answer.status_code for answer in together} <= {201, 503}
    media = {answer.json()["media"] for answer in (*together, again) if answer.status_code == 201}
    busy = {answer.json()["code"] for answer in together if answer.status_code == 503}
    assert (len(media), busy) == (1, {"media.upload_under_way"})
    assert (await cast.alice.http.get(f"media/uploads/{name}")).json()["media"] in media
    late = await put(cast.alice, name, 0, CONTENT[:1_000])
    assert (late.status_code, late.json()["code"]) == (409, "media.upload_finished")
    assert len(await blobs.list_keys("files")) == 1


async def test_an_upload_is_nobody_elses(cast: Cast) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    address = f"media/uploads/{name}"

    answers = [
        await cast.bob.http.get(address),
        await cast.bob.http.put(f"{address}/pieces/0", content=CONTENT[:1_000]),
        await cast.bob.http.post(f"{address}/finish"),
        await cast.bob.http.delete(address),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "media.no_such_upload")}
    assert (await cast.alice.http.get(address)).json()["received"] == []


@pytest.mark.parametrize("size_bytes", [0, 100_001, 2**53 - 1])
async def test_a_file_has_at_least_one_byte_and_not_too_many(cast: Cast, size_bytes: int) -> None:
    answer = await cast.alice.http.post("media/uploads", json={"name": "x", "size_bytes": size_bytes})

    assert (answer.status_code, answer.json()["code"]) == (400, "media.file_too_large")


async def test_an_upload_that_is_given_up_is_gone(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    await put(cast.alice, name, 0, CONTENT[:1_000])

    assert (await cast.alice.http.delete(f"media/uploads/{name}")).status_code == 204
    assert (await put(cast.alice, name, 1, CONTENT[:1_000])).json()["code"] == "media.no_such_upload"
    await sweep_files(database, blobs, clock, limits=LIMITS)
    assert await stored(blobs) == []


async def test_the_oldest_of_too_many_uploads_is_given_up(cast: Cast, clock: HandClock) -> None:
    names = []
    for _ in range(LIMITS.uploads_open_max + 1):
        clock.advance(seconds=1)
        names.append((await begin(cast.alice.http, CONTENT))["upload"])

    statuses = [(await cast.alice.http.get(f"media/uploads/{name}")).status_code for name in names]
    assert statuses == [404] + [200] * LIMITS.uploads_open_max


async def test_an_unfinished_upload_expires_and_leaves_nothing(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    await put(cast.alice, name, 0, CONTENT[:1_000])

    clock.advance(hours=23)
    await sweep_files(database, blobs, clock, limits=LIMITS)
    assert await received(cast.alice, name) == [0]
    clock.advance(hours=1)
    assert (await finish(cast.alice, name)).json()["code"] == "media.no_such_upload"
    await sweep_files(database, blobs, clock, limits=LIMITS)
    assert await stored(blobs) == []


async def test_the_pieces_of_a_finished_upload_go_and_the_file_stays(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock
) -> None:
    await send_file(cast.alice.http, CONTENT)
    await sweep_files(database, blobs, clock, limits=LIMITS)
    assert await stored(blobs) == [CONTENT]

    clock.advance(hours=25)
    await sweep_files(database, blobs, clock, limits=LIMITS)
    assert await stored(blobs) == [CONTENT]


async def test_an_upload_that_a_dead_server_had_taken_can_be_finished_after_a_while(
    cast: Cast, database: Database, clock: HandClock
) -> None:
    name = str((await begin(cast.alice.http, CONTENT))["upload"])
    for n, piece in enumerate(pieces_of(CONTENT, 1_000)):
        await put(cast.alice, name, n, piece)
    async with database.transaction() as session:
        await take_upload(session, cast.alice.number, name, clock=clock)

    assert (await finish(cast.alice, name)).json()["code"] == "media.upload_under_way"
    clock.advance(seconds=121)
    assert (await finish(cast.alice, name)).status_code == 201


@pytest.mark.parametrize("finished", [True, False])
async def test_what_a_dead_server_had_begun_to_store_goes(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, settings: Settings, finished: bool
) -> None:
    """The store keeps a blob under such a name until it is whole."""
    name = str((await begin(cast.alice.http, CONTENT))["upload"])
    for n, piece in enumerate(pieces_of(CONTENT, 1_000)):
        await put(cast.alice, name, n, piece)
    begun = [settings.data / "files" / place / name for place in ("uploads", "files")]
    for folder, file in zip(begun, ("0#1", "original#1"), strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"half a blob")
    assert b"half a blob" not in await stored(blobs)

    if finished:
        assert (await finish(cast.alice, name)).status_code == 201
    clock.advance(hours=25)
    await sweep_files(database, blobs, clock, limits=LIMITS)

    assert list(settings.data.rglob("*#*")) == []
    assert await stored(blobs) == ([CONTENT] if finished else [])


async def test_an_upload_that_is_given_up_while_it_is_looked_at_leaves_nothing(
    cast: Cast, database: Database, blobs: Blobs, clock: HandClock, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await begin(cast.alice.http, CONTENT)
    for n, piece in enumerate(pieces_of(CONTENT, 1_000)):
        await put(cast.alice, begun["upload"], n, piece)
    look = house.darkroom._develop

    async def look_long(order: Order) -> Developed | Refusal:
        await cast.alice.http.delete(f"media/uploads/{begun['upload']}")
        await sweep_files(database, blobs, clock, limits=LIMITS)
        return await look(order)

    monkeypatch.setattr(house.darkroom, "_develop", look_long)
    refused = await finish(cast.alice, begun["upload"])
    assert (refused.status_code, refused.json()["code"]) == (404, "media.no_such_upload")
    assert await stored(blobs) == []


async def test_only_as_many_are_put_together_at_once_as_are_looked_at(
    cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [str((await begin(cast.alice.http, CONTENT))["upload"]) for _ in range(5)]
    for name in names:
        for n, piece in enumerate(pieces_of(CONTENT, 1_000)):
            await put(cast.alice, name, n, piece)
    look, read_all = house.darkroom._develop, house.blobs.read_all
    begun: set[str] = set()
    go_on = asyncio.Event()

    async def read(key: str) -> bytes:
        begun.add(key.split("/")[1])
        return await read_all(key)

    async def look_later(order: Order) -> Developed | Refusal:
        await go_on.wait()
        return await look(order)

    monkeypatch.setattr(house.blobs, "read_all", read)
    monkeypatch.setattr(house.darkroom, "_develop", look_later)
    finishing = asyncio.gather(*[finish(cast.alice, name) for name in names])
    while len(begun) < LIMITS.darkroom_processes_max:
        await received(cast.alice, names[0])
    assert [await received(cast.alice, name) for name in names] == [list(range(6))] * 5
    assert len(begun) == LIMITS.darkroom_processes_max

    go_on.set()
    assert [answer.status_code for answer in await finishing] == [201] * 5


async def test_while_the_store_is_away_nothing_is_lost(cast: Cast, blobs: Blobs, tmp_path: Path) -> None:
    name = (await begin(cast.alice.http, CONTENT))["upload"]
    pieces = pieces_of(CONTENT, 1_000)
    for n, piece in enumerate(pieces):
        await put(cast.alice, name, n, piece)
    folder, away = tmp_path / "files" / "uploads", tmp_path / "away"

    folder.rename(away)
    refused = await finish(cast.alice, name)
    away.rename(folder)

    assert (refused.status_code, refused.json()["code"]) == (503, "hutong.files_unavailable")
    assert (await finish(cast.alice, name)).status_code == 201


async def test_files_do_not_fill_the_disk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = await begin(cast.alice.http, CONTENT)
    full = shutil.disk_usage("/")._replace(free=LIMITS.disk_free_bytes_min + 2_000)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda folder: full)
        refusals = [
            await put(cast.alice, begun["upload"], 0, CONTENT[:1_000]),
            await cast.alice.http.post("media/uploads", json={"name": "x", "size_bytes": 1_000}),
        ]
        small = await cast.alice.http.post("media/uploads", json={"name": "x", "size_bytes": 500})
    assert [(answer.status_code, answer.json()["code"]) for answer in refusals] == [(503, "media.no_room")] * 2
    assert small.status_code == 201
    assert (await put(cast.alice, begun["upload"], 0, CONTENT[:1_000])).status_code == 204


async def test_a_days_uploads_are_counted_and_a_days_bytes(cast: Cast, clock: HandClock, house: House) -> None:
    few = Limits(uploads_per_day_max=2, upload_bytes_per_day_max=4_096)
    generous = Settings(
        data=house.settings.data, database_url=house.settings.database_url, nats_url=house.settings.nats_url, limits=few
    )
    app = create_app(dataclasses.replace(house, settings=generous, clock=clock))
    async with speaker(app, cast.alice.token) as alice, speaker(app, cast.bob.token) as bob:
        sizes = [(alice, 1), (alice, 1), (alice, 1), (bob, 3_000), (bob, 2_000)]
        statuses = [
            (await http.post("media/uploads", json={"name": "x", "size_bytes": size})).status_code
            for http, size in sizes
        ]
        assert statuses == [201, 201, 429, 201, 429]
        clock.advance(days=1)
        assert (await alice.post("media/uploads", json={"name": "x", "size_bytes": 1})).status_code == 201


async def test_the_answer_tells_what_a_picture_is_and_nothing_else_counts(cast: Cast) -> None:
    answer = await upload(cast.alice.http, png(40, 30), name="../../港口\n.html")

    assert answer.json() == {
        "media": answer.json()["media"],
        "kind": "image",
        "type": "image/png",
        "size_bytes": len(png(40, 30)),
        "name": "港口 .html",
        "width": 40,
        "height": 30,
    }
