"""``hutong import``: brings the exports of other systems into groups."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from hutong.archives import (
    Archive,
    Attached,
    BrokenArchive,
    Brought,
    Carried,
    FilesOfArchives,
    carry,
    files_of,
    read_irc,
    read_slack,
    read_telegram,
)
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.infra.engines import use_engines
from hutong.infra.migrations import migrate
from hutong.infra.scratch import scratch_folder
from hutong.infra.telemetry import set_up_logging
from hutong.kit.clock import system_clock
from hutong.kit.errors import Invalid
from hutong.settings import Settings

from .console import say, settings_from
from .files import blobs_from

__all__ = ["import_archive"]

_READERS: dict[str, Callable[[Iterable[Path], str | None], Archive]] = {
    "irc": read_irc,
    "slack": read_slack,
    "telegram": read_telegram,
}


_OF_TELEGRAM = "result.json"


class _DryRun(Exception):  # not an error: it makes the transaction leave no trace
    pass


class BadGroupName(Invalid):
    """A group's name is one line of moderate length."""

    code = "cli.bad_group_name"
    text = "A group's name has 1 to 40 characters."


def import_archive(
    source: Literal["irc", "slack", "telegram"],
    files: Annotated[list[Path], Parameter(consume_multiple=True)],
    /,
    *,
    group: str | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    data: Path | None = None,
) -> None:
    """Bring conversations along from IRC, Slack or Telegram.

    hutong may be running or not. Importing again adds nothing. A file that cannot be read is refused with the line or
    entry named, and nothing of any file is imported then.

    Parameters
    ----------
    source
        Where the export is from: irc, slack or telegram.
    files
        Logs of channels, the zip of Slack, or the folder or result.json of Telegram Desktop.
    group
        The name of the group, where everything goes into one.
    dry_run
        Only say what would be done.
    data
        The data folder, as for serve.
    """
    set_up_logging()
    if group is not None and not 1 <= len(group.strip()) <= 40:
        raise BadGroupName
    archive = _READERS[source]([_file_at(path, source) for path in files], group)
    asyncio.run(_carry_over(archive, data, dry_run=dry_run))


def _file_at(path: Path, source: str) -> Path:
    """The file that was meant; of a folder that Telegram Desktop wrote, the one in it that is read."""
    if path.is_dir():
        if source != "telegram":
            raise BrokenArchive(file=path.name, where="as a whole", reason="it is a folder. Name the files in it.")
        path /= _OF_TELEGRAM
    if path.is_file():
        return path
    reason = "there is no such file."
    if path.name == _OF_TELEGRAM:
        reason += " Telegram Desktop writes it where machine-readable JSON is chosen as the format."
    raise BrokenArchive(file=path.name, where="as a whole", reason=reason)


async def _carry_over(archive: Archive, data: Path | None, *, dry_run: bool) -> None:
    settings = settings_from(data)
    results: list[Carried] = []
    async with scratch_folder(), use_engines(settings, say) as engines:
        await migrate(engines.database_url, say)
        database = Database(engines.database_url)
        try:
            with Progress(console=Console(stderr=True), transient=True) as progress:
                brought = None if dry_run else await _bring_files(archive, settings, database, progress)
                task = progress.add_task("Importing", total=sum(len(chat.messages) for chat in archive.chats))
                async with database.transaction() as session:
                    results = await carry(
                        session, archive, system_clock(), lambda n: progress.advance(task, n), brought
                    )
                    if dry_run:
                        raise _DryRun
        except _DryRun:
            say("This was a dry run: nothing was written.")
        finally:
            await database.close()
    _report(archive, results)


async def _bring_files(
    archive: Archive, settings: Settings, database: Database, progress: Progress
) -> dict[Attached, Brought]:
    count = sum(len(files_of(message)) for chat in archive.chats for message in chat.messages)
    if count == 0:
        return {}
    task = progress.add_task("Looking at files", total=count)
    darkroom = Darkroom(settings.limits)
    try:
        files = FilesOfArchives(database, blobs_from(settings), darkroom, settings.limits, system_clock)
        return await files.bring(archive, lambda n: progress.advance(task, n))
    finally:
        await darkroom.close()


def _report(archive: Archive, results: list[Carried]) -> None:
    for result in results:
        kind = "new group" if result.is_new else "group"
        say(
            f"{result.name}: {kind} {result.chat}, {result.people_new} new people, {result.messages_new} new messages, "
            f"{result.replies} replies, {result.reactions} reactions, {result.files} files"
        )
        if result.replies_lost:
            say(f"  {result.replies_lost} messages answer something that the export does not hold")
    for note, count in sorted(archive.tally.notes.items()):
        say(f"{note}: {count}")
    say(f"Counted in {archive.tally.unit}:")
    say(archive.tally.sentence())
