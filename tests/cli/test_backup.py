"""A backup holds everything, and comes back into an empty place only."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from hutong.cli.backup import (
    BackupExists,
    NotABackup,
    NotEmpty,
    NothingThere,
    backup,
    make_backup,
    restore_backup,
)
from hutong.infra import migrations
from hutong.infra.engines import start_engines
from hutong.settings import Settings


def quiet(sentence: str) -> None:
    """Nobody reads along here."""


@pytest.fixture(scope="module")
async def full(data_folders: Callable[[], Path]) -> Path:
    """A data folder with a fact and a file in it, and a backup of it beside them."""
    data_folder = data_folders()
    settings = Settings(data=data_folder)
    engines = await start_engines(settings, quiet)
    try:
        await migrations.migrate(engines.database_url)
        await _execute(
            engines.database_url, "INSERT INTO infra_outbox (topic, payload) VALUES ('a.Fact', '{\"n\": 1}')"
        )
        (data_folder / "files" / "ab").mkdir(parents=True)
        (data_folder / "files" / "ab" / "cd").write_bytes(b"a picture")
        # A link that leads nowhere is found and cannot be opened, like a file that goes while the backup is made.
        (data_folder / "files" / "ab" / "gone").symlink_to("nowhere")
        await make_backup(engines, settings, data_folder / "backup.tar", quiet)
    finally:
        await engines.stop()
    return data_folder


async def test_everything_comes_back(full: Path, data_folders: Callable[[], Path]) -> None:
    fresh = data_folders()

    await restore_backup(full / "backup.tar", Settings(data=fresh), quiet)

    assert (fresh / "files" / "ab" / "cd").read_bytes() == b"a picture"
    assert os.listdir(fresh / "files" / "ab") == ["cd"]
    engines = await start_engines(Settings(data=fresh), quiet)
    try:
        assert await _execute(engines.database_url, "SELECT topic FROM infra_outbox") == "a.Fact"
        assert await migrations.pending(engines.database_url) == []
        following = "INSERT INTO infra_outbox (topic, payload) VALUES ('b.Fact', '{}') RETURNING id"
        assert await _execute(engines.database_url, following) == 2
    finally:
        await engines.stop()


async def test_nobody_else_reads_it_and_nothing_is_overwritten(full: Path) -> None:
    made = full / "backup.tar"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert not any(name.startswith(".backup") for name in os.listdir(full))

    settings = Settings(data=full)
    engines = await start_engines(settings, quiet)
    try:
        with pytest.raises(BackupExists):
            await make_backup(engines, settings, made, quiet)
    finally:
        await engines.stop()
    with pytest.raises(NotEmpty):
        await restore_backup(made, settings, quiet)


def test_a_folder_without_a_hutong_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(NothingThere):
        backup(tmp_path / "backup.tar", data=tmp_path / "mistyped")
    assert list(tmp_path.iterdir()) == []


async def test_a_damaged_backup_is_refused_and_leaves_the_place_empty(
    full: Path, data_folders: Callable[[], Path]
) -> None:
    whole = (full / "backup.tar").read_bytes()
    fresh = data_folders()
    bad = full / "bad.tar"
    for content in (b"", b"not a backup at all", whole[: len(whole) // 2]):
        bad.write_bytes(content)
        with pytest.raises(NotABackup):
            await restore_backup(bad, Settings(data=fresh), quiet)
    assert os.listdir(fresh) == []


async def _execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
