"""Files that lie beside the messages of an export: looked at and stored before anything is written of the messages.

What is stored here is held by nothing yet. ``carry`` keeps it with the messages, in their transaction; where that fails
it goes after a day.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import chat_from, known_keys, segment_of
from hutong.domains.media import Purpose, develop_file, keep_developed, set_key_aside, take_media
from hutong.infra.blobs import Blobs, FilesUnavailable
from hutong.infra.darkroom import Darkroom, Developed
from hutong.infra.db import Database
from hutong.kit.clock import Clock
from hutong.kit.errors import Invalid
from hutong.settings import Limits

from .shape import Archive, ArchivedMessage, Attached

__all__ = ["Brought", "FilesOfArchives", "files_of", "keep_files"]

AS_FILES = "pictures that cannot be shown, carried as files"
TOO_LARGE = "files that are too large, only named"
UNREADABLE = "files that cannot be read, only named"


class Brought(msgspec.Struct, frozen=True):
    """A file that is stored under ``key`` and held by nothing yet."""

    key: str
    developed: Developed
    purpose: Purpose


def files_of(message: ArchivedMessage) -> list[Attached]:
    """The files of a message, in their order."""
    return [part for part in message.parts if isinstance(part, Attached)]


@dataclass(frozen=True)
class FilesOfArchives:
    """Brings the files of archives here."""

    database: Database
    blobs: Blobs
    darkroom: Darkroom
    limits: Limits
    clock: Clock

    async def bring(self, archive: Archive, advance: Callable[[int], None]) -> dict[Attached, Brought]:
        """Stores the files of messages that were not carried before, a few at a time. What cannot be brought is left
        out and counted in the archive's notes. ``advance`` is told how many more are dealt with. Raises
        ``FilesUnavailable``."""
        brought: dict[Attached, Brought] = {}
        wanted = await self._wanted(archive)
        at_once = self.limits.darkroom_processes_max
        for start in range(0, len(wanted), at_once):
            some = wanted[start : start + at_once]
            for file, found in zip(some, await asyncio.gather(*map(self._bring_one, some)), strict=True):
                if isinstance(found, str):
                    archive.tally.notes[found] += 1
                    continue
                brought[file] = found
                if found.purpose == "file" and file.shown:
                    archive.tally.notes[AS_FILES] += 1
            advance(len(some))
        return brought

    async def _wanted(self, archive: Archive) -> list[Attached]:
        wanted: dict[Attached, None] = {}
        for chat in archive.chats:
            with_files = {message.key: files for message in chat.messages if (files := files_of(message))}
            async with self.database.transaction() as session:
                number = await chat_from(session, archive.source, chat.key)
                known = await known_keys(session, number, sorted(with_files)) if number is not None else {}
            for key, files in with_files.items():
                if key not in known:
                    wanted |= dict.fromkeys(files)
        return list(wanted)

    async def _bring_one(self, file: Attached) -> Brought | str:
        """What has become of the file, or why nothing has."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="hutong-import-"))
        try:
            copy = folder / "whole"
            refusal = await asyncio.to_thread(_copy, file.path, copy, self.limits.upload_bytes_max)
            if refusal is not None:
                return refusal
            async with self.database.transaction() as session:
                key = await set_key_aside(session, clock=self.clock)
            purpose: Purpose = "message" if file.shown else "file"
            try:
                return Brought(key, await self._develop(copy, key, purpose), purpose)
            except Invalid:
                return Brought(key, await self._develop(copy, key, "file"), "file")
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _develop(self, copy: Path, key: str, purpose: Purpose) -> Developed:
        return await develop_file(
            copy, key=key, purpose=purpose, blobs=self.blobs, look=self.darkroom.develop, limits=self.limits
        )


async def keep_files(
    session: AsyncSession, owner: int, message: ArchivedMessage, brought: Mapping[Attached, Brought], clock: Clock
) -> dict[Attached, tuple[str, object]]:
    """Keeps the files of a message as ``owner``'s, in the session's transaction: the media and the segment of each."""
    kept: dict[Attached, tuple[str, object]] = {}
    for file in files_of(message):
        if (found := brought.get(file)) is None:
            continue
        view = await keep_developed(
            session, owner, found.developed, key=found.key, name=file.name, purpose=found.purpose, clock=clock
        )
        await take_media(session, owner, [view.media], clock=clock)
        kept[file] = view.media, segment_of(view.media, view, as_file=not file.shown)
    return kept


def _copy(source: Path, target: Path, bytes_max: int) -> str | None:
    """Copies a file that can be read and is not too large, or says why not. The copy is what is looked at: the export
    stays as it is."""
    try:
        content = source.open("rb")
    except OSError:
        return UNREADABLE
    with content:
        if os.fstat(content.fileno()).st_size > bytes_max:
            return TOO_LARGE
        try:
            with target.open("wb") as copy:
                shutil.copyfileobj(content, copy)
        except OSError as error:
            raise FilesUnavailable(log=f"copy of {source.name}: {error}") from error
    return None
