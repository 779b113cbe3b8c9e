"""Routes of what people and bots have to say to each other beside messages: commands, presses and their answers."""

from typing import Annotated

from litestar import get, post, put
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import answer_press, press_button, set_commands
from ..queries import commands_in, commands_of
from ..schemas import AnswerDraft, CommandDraft, CommandView, PressDraft, PressView

__all__ = ["talk_routes"]

_PressId = Annotated[str, PathParameter(min_length=1, max_length=24)]


@post("/chats/{chat:int}/messages/{seq:int}/presses", tags=["Bots"], summary="Press a button")
async def post_press(
    chat: Number,
    seq: Number,
    data: JSONBody[PressDraft],
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> PressView:
    """Or send a form, with `values`. The bot hears `pressed`; its answer comes by the socket, `answered`, with the id
    that is told here. The same `key` again is the same press."""
    often = Allowance("openplatform.press", settings.limits.presses_per_minute_max, 60)
    await spend(database, often, str(actor.number), clock=clock)
    return PressView(press=await press_button(session, actor, chat, seq, data, clock=clock, limits=settings.limits))


@put(
    "/presses/{press:str}",
    tags=["Bots"],
    summary="Answer a press",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots(),
)
async def put_press(
    press: _PressId, data: JSONBody[AnswerDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """For a bot, once for each press. Until then the button shows that it waits."""
    await answer_press(session, actor, press, data, clock=clock)


@put("/bots/me/commands", tags=["Bots"], summary="Set my commands", status_code=HTTP_204_NO_CONTENT, opt=for_bots())
async def put_commands(
    data: JSONBody[list[CommandDraft]], session: Session, actor: Signed, settings: Needs[Settings]
) -> None:
    """For a bot: all of them, in the order in which people are shown them."""
    await set_commands(session, actor, data, limits=settings.limits)


@get("/bots/me/commands", tags=["Bots"], summary="My commands", opt=for_bots())
async def get_my_commands(session: Session, actor: Signed) -> list[CommandDraft]:
    """For a bot."""
    return await commands_of(session, actor.number)


@get("/chats/{chat:int}/commands", tags=["Bots"], summary="The commands of a conversation")
async def get_commands(chat: Number, session: Session, actor: Signed) -> list[CommandView]:
    """Those of the bots that are in it, for its members."""
    return await commands_in(session, actor.number, chat)


talk_routes = (post_press, put_press, put_commands, get_my_commands, get_commands)
