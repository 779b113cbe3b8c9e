"""The darkroom: pictures are made safe, and nothing that is put into it breaks anything outside."""

import asyncio
import os
import random
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from struct import pack

import msgspec
import psutil
import pytest
import pyvips

from hutong.infra.darkroom import Darkroom, DarkroomBusy, Developed, Order, Refusal, pool
from hutong.infra.darkroom.containers import read_mp4, read_ogg, read_webm
from hutong.infra.darkroom.report import Damaged
from hutong.infra.darkroom.sounds import read_aac, read_flac, read_mp3, read_wav
from hutong.infra.darkroom.strip import strip_gif, strip_jpeg, strip_png, strip_webp
from hutong.settings import Limits
from tests.files import BLUE, RED, exif, gif, png, png_part

RECORDINGS = Path(__file__).parent / "recordings"
HALVES = (80, 60)


def halves(orientation: int = 1) -> pyvips.Image:
    """A picture that is red above and blue below, with a place and a camera in its EXIF data."""
    width, height = HALVES
    above = pyvips.Image.black(width, height // 2, bands=3) + list(RED)
    below = pyvips.Image.black(width, height // 2, bands=3) + list(BLUE)
    image = above.join(below, "vertical").cast("uchar").copy(interpretation="srgb")
    image.set_type(pyvips.GValue.blob_type, "exif-data", b"Exif\0\0" + exif(orientation=orientation))
    if orientation != 1:
        image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    return image


def order_for(folder: Path, content: bytes, **changes: object) -> Order:
    folder.mkdir(exist_ok=True)
    (folder / "whole").write_bytes(content)
    order = Order(
        path=str(folder / "whole"),
        folder=str(folder),
        treatment="show",
        pixels_max=80_000_000,
        frames_max=100,
        small_px=32,
        large_px=160,
    )
    return msgspec.structs.replace(order, **changes)


async def developed(darkroom: Darkroom, folder: Path, content: bytes, **changes: object) -> Developed:
    answer = await darkroom.develop(order_for(folder, content, **changes))
    assert isinstance(answer, Developed), answer
    return answer


def close_to(image: pyvips.Image, x: int, y: int, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(image(x, y)[:3], colour, strict=True))


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
async def test_no_version_of_a_picture_tells_where_it_was_taken(
    darkroom: Darkroom, data_folder: Path, ending: str
) -> None:
    content: bytes = halves(orientation=6).write_to_buffer(ending)
    assert pyvips.Image.new_from_buffer(content, "").get_typeof("exif-ifd3-GPSLatitude") != 0

    found = await developed(darkroom, data_folder, content)

    assert found.kind == "image"
    for name in ("original", "large", "small"):
        kept = (data_folder / name).read_bytes()
        fields = pyvips.Image.new_from_buffer(kept, "").get_fields()
        assert [field for field in fields if "GPS" in field] == []
        assert b"Shenzhen" not in kept
        assert ("exif-data" in fields) == (name == "original")


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [(1, (40, 5)), (3, (40, 55)), (6, (55, 40)), (8, (5, 40))],
)
async def test_a_picture_stands_upright_in_every_version(
    darkroom: Darkroom, data_folder: Path, ending: str, orientation: int, red_at: tuple[int, int]
) -> None:
    found = await developed(darkroom, data_folder, halves(orientation).write_to_buffer(ending))

    size = HALVES[::-1] if orientation >= 5 else HALVES
    assert (found.width, found.height) == size
    original = pyvips.Image.new_from_file(str(data_folder / "original")).autorot()
    large = pyvips.Image.new_from_file(str(data_folder / "large"))
    for image in (original, large):
        assert (image.width, image.height) == size
        assert close_to(image, *red_at, RED)
        assert close_to(image, size[0] - 1 - red_at[0], size[1] - 1 - red_at[1], BLUE)


async def test_smaller_versions_fit_their_squares_and_never_grow(darkroom: Darkroom, data_folder: Path) -> None:
    wide = await developed(darkroom, data_folder / "wide", png(400, 100))
    tiny = await developed(darkroom, data_folder / "tiny", png(10, 5))

    assert wide.large is not None
    assert wide.small is not None
    assert (wide.large.width, wide.large.height) == (160, 40)
    assert (wide.small.width, wide.small.height) == (32, 8)
    assert tiny.large is not None
    assert tiny.small is not None
    assert {(each.width, each.height) for each in (tiny.large, tiny.small)} == {(10, 5)}
    assert {each.type for each in (wide.large, wide.small, tiny.small)} == {"image/webp"}


@pytest.mark.parametrize(
    "content",
    [
        pyvips.Image.black(30, 20, bands=4).copy(interpretation="cmyk").write_to_buffer(".jpg"),
        pyvips.Image.black(30, 20).copy(interpretation="b-w").write_to_buffer(".jpg"),
        pyvips.Image.black(30, 20, bands=3).cast("ushort").copy(interpretation="rgb16").write_to_buffer(".png"),
        pyvips.Image.black(30, 20, bands=4).copy(interpretation="srgb").write_to_buffer(".png"),
        pyvips.Image.black(30, 20, bands=3).copy(interpretation="srgb").write_to_buffer(".webp", lossless=True),
        pyvips.Image.black(30, 20, bands=3).copy(interpretation="srgb").write_to_buffer(".avif"),
        pyvips.Image.black(30, 20, bands=3).copy(interpretation="srgb").write_to_buffer(".jpg", interlace=True),
        pyvips.Image.black(30, 20, bands=3).copy(interpretation="srgb").write_to_buffer(".png", interlace=True),
        gif(30, 20),
    ],
)
async def test_pictures_of_every_sort_are_shown(darkroom: Darkroom, data_folder: Path, content: bytes) -> None:
    found = await developed(darkroom, data_folder, content)

    assert (found.kind, found.width, found.height) == ("image", 30, 20)
    large = pyvips.Image.new_from_file(str(data_folder / "large"))
    assert (large.width, large.height, large.interpretation) == (30, 20, "srgb")


async def test_the_same_picture_with_other_remarks_is_the_same_picture(darkroom: Darkroom, data_folder: Path) -> None:
    plain = await developed(darkroom, data_folder / "a", png())
    remarked = await developed(darkroom, data_folder / "b", png(40, 30, RED, (b"tEXt", b"Author\0Alice")))
    trailed = await developed(darkroom, data_folder / "c", png() + b"PK\x03\x04 and a whole archive")
    another = await developed(darkroom, data_folder / "d", png(40, 30, BLUE))

    assert plain.sha256 == remarked.sha256 == trailed.sha256 != another.sha256
    assert (data_folder / "c" / "original").read_bytes() == png()


async def test_kept_as_it_is_a_picture_is_not_opened(darkroom: Darkroom, data_folder: Path) -> None:
    content = png(40, 30, RED, (b"eXIf", exif()))

    found = await developed(darkroom, data_folder, content, treatment="keep")

    assert (found.kind, found.width, found.small) == ("file", None, None)
    assert (data_folder / "original").read_bytes() == content


async def test_moving_pictures_keep_moving_and_have_an_end(darkroom: Darkroom, data_folder: Path) -> None:
    moving = await developed(darkroom, data_folder / "a", gif(frames=100, comment=b"Shenzhen"))
    too_long = await darkroom.develop(order_for(data_folder / "b", gif(frames=101)))

    original = (data_folder / "a" / "original").read_bytes()
    assert (moving.type, moving.large) == ("image/gif", None)
    assert pyvips.Image.new_from_buffer(original, "", n=-1).get("n-pages") == 100
    assert b"Shenzhen" not in original
    assert too_long == Refusal("too_many_frames")


def png_bomb(width: int, height: int) -> bytes:
    """A few thousand bytes that promise to be so many pixels."""
    head = pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(4_000_000), 9)
    parts = [(b"IHDR", head), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_part(*part) for part in parts)


