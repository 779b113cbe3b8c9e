"""The body of a message: a list of segments.

``read_segments`` turns what a client sent into the canonical JSON that is stored and handed on, and says what the
message needs before it may be stored (a quota for mentioning everybody, access to media or to forwarded messages).
A segment of a type that this hutong does not know is kept as it is: a newer client may show it.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Protocol

import msgspec

from hutong.kit.text import clean_text, is_clean, shorten

from .bot_parts import Buttons, Card, Form, Markdown, cleaned
from .errors import BadSegment, MessageEmpty, MessageTooLong, OnlyBotsSay

__all__ = [
    "EVERYBODY",
    "Draft",
    "Forward",
    "Segment",
    "decode_segments",
    "links_in",
    "one_line",
    "read_segments",
    "segment_of",
    "with_media_facts",
]

EVERYBODY = 0
"""The account number that stands for everybody in a chat where mentions are kept."""

_MediaId = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern="^[0-9A-Za-z_-]+$")]
_Url = Annotated[str, msgspec.Meta(max_length=2_000, pattern="^https?://[^\\s]+$")]
_Number = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
_Pixels = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
_Bytes = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
_Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]
_FileName = Annotated[str, msgspec.Meta(max_length=200)]


class Text(msgspec.Struct, tag="text"):
    text: str


class MentionOf(msgspec.Struct, tag="mention", omit_defaults=True):
    """Of one person by ``number``, or of everybody with ``all``. ``name`` is how the sender's client showed it."""

    number: _Number | None = None
    all: bool = False
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""


class Reply(msgspec.Struct, tag="reply"):
    seq: _Number


class Image(msgspec.Struct, tag="image", omit_defaults=True):
    media: _MediaId
    width: _Pixels | None = None
    height: _Pixels | None = None
    size: _Bytes | None = None


class File(msgspec.Struct, tag="file", omit_defaults=True):
    media: _MediaId
    name: _FileName = ""
    size: _Bytes | None = None


class Voice(msgspec.Struct, tag="voice", omit_defaults=True):
    media: _MediaId
    duration: _Milliseconds | None = None
    size: _Bytes | None = None


class Video(msgspec.Struct, tag="video", omit_defaults=True):
    media: _MediaId
    width: _Pixels | None = None
    height: _Pixels | None = None
    duration: _Milliseconds | None = None
    size: _Bytes | None = None


class Face(msgspec.Struct, tag="face"):
    face: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Link(msgspec.Struct, tag="link", omit_defaults=True):
    url: _Url
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Forward(msgspec.Struct, tag="forward", omit_defaults=True):
    """Messages from another chat. A client names ``chat`` and ``seqs``; what is stored has their ``items``. A single
    message that is not ``merged`` is said again as it is, and no forward is left of it."""

    chat: _Number | None = None
    seqs: Annotated[list[_Number], msgspec.Meta(max_length=100)] = []
    title: Annotated[str, msgspec.Meta(max_length=120)] = ""
    merged: bool = True
    items: list[Any] = []


Segment = (
    Text | MentionOf | Reply | Image | File | Voice | Video | Face | Link | Forward | Markdown | Card | Form | Buttons
)

_BY_KIND: dict[str, type[Image | File | Voice | Video]] = {"image": Image, "file": File, "voice": Voice, "video": Video}

_LINK = re.compile(r"https?://[^\s<>\"'`，。！？；：、（）《》【】「」『』“”]{3,1990}")
_BY_BOTS = frozenset({"markdown", "card", "form", "buttons"})
_KNOWN = _BY_BOTS | {"text", "mention", "reply", "image", "file", "voice", "video", "face", "link", "forward"}
_NOT_SENT = frozenset({"packet", "poll"})

_decoder = msgspec.json.Decoder(list[Segment])
_raw_decoder = msgspec.json.Decoder(list[dict[str, Any]])
_encoder = msgspec.json.Encoder()


