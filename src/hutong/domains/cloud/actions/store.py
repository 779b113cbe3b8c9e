"""The store: JSON values under keys, written one by one or several at once, each under a version of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import NotANumber, StoreFull, ValueTooLarge, VersionChanged
from ..models import Entry, Holding
from ..schemas import WHOLE_MAX, AddWrite, DeleteWrite, PutWrite, Write, WrittenView
from .dropping import locked_holding

__all__ = ["write_entries"]

_Key = tuple[str, str]


async def write_entries(
    session: AsyncSession, app_id: int, writes: Sequence[Write], *, clock: Clock, limits: Limits
) -> list[WrittenView]:
    """Writes all of these, in their order, and says of each what is there now. Writers of one app wait for each other,
    so what is compared is what is replaced. Raises ``VersionChanged``, ``NotANumber``, ``ValueTooLarge``,
    ``StoreFull``."""
    holding = await locked_holding(session, app_id)
    before = holding.entries, holding.entry_bytes
    keys = [(write.collection, write.key) for write in writes]
    there = await session.scalars(
        select(Entry).where(Entry.app_id == app_id, tuple_(Entry.collection, Entry.key).in_(keys))
    )
    pen = _Pen(session, holding, {(entry.collection, entry.key): entry for entry in there}, clock(), limits)
    written = [await pen.write(write) for write in writes]
    _check_room(holding, before, limits)
    await session.flush()
    return written


def _check_room(holding: Holding, before: tuple[int, int], limits: Limits) -> None:
    """What makes it smaller is always possible, however much there is."""
    entries_max, bytes_max = limits.store_entries_per_app_max, limits.store_bytes_per_app_max
    too_many = holding.entries > max(entries_max, before[0])
    if too_many or holding.entry_bytes > max(bytes_max, before[1]):
        raise StoreFull(entries_max=entries_max, bytes_max=bytes_max)


class _Pen:
    """Writes into the store of one app, whose holding is locked, and keeps count."""

    def __init__(
        self, session: AsyncSession, holding: Holding, there: dict[_Key, Entry], now: datetime, limits: Limits
    ) -> None:
        self._session = session
        self._holding = holding
        self._there = there
        self._now = now
        self._limits = limits

    async def write(self, write: Write) -> WrittenView:
        row = self._there.get((write.collection, write.key))
        found = None if row is None or (row.expires_at is not None and row.expires_at <= self._now) else row
        match write:
            case PutWrite():
                self._check_version(write, found)
                return self._put(write, row, write.value, self._until(write.expires_in_s))
            case AddWrite():
                return self._add(write, row, found)
            case DeleteWrite():
                self._check_version(write, found)
                return await self._delete(write, row)

    def _check_version(self, write: PutWrite | DeleteWrite, found: Entry | None) -> None:
        version = found.version if found else 0
        if write.version is not None and write.version != version:
            raise VersionChanged(collection=write.collection, key=write.key, version=version)

    def _until(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self._now + timedelta(seconds=seconds)

    def _add(self, write: AddWrite, row: Entry | None, found: Entry | None) -> WrittenView:
        number = found.value if found else 0
        if not isinstance(number, int) or isinstance(number, bool) or abs(number + write.by) > WHOLE_MAX:
            raise NotANumber(collection=write.collection, key=write.key)
        kept = found.expires_at if found else None
        until = kept if write.expires_in_s is None else self._until(write.expires_in_s)
        written = self._put(write, row, number + write.by, until)
        return msgspec.structs.replace(written, value=number + write.by)

    def _put(self, write: PutWrite | AddWrite, row: Entry | None, value: object, until: datetime | None) -> WrittenView:
        size_bytes = len(msgspec.json.encode(value))
        bytes_max = self._limits.store_value_bytes_max
        if size_bytes > bytes_max:
            raise ValueTooLarge(collection=write.collection, key=write.key, size_bytes=size_bytes, bytes_max=bytes_max)
        if row is None:
            row = Entry(app_id=self._holding.app_id, collection=write.collection, key=write.key, size_bytes=0)
            self._there[write.collection, write.key] = row
            self._session.add(row)
            self._holding.entries += 1
        counted_bytes = size_bytes + len(f"{write.collection}{write.key}".encode())
        self._holding.entry_bytes += counted_bytes - row.size_bytes
        self._holding.last_version += 1
        row.value, row.size_bytes, row.version = value, counted_bytes, self._holding.last_version
        row.changed_at, row.expires_at = self._now, until
        return WrittenView(collection=write.collection, key=write.key, version=row.version)

    async def _delete(self, write: DeleteWrite, row: Entry | None) -> WrittenView:
        if row is not None:
            del self._there[write.collection, write.key]
            self._holding.entries -= 1
            self._holding.entry_bytes -= row.size_bytes
            # What was written a moment ago must be there to be deleted.
            await self._session.flush()
            await self._session.delete(row)
            await self._session.flush()
        return WrittenView(collection=write.collection, key=write.key, version=0)
