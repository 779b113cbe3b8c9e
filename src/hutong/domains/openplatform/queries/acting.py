"""Which app acts: for what is an app's own, and not a conversation's."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor

from ..errors import NoSuchApp
from ..models import App, Bot

__all__ = ["acting_app", "is_shown", "visible_app"]


async def acting_app(session: AsyncSession, actor: Actor, app_id: int | None = None, *, hold: bool = False) -> int:
    """The app that acts: the one that a bot is of, or one of a person's. With ``hold`` it is not given up before the
    transaction ends. Raises ``NoSuchApp``."""
    wanted = select(App.app_id).where(App.state != "dropped")
    if actor.is_bot:
        wanted = wanted.join(Bot, Bot.app_id == App.app_id).where(Bot.bot_number == actor.number)
    else:
        wanted = wanted.where(App.owner_number == actor.number, App.app_id == app_id)
    found: int | None = await session.scalar(
        wanted.with_for_update(key_share=True, read=True, of=App) if hold else wanted
    )
    if found is None or app_id not in (None, found):
        raise NoSuchApp
    return found


async def visible_app(session: AsyncSession, viewer: Actor, app_id: int) -> bool:
    """Whether somebody may see what an app keeps: its owner, and its bots."""
    try:
        await acting_app(session, viewer, app_id)
    except NoSuchApp:
        return False
    return True


async def is_shown(session: AsyncSession, app_id: int) -> bool:
    """Whether people get to see what an app has made public: not where it was suspended or given up."""
    state = await session.scalar(select(App.state).where(App.app_id == app_id))
    return state in ("sandbox", "reviewed")