class Draft(msgspec.Struct, frozen=True):
    """A message fit to be stored, and what must be settled first.

    ``mentions`` are account numbers, with ``EVERYBODY`` for all; ``media`` are media ids that the sender must own or
    see; ``forwards`` tells that the items of forwards are still to be filled in; ``links`` are to be previewed.
    """

    segments: bytes
    mentions: tuple[int, ...] = ()
    media: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    forwards: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it can be stored at once, without asking anybody."""
        return not self.media and not self.forwards and EVERYBODY not in self.mentions

    @property
    def is_one_row(self) -> bool:
        """Whether storing it takes no row but its own: it mentions nobody and has neither links nor files."""
        return not self.mentions and not self.links and not self.media


def read_segments(raw: bytes | msgspec.Raw, *, text_chars_max: int, segments_max: int, by_bot: bool = False) -> Draft:
    """A draft from the JSON list that a client sent. Raises ``BadSegment``, ``OnlyBotsSay``, ``MessageEmpty``,
    ``MessageTooLong``."""
    try:
        parts: list[Any] = _decoder.decode(raw)
    except msgspec.MsgspecError:
        parts = _read_with_strangers(raw, by_bot)
    if len(parts) == 1 and type(parts[0]) is Text and (text := parts[0].text) and _is_simple(text, text_chars_max):
        return Draft(_encoder.encode(parts))
    if len(parts) > segments_max:
        raise BadSegment(reason=f"it has {len(parts)} parts, and {segments_max} are possible")
    return _draft_of(parts, text_chars_max, by_bot)


def decode_segments(stored: str | bytes) -> list[Any]:
    """Stored segments as typed parts; those of unknown type as plain dicts."""
    try:
        return list(_decoder.decode(stored))
    except msgspec.MsgspecError:
        return [_convert_stored(part) for part in _raw_decoder.decode(stored)]


def links_in(parts: list[Any]) -> list[str]:
    """The addresses that a message names, in its texts and as links, each once."""
    links: list[str] = []
    for part in parts:
        match part:
            case Text():
                links += _LINK.findall(part.text)
            case Link():
                links.append(part.url)
    return list(dict.fromkeys(links))


class MediaFacts(Protocol):
    """What is known of a file for sure."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def duration_ms(self) -> int | None: ...


def with_media_facts(draft: Draft, facts: Mapping[str, MediaFacts]) -> Draft:
    """The draft with sizes, lengths and names as they are, whatever its sender said of them. Media that are not among
    ``facts`` stay as they stand. Raises ``BadSegment`` where a file is not of the kind that its segment says."""
    parts = decode_segments(draft.segments)
    for part in parts:
        if isinstance(part, Image | File | Voice | Video | Card) and part.media is not None and part.media in facts:
            _fill_in(part, facts[part.media])
    return msgspec.structs.replace(draft, segments=_encoder.encode(parts))


def segment_of(media: str, fact: MediaFacts, *, as_file: bool = False) -> "Image | File | Voice | Video":
    """A segment that shows a file as what it is, or ``as_file`` only offers it."""
    kind: type[Image | File | Voice | Video] = File if as_file else _BY_KIND[fact.kind]
    part = kind(media)
    _fill_in(part, fact)
    return part


def _fill_in(part: "Image | File | Voice | Video | Card", fact: MediaFacts) -> None:
    wanted = "image" if isinstance(part, Card) else type(part).__name__.lower()
    if wanted not in ("file", fact.kind):
        raise BadSegment(reason=f"the file {part.media} is of the kind {fact.kind}, not {wanted}")
    if not isinstance(part, Card):
        part.size = fact.size_bytes
    match part:
        case File():
            part.name = fact.name
        case Image() | Card():
            part.width, part.height = fact.width, fact.height
        case Voice():
            part.duration = fact.duration_ms
        case Video():
            part.width, part.height, part.duration = fact.width, fact.height, fact.duration_ms


def one_line(parts: list[Any], length_max: int = 80) -> str:
    """The message in one line, as a conversation list or a quote shows it. ``[image]``-like words are for clients
    to translate."""
    words = [_word_for(part) for part in parts]
    return shorten(" ".join("".join(words).split()), length_max)


def _read_with_strangers(raw: bytes | msgspec.Raw, by_bot: bool) -> list[Any]:
    try:
        parts = _raw_decoder.decode(raw)
    except msgspec.MsgspecError as error:
        raise BadSegment(reason="segments must be a list of objects, each with a type") from error
    return [_convert(part, by_bot) for part in parts]


