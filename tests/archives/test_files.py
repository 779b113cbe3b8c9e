"""Files that lie beside the messages of an export come over with them, once, or are named where they cannot."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
import pyvips

from hutong.api import House
from hutong.archives import Archive, Attached, Brought, Carried, FilesOfArchives, carry, read_telegram
from hutong.domains import chat
from hutong.domains.chat import Text
from hutong.infra.blobs import FilesUnavailable
from hutong.settings import Limits
from tests.cast import Cast
from tests.conftest import HandClock
from tests.files import RED, png, sweep_files

from .conftest import MakeTelegram

RECORDING = Path(__file__).parents[1] / "infra" / "recordings" / "opus.ogg"
PHOTO = {"photo": "photos/photo_1.png", "text": "the harbour"}
VOICE = {"file": "voice_messages/audio_1.ogg", "media_type": "voice_message", "mime_type": "audio/ogg"}
PLAN = {"file": "files/plan.png", "file_name": "The plan.png", "mime_type": "image/png"}
LOST = {"photo": "photos/photo_2.png", "text": "and the ferry"}
LEFT_OUT = {"file": "(File not included. Change data exporting settings to download.)", "file_name": "tides.pdf"}


def message(number: int, **fields: Any) -> dict[str, Any]:
    base = {"id": number, "type": "message", "date_unixtime": str(1_544_006_350 + number)}
    return {**base, "from": "Ann", "from_id": "user1", "text": "", **fields}


@pytest.fixture
def export(make_telegram: MakeTelegram) -> Path:
    """An export with a photo, a voice message, a picture that was sent as a file, and two files that are not there."""
    sent = (PHOTO, VOICE, PLAN, LOST, LEFT_OUT)
    result = make_telegram(*(message(number, **fields) for number, fields in enumerate(sent, 1)))
    for name, content in {
        "photos/photo_1.png": png(),
        "voice_messages/audio_1.ogg": RECORDING.read_bytes(),
        "files/plan.png": png(),
    }.items():
        (result.parent / name).parent.mkdir()
        (result.parent / name).write_bytes(content)
    return result


def files_for(house: House) -> FilesOfArchives:
    return FilesOfArchives(house.database, house.blobs, house.darkroom, house.settings.limits, house.clock)


async def bring(house: House, archive: Archive) -> dict[Attached, Brought]:
    return await files_for(house).bring(archive, lambda files: None)


async def carry_over(house: House, archive: Archive) -> Carried:
    brought = await bring(house, archive)
    async with house.database.transaction() as session:
        (result,) = await carry(session, archive, house.clock(), lambda messages: None, brought)
    return result


async def segments_in(house: House, number: int) -> list[list[dict[str, Any]]]:
    async with house.database.transaction() as session:
        frames = await chat.message_frames(session, number, after=0, limit=100)
    return [json.loads(frame)["segments"] for _, frame in frames]


async def test_pictures_voices_and_files_come_over_and_what_is_missing_is_named(house: House, export: Path) -> None:
    archive = read_telegram([export])

    result = await carry_over(house, archive)

    photo, voice, plan, lost, left_out = await segments_in(house, result.chat)
    known = {"type": "image", "media": photo[0]["media"], "width": 40, "height": 30, "size": len(png())}
    assert photo == [known, {"type": "text", "text": "the harbour"}]
    assert (voice[0]["type"], voice[0]["duration"] > 0, len(voice)) == ("voice", True, 1)
    assert plan == [{"type": "file", "media": plan[0]["media"], "name": "The plan.png", "size": len(png())}]
    assert lost == [{"type": "text", "text": "and the ferry\n📎 photo_2.png"}]
    assert left_out == [{"type": "text", "text": "📎 tides.pdf"}]
    assert (result.messages_new, result.files) == (5, 3)
    assert archive.tally.notes == {"files that the export does not hold, only named": 2}
    assert archive.tally.sentence() == "read 5 = carried 5 + skipped 0"


async def test_they_are_read_by_those_who_may_see_the_group_and_no_sweep_takes_them(
    house: House, export: Path, cast: Cast, clock: HandClock
) -> None:
    result = await carry_over(house, read_telegram([export]))
    async with house.database.transaction() as session:
        seat = chat.PastSeat(cast.alice.number, "member", house.clock())
        await chat.seat_past_members(session, result.chat, [seat])
    photo, *_ = await segments_in(house, result.chat)
    address = f"chats/{result.chat}/media/{photo[0]['media']}/original"

    clock.advance(days=30)
    await sweep_files(house.database, house.blobs, clock)

    async def read(http: httpx.AsyncClient) -> httpx.Response:
        return await http.get(address)

    shown, hidden = await read(cast.alice.http), await read(cast.chen.http)
    assert (shown.status_code, shown.headers["content-type"], hidden.status_code) == (200, "image/png", 404)
    seen = pyvips.Image.new_from_buffer(shown.content, "")
    assert (seen.width, seen.height, tuple(seen(0, 0))) == (40, 30, RED)


async def test_carrying_again_looks_at_no_file_and_adds_none(house: House, export: Path) -> None:
    first = await carry_over(house, read_telegram([export]))
    keys = await house.blobs.list_keys("files")
    again = read_telegram([export])

    assert await bring(house, again) == {}
    second = await carry_over(house, again)

    assert (second.chat, second.messages_new, second.files) == (first.chat, 0, 0)
    assert sorted(await house.blobs.list_keys("files")) == sorted(keys)
    assert again.tally.sentence() == "read 5 = carried 0 + skipped 5 (already there 5)"


async def test_a_message_is_the_same_whether_its_file_is_there_or_not(
    export: Path, make_telegram: MakeTelegram
) -> None:
    without_id = {key: value for key, value in message(1, **PHOTO).items() if key != "id"}
    with_file = read_telegram([make_telegram(without_id)])
    (export.parent / "photos" / "photo_1.png").unlink()
    without_file = read_telegram([make_telegram(without_id)])

    one, other = with_file.chats[0].messages[0], without_file.chats[0].messages[0]
    assert one.key == other.key
    assert other.parts == [Text("the harbour\n📎 photo_1.png")]


@pytest.mark.parametrize("named", ["../secret.txt", "/etc/passwd", "photos", "photos/leads-out", "x\0y", "p" * 5_000])
def test_a_file_outside_of_the_export_is_not_there(tmp_path: Path, make_telegram: MakeTelegram, named: str) -> None:
    export = make_telegram(message(1, photo=named, text="look"))
    (tmp_path / "secret.txt").write_text("of this machine")
    (export.parent / "photos").mkdir()
    (export.parent / "photos" / "leads-out").symlink_to("/etc/passwd")

    archive = read_telegram([export])

    (said,) = archive.chats[0].messages
    assert [type(part) for part in said.parts] == [Text]
    assert archive.tally.notes == {"files that the export does not hold, only named": 1}


async def test_a_picture_that_cannot_be_shown_is_a_file_and_one_too_large_is_named(house: House, export: Path) -> None:
    (export.parent / "photos" / "photo_1.png").write_bytes(png()[:-30])
    with (export.parent / "files" / "plan.png").open("ab") as plan:
        os.truncate(plan.fileno(), Limits().upload_bytes_max + 1)
    archive = read_telegram([export])

    result = await carry_over(house, archive)

    photo, _, plan_said, *_ = await segments_in(house, result.chat)
    assert photo[0] | {"media": ""} == {"type": "file", "media": "", "name": "photo_1.png", "size": len(png()) - 30}
    assert plan_said == [{"type": "text", "text": "📎 The plan.png"}]
    assert archive.tally.notes == {
        "files that are too large, only named": 1,
        "files that the export does not hold, only named": 2,
        "pictures that cannot be shown, carried as files": 1,
    }


async def test_what_was_brought_and_never_carried_goes_after_a_day(
    house: House, export: Path, clock: HandClock
) -> None:
    await bring(house, read_telegram([export]))
    assert await house.blobs.list_keys("files") != []

    clock.advance(hours=23)
    await sweep_files(house.database, house.blobs, clock)
    result = await carry_over(house, read_telegram([export]))
    clock.advance(hours=2)
    await sweep_files(house.database, house.blobs, clock)

    photo, *_ = await segments_in(house, result.chat)
    keys = await house.blobs.list_keys("files")
    # The photo and its two smaller versions, the voice, and the plan.
    assert (photo[0]["type"], len(keys)) == ("image", 5)


async def test_a_store_that_is_away_ends_the_import_with_nothing_written(house: House, export: Path) -> None:
    folder = house.settings.data / "files"
    folder.rmdir()
    folder.write_bytes(b"This is no folder.")

    with pytest.raises(FilesUnavailable):
        await bring(house, read_telegram([export]))

    async with house.database.transaction() as session:
        assert await chat.chat_from(session, "telegram", "77") is None


async def test_a_dry_run_counts_the_files_and_stores_none(house: House, export: Path) -> None:
    async with house.database.transaction() as session:
        (result,) = await carry(session, read_telegram([export]), house.clock(), lambda messages: None)

    assert result.files == 3
    assert await house.blobs.list_keys("files") == []


def test_a_sticker_is_its_emoji(make_telegram: MakeTelegram) -> None:
    sticker = {"file": "stickers/a.tgs", "media_type": "sticker", "sticker_emoji": "🥟"}
    archive = read_telegram([make_telegram(message(1, **sticker))])

    assert archive.chats[0].messages[0].parts == [Text("🥟")]
    assert archive.tally.notes == {"stickers, carried as their emoji": 1}
