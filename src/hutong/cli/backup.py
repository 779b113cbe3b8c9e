"""``hutong backup`` and ``hutong restore``: everything in one file, and back.

The file is a tar with ``backup.json`` (what it is), ``database.dump`` (PostgreSQL's own format) and ``files/`` (what
people sent, where that is kept in the data folder). The database comes first, so that every file it knows is there.
"""

import asyncio
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import msgspec

from hutong import __version__
from hutong.infra import migrations
from hutong.infra.engines import Engines, start_engines, use_engines
from hutong.infra.engines.dump import dump_database, load_database
from hutong.kit.clock import Clock, iso_utc, system_clock
from hutong.kit.errors import Conflict, Invalid, NotFound
from hutong.settings import Settings

from .console import say, settings_from

__all__ = [
    "BackupExists",
    "NotABackup",
    "NotEmpty",
    "NothingThere",
    "backup",
    "make_backup",
    "restore",
    "restore_backup",
]

LABEL, DATABASE, FILES = "backup.json", "database.dump", "files"

Say = Callable[[str], None]


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself."""

    hutong: str
    revision: str
    made_at: str


class BackupExists(Conflict):
    """The file is there already, and might be the only good backup."""

    code = "cli.backup_exists"
    text = "{path} is there already. Name another file, or remove that one first."


class NothingThere(NotFound):
    """There is no hutong where one should be copied: most likely the wrong folder was named."""

    code = "cli.nothing_there"
    text = "{place} holds no data of hutong, so there is nothing to back up. Name the data folder with --data."


class NotABackup(Invalid):
    """The file is no backup, or not the whole of one."""

    code = "cli.not_a_backup"
    text = "{path} is not a whole backup of hutong: {reason}"


class NotEmpty(Conflict):
    """There is something already where the backup should go."""

    code = "cli.not_empty"
    text = "{place} holds data already. Restore into a new, empty one, and look at it before you let the old one go."


def backup(file: Path, /, *, data: Path | None = None) -> None:
    """Put everything that people said and sent into one file.

    hutong may run meanwhile.

    Parameters
    ----------
    file
        The file to write. It can be read by you alone.
    data
        The data folder.
    """
    settings = settings_from(data)
    if not settings.database_url and not os.path.exists(settings.data / "postgres"):
        # Engines would be made there, and what they hold would be taken for a backup.
        raise NothingThere(place=str(settings.data))

    async def run() -> None:
        async with use_engines(settings, say) as engines:
            await make_backup(engines, settings, file, say)

    asyncio.run(run())


def restore(file: Path, /, *, data: Path | None = None) -> None:
    """Bring a backup back, into a new data folder.

    Parameters
    ----------
    file
        A file that `hutong backup` wrote.
    data
        The data folder. It must not hold anything yet.
    """
    settings = settings_from(data)

    async def run() -> None:
        await restore_backup(file, settings, say)

    asyncio.run(run())


async def make_backup(
    engines: Engines, settings: Settings, file: Path, say: Say, *, clock: Clock = system_clock
) -> None:
    """Writes the backup beside its place and moves it there when it is whole. Raises ``BackupExists`` and
    ``NothingThere``."""
    revision = await migrations.revision_of(engines.database_url)
    if not revision:
        raise NothingThere(place="The database")
    label = Label(hutong=__version__, revision=revision, made_at=iso_utc(clock()))
    if settings.files_url:
        say("Files are kept elsewhere (HUTONG_FILES_URL), and are not copied; back them up where they are")
    await asyncio.to_thread(_write, file, label, engines.database_url, settings.data / FILES, say)


async def restore_backup(file: Path, settings: Settings, say: Say) -> None:
    """Fills a new data folder, and the database with it; a database that could not be filled is taken away again.

    Raises ``NotABackup`` and ``NotEmpty``, and ``NewerDatabase`` where a newer hutong made the backup.
    """
    label = await asyncio.to_thread(_check, file, settings.data)
    engines = await start_engines(settings, say)
    filled = False
    try:
        if await migrations.revision_of(engines.database_url):
            raise NotEmpty(place="The database")
        say(f"Unpacking what hutong {label.hutong} had on {label.made_at}")
        await asyncio.to_thread(_read, file, engines.database_url, settings.data)
        filled = True
        await migrations.migrate(engines.database_url, say)
    finally:
        await engines.stop()
        if not filled:
            await asyncio.to_thread(shutil.rmtree, settings.data / "postgres", ignore_errors=True)
    say(f"{settings.data} is ready: hutong serve --data {settings.data}")


def _write(file: Path, label: Label, database_url: str, files: Path, say: Say) -> None:
    if file.exists():
        raise BackupExists(path=str(file))
    with tempfile.TemporaryDirectory(dir=file.parent.absolute(), prefix=f".{file.name}.") as folder:
        dump, whole = Path(folder, DATABASE), Path(folder, "whole")
        say("Copying the database")
        dump_database(database_url, dump)
        say("Copying the files")
        _pack(whole, label, dump, files)
        whole.rename(file)
    say(f"{file} holds everything, {file.stat().st_size / 2**20:.1f} MiB")


def _check(file: Path, data: Path) -> Label:
    """What the backup says of itself, if it is one, and if there is room for it."""
    label = _read_label(file)
    known = migrations.known_revisions()
    if label.revision not in known:
        raise migrations.NewerDatabase(found=label.revision, known=known[-1])
    if any((data / name).exists() for name in (FILES, "postgres")):
        raise NotEmpty(place=str(data))
    return label


def _read(file: Path, database_url: str, data: Path) -> None:
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore.") as folder:
        _unpack(file, Path(folder))
        load_database(database_url, Path(folder, DATABASE))
        if Path(folder, FILES).exists():
            Path(folder, FILES).rename(data / FILES)


def _pack(target: Path, label: Label, dump: Path, files: Path) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w") as tar:
            content = msgspec.json.encode(label)
            entry = tarfile.TarInfo(LABEL)
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, BytesIO(content))
            tar.add(dump, DATABASE)
            _pack_files(tar, files)
        raw.flush()
        os.fsync(raw.fileno())


def _pack_files(tar: tarfile.TarFile, files: Path) -> None:
    """What messages and avatars use was there before the database was copied, and stays. What goes meanwhile (pieces of
    uploads, what nobody uses any more) is passed over."""
    for folder, _, names in os.walk(files):
        for name in sorted(names):
            path = Path(folder, name)
            try:
                with path.open("rb") as content:
                    entry = tar.gettarinfo(arcname=f"{FILES}/{path.relative_to(files)}", fileobj=content)
                    tar.addfile(entry, content)
            except FileNotFoundError:
                continue


def _read_label(file: Path) -> Label:
    """What the backup says of itself, once all of it could be read to its end."""
    try:
        with tarfile.open(file) as tar:
            content = tar.extractfile(LABEL)
            label = msgspec.json.decode(content.read() if content else b"", type=Label)
            names = tar.getnames()
    except (OSError, tarfile.TarError, KeyError, msgspec.MsgspecError) as error:
        raise NotABackup(path=str(file), reason=f"{error}.") from error
    if DATABASE not in names:
        raise NotABackup(path=str(file), reason=f"it has no {DATABASE}.")
    return label


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise NotABackup(path=str(file), reason=f"{error}.") from error
