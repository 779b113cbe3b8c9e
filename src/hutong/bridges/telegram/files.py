"""What a file of ours is called here: an id that says where it may be read, and a path to read it by."""

import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from hutong.domains.media import Variant

from .refusals import bad_request

__all__ = ["MEDIA", "FileName", "described", "file_path", "named_in_path", "read_file_id"]

MEDIA = ("image", "voice", "video", "file")
_LETTERS = {"i": "image", "l": "image", "s": "image", "v": "video", "o": "voice", "f": "file"}
_VARIANTS: dict[str, Variant] = {"l": "large", "s": "small"}
_FOLDERS = {"image": "photos", "video": "videos", "voice": "voice", "file": "documents"}
_SIDES_MAX = {"s": 320, "l": 1_600}
_FILE_ID = re.compile(r"([ilsvof])([1-9][0-9]{0,15})_([0-9A-Za-z_-]{8,64})")


class FileName(NamedTuple):
    """A file in a conversation that shows it."""

    letter: str
    chat: int
    media: str

    @property
    def kind(self) -> str:
        return _LETTERS[self.letter]

    @property
    def variant(self) -> Variant:
        return _VARIANTS.get(self.letter, "original")

    @property
    def file_id(self) -> str:
        return f"{self.letter}{self.chat}_{self.media}"

    @property
    def unique_id(self) -> str:
        return f"{self.letter}{self.media}"


def read_file_id(file_id: str) -> FileName:
    found = _FILE_ID.fullmatch(file_id)
    if found is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return FileName(found[1], int(found[2]), found[3])


def file_path(name: FileName, called: str = "") -> str:
    """Where a file is downloaded from; ``called`` is the name that it has here, for its ending."""
    ending = PurePosixPath(called).suffix
    if not re.fullmatch(r"\.[0-9A-Za-z]{1,10}", ending):
        ending = ""
    return f"{_FOLDERS[name.kind]}/{name.file_id}{ending}"


def named_in_path(path: str) -> FileName:
    """The file that a path leads to."""
    return read_file_id(PurePosixPath(path).name.partition(".")[0])


def described(part: dict[str, Any], chat: int) -> dict[str, Any]:
    """The field of a message that shows a segment of ours with a file."""
    kind, media = str(part["type"]), str(part.get("media", ""))
    if kind == "image":
        return {"photo": [_size(part, FileName(letter, chat, media)) for letter in "sli"]}
    letter = {"voice": "o", "video": "v"}.get(kind, "f")
    told = _basics(FileName(letter, chat, media), part.get("size"))
    if kind == "file":
        return {"document": told | ({"file_name": part["name"]} if part.get("name") else {})}
    told["duration"] = int(part.get("duration") or 0) // 1_000
    if kind == "video":
        told |= {"width": part.get("width") or 0, "height": part.get("height") or 0}
    return {kind: told}


def _basics(name: FileName, size_bytes: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {"file_id": name.file_id, "file_unique_id": name.unique_id}
    return told | ({"file_size": size_bytes} if size_bytes is not None else {})


def _size(part: dict[str, Any], name: FileName) -> dict[str, Any]:
    """A picture in one of its sizes: what is smaller than the bound is not made larger."""
    width, height = part.get("width") or 1, part.get("height") or 1
    bound = _SIDES_MAX.get(name.letter, max(width, height))
    scale = min(1.0, bound / max(width, height))
    known = part.get("size") if name.letter == "i" else None
    sides = {"width": max(1, round(width * scale)), "height": max(1, round(height * scale))}
    return _basics(name, known) | sides
