"""What people may ask of a bot by a command."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.text import clean_line
from hutong.settings import Limits

from ..commands import is_command_name
from ..errors import BadCommand
from ..models import Command
from ..queries import bot_with_app
from ..schemas import CommandDraft

__all__ = ["set_commands"]


async def set_commands(session: AsyncSession, actor: Actor, drafts: Sequence[CommandDraft], *, limits: Limits) -> None:
    """Puts these commands in the place of those that the bot has. Raises ``NoSuchBot``, ``BadCommand``."""
    await bot_with_app(session, actor.number)
    names = [draft.name.removeprefix("/").casefold() for draft in drafts]
    if len(drafts) > limits.commands_per_bot_max:
        raise BadCommand(reason=f"there are {len(drafts)}, and {limits.commands_per_bot_max} are possible")
    for name in names:
        if not is_command_name(name):
            raise BadCommand(reason=f"{name[:40]!r} is no name of 1 to 32 letters, digits and _")
        if names.count(name) > 1:
            raise BadCommand(reason=f"{name} is there twice")
    await session.execute(delete(Command).where(Command.bot_number == actor.number))
    session.add_all(
        [
            Command(
                bot_number=actor.number,
                name=name,
                place=place,
                about=clean_line(draft.about),
                usage=clean_line(draft.usage),
            )
            for place, (name, draft) in enumerate(zip(names, drafts, strict=True))
        ]
    )
    await session.flush()
