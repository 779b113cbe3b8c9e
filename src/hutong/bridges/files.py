"""Links to files of conversations that the program of a bot may open as they are: no header, no cookie.

A link is ``<origin>/bridges/files/<token>``. The token says which bot may read which file of which conversation, and
until when, under an HMAC with the secret of the bot's app: nobody else can make one, and it is good for nothing else.
Whether the bot may still read the file is asked anew each time.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, get_args

import msgspec
from litestar import Request, Response, route
from litestar.params import PathParameter

from hutong.domains.chat import visible_media
from hutong.domains.media import Variant, get_version
from hutong.domains.openplatform import app_secret
from hutong.infra.web import FILE_ANSWERS, Needs, send_file
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import NotFound

from .desk import Desk

__all__ = ["FILES_PATH", "FileLink", "FileLinks", "file_routes", "links_for", "read_link", "sign_link"]

FILES_PATH = "/bridges/files"

_HEAD = struct.Struct(">BQQI")
_VERSION = 1
_PURPOSE = b"hutong.bridges.files\0"
_MAC_BYTES = 16
_VARIANTS: tuple[Variant, ...] = get_args(Variant)
_MEDIA_CHARS_MAX = 64
_NUMBER_MAX = 2**53 - 1
_TOKEN_CHARS_MAX = 200

Token = Annotated[
    str,
    PathParameter(
        min_length=1, max_length=_TOKEN_CHARS_MAX, pattern="^[0-9A-Za-z_-]+$", description="As the bot was told it."
    ),
]


class FileLink(msgspec.Struct, frozen=True):
    """What a token says. ``expires_at`` is in whole seconds."""

    bot: int
    chat: int
    media: str
    variant: Variant
    expires_at: datetime


def sign_link(secret: bytes, link: FileLink) -> str:
    """The token of a link."""
    said = _HEAD.pack(_VERSION, link.bot, link.chat, int(link.expires_at.timestamp()))
    said += bytes([_VARIANTS.index(link.variant)]) + link.media.encode()
    return urlsafe_b64encode(_mac(secret, said) + said).decode().rstrip("=")


def read_link(token: str) -> tuple[FileLink, "Seal"] | None:
    """What a token says, and the seal to be checked before any of it is believed; None for what is no token."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        return None
    mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if len(said) <= _HEAD.size + 1 or len(said) > _HEAD.size + 1 + _MEDIA_CHARS_MAX or said[_HEAD.size] > 2:
        return None
    version, bot, chat, expires = _HEAD.unpack_from(said)
    media = said[_HEAD.size + 1 :]
    if version != _VERSION or not media.isascii() or max(bot, chat) > _NUMBER_MAX:
        return None
    expires_at = datetime.fromtimestamp(expires, UTC)
    return FileLink(bot, chat, media.decode(), _VARIANTS[said[_HEAD.size]], expires_at), Seal(mac, said)


class Seal(msgspec.Struct, frozen=True):
    """The part of a token that shows who has made it."""

    mac: bytes
    said: bytes

    def is_of(self, secret: bytes) -> bool:
        return hmac.compare_digest(self.mac, _mac(secret, self.said))


async def links_for(desk: Desk, bot: int, origin: str) -> "FileLinks":
    """What makes the links for a bot that reaches us at ``origin``. Raises ``NoSuchBot``."""
    async with desk.database.transaction() as session:
        secret = await app_secret(session, bot)
    return FileLinks(origin, bot, secret, good_for_s=desk.limits.bridge_link_good_for_s, clock=desk.clock)


class FileLinks:
    """Makes the links for one bot. ``origin`` is where it reaches us, ``https://talk.example.org``; ``secret`` is its
    app's, and a link is good for ``good_for_s`` seconds at least."""

    __slots__ = ("_bot", "_clock", "_good_for_s", "_origin", "_secret")

    def __init__(self, origin: str, bot: int, secret: bytes, *, good_for_s: int, clock: Clock) -> None:
        self._origin = origin.rstrip("/")
        self._bot = bot
        self._secret = secret
        self._good_for_s = good_for_s
        self._clock = clock

    def token(self, chat: int, media: str, variant: Variant = "original") -> str:
        expires_at = self._clock() + timedelta(seconds=self._good_for_s + 1)
        return sign_link(self._secret, FileLink(self._bot, chat, media, variant, expires_at))

    def url(self, chat: int, media: str, variant: Variant = "original") -> str:
        return f"{self._origin}{FILES_PATH}/{self.token(chat, media, variant)}"


def _mac(secret: bytes, said: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE + said, hashlib.sha256).digest()[:_MAC_BYTES]


@route(
    f"{FILES_PATH}/{{token:str}}",
    http_method=["GET", "HEAD"],
    tags=["Media"],
    summary="A file, for a bot's program",
    responses=FILE_ANSWERS,
)
async def get_bot_file(request: Request[Any, Any, Any], token: Token, desk: Needs[Desk]) -> Response[Any]:
    """By a link that a bridge has told the bot. It is good for some hours, and as long as the bot may read the
    conversation; a file of a message that was recalled is gone. It counts as a call of `get_media`."""
    found = read_link(token)
    if found is None or found[0].expires_at < desk.clock():
        raise NotFound
    link, seal = found
    async with desk.database.transaction() as session:
        if not seal.is_of(await app_secret(session, link.bot)):
            raise NotFound
    bot = Actor(link.bot, "", is_bot=True)
    async with desk.admitted(bot, "get_media", "read_mentions", link.chat) as session:
        await visible_media(session, link.bot, link.chat, link.media)
        version = await get_version(session, link.media, link.variant)
    return await send_file(request, version, partial(desk.blobs.read, version.key))


file_routes = [get_bot_file]
