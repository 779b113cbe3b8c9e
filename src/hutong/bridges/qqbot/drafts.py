"""What a bot asks to be said, read as segments."""

from typing import Any, Literal

import msgspec

from .bodies import read_as
from .content import read_text
from .keyboards import Keyboard, buttons_of
from .refusals import BAD_FORM, EMPTY, MARKDOWN_EMPTY, Refusal
from .seals import Seals

__all__ = ["MessageBody", "open_file", "read_body", "seal_file", "segments_of"]

Where = Literal["group", "user"]

_TEXT, _MIXED, _MARKDOWN, _ARK, _EMBED, _MEDIA = 0, 1, 2, 3, 4, 7


class MarkdownParam(msgspec.Struct):
    """A value for a template."""

    key: str | None = None
    values: list[str] | None = None


class MarkdownBody(msgspec.Struct):
    """Markdown as it is, or values for a template that only the original knows."""

    content: str | None = None
    custom_template_id: str | None = None
    params: list[MarkdownParam] | None = None


class MediaBody(msgspec.Struct):
    """A file that was uploaded before."""

    file_info: str


class ReferenceBody(msgspec.Struct):
    """The message that is replied to."""

    message_id: str
    ignore_get_message_error: bool | None = None


class ArkWords(msgspec.Struct):
    """A word in a list of a template message."""

    value: str | None = None


class ArkItem(msgspec.Struct):
    """One item of a list in a template message."""

    obj_kv: list[ArkWords] | None = None


class ArkPair(msgspec.Struct):
    """A word of a template message, or a list."""

    value: str | None = None
    obj: list[ArkItem] | None = None


class ArkBody(msgspec.Struct):
    """A message made of a template that only the original knows."""

    kv: list[ArkPair] | None = None


class EmbedField(msgspec.Struct):
    """A line of a box."""

    name: str | None = None


class EmbedBody(msgspec.Struct):
    """A box with a title and lines."""

    title: str | None = None
    description: str | None = None
    prompt: str | None = None
    fields: list[EmbedField] | None = None


class MessageBody(msgspec.Struct, kw_only=True):
    """A message that a bot sends. Clients fill what they do not use with null."""

    msg_type: int | None = _TEXT
    content: str | None = None
    markdown: MarkdownBody | None = None
    keyboard: Keyboard | None = None
    media: MediaBody | None = None
    ark: ArkBody | None = None
    embed: EmbedBody | None = None
    message_reference: ReferenceBody | None = None
    msg_id: str | None = None
    event_id: str | None = None
    msg_seq: int | None = None


def read_body(raw: bytes) -> MessageBody:
    """Raises ``Refusal`` for what is not one."""
    return read_as(raw, MessageBody)


def segments_of(body: MessageBody, seals: Seals, bot: int, where: Where) -> list[dict[str, Any]]:
    """The segments of a message. Raises ``Refusal``."""
    segments = _reply(body, seals)
    content = body.content or ""
    match body.msg_type:
        case _ if body.markdown is not None:
            segments += read_text(seals, content) if content.strip() else []
            segments.append({"type": "markdown", "text": _markdown(body.markdown)})
        case _ if body.ark is not None:
            segments += read_text(seals, _ark(body.ark))
        case _ if body.embed is not None:
            segments += read_text(seals, _embed(body.embed))
        case None | 0 | 1 | 2 | 7:
            segments += read_text(seals, content)
        case kind:
            raise Refusal(BAD_FORM, f"There is no msg_type {kind} here.")
    if body.media is not None:
        segments.append(open_file(seals, bot, where, body.media.file_info))
    if not any(part["type"] != "reply" for part in segments):
        raise Refusal(EMPTY, "The message is empty.")
    return segments + (buttons_of(body.keyboard, seals, bot) if body.keyboard is not None else [])


def _reply(body: MessageBody, seals: Seals) -> list[dict[str, Any]]:
    if body.message_reference is None:
        return []
    place = seals.message_of(body.message_reference.message_id)
    if place is None:
        if body.message_reference.ignore_get_message_error:
            return []
        raise Refusal(BAD_FORM, "message_reference names no message that there is.")
    return [{"type": "reply", "seq": place[1]}]


def _markdown(markdown: MarkdownBody) -> str:
    """Templates live with the original alone; what was to be filled into one is said line by line."""
    values = [" ".join(param.values or []) for param in markdown.params or []]
    text = markdown.content or "\n\n".join(value for value in values if value.strip())
    if not text.strip():
        raise Refusal(MARKDOWN_EMPTY, "The markdown is empty.")
    return text


def _ark(ark: ArkBody) -> str:
    """The words of a template message in their order, each once."""
    words: list[str | None] = []
    for pair in ark.kv or []:
        words.append(pair.value)
        words += [one.value for item in pair.obj or [] for one in item.obj_kv or []]
    return "\n".join(dict.fromkeys(word for word in words if word))


def _embed(embed: EmbedBody) -> str:
    words = [embed.title, embed.description, *(field.name for field in embed.fields or [])]
    return "\n".join(word for word in words if word) or embed.prompt or ""


def seal_file(seals: Seals, bot: int, where: Where, segment: dict[str, Any]) -> str:
    """The ``file_info`` of a file: its segment, for this bot, for any group or any person."""
    return seals.text(f"file:{bot}:{where}", msgspec.json.encode(segment))


def open_file(seals: Seals, bot: int, where: Where, file_info: str) -> dict[str, Any]:
    """The segment of a file that was uploaded before. Raises ``Refusal`` for another bot's, or one for elsewhere."""
    content = seals.text_of(f"file:{bot}:{where}", file_info)
    if content is None:
        raise Refusal(BAD_FORM, "media.file_info is none that was handed out for this.")
    segment: dict[str, Any] = msgspec.json.decode(content)
    return segment
