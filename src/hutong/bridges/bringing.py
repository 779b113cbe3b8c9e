"""Files that bots send through bridges: handed over as bytes, or named by an address that we fetch."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hutong.domains.chat import segment_of
from hutong.domains.media import Purpose, develop_file, keep_developed, set_key_aside
from hutong.infra.blobs import Blobs
from hutong.infra.darkroom import Darkroom
from hutong.infra.db import Database
from hutong.infra.http_client import CannotFetch, GuardedClient
from hutong.infra.limits import Allowance, spend
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import Invalid
from hutong.settings import Settings

__all__ = ["Bringing", "CannotBring", "Found"]

_DAY_S = 86_400
_KIB = 1_024


class CannotBring(Invalid):
    code = "bridges.cannot_bring"
    text = "This file cannot be taken: {reason}"


class Found(NamedTuple):
    """What lay at an address. ``name`` is the last part of its path."""

    content: bytes
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """Brings files here for bots, as much in a day as anybody may send."""

    settings: Settings
    database: Database
    blobs: Blobs
    darkroom: Darkroom
    clock: Clock

    async def fetch(self, url: str) -> Found:
        """What lies at an address, through the client that refuses private ones. Raises ``CannotBring``."""
        bytes_max = self.settings.limits.bridge_file_bytes_max
        client = GuardedClient(
            private_allowed=self.settings.private_addresses_allowed,
            timeout_s=self.settings.limits.bridge_fetch_timeout_s,
            bytes_max=bytes_max + 1,
        )
        try:
            async with client:
                found = await client.get(url)
        except CannotFetch as error:
            raise CannotBring(reason="nothing can be fetched from its address", log=str(error)) from error
        if len(found.body) > bytes_max:
            raise CannotBring(reason=f"it has more than {bytes_max} bytes")
        name = found.url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
        return Found(found.body, name or "file", found.content_type)

    async def store(self, actor: Actor, content: bytes, name: str, *, as_file: bool = False) -> dict[str, Any]:
        """The segment that shows this file as what it is, or ``as_file`` offers it; it can be sent by this bot. Raises
        ``CannotBring``, ``TooMany``, ``FilesUnavailable``, and for pictures that cannot be shown what
        ``media.develop_file`` raises."""
        limits = self.settings.limits
        if not content or len(content) > min(limits.upload_bytes_max, limits.bridge_file_bytes_max):
            raise CannotBring(reason=f"it must have 1 to {limits.bridge_file_bytes_max} bytes")
        daily = Allowance("media.upload_kib", limits.upload_bytes_per_day_max // _KIB, _DAY_S)
        await spend(self.database, daily, str(actor.number), count=-(-len(content) // _KIB), clock=self.clock)
        purpose: Purpose = "file" if as_file else "message"
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="hutong-bridge-"))
        try:
            whole = folder / "whole"
            await asyncio.to_thread(whole.write_bytes, content)
            async with self.database.transaction() as session:
                key = await set_key_aside(session, clock=self.clock)
            developed = await develop_file(
                whole, key=key, purpose=purpose, blobs=self.blobs, look=self.darkroom.develop, limits=limits
            )
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        async with self.database.transaction() as session:
            view = await keep_developed(
                session, actor.number, developed, key=key, name=name, purpose=purpose, clock=self.clock
            )
        segment: dict[str, Any] = msgspec.to_builtins(segment_of(view.media, view, as_file=as_file))
        return segment
