"""Requests to join: whoever may decide hears of them, a bot like a person."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import find_request, seats_in
from hutong.kit.clock import Clock

from ..models import App, Install
from .hearing import hold_bots, tell_bot

__all__ = ["tell_of_request"]


async def tell_of_request(session: AsyncSession, chat_id: int, number: int, *, clock: Clock) -> None:
    """Tells the bots that may let somebody in that they ask: those with the scope ``moderate`` that are admins, unless
    their app is suspended. Nobody is told where it was decided meanwhile."""
    request = await find_request(session, chat_id, number)
    if request is None:
        return
    hearing = select(Install).join(App, App.app_id == Install.app_id).where(App.state.in_(("sandbox", "reviewed")))
    installs = (await session.scalars(hearing.where(Install.chat_id == chat_id))).all()
    may = [install.bot_number for install in installs if "moderate" in install.scopes]
    admins = sorted(seat.number for seat in await seats_in(session, chat_id, may) if seat.role in ("owner", "admin"))
    frame: dict[str, object] = {
        "on": "requested",
        "chat": chat_id,
        "number": number,
        "name": request.name,
        "answer": request.answer,
        "at": request.at,
    }
    await hold_bots(session, admins)
    for bot in admins:
        await tell_bot(session, bot, chat_id, frame, clock())