def gif_bomb() -> bytes:
    """A small screen with one frame of 65,535 times 65,535 on it."""
    return gif().replace(pack("<HHHH", 0, 0, 1, 1), pack("<HHHH", 0, 0, 65_535, 65_535))


def webp_bomb() -> bytes:
    image: bytes = pyvips.Image.black(30, 20, bands=3).write_to_buffer(".webp", lossless=True)
    canvas = (16_777_215).to_bytes(3, "little")
    head = b"VP8X" + pack("<I", 10) + bytes(4) + canvas * 2
    content = b"WEBP" + head + image[12:]
    return b"RIFF" + pack("<I", len(content)) + content


@pytest.mark.parametrize(
    "content",
    [png_bomb(60_000, 60_000), png_bomb(2**31 - 1, 2**31 - 1), gif_bomb(), gif(65_535, 65_535), webp_bomb()],
    ids=["png", "largest png", "gif frame", "gif screen", "webp"],
)
async def test_a_bomb_is_refused_by_its_pixels_before_it_is_opened(
    darkroom: Darkroom, data_folder: Path, content: bytes
) -> None:
    assert len(content) < 10_000

    assert await darkroom.develop(order_for(data_folder, content)) == Refusal("too_many_pixels")


async def test_a_picture_with_more_in_it_than_it_says_is_shown_as_it_says(
    darkroom: Darkroom, data_folder: Path
) -> None:
    head = pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    much = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(50_000_000), 9)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(png_part(*part) for part in much)

    found = await developed(darkroom, data_folder, content)

    assert (found.width, found.height) == (8, 8)


