"""Methods that change or take back what was said."""

from collections.abc import Awaitable, Callable
from typing import Any

from hutong.kit.errors import Denied, HutongError, NotFound

from ..calls import Call, Where
from ..files import MEDIA
from ..parameters import Parameters
from ..reading import Frame
from ..refusals import bad_request
from ..saying import Segment, composed, words_of
from ..shapes import NOTICES
from .sending import brought

__all__ = ["METHODS"]

_MESSAGES_AT_ONCE_MAX = 100
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


async def edit_text(call: Call) -> dict[str, Any]:
    where, frame = await _edited(call)
    marked = await call.naming(where, words_of(call.parameters))
    if not marked.text:
        raise bad_request("message text is empty")
    return await _change(
        call, where, frame, [*_kept(frame, "reply"), *composed(marked, buttons=await call.buttons(where))]
    )


async def edit_caption(call: Call) -> dict[str, Any]:
    where, frame = await _edited(call)
    marked = words_of(call.parameters, "caption", "caption_entities")
    segments = composed(marked, files=_kept(frame, *MEDIA), buttons=await call.buttons(where))
    return await _change(call, where, frame, [*_kept(frame, "reply"), *segments])


async def edit_media(call: Call) -> dict[str, Any]:
    where, frame = await _edited(call)
    item = Parameters(call.parameters.record("media", "InputMedia") or {})
    kind = item.text("type")
    part = await brought(call, call.parameters.attached(item.text("media")), kind, as_file=kind == "document")
    segments = composed(words_of(item, "caption", "caption_entities"), files=[part], buttons=await call.buttons(where))
    return await _change(call, where, frame, [*_kept(frame, "reply"), *segments])


async def edit_markup(call: Call) -> dict[str, Any]:
    where, frame = await _edited(call)
    said = [part for part in frame["segments"] if part["type"] != "buttons"]
    buttons = await call.buttons(where)
    return await _change(call, where, frame, [*said, *([buttons] if buttons else [])])


async def _edited(call: Call) -> tuple[Where, Frame]:
    if "chat_id" not in call.parameters and "inline_message_id" in call.parameters:
        raise bad_request("MESSAGE_ID_INVALID")
    where = await call.where()
    frame = await call.frame(where, call.message_id(), "message to edit not found")
    if frame["from"]["number"] != call.actor.number:
        raise bad_request("message can't be edited")
    return where, frame


def _kept(frame: Frame, *kinds: str) -> list[Segment]:
    return [part for part in frame["segments"] if part["type"] in kinds]


async def _change(call: Call, where: Where, frame: Frame, segments: list[Segment]) -> dict[str, Any]:
    if segments == frame["segments"]:
        raise bad_request(_SAME)
    await call.desk.edit(call.actor, where.chat, frame["seq"], segments)
    return await call.as_message(where, await call.desk.message(call.actor, where.chat, frame["seq"]))


async def delete_message(call: Call) -> bool:
    where, seq = await call.where(), call.message_id()
    if seq >= NOTICES:
        # A notice of a change; there is nothing here that one could take back.
        return True
    try:
        await call.desk.recall(call.actor, where.chat, seq)
    except NotFound:
        raise bad_request("message to delete not found") from None
    except Denied as error:
        if error.code in ("chat.recall_too_late", "chat.not_allowed"):
            raise bad_request("message can't be deleted") from None
        raise
    return True


async def delete_messages(call: Call) -> bool:
    """As many of them as can be."""
    where = await call.where()
    seqs = call.parameters.items("message_ids", "message ids") or []
    if not 1 <= len(seqs) <= _MESSAGES_AT_ONCE_MAX:
        raise bad_request("there must be 1 to 100 message identifiers")
    for seq in seqs:
        if not isinstance(seq, int) or not 0 < seq < NOTICES:
            continue
        try:
            await call.desk.recall(call.actor, where.chat, seq)
        except NotFound:
            continue
        except HutongError as error:
            if error.code not in ("chat.recall_too_late", "chat.not_allowed"):
                raise
    return True


async def pin_message(call: Call) -> bool:
    where, seq = await call.where(), call.message_id()
    try:
        await call.desk.pin(call.actor, where.chat, seq)
    except NotFound:
        raise bad_request("message to pin not found") from None
    return True


async def unpin_message(call: Call) -> bool:
    """The one that is named, or else the one that was pinned last."""
    where = await call.where()
    seq = call.parameters.number("message_id")
    seqs = [seq] if seq else (await call.desk.pinned(call.actor, where.chat))[:1]
    for one in seqs:
        await call.desk.unpin(call.actor, where.chat, one)
    return True


async def unpin_all(call: Call) -> bool:
    where = await call.where()
    for seq in await call.desk.pinned(call.actor, where.chat):
        await call.desk.unpin(call.actor, where.chat, seq)
    return True


METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageMedia": edit_media,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_message,
    "unpinChatMessage": unpin_message,
    "unpinAllChatMessages": unpin_all,
}
