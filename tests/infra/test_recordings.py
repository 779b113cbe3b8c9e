"""What the darkroom reads from recordings made by real encoders, a second and a half each."""

from pathlib import Path

import pytest

from hutong.infra.darkroom import Darkroom, Developed, Order
from hutong.settings import Limits

RECORDINGS = Path(__file__).parent / "recordings"
LIMITS = Limits()


async def developed(darkroom: Darkroom, content: bytes, folder: Path) -> Developed:
    (folder / "whole").write_bytes(content)
    order = Order(
        path=str(folder / "whole"),
        folder=str(folder),
        treatment="show",
        pixels_max=LIMITS.picture_pixels_max,
        frames_max=LIMITS.picture_frames_max,
        small_px=320,
        large_px=1600,
    )
    answer = await darkroom.develop(order)
    assert isinstance(answer, Developed)
    return answer


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("opus.ogg", "audio/ogg"),
        ("vorbis.ogg", "audio/ogg"),
        ("told.webm", "audio/webm"),
        ("untold.webm", "audio/webm"),
        ("whole.m4a", "audio/mp4"),
        ("fragments.m4a", "audio/mp4"),
        ("counted.mp3", "audio/mpeg"),
        ("uncounted.mp3", "audio/mpeg"),
        ("plain.wav", "audio/wav"),
        ("raw.aac", "audio/aac"),
        ("lossless.flac", "audio/flac"),
    ],
)
async def test_a_sound_is_known_with_its_length(darkroom: Darkroom, data_folder: Path, name: str, type_: str) -> None:
    content = (RECORDINGS / name).read_bytes()

    found = await developed(darkroom, content, data_folder)

    assert (found.kind, found.type, found.size_bytes) == ("voice", type_, len(content))
    assert found.duration_ms is not None
    # Encoders begin and end with silence of their own, at most an eighth of a second.
    assert 1_500 <= found.duration_ms <= 1_625
    assert len((data_folder / "original").read_bytes()) == len(content)


@pytest.mark.parametrize(
    ("name", "type_", "size"),
    [
        ("film.mp4", "video/mp4", (64, 48)),
        ("turned.mp4", "video/mp4", (48, 64)),
        ("film.webm", "video/webm", (64, 48)),
    ],
)
async def test_a_film_is_known_with_its_size_and_length(
    darkroom: Darkroom, data_folder: Path, name: str, type_: str, size: tuple[int, int]
) -> None:
    found = await developed(darkroom, (RECORDINGS / name).read_bytes(), data_folder)

    assert (found.kind, found.type, (found.width, found.height)) == ("video", type_, size)
    assert found.duration_ms == 1_500


async def test_a_film_does_not_tell_where_it_was_made(darkroom: Darkroom, data_folder: Path) -> None:
    content = (RECORDINGS / "placed.mp4").read_bytes()
    assert b"+22.5431+114.0579" in content

    found = await developed(darkroom, content, data_folder)

    kept = (data_folder / "original").read_bytes()
    assert (data_folder / "whole").read_bytes() == content
    assert (found.kind, found.duration_ms, len(kept)) == ("video", 1_500, len(content))
    assert b"114.0579" not in kept
    # What is shown stays, bit for bit.
    samples = content.index(b"mdat"), content.index(b"moov")
    assert kept[samples[0] : samples[1]] == content[samples[0] : samples[1]]


async def test_a_container_that_no_page_shows_is_a_file(darkroom: Darkroom, data_folder: Path) -> None:
    found = await developed(darkroom, (RECORDINGS / "matroska.mkv").read_bytes(), data_folder)

    assert (found.kind, found.duration_ms) == ("file", None)


@pytest.mark.parametrize("name", sorted(path.name for path in RECORDINGS.iterdir()))
async def test_a_recording_that_was_cut_or_spoilt_breaks_nothing(
    darkroom: Darkroom, data_folder: Path, name: str
) -> None:
    content = (RECORDINGS / name).read_bytes()
    spoilt = [content[: len(content) * part // 8] for part in range(1, 8)]
    spoilt += [content[:at] + b"\xff" * 16 + content[at + 16 :] for at in range(0, 400, 16)]
    for place, each in enumerate(spoilt):
        folder = data_folder / str(place)
        folder.mkdir()
        found = await developed(darkroom, each, folder)
        assert found.kind in ("file", "voice", "video")
        assert found.size_bytes == len(each)
