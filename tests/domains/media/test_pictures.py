"""Pictures that people send: shown safely or refused with a sentence, and the server goes on."""

import pytest
import pyvips

from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.settings import Limits
from tests.cast import Cast
from tests.conftest import HandClock
from tests.files import exif, gif, pieces_of, png, send_file, sweep_files, upload
from tests.infra.test_darkroom import gif_bomb, png_bomb, webp_bomb


@pytest.mark.parametrize("bomb", [png_bomb(60_000, 60_000), gif_bomb(), gif(65_535, 65_535), webp_bomb()])
@pytest.mark.parametrize("purpose", ["message", "avatar"])
async def test_a_bomb_is_refused_and_nothing_of_it_is_kept(
    cast: Cast, blobs: Blobs, database: Database, clock: HandClock, bomb: bytes, purpose: str
) -> None:
    answer = await upload(cast.alice.http, bomb, name="holiday.png", purpose=purpose)

    assert (answer.status_code, answer.json()["code"]) == (400, "media.picture_too_large")
    assert answer.json()["params"] == {"pixels_max": Limits().picture_pixels_max}
    await sweep_files(database, blobs, clock)
    assert await blobs.list_keys("files") + await blobs.list_keys("uploads") == []
    assert (await upload(cast.alice.http, png())).status_code == 201


async def test_a_moving_picture_without_end_is_refused(cast: Cast) -> None:
    answer = await upload(cast.alice.http, gif(frames=Limits().picture_frames_max + 1))

    assert (answer.status_code, answer.json()["code"]) == (400, "media.picture_too_long")


@pytest.mark.parametrize("content", [png()[:-30], b"\xff\xd8\xff\xe0" + bytes(100), b"GIF89a"])
async def test_a_damaged_picture_is_refused_and_can_be_sent_as_a_file(cast: Cast, content: bytes) -> None:
    refused = await upload(cast.alice.http, content, name="a.png")
    kept = await upload(cast.alice.http, content, name="a.png", purpose="file")

    assert (refused.status_code, refused.json()["code"]) == (400, "media.picture_damaged")
    assert (kept.status_code, kept.json()["kind"], kept.json()["size_bytes"]) == (201, "file", len(content))


async def test_an_upload_that_was_refused_is_gone(cast: Cast) -> None:
    begun = (await cast.alice.http.post("media/uploads", json={"name": "a", "size_bytes": len(png()) - 30})).json()
    address = f"media/uploads/{begun['upload']}"
    for n, piece in enumerate(pieces_of(png()[:-30], begun["piece_bytes"])):
        await cast.alice.http.put(f"{address}/pieces/{n}", content=piece)

    assert (await cast.alice.http.post(f"{address}/finish")).json()["code"] == "media.picture_damaged"
    assert (await cast.alice.http.post(f"{address}/finish")).json()["code"] == "media.no_such_upload"


@pytest.mark.parametrize(
    "content",
    [b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG", b"%PDF-1.7 x"],
)
async def test_what_is_called_a_picture_and_is_none_is_a_file_and_no_avatar(cast: Cast, content: bytes) -> None:
    as_message = await upload(cast.alice.http, content, name="holiday.png")
    as_avatar = await upload(cast.alice.http, content, name="holiday.png", purpose="avatar")

    assert (as_message.status_code, as_message.json()["kind"]) == (201, "file")
    assert (as_avatar.status_code, as_avatar.json()["code"]) == (400, "media.not_a_picture")


async def test_nothing_in_store_tells_where_a_picture_was_taken(cast: Cast, blobs: Blobs) -> None:
    image = pyvips.Image.black(80, 60, bands=3).copy(interpretation="srgb")
    image.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\0\0" + exif(orientation=6))
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    content = image.write_to_buffer(".jpg")
    assert "exif-ifd3-GPSLatitude" in pyvips.Image.new_from_buffer(content, "").get_fields()

    answer = await upload(cast.alice.http, content)

    assert (answer.json()["width"], answer.json()["height"]) == (60, 80)
    kept = [await blobs.read_all(key) for key in await blobs.list_keys("files")]
    assert len(kept) == 3
    for version in kept:
        shown = pyvips.Image.new_from_buffer(version, "")
        assert [field for field in shown.get_fields() if "GPS" in field] == []
        assert (shown.autorot().width, shown.autorot().height) == (60, 80)


async def test_as_a_file_every_byte_is_kept(cast: Cast, blobs: Blobs) -> None:
    content = png(40, 30, (1, 2, 3), (b"eXIf", exif()))

    await send_file(cast.alice.http, content, purpose="file")

    assert [await blobs.read_all(key) for key in await blobs.list_keys("files")] == [content]
