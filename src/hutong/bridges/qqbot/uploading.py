"""The files endpoint: a file comes as an address or as base64, and is named by ``file_info`` when it is sent."""

import asyncio
import base64
import binascii
from typing import Any

import msgspec

from hutong.bridges.bringing import CannotBring
from hutong.bridges.desk import Desk
from hutong.bridges.files import FILES_PATH, read_link
from hutong.kit.errors import Invalid

from .bodies import read_as
from .drafts import Where, seal_file
from .guests import Guest
from .refusals import BAD_FORM, NOT_CONVERTED, NOT_FETCHED, Refusal
from .sending import say_segments

__all__ = ["FileBody", "take_file"]

_IMAGE, _VIDEO, _VOICE, _FILE = 1, 2, 3, 4
_NAMES = {_IMAGE: "image.png", _VIDEO: "video.mp4", _VOICE: "voice.mp3", _FILE: "file"}
_DAY_S = 86_400


class FileBody(msgspec.Struct, kw_only=True):
    """A file that a bot uploads."""

    file_type: int
    url: str | None = None
    file_data: str | None = None
    file_name: str | None = None
    srv_send_msg: bool | None = None


async def take_file(desk: Desk, guest: Guest, chat: int, raw: bytes, where: Where) -> dict[str, Any]:
    """Stores a file, and sends it where that was asked for. Raises ``Refusal`` and what sending raises."""
    body = _read(raw)
    content, name = await _content(desk, guest, body)
    try:
        as_file = body.file_type == _FILE
        segment = await desk.bringing.store(guest.actor, content, body.file_name or name, as_file=as_file)
    except Invalid as error:
        raise Refusal(NOT_CONVERTED, error.detail) from error
    answer: dict[str, Any] = {
        "file_uuid": segment["media"],
        "file_info": seal_file(guest.seals, guest.number, where, segment),
        "ttl": desk.limits.unused_media_days * _DAY_S,
    }
    if body.srv_send_msg:
        answer |= await say_segments(desk, guest, chat, [segment])
    return answer


def _read(raw: bytes) -> FileBody:
    body = read_as(raw, FileBody)
    if body.file_type not in _NAMES:
        raise Refusal(BAD_FORM, "file_type is 1 for a picture, 2 for a video, 3 for a voice, 4 for a file.")
    return body


async def _content(desk: Desk, guest: Guest, body: FileBody) -> tuple[bytes, str]:
    name = _NAMES[body.file_type]
    if body.file_data:
        try:
            return await asyncio.to_thread(_decoded, body.file_data), name
        except (binascii.Error, ValueError) as error:
            raise Refusal(NOT_FETCHED, "file_data is not base64.") from error
    if not body.url:
        raise Refusal(BAD_FORM, "A file needs url or file_data.")
    if (own := await _find_own(desk, guest, body.url)) is not None:
        return own
    try:
        found = await desk.bringing.fetch(body.url)
    except Invalid as error:
        raise Refusal(NOT_FETCHED, error.detail) from error
    return found.content, found.name if "." in found.name else name


def _decoded(told: str) -> bytes:
    return base64.b64decode(told.removeprefix("base64://"), validate=True)


async def _find_own(desk: Desk, guest: Guest, url: str) -> tuple[bytes, str] | None:
    """A file that the bot was told of, which it sends on: its address need not be one that this machine can reach. None
    for any other address."""
    _, _, token = url.partition(f"{FILES_PATH}/")
    found = read_link(token) if token else None
    if found is None:
        return None
    link, seal = found
    if link.bot != guest.number or link.expires_at < desk.clock() or not seal.is_of(await desk.secret(link.bot)):
        raise Refusal(NOT_FETCHED, "This address is too old, or was made for another bot.")
    try:
        version, content = await desk.whole_file(guest.actor, link.chat, link.media, link.variant)
    except CannotBring as error:
        raise Refusal(NOT_FETCHED, error.detail) from error
    return content, version.name