def _convert_stored(part: dict[str, Any]) -> Any:
    """As it was kept where its type was none that this hutong knew then."""
    try:
        return msgspec.convert(part, Segment)
    except msgspec.ValidationError:
        return part


def _convert(part: dict[str, Any], by_bot: bool) -> Any:
    kind = part.get("type")
    if not isinstance(kind, str) or not 1 <= len(kind) <= 40:
        raise BadSegment(reason="each segment needs a type")
    if kind in _BY_BOTS and not by_bot:
        raise OnlyBotsSay(kind=kind)
    if kind in _NOT_SENT:
        raise BadSegment(reason=f"a segment of type {kind} cannot be sent like this")
    if kind not in _KNOWN:
        return part
    try:
        return msgspec.convert(part, Segment)
    except msgspec.ValidationError as error:
        raise BadSegment(reason=f"{kind}: {error}") from error


def _draft_of(parts: list[Any], text_chars_max: int, by_bot: bool) -> Draft:
    chars = 0
    mentions: list[int] = []
    media: list[str] = []
    links: list[str] = []
    kept: list[Any] = []
    forwards = False
    for part in parts:
        match part:
            case Text():
                part.text = part.text if is_clean(part.text) else _clean(part.text)
                chars += len(part.text)
                if part.text == "":
                    continue
                if "://" in part.text:
                    links += _LINK.findall(part.text)
            case MentionOf():
                if (part.number is None) != part.all:
                    raise BadSegment(reason="a mention names a number, or all")
                mentions.append(EVERYBODY if part.all else part.number or 0)
            case Image() | File() | Voice() | Video():
                media.append(part.media)
            case Link():
                links.append(part.url)
            case Forward():
                if part.chat is None or not part.seqs:
                    raise BadSegment(reason="a forward names a chat and the seqs of its messages")
                if not part.merged and (len(parts) > 1 or len(part.seqs) > 1):
                    raise BadSegment(reason="a forward that is not merged is of one message, and stands alone")
                part.items = []
                forwards = True
            case Markdown() | Card() | Form() | Buttons():
                if not by_bot:
                    raise OnlyBotsSay(kind=type(part).__name__.lower())
                chars += cleaned(part)
                media += [part.media] if isinstance(part, Card) and part.media else []
        kept.append(part)
    if chars > text_chars_max:
        raise MessageTooLong(text_chars=chars, text_chars_max=text_chars_max)
    if any(sum(isinstance(part, kind) for part in kept) > 1 for kind in (Form, Buttons)):
        raise BadSegment(reason="a message has one form at most, and one set of buttons")
    if all(isinstance(part, Reply | Buttons) or (isinstance(part, Text) and not part.text.strip()) for part in kept):
        raise MessageEmpty
    return Draft(
        _encoder.encode(kept), tuple(dict.fromkeys(mentions)), tuple(media), tuple(dict.fromkeys(links)), forwards
    )


def _is_simple(text: str, text_chars_max: int) -> bool:
    """Whether it can be stored as it came: nearly everything that people say is one text, and most of it is this."""
    return len(text) <= text_chars_max and is_clean(text) and not text.isspace() and "://" not in text


def _clean(text: str) -> str:
    """Cleaned like all text, but with the spaces at its ends: they stand between it and a mention or a face."""
    stripped = text.strip(" ")
    if not stripped:
        return text
    start = len(text) - len(text.lstrip(" "))
    end = len(text) - len(text.rstrip(" "))
    return " " * start + clean_text(stripped) + " " * end


def _word_for(part: Any) -> str:
    match part:
        case Text() | Markdown():
            return part.text
        case Card() | Form():
            return part.title
        case MentionOf():
            return f"@{'all' if part.all else part.name or part.number} "
        case Face():
            return f"[{part.face}]"
        case Link():
            return part.title or part.url
        case File():
            return f"[file] {part.name}"
        case Reply() | Buttons():
            return ""
        case Image() | Voice() | Video() | Forward():
            return f"[{type(part).__name__.lower()}]"
    return "[unsupported]"
