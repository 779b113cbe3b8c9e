"""Parts of messages that bots alone may say: text with markup, cards, forms to fill in, and buttons.

What a person answers to a form is checked against it here. All of it is plain data: who is told of an answer, and how,
is nothing that a message knows.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hutong.kit.text import clean_line, clean_text

from .errors import BadAnswer, BadSegment

__all__ = ["Button", "Buttons", "Card", "Field", "Form", "Markdown", "cleaned", "filled_in"]

_Url = Annotated[str, Meta(max_length=2_000, pattern="^https?://[^\\s]+$")]
_Label = Annotated[str, Meta(min_length=1, max_length=40)]
_Line = Annotated[str, Meta(min_length=1, max_length=120)]
_Data = Annotated[str, Meta(min_length=1, max_length=200)]
_Name = Annotated[str, Meta(pattern="^[a-zA-Z0-9_-]{1,40}$")]
_Number = Annotated[int, Meta(ge=1, lt=2**53)]
_Numbers = Annotated[list[_Number], Meta(min_length=1, max_length=100)]

Who = Literal["all", "admins"] | _Numbers
"""Who may press: everybody here, the owner and the admins, or those with one of these numbers."""

_TEXT_CHARS_MAX = 2_000
_NUMBER_MAX = 2**53 - 1
"""Of an answer, whatever its field says."""

_NUMERAL = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


class Markdown(msgspec.Struct, tag="markdown"):
    """CommonMark with ``~~`` for what is struck out; no HTML, and no pictures."""

    text: Annotated[str, Meta(min_length=1)]


class CardField(msgspec.Struct):
    label: _Label
    value: Annotated[str, Meta(min_length=1, max_length=200)]


class Card(msgspec.Struct, tag="card", omit_defaults=True):
    """``media`` is a picture, which stands above the rest; ``link`` is where the whole card leads."""

    title: _Line
    text: Annotated[str, Meta(max_length=2_000)] = ""
    media: Annotated[str, Meta(min_length=8, max_length=64, pattern="^[0-9A-Za-z_-]+$")] | None = None
    width: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    height: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    link: _Url | None = None
    fields: Annotated[list[CardField], Meta(max_length=20)] = []


class Button(msgspec.Struct, omit_defaults=True):
    """Has exactly one of ``data``, which the bot hears; ``link``, which opens; ``command``, which is put where one
    writes."""

    label: _Label
    data: _Data | None = None
    link: _Url | None = None
    command: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    style: Literal["plain", "primary", "danger"] = "plain"
    who: Who = "all"


class Buttons(msgspec.Struct, tag="buttons"):
    """Stand under whatever else the message says, in rows."""

    rows: Annotated[list[Annotated[list[Button], Meta(min_length=1, max_length=8)]], Meta(min_length=1, max_length=20)]


class Field(msgspec.Struct, omit_defaults=True):
    """``min`` and ``max`` are the value of a number, the length of a text, or the first and the last date. ``lines`` is
    how many lines there are to write in."""

    name: _Name
    label: _Line
    kind: Literal["text", "number", "choice", "date"] = "text"
    required: bool = False
    min: Annotated[int, Meta(ge=-(2**53), lt=2**53)] | str | None = None
    max: Annotated[int, Meta(ge=-(2**53), lt=2**53)] | str | None = None
    choices: Annotated[list[_Line], Meta(max_length=100)] = []
    hint: Annotated[str, Meta(max_length=200)] = ""
    lines: Annotated[int, Meta(ge=1, le=20)] = 1


class Form(msgspec.Struct, tag="form", omit_defaults=True):
    """The bot hears ``data`` together with what was filled in."""

    title: _Line
    data: _Data
    fields: Annotated[list[Field], Meta(min_length=1, max_length=20)]
    text: Annotated[str, Meta(max_length=2_000)] = ""
    submit: Annotated[str, Meta(max_length=40)] = ""
    who: Who = "all"


def cleaned(part: "Markdown | Card | Form | Buttons") -> int:
    """Cleans the part in place, and says how many characters of text it has. Raises ``BadSegment`` for one that makes
    no sense."""
    match part:
        case Markdown():
            part.text = clean_text(part.text)
            if not part.text:
                raise BadSegment(reason="markdown: there is no text in it")
            return len(part.text)
        case Card():
            part.title, part.text = _line(part.title, "card"), clean_text(part.text)
            for one in part.fields:
                one.label, one.value = _line(one.label, "card"), _line(one.value, "card")
            return len(part.title) + len(part.text)
        case Form():
            _clean_form(part)
            return len(part.title) + len(part.text)
        case Buttons():
            for button in (button for row in part.rows for button in row):
                button.label = _line(button.label, "buttons")
                if sum(way is not None for way in (button.data, button.link, button.command)) != 1:
                    raise BadSegment(reason=f"the button {button.label} needs one of data, link and command")
            return 0


def _clean_form(form: Form) -> None:
    form.title, form.text, form.submit = _line(form.title, "form"), clean_text(form.text), clean_line(form.submit)
    if len({field.name for field in form.fields}) < len(form.fields):
        raise BadSegment(reason="form: two of its fields have one name")
    for field in form.fields:
        field.label, field.hint = _line(field.label, "form"), clean_line(field.hint)
        field.choices = [_line(choice, "form") for choice in field.choices]
        if (field.kind == "choice") != bool(field.choices):
            raise BadSegment(reason=f"form: the field {field.name} has choices where it is a choice, and only there")
        for bound in (field.min, field.max):
            if bound is not None and (field.kind == "choice" or isinstance(bound, str) != (field.kind == "date")):
                raise BadSegment(reason=f"form: min and max of the field {field.name} do not suit its kind")
            if isinstance(bound, str) and _date(bound) is None:
                raise BadSegment(reason=f"form: {bound} is no date like 2026-11-30")


def _line(text: str, kind: str) -> str:
    line = clean_line(text)
    if not line:
        raise BadSegment(reason=f"{kind}: a title or label has nothing in it that could be seen")
    return line


def filled_in(form: Form, values: Mapping[str, str | int | float]) -> dict[str, str | int | float]:
    """What was filled into the form, cleaned: texts, choices and dates (``2026-11-30``) as text, numbers as numbers;
    what was left empty is left out. Raises ``BadAnswer`` for the first field whose answer cannot be taken."""
    known = {field.name for field in form.fields}
    for name in values:
        if name not in known:
            raise BadAnswer(field=name[:40], label=name[:40], reason="there is no such field")
    found: dict[str, str | int | float] = {}
    for field in form.fields:
        value = values.get(field.name, "")
        value = clean_text(value) if isinstance(value, str) else value
        if value != "":
            found[field.name] = _answer(field, value)
        elif field.required:
            raise BadAnswer(field=field.name, label=field.label, reason="it must not be empty")
    return found


def _answer(field: Field, value: str | int | float) -> str | int | float:
    answer = _as_meant(field, value)
    if answer is None:
        reason = {"choice": "it is none of the choices", "date": "it is no date", "number": "it is no number"}
        raise BadAnswer(field=field.name, label=field.label, reason=reason.get(field.kind, "it is no text"))
    size = len(answer) if field.kind == "text" and isinstance(answer, str) else answer
    least, most = field.min, field.max
    if field.kind == "text":
        most = min(most, _TEXT_CHARS_MAX) if isinstance(most, int) else _TEXT_CHARS_MAX
    # Dates like these are in order as texts, too, and bounds are of the kind of the answer.
    if least is not None and size < least:  # type: ignore[operator]  # As above.
        raise BadAnswer(field=field.name, label=field.label, reason=f"{least} is the least")
    if most is not None and size > most:  # type: ignore[operator]  # As above.
        raise BadAnswer(field=field.name, label=field.label, reason=f"{most} is the most")
    return answer


def _as_meant(field: Field, value: str | int | float) -> str | int | float | None:
    match field.kind:
        case "number":
            if isinstance(value, str):
                value = float(value) if _NUMERAL.fullmatch(value) else ""
            if isinstance(value, str) or abs(value) > _NUMBER_MAX:
                return None
            return int(value) if float(value).is_integer() else value
        case "choice":
            return value if value in field.choices else None
        case "date":
            return value if isinstance(value, str) and _date(value) is not None else None
        case "text":
            return value if isinstance(value, str) else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