@pytest.mark.parametrize(
    "content",
    [
        png()[:-20],
        png()[:60],
        b"\xff\xd8\xff" + b"\xff" * 500,
        b"GIF89a" + bytes(40),
        b"RIFF\x20\0\0\0WEBPVP8 \x14\0\0\0" + bytes(20),
        png(0, 30),
        png(40, 30).replace(b"IDAT", b"IDAX"),
        halves().write_to_buffer(".jpg")[:-200],
    ],
)
async def test_what_begins_as_a_picture_and_is_none_is_damaged(
    darkroom: Darkroom, data_folder: Path, content: bytes
) -> None:
    assert await darkroom.develop(order_for(data_folder, content)) == Refusal("damaged")


@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
        (b"%PDF-1.7 and so on", "application/pdf"),
        (b"PK\x03\x04" + bytes(60), "application/zip"),
        ("一句话".encode() * 2_000, "text/plain"),
        (bytes(range(256)), "application/octet-stream"),
        (b"x", "text/plain"),
    ],
)
async def test_everything_else_is_a_file(darkroom: Darkroom, data_folder: Path, content: bytes, type_: str) -> None:
    found = await developed(darkroom, data_folder, content)

    assert (found.kind, found.type, found.size_bytes) == ("file", type_, len(content))
    assert (found.small, found.large, found.duration_ms) == (None, None, None)


SAMPLES: list[tuple[str, bytes, Callable[[memoryview], object]]] = [
    ("jpeg", halves(6).write_to_buffer(".jpg", interlace=True), strip_jpeg),
    ("png", png(4, 4, RED, (b"eXIf", exif(orientation=6)), (b"acTL", bytes(8))), strip_png),
    ("webp", halves(6).write_to_buffer(".webp"), strip_webp),
    ("gif", gif(frames=3, comment=b"Shenzhen"), strip_gif),
    ("ogg", (RECORDINGS / "opus.ogg").read_bytes(), read_ogg),
    ("webm", (RECORDINGS / "untold.webm").read_bytes(), read_webm),
    ("mp4", (RECORDINGS / "fragments.m4a").read_bytes(), read_mp4),
    ("mov", (RECORDINGS / "turned.mp4").read_bytes(), read_mp4),
    ("mp3", (RECORDINGS / "counted.mp3").read_bytes(), read_mp3),
    ("aac", (RECORDINGS / "raw.aac").read_bytes(), read_aac),
    ("wav", (RECORDINGS / "plain.wav").read_bytes(), read_wav),
    ("flac", (RECORDINGS / "lossless.flac").read_bytes(), read_flac),
]


@pytest.mark.parametrize(("name", "content", "reader"), SAMPLES, ids=[name for name, _, _ in SAMPLES])
def test_a_reader_knows_no_other_way_out_than_damaged(
    name: str, content: bytes, reader: Callable[[memoryview], object]
) -> None:
    """A thousand times something is changed, cut or put in, most of it near the beginning, where the structure is."""
    chance = random.Random(name)  # noqa: S311 - the same changes in every run
    for _ in range(1_000):
        spoilt = bytearray(content)
        for _ in range(chance.randint(1, 6)):
            at = min(int(chance.expovariate(1 / 300)), len(spoilt) - 1)
            spoilt[at : at + chance.choice((0, 1, 1, 4))] = chance.randbytes(chance.choice((0, 1, 1, 4)))
        del spoilt[chance.choice((len(spoilt), chance.randint(1, len(spoilt)))) :]
        try:
            reader(memoryview(bytes(spoilt)))
        except Damaged:
            continue


async def own_darkroom(**limits: int) -> Darkroom:
    return Darkroom(msgspec.structs.replace(Limits(), **limits))


def stuck_order(folder: Path) -> Order:
    """A file that is a pipe to which nobody writes: whoever opens it waits."""
    order = order_for(folder, b"x")
    Path(order.path).unlink()
    os.mkfifo(order.path)
    return order


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - processes come and go without telling
            await asyncio.sleep(0.01)


def children() -> set[int]:
    """The processes of darkrooms that this one has started."""
    found = psutil.Process().children()
    return {child.pid for child in found if any("darkroom" in word for word in child.cmdline())}


