"""The store of files: a folder and a bucket behave alike, and say in a sentence what is wrong with them."""

import logging
import os
import re
import stat
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from hutong.infra.blobs import CHUNK_BYTES, Blobs, FilesUnavailable, open_blobs

LONG = os.urandom(2 * CHUNK_BYTES + 12_345)


@pytest.fixture(scope="module")
def bucket() -> Generator[str]:
    """The address of an S3 bucket on this machine, with everything that is needed to use it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/files", method="PUT"))  # noqa: S310 - an address of ours
    yield f"s3://files/some/place?endpoint={endpoint}&region=us-east-1&access_key_id=a&secret_access_key=b"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return open_blobs(request.getfixturevalue("bucket") if request.param == "bucket" else "", tmp_path)


async def content_of(blobs: Blobs, key: str, start: int, end: int) -> bytes:
    return b"".join([chunk async for chunk in await blobs.read(key, start, end)])


async def test_what_is_put_can_be_read_in_whole_and_in_part(store: Blobs, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(LONG)
    await store.put("files/one/original", b"hello")
    await store.put("files/two/original", tmp_path / "long")

    assert await store.read_all("files/one/original") == b"hello"
    assert await content_of(store, "files/one/original", 1, 3) == b"el"
    assert await content_of(store, "files/two/original", 0, len(LONG)) == LONG
    for start, end in [(0, 1), (CHUNK_BYTES - 1, CHUNK_BYTES + 1), (17, len(LONG) - 17), (len(LONG) - 1, len(LONG))]:
        assert await content_of(store, "files/two/original", start, end) == LONG[start:end]


async def test_putting_again_replaces_the_whole(store: Blobs) -> None:
    await store.put("uploads/one/0", b"a long first version")
    await store.put("uploads/one/0", b"second")

    assert await store.read_all("uploads/one/0") == b"second"


async def test_keys_are_listed_by_their_folder_and_deleted(store: Blobs) -> None:
    for key in ("uploads/ab/0", "uploads/ab/1", "uploads/abc/0", "files/ab/original"):
        await store.put(key, b"x")

    assert sorted(await store.list_keys("uploads/ab")) == ["uploads/ab/0", "uploads/ab/1"]
    assert len(await store.list_keys("uploads/ab", keys_max=1)) == 1
    await store.delete(["uploads/ab/0", "uploads/ab/never", "uploads/ab/1"])
    assert await store.list_keys("uploads/ab") == []
    assert await store.list_keys("uploads/abc") == ["uploads/abc/0"]
    assert await store.list_keys("nowhere") == []
    await store.put("uploads/ab/0", b"x")
    await store.put("uploads/ab/1", b"x")
    await store.delete_below("uploads/ab")
    await store.delete_below("uploads/never")
    assert await store.list_keys("uploads/ab") == []
    assert await store.list_keys("uploads/abc") == ["uploads/abc/0"]
    await store.delete(["uploads/abc/0", "files/ab/original"])


async def test_what_is_missing_is_said_before_the_first_byte(store: Blobs) -> None:
    with pytest.raises(FilesUnavailable) as refused:
        await store.read("files/none/original", 0, 5)
    with pytest.raises(FilesUnavailable):
        await store.read_all("files/none/original")
    assert "files/none/original" in refused.value.log
    assert "files/none" not in refused.value.detail


async def test_a_folder_is_its_owners_alone_and_left_tidy(tmp_path: Path) -> None:
    blobs = open_blobs("", tmp_path)
    await blobs.put("files/one/original", b"hello")

    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert (tmp_path / "files" / "files" / "one" / "original").read_bytes() == b"hello"
    await blobs.delete(["files/one/original"])
    assert not (tmp_path / "files" / "files" / "one").exists()


async def test_a_folder_elsewhere_is_named_by_its_address(tmp_path: Path) -> None:
    elsewhere = tmp_path / "a folder"
    blobs = open_blobs(f"file://{tmp_path}/a%20folder", tmp_path / "data")
    await blobs.put("files/one/original", b"hello")

    assert (elsewhere / "files" / "one" / "original").read_bytes() == b"hello"
    assert not (tmp_path / "data").exists()


async def test_while_the_bucket_is_away_files_are_unavailable() -> None:
    away = open_blobs("s3://files?endpoint=http://127.0.0.1:1&region=x&access_key_id=a&secret_access_key=b", Path("/"))
    for attempt in (away.put("k", b"x"), away.read("k", 0, 1), away.read_all("k"), away.delete(["k"])):
        with pytest.raises(FilesUnavailable):
            await attempt
    with pytest.raises(FilesUnavailable):
        await away.list_keys("k")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ftp://files", "HUTONG_FILES_URL must begin with s3://, gs://, az:// or file:///."),
        ("files", "HUTONG_FILES_URL must begin with s3://, gs://, az:// or file:///."),
        ("memory:///", "HUTONG_FILES_URL must begin with s3://, gs://, az:// or file:///."),
        ("s3://", "HUTONG_FILES_URL cannot be used: .*"),
        ("s3://files?colour=red", "HUTONG_FILES_URL cannot be used: .*colour.*"),
        ("file:///proc/files", "The folder for files, /proc/files, cannot be used: .*"),
    ],
)
def test_a_bad_address_is_refused_with_a_sentence(tmp_path: Path, address: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        open_blobs(address, tmp_path)
    assert re.fullmatch(sentence, str(refused.value))
    assert "\n" not in str(refused.value)
