"""What files are: by their bytes in a bucket, by their names in a bundle. Only what is known is shown by a browser."""

__all__ = ["BUNDLE_TYPES", "UNKNOWN", "type_of_bytes", "type_of_name"]

UNKNOWN = "application/octet-stream"

BUNDLE_TYPES = {
    "avif": "image/avif",
    "css": "text/css",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "m4a": "audio/mp4",
    "map": "application/json",
    "mjs": "text/javascript",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "otf": "font/otf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
}
"""What the pages of a mini app are made of, by the ending of the name."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_BRANDS = {b"avif": "image/avif", b"M4A ": "audio/mp4", b"isom": "video/mp4", b"mp42": "video/mp4"}
_RIFFS = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


def type_of_bytes(head: bytes) -> str:
    """The type of a picture, of sound or film, by how it begins; ``UNKNOWN`` for everything else, which is saved and
    never shown. None of these types can run anything."""
    if head[:4] == b"RIFF":
        return _RIFFS.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], UNKNOWN)
    return next((kind for begins, kind in _BEGINNINGS if head.startswith(begins)), UNKNOWN)


def type_of_name(name: str) -> str | None:
    """The type of a bundle's file; None where such files are not served."""
    _, dot, ending = name.rpartition(".")
    return BUNDLE_TYPES.get(ending.lower()) if dot else None
