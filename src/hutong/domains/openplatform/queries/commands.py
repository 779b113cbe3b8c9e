"""Reads of commands."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import is_member
from hutong.domains.identity import handles_of, names_of
from hutong.kit.errors import NotFound

from ..models import Command, Install
from ..schemas import CommandDraft, CommandView

__all__ = ["command_names_of", "commands_in", "commands_of"]


async def commands_of(session: AsyncSession, number: int) -> list[CommandDraft]:
    """A bot's commands, in its own order."""
    rows = await session.scalars(select(Command).where(Command.bot_number == number).order_by(Command.place))
    return [CommandDraft(name=row.name, about=row.about, usage=row.usage) for row in rows]


async def commands_in(session: AsyncSession, viewer: int, chat_id: int) -> list[CommandView]:
    """The commands of the bots of a conversation, for who is in it: bot by bot, the longest there first."""
    if not await is_member(session, chat_id, viewer):
        raise NotFound
    rows = (
        await session.scalars(
            select(Command)
            .join(Install, Install.bot_number == Command.bot_number)
            .where(Install.chat_id == chat_id)
            .order_by(Install.granted_at, Install.bot_number, Command.place)
        )
    ).all()
    numbers = {row.bot_number for row in rows}
    cards, handles = await names_of(session, numbers), await handles_of(session, numbers)
    return [
        CommandView(
            name=row.name,
            about=row.about,
            usage=row.usage,
            bot=row.bot_number,
            bot_name=cards[row.bot_number].nickname,
            handle=handles.get(row.bot_number),
        )
        for row in rows
    ]


async def command_names_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, set[str]]:
    """The names of the commands of each of these bots; one that has none is left out."""
    rows = await session.execute(select(Command.bot_number, Command.name).where(Command.bot_number.in_(numbers)))
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row[0], set()).add(row[1])
    return found
