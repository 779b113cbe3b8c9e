"""Methods that say something."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from hutong.domains.chat import chat_subject, pack
from hutong.kit.errors import HutongError, NotFound

from ..calls import Call, Where, find_frame
from ..entities import Marked, units
from ..files import read_file_id
from ..parameters import Parameters, Upload
from ..reading import Frame
from ..refusals import bad_request
from ..saying import Segment, composed, words_of
from ..shapes import NOTICES

__all__ = ["METHODS", "brought"]

_ALBUM_MAX = 10
_MESSAGES_AT_ONCE_MAX = 100
_DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


async def send_message(call: Call) -> dict[str, Any]:
    where = await call.where()
    marked = await call.naming(where, words_of(call.parameters))
    if not marked.text:
        raise bad_request("message text is empty")
    segments = composed(marked, buttons=await call.buttons(where), reply_to=await call.reply_to(where))
    return await call.say(where, segments)


def _file_sender(name: str, *, as_file: bool = False, told_as: str = "") -> Callable[[Call], Awaitable[dict[str, Any]]]:
    """A method that sends the file in the parameter ``name``. ``told_as`` is the field in which its callers look for
    it, where that is another one than what others see."""

    async def send_file(call: Call) -> dict[str, Any]:
        where = await call.where()
        marked = words_of(call.parameters, "caption", "caption_entities")
        buttons, reply_to = await call.buttons(where), await call.reply_to(where)
        part = await brought(call, call.parameters.file(name), name, as_file=as_file)
        message = await call.say(where, composed(marked, files=[part], buttons=buttons, reply_to=reply_to))
        return _told_as(message, told_as)

    return send_file


def _told_as(message: dict[str, Any], field: str) -> dict[str, Any]:
    found = next((message[one] for one in ("voice", "video", "document") if one in message), None)
    return message | {field: found} if field and field not in message and found is not None else message


async def brought(call: Call, given: Upload | str, name: str, *, as_file: bool = False) -> Segment:
    """The segment for a file that came along, lies at an address, or is named by an id. A file of somebody else's,
    which the bot can only read, becomes one of its own."""
    bringing = call.desk.bringing
    if isinstance(given, Upload):
        return await bringing.store(call.actor, given.data, given.name or name, as_file=as_file)
    if not given:
        raise bad_request(f"there is no {name.replace('_', ' ')} in the request")
    if given.startswith(("https://", "http://")):
        found = await bringing.fetch(given)
        return await bringing.store(call.actor, found.content, found.name, as_file=as_file)
    file = read_file_id(given)
    try:
        version, content = await call.desk.whole_file(call.actor, file.chat, file.media)
    except NotFound:
        raise bad_request("wrong file identifier/HTTP URL specified") from None
    return await bringing.store(call.actor, content, version.name, as_file=file.kind == "file")


async def send_media_group(call: Call) -> list[dict[str, Any]]:
    """One message for each, as these bots expect to be answered; they are told that they belong together."""
    where = await call.where()
    items = call.parameters.items("media", "media") or []
    if not 1 <= len(items) <= _ALBUM_MAX or not all(isinstance(one, dict) for one in items):
        raise bad_request("there must be 1 to 10 media in an album")
    reply_to = await call.reply_to(where)
    album = str(secrets.randbits(48))
    ready = [await _album_message(call, Parameters(one)) for one in items]
    return [
        await call.say(where, composed(marked, files=[part], reply_to=reply_to)) | {"media_group_id": album}
        for part, marked in ready
    ]


async def _album_message(call: Call, item: Parameters) -> tuple[Segment, Marked]:
    kind = item.text("type")
    part = await brought(call, call.parameters.attached(item.text("media")), kind, as_file=kind == "document")
    return part, words_of(item, "caption", "caption_entities")


async def send_location(call: Call) -> dict[str, Any]:
    """A place, as the address of a map; a venue has its name before it."""
    where = await call.where()
    try:
        latitude, longitude = (float(call.parameters.text(name)) for name in ("latitude", "longitude"))
    except ValueError:
        raise bad_request("invalid latitude or longitude specified") from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise bad_request("invalid latitude or longitude specified")
    name = ", ".join(filter(None, [call.parameters.text("title"), call.parameters.text("address")]))
    at = f"{latitude:.6f}, {longitude:.6f}"
    link = {
        "type": "link",
        "url": f"https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}#map=16/{latitude:.6f}/{longitude:.6f}",
        "title": f"📍 {name or at}"[:200],
    }
    segments = composed(
        Marked("", []), files=[link], buttons=await call.buttons(where), reply_to=await call.reply_to(where)
    )
    message = await call.say(where, segments)
    location = {"latitude": latitude, "longitude": longitude}
    if not name:
        return message | {"location": location}
    venue = {"location": location, "title": call.parameters.text("title"), "address": call.parameters.text("address")}
    return message | {"location": location, "venue": venue}


async def send_contact(call: Call) -> dict[str, Any]:
    where = await call.where()
    phone, first = call.parameters.text("phone_number"), call.parameters.text("first_name")
    if not phone or not first:
        raise bad_request("phone number and first name must be non-empty")
    name = f"{first} {call.parameters.text('last_name')}".strip()
    marked = Marked(f"☎ {name}\n{phone}", [])
    segments = composed(marked, buttons=await call.buttons(where), reply_to=await call.reply_to(where))
    return await call.say(where, segments) | {"contact": {"phone_number": phone, "first_name": first}}


async def send_dice(call: Call) -> dict[str, Any]:
    """Thrown here, so that nobody chooses what it shows."""
    where = await call.where()
    emoji = call.parameters.text("emoji", "🎲")
    if emoji not in _DICE:
        raise bad_request("wrong dice emoji specified")
    value = secrets.randbelow(_DICE[emoji]) + 1
    segments = composed(
        Marked(f"{emoji} {value}", []), buttons=await call.buttons(where), reply_to=await call.reply_to(where)
    )
    return await call.say(where, segments) | {"dice": {"emoji": emoji, "value": value}}


async def send_chat_action(call: Call) -> bool:
    """Whatever it is that the bot prepares, those who are there see that it writes."""
    where, desk = await call.where(), call.desk
    async with desk.admitted(call.actor, "post_typing", "send", where.chat):
        who = {"number": call.actor.number, "name": call.bot.me["first_name"], "bot": True}
    frame = msgspec.json.encode({"on": "typing", "chat": where.chat, "from": who})
    desk.database.say(chat_subject(where.chat), pack("e", 0, 0, call.actor.number, [frame]))
    return True


async def forward_message(call: Call) -> dict[str, Any]:
    where, source = await call.where(), await call.where("from_chat_id")
    frame = await call.frame(source, call.message_id(), "message to forward not found")
    message = await call.say(where, await _copied(call, source, frame))
    first = await call.as_message(source, frame)
    return message | {"forward_origin": {"type": "user", "sender_user": first["from"], "date": first["date"]}}


async def copy_message(call: Call) -> dict[str, int]:
    """Says a message again, perhaps with another caption or with buttons."""
    where, source = await call.where(), await call.where("from_chat_id")
    frame = await call.frame(source, call.message_id(), "message to copy not found")
    buttons = await call.buttons(where)
    told = await call.say(where, [*await _copied(call, source, frame), *([buttons] if buttons else [])])
    return {"message_id": told["message_id"]}


async def copy_messages(call: Call) -> list[dict[str, int]]:
    """Those of them that the bot may read."""
    where, source = await call.where(), await call.where("from_chat_id")
    copied = []
    for seq in _message_ids(call):
        frame = await find_frame(call.desk, call.actor.number, source.chat, seq)
        if frame is not None and frame.get("segments"):
            told = await call.say(where, await _copied(call, source, frame))
            copied.append({"message_id": told["message_id"]})
    return copied


async def _copied(call: Call, source: Where, frame: Frame) -> list[Segment]:
    """What a message says, in the bot's own name: with copies of the files of others, and calling nobody. A caption
    that is given stands in the place of its words."""
    kept: list[Segment] = []
    is_own = frame["from"]["number"] == call.actor.number
    for part in frame["segments"]:
        match part["type"]:
            case "reply" | "buttons" | "forward" | "form":
                continue
            case "image" | "voice" | "video" | "file" if not is_own:
                kept.append(await _copy_of(call, source, part))
            case "text" | "markdown" | "mention" | "face" if "caption" in call.parameters:
                continue
            case "mention":
                kept.append(
                    {"type": "text", "text": f"@{'all' if part.get('all') else part.get('name') or part['number']} "}
                )
            case _:
                kept.append(part)
    caption = words_of(call.parameters, "caption", "caption_entities")
    return [*kept, *composed(caption)]


async def _copy_of(call: Call, source: Where, part: Segment) -> Segment:
    version, content = await call.desk.whole_file(call.actor, source.chat, part["media"])
    return await call.desk.bringing.store(call.actor, content, version.name, as_file=part["type"] == "file")


def _message_ids(call: Call) -> Sequence[int]:
    seqs = [one for one in call.parameters.items("message_ids", "message ids") or () if isinstance(one, int)]
    if not 1 <= len(seqs) <= _MESSAGES_AT_ONCE_MAX:
        raise bad_request("there must be 1 to 100 message identifiers")
    return [seq for seq in seqs if 0 < seq < NOTICES]


async def set_reaction(call: Call) -> bool:
    """In the place of those that the bot has put there, as far as it can read them."""
    where, seq = await call.where(), call.message_id()
    given = call.parameters.items("reaction", "reaction") or []
    wanted = [one["emoji"] for one in given if isinstance(one, dict) and one.get("type") == "emoji"]
    for emoji in await _own_reactions(call, where, seq):
        if emoji not in wanted:
            await call.desk.unreact(call.actor, where.chat, seq, emoji)
    for emoji in wanted:
        if not isinstance(emoji, str) or units(emoji) > 16:
            raise bad_request("REACTION_INVALID")
        await call.desk.react(call.actor, where.chat, seq, emoji)
    return True


async def _own_reactions(call: Call, where: Where, seq: int) -> list[str]:
    try:
        page = await call.desk.history(call.actor, where.chat, after=seq - 1, limit=1)
    except HutongError:
        return []
    found = next((one for one in page if one["seq"] == seq), {})
    return [one["emoji"] for one in found.get("reactions", ()) if one["mine"]]


METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "sendMessage": send_message,
    "sendPhoto": _file_sender("photo"),
    "sendDocument": _file_sender("document", as_file=True),
    "sendAudio": _file_sender("audio", told_as="audio"),
    "sendVoice": _file_sender("voice"),
    "sendVideo": _file_sender("video"),
    "sendVideoNote": _file_sender("video_note", told_as="video_note"),
    "sendAnimation": _file_sender("animation", told_as="animation"),
    "sendSticker": _file_sender("sticker"),
    "sendMediaGroup": send_media_group,
    "sendLocation": send_location,
    "sendVenue": send_location,
    "sendContact": send_contact,
    "sendDice": send_dice,
    "sendChatAction": send_chat_action,
    "forwardMessage": forward_message,
    "forwardMessages": copy_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "setMessageReaction": set_reaction,
}
