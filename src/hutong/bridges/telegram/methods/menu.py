"""Methods about buttons that were pressed, and about commands."""

from collections.abc import Awaitable, Callable
from typing import Any

from hutong.domains.openplatform import AnswerDraft, CommandDraft
from hutong.kit.errors import Conflict, NotFound
from hutong.kit.text import shorten

from ..calls import Call
from ..parameters import Parameters
from ..refusals import bad_request

__all__ = ["METHODS"]

_ANSWER_CHARS_MAX = 200
_ABOUT_CHARS_MAX = 100
_EVERYWHERE = ("default", "all_private_chats", "all_group_chats")


async def answer_callback_query(call: Call) -> bool:
    """Whoever has pressed is told the text. An address is not opened for them: buttons that lead somewhere are
    links."""
    text = call.parameters.text("text")
    if len(text) > _ANSWER_CHARS_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    draft = AnswerDraft(text=text, alert=call.parameters.flag("show_alert"))
    try:
        await call.desk.answer(call.actor, call.parameters.text("callback_query_id"), draft)
    except (NotFound, Conflict):
        raise bad_request("query is too old and response timeout expired or query ID is invalid") from None
    return True


def _is_kept(call: Call) -> bool:
    """A bot has one list of commands here, in one language. Others are taken note of by nobody."""
    scope = call.parameters.record("scope", "BotCommandScope") or {}
    return scope.get("type", "default") in _EVERYWHERE and not call.parameters.text("language_code")


async def set_commands(call: Call) -> bool:
    given = [Parameters(one) for one in call.parameters.items("commands", "commands") or () if isinstance(one, dict)]
    drafts = [
        CommandDraft(name=one.text("command"), about=shorten(one.text("description") or "…", _ABOUT_CHARS_MAX))
        for one in given
    ]
    if not _is_kept(call) and await _commands(call):
        return True
    await call.desk.set_commands(call.actor, drafts)
    return True


async def delete_commands(call: Call) -> bool:
    if _is_kept(call):
        await call.desk.set_commands(call.actor, [])
    return True


async def get_commands(call: Call) -> list[dict[str, str]]:
    return await _commands(call)


async def _commands(call: Call) -> list[dict[str, str]]:
    return [{"command": one.name, "description": one.about} for one in await call.desk.commands(call.actor)]


async def get_menu_button(call: Call) -> dict[str, str]:
    """The commands: that is what the button beside the line of input shows here."""
    return {"type": "commands"}


async def set_menu_button(call: Call) -> bool:
    button = call.parameters.record("menu_button", "MenuButton") or {}
    if button.get("type", "default") not in ("default", "commands"):
        raise bad_request("only the menu of commands is supported")
    return True


METHODS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "answerCallbackQuery": answer_callback_query,
    "setMyCommands": set_commands,
    "deleteMyCommands": delete_commands,
    "getMyCommands": get_commands,
    "getChatMenuButton": get_menu_button,
    "setChatMenuButton": set_menu_button,
}
