"""What files are called, and which of them a page may show."""

from hutong.kit.text import clean_line, shorten

__all__ = ["clean_name", "name_of_version", "types_shown"]

_NAME_CHARS_MAX = 200
_ENDING_CHARS_MAX = 12

types_shown: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png", "apng"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "audio/aac": ("aac",),
    "audio/flac": ("flac",),
    "audio/mp4": ("m4a", "mp4", "aac"),
    "audio/mpeg": ("mp3",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/wav": ("wav",),
    "audio/webm": ("weba", "webm"),
    "video/3gpp": ("3gp",),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov",),
    "video/webm": ("webm",),
}
"""The types that are sent as what they are, because their bytes were read from end to end and none of them can run
anything. Each with the endings that a name of that type may have; the first is given to a name with another one."""


def clean_name(name: str) -> str:
    """A name fit to be kept: one line, no folders, not too long, with its ending kept where it is cut."""
    kept = clean_line(name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]).lstrip(". ")
    if len(kept) <= _NAME_CHARS_MAX:
        return kept or "file"
    stem, ending = _split(kept)
    tail = f".{ending}" if ending else ""
    return shorten(stem, _NAME_CHARS_MAX - len(tail)) + tail


def name_of_version(name: str, type_: str) -> str:
    """The name under which bytes of this type are saved. A picture called ``page.html`` becomes ``page.png``: saved as
    it was called, it would be opened as a page."""
    endings = types_shown.get(type_)
    stem, ending = _split(name)
    if endings is None or ending.lower() in endings:
        return name
    return f"{stem}.{endings[0]}"


def _split(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or not 1 <= len(ending) <= _ENDING_CHARS_MAX or not ending.isalnum():
        return name, ""
    return stem, ending
