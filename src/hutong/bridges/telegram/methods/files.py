"""Methods about files."""

from collections.abc import Awaitable, Callable
from typing import Any

from hutong.kit.errors import NotFound

from ..calls import Call
from ..files import file_path, read_file_id
from ..refusals import bad_request

__all__ = ["METHODS"]


async def get_file(call: Call) -> dict[str, Any]:
    name = read_file_id(call.parameters.text("file_id"))
    try:
        version, _ = await call.desk.file(call.actor, name.chat, name.media, name.variant)
    except NotFound:
        raise bad_request("wrong file_id or the file is temporarily unavailable") from None
    return {
        "file_id": name.file_id,
        "file_unique_id": name.unique_id,
        "file_size": version.size_bytes,
        "file_path": file_path(name, version.name),
    }


METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {"getFile": get_file}
