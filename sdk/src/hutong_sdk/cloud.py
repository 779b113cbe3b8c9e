"""What an app keeps on the server, so that a small bot needs no database of its own. All bots of the app share it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from .errors import NotFound
from .views import Entry, KeptFile
from .wire import Wire

__all__ = ["Cloud", "Collection"]


class _Written(msgspec.Struct):
    version: int
    value: int | None = None


class _Entries(msgspec.Struct):
    items: list[Entry]
    next: str | None = None


class _Files(msgspec.Struct):
    items: list[KeptFile]
    next: str | None = None


class Collection:
    """JSON values under keys of one line without a slash. It need not be made: it is there once something is in it."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.name = name
        self._wire = wire
        self._path = f"apps/me/store/{quote(name, safe='')}"

    async def find(self, key: str) -> Entry | None:
        """What is under the key; None where nothing is, or its time is over."""
        try:
            return await self._wire.get(Entry, self._at(key))
        except NotFound as nothing:
            if nothing.code != "cloud.no_such_entry":
                raise
            return None

    async def put(self, key: str, value: object, *, version: int | None = None, expires_in_s: int | None = None) -> int:
        """Keeps a value, for good or for so long, and says its version. With ``version`` only where that one is there
        now (0: nothing is), else ``Conflict`` with the code ``cloud.version_changed``. Who tries that again after a
        lost answer may meet their own write, so such a call is made once."""
        body = {"value": value, "version": version, "expires_in_s": expires_in_s}
        said = await self._wire.call("PUT", self._at(key), body, again=version is None)
        return msgspec.json.decode(said, type=_Written).version

    async def add(self, key: str, by: int = 1) -> int:
        """Adds to a whole number, which begins at 0, and says what it is now; however many do so at once, each counts.
        Where the answer is lost it raises ``Unreachable`` rather than count twice."""
        said = await self._wire.call("POST", f"{self._at(key)}/additions", {"by": by}, again=False)
        return msgspec.json.decode(said, type=_Written).value or 0

    async def delete(self, key: str) -> None:
        """What is not there is deleted already."""
        await self._wire.call("DELETE", self._at(key))

    async def entries(self, prefix: str = "") -> AsyncIterator[Entry]:
        """All whose keys begin so, by key."""
        cursor: str | None = None
        while True:
            page = await self._wire.get(_Entries, self._path, prefix=prefix, cursor=cursor)
            for entry in page.items:
                yield entry
            cursor = page.next
            if cursor is None:
                return

    async def search(self, where: Mapping[str, Any] | None = None, *, sort: str = "") -> AsyncIterator[Entry]:
        """The values that are objects with these fields: ``{"city": "北京", "days": {"gte": 7, "lt": 30}}``. Sorted by
        one of them (``-days``: the other way round), else by key."""
        body: dict[str, Any] = {"collection": self.name, "where": dict(where or {}), "sort": sort}
        while True:
            page = msgspec.json.decode(await self._wire.call("POST", "apps/me/documents", body), type=_Entries)
            for entry in page.items:
                yield entry
            if page.next is None:
                return
            body["cursor"] = page.next

    def _at(self, key: str) -> str:
        return f"{self._path}/{quote(key, safe='')}"


class Cloud:
    """The app's values, in collections, and its files."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def collection(self, name: str) -> Collection:
        """Letters (a to z), digits, ``_``, ``.`` and ``-``."""
        return Collection(self._wire, name)

    async def keep_file(self, name: str, content: bytes, *, public: bool = False) -> KeptFile:
        """Keeps the bytes under this name instead of what was there; where it is ``public``, everybody may read it."""
        said = await self._wire.call("PUT", _file(name), raw=content, params={"public": public})
        return msgspec.json.decode(said, type=KeptFile)

    async def read_file(self, file: KeptFile) -> bytes:
        return await self._wire.call("GET", file.path.removeprefix("/api/v1/"))

    async def drop_file(self, name: str) -> None:
        await self._wire.call("DELETE", _file(name))

    async def files(self, prefix: str = "") -> AsyncIterator[KeptFile]:
        """All whose names begin so, by name."""
        cursor: str | None = None
        while True:
            page = await self._wire.get(_Files, "apps/me/files", prefix=prefix, cursor=cursor)
            for file in page.items:
                yield file
            cursor = page.next
            if cursor is None:
                return


def _file(name: str) -> str:
    return f"apps/me/files/{quote(name, safe='')}"
