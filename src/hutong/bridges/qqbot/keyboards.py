"""Keyboards of bots as buttons of ours, and what was pressed as they named it."""

from typing import Any, NamedTuple

import msgspec

from .refusals import BAD_FORM, Refusal
from .seals import Seals

__all__ = ["Keyboard", "Pressed", "buttons_of", "pressed"]

_PRIMARY = 1
_ROWS_MAX, _IN_ROW_MAX, _LABEL_CHARS_MAX, _DATA_CHARS_MAX = 5, 5, 40, 200
_BETWEEN = "\n"


class Permission(msgspec.Struct):
    """Who may press."""

    type: int | None = None
    specify_user_ids: list[str] | None = None


class Action(msgspec.Struct):
    """What a button does."""

    type: int | None = None
    permission: Permission | None = None
    data: str | None = None


class RenderData(msgspec.Struct):
    """How a button looks."""

    label: str | None = None
    style: int | None = None


class Button(msgspec.Struct):
    """One button."""

    id: str | None = None
    render_data: RenderData | None = None
    action: Action | None = None


class Row(msgspec.Struct):
    """Buttons beside each other."""

    buttons: list[Button] | None = None


class Rows(msgspec.Struct):
    """Rows under each other."""

    rows: list[Row] | None = None


class Keyboard(msgspec.Struct):
    """Buttons, or the name of a template that only the original knows."""

    id: str | None = None
    content: Rows | None = None


class Pressed(NamedTuple):
    """Which button it was."""

    id: str
    data: str


def buttons_of(keyboard: Keyboard, seals: Seals, bot: int) -> list[dict[str, Any]]:
    """The segment of a keyboard, or none for an empty one. Raises ``Refusal``."""
    if keyboard.content is None and keyboard.id:
        raise Refusal(BAD_FORM, "This hutong has no templates of keyboards: send the keyboard's content.")
    rows = [row.buttons for row in (keyboard.content.rows or [] if keyboard.content else []) if row.buttons]
    if len(rows) > _ROWS_MAX or any(len(row) > _IN_ROW_MAX for row in rows):
        raise Refusal(BAD_FORM, f"A keyboard has up to {_ROWS_MAX} rows of {_IN_ROW_MAX} buttons.")
    made = [[_button(button, seals, bot) for button in row] for row in rows]
    return [{"type": "buttons", "rows": made}] if made else []


def _button(button: Button, seals: Seals, bot: int) -> dict[str, Any]:
    look, action = button.render_data or RenderData(), button.action or Action()
    label = (look.label or "").strip()[:_LABEL_CHARS_MAX]
    if not label:
        raise Refusal(BAD_FORM, "Each button needs a label.")
    made: dict[str, Any] = {"label": label, "style": "primary" if look.style == _PRIMARY else "plain"}
    data = action.data or ""
    match action.type:
        case 0:
            return made | {"link": data}
        case 2:
            return made | {"command": _command(data or label, bot)} | _who(action.permission, seals)
    kept = f"{button.id or ''}{_BETWEEN}{data}"
    if len(kept) > _DATA_CHARS_MAX:
        raise Refusal(
            BAD_FORM, f"The id and the data of a button have up to {_DATA_CHARS_MAX - 1} characters together."
        )
    return made | {"data": kept} | _who(action.permission, seals)


def _command(data: str, bot: int) -> str:
    """What is put where one writes. A command is said to be for this bot, as there may be others."""
    word, space, rest = data.partition(" ")
    return f"{word}@{bot}{space}{rest}" if word.startswith("/") and "@" not in word else data


def _who(permission: Permission | None, seals: Seals) -> dict[str, Any]:
    match permission.type if permission else None:
        case 1:
            return {"who": "admins"}
        case 0 if permission is not None and permission.specify_user_ids:
            numbers = [seals.account_of(openid) for openid in permission.specify_user_ids]
            return {"who": [number for number in numbers if number is not None] or "admins"}
    return {}


def pressed(data: str) -> Pressed:
    """Which button has this data; one that was made elsewhere has no id."""
    name, between, rest = data.partition(_BETWEEN)
    return Pressed(name, rest) if between else Pressed("", data)