async def test_a_file_that_takes_too_long_costs_one_process(data_folder: Path) -> None:
    before = children()
    darkroom = await own_darkroom(darkroom_timeout_s=3)
    try:
        assert await darkroom.develop(stuck_order(data_folder / "stuck")) == Refusal("damaged")
        assert children() == before
        assert (await developed(darkroom, data_folder / "next", png())).kind == "image"
    finally:
        await darkroom.close()


async def test_root_without_the_right_to_be_somebody_else_opens_nothing(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*asked: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(tempfile, "tempdir", str(data_folder))
    darkroom = await own_darkroom()
    with monkeypatch.context() as bound:
        bound.setattr(pool, "stranger", lambda: 61_184)
        bound.setattr(os, "chown", forbidden)
        with pytest.raises(DarkroomBusy):
            await darkroom.develop(stuck_order(data_folder / "picture"))
    await darkroom.close()
    assert [name for name in os.listdir(data_folder) if name.startswith("hutong-darkroom-")] == []


async def test_a_process_that_dies_costs_one_file(data_folder: Path) -> None:
    before = children()
    darkroom = await own_darkroom()
    try:
        await developed(darkroom, data_folder / "first", png())
        (child,) = children() - before
        psutil.Process(child).kill()

        assert await darkroom.develop(order_for(data_folder / "second", png())) == Refusal("damaged")
        assert (await developed(darkroom, data_folder / "third", png())).kind == "image"
    finally:
        await darkroom.close()


async def test_a_picture_may_not_use_more_memory_than_it_is_given(data_folder: Path) -> None:
    hungry = pyvips.Image.black(8_000, 8_000, bands=3).write_to_buffer(".webp", lossless=True, effort=0)
    darkroom = await own_darkroom(darkroom_memory_bytes_max=500_000_000)
    try:
        assert (await developed(darkroom, data_folder / "small", png())).kind == "image"
        assert await darkroom.develop(order_for(data_folder / "hungry", hungry)) == Refusal("damaged")
        assert (await developed(darkroom, data_folder / "after", png())).kind == "image"
    finally:
        await darkroom.close()


def bound(pid: int, name: str) -> int:
    """A limit of a process that it cannot raise. Asking the process itself takes more rights than some roots have."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(int(line.removeprefix(name).split()[1]) for line in lines if line.startswith(name))


async def test_the_process_knows_no_secrets_and_is_bounded(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_DATABASE_URL", "postgresql://hutong:secret@127.0.0.1/hutong")
    before = children()
    darkroom = await own_darkroom()
    try:
        await developed(darkroom, data_folder, png())
        (child,) = children() - before
        assert not {name for name in psutil.Process(child).environ() if name.startswith(("HUTONG", "AWS"))}
        assert bound(child, "Max core file size") == 0
        assert bound(child, "Max file size") < 2 * Limits().upload_bytes_max
        assert bound(child, "Max open files") <= 64
        assert bound(child, "Max address space") == Limits().darkroom_memory_bytes_max
    finally:
        await darkroom.close()


async def test_only_so_many_at_once_and_only_so_many_waiting(data_folder: Path) -> None:
    before = children()
    darkroom = await own_darkroom(darkroom_processes_max=2, darkroom_waiting_max=3)
    try:
        working = [
            asyncio.create_task(darkroom.develop(order_for(data_folder / str(place), png(40, 30, (place, 0, 0)))))
            for place in range(5)
        ]
        await asyncio.sleep(0)
        with pytest.raises(DarkroomBusy):
            await darkroom.develop(order_for(data_folder / "more", png()))

        assert all(isinstance(answer, Developed) for answer in await asyncio.gather(*working))
        assert len(children() - before) == 2
    finally:
        await darkroom.close()
    assert children() == before


async def test_what_is_being_looked_at_when_the_darkroom_closes_is_not_called_damaged(data_folder: Path) -> None:
    before = children()
    darkroom = await own_darkroom()
    working = asyncio.create_task(darkroom.develop(stuck_order(data_folder / "stuck")))
    await until(lambda: children() != before)

    await darkroom.close()

    with pytest.raises(DarkroomBusy):
        await working
    with pytest.raises(DarkroomBusy):
        await darkroom.develop(order_for(data_folder / "late", png()))
    assert children() == before


async def test_who_idles_is_sent_home(data_folder: Path) -> None:
    before = children()
    darkroom = Darkroom(Limits(), idle_s=0.0)
    await developed(darkroom, data_folder, png())

    await until(lambda: children() == before)
    await darkroom.close()
