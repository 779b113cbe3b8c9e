"""Routes of bots: those in groups, and what a bot asks of its own."""

from typing import Annotated

from litestar import delete, get, put
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.web import Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import install_bot, uninstall_bot
from ..queries import bot_card, events_view, group_choices, list_bots, view_me
from ..schemas import BotCard, EventsView, GrantDraft, GroupChoice, InstallView, MyBotView

__all__ = ["bot_routes"]

_After = Annotated[int, QueryParameter(ge=0, le=2**53 - 1, description="The last event that was heard.")]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@get("/bots/{number:int}", tags=["Bots"], summary="A bot")
async def get_bot(number: Number, session: Session, actor: Signed) -> BotCard:
    """What one should know before one lets it into a group: whose program it is and what it asks for."""
    return await bot_card(session, number)


@get("/bots/{number:int}/groups", tags=["Bots"], summary="Where I could let a bot in")
async def get_bot_groups(number: Number, session: Session, actor: Signed) -> list[GroupChoice]:
    """The groups that I own, up to 200, and whether the bot is there already."""
    return await group_choices(session, actor.number, number)


@get("/bots/me", tags=["Bots"], summary="Who I am, as a bot", opt=for_bots())
async def get_me(session: Session, actor: Signed) -> MyBotView:
    """For a bot: where it is, and what it may do there."""
    return await view_me(session, actor.number)


@get("/bots/me/events", tags=["Bots"], summary="What has happened, for a bot", opt=for_bots())
async def get_events(session: Session, actor: Signed, after: _After = 0, limit: _Limit = 100) -> EventsView:
    """The events after the last one that it has heard, each as the frame that the socket brings. They are kept for
    days, so a bot that was away goes on where it was."""
    return await events_view(session, actor.number, after=after, limit=limit)


@get("/groups/{chat:int}/bots", tags=["Bots"], summary="The bots of a group")
async def get_group_bots(chat: Number, session: Session, actor: Signed) -> list[InstallView]:
    """With what each may hear and do, for every member to see."""
    return await list_bots(session, actor.number, chat)


@put("/groups/{chat:int}/bots/{number:int}", tags=["Bots"], summary="Let a bot in", status_code=HTTP_204_NO_CONTENT)
async def put_group_bot(
    chat: Number,
    number: Number,
    data: JSONBody[GrantDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """The owner of the group, with the scopes that they grant; again with others to change them."""
    await install_bot(session, actor, chat, number, data, clock=clock, limits=settings.limits)


@delete("/groups/{chat:int}/bots/{number:int}", tags=["Bots"], summary="Send a bot away")
async def delete_group_bot(chat: Number, number: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """The owner and the admins."""
    await uninstall_bot(session, actor, chat, number, clock=clock)


bot_routes = (get_bot, get_bot_groups, get_me, get_events, get_group_bots, put_group_bot, delete_group_bot)
