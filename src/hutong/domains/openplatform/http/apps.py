"""Routes of apps and their bots, for those who make them."""

from litestar import delete, get, patch, post
from litestar.params import JSONBody

from hutong.infra.limits import spend_within
from hutong.infra.web import Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import change_app, change_bot, drop_app, drop_bot, make_bot, make_token, register_app, revoke_tokens
from ..queries import bot_card, changes_allowed, list_apps, view_app, view_quotas
from ..schemas import AppDraft, AppPatch, AppView, BotCard, BotDraft, BotPatch, QuotaView, TokenDraft, TokenView

__all__ = ["app_routes"]


@post("/apps", tags=["Apps"], summary="Register an app")
async def post_app(
    data: JSONBody[AppDraft], session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> AppView:
    """Until it is reviewed it works in small groups only."""
    await spend_within(session, changes_allowed(settings.limits), str(actor.number), clock=clock)
    app = await register_app(session, actor, data, clock=clock, limits=settings.limits)
    return await view_app(session, actor.number, app.app_id)


@get("/apps", tags=["Apps"], summary="My apps")
async def get_apps(session: Session, actor: Signed) -> list[AppView]:
    """With their bots, the oldest first."""
    return await list_apps(session, actor.number)


@get("/apps/{app:int}", tags=["Apps"], summary="An app of mine")
async def get_app(app: Number, session: Session, actor: Signed) -> AppView:
    """An app exists for its owner only."""
    return await view_app(session, actor.number, app)


@patch("/apps/{app:int}", tags=["Apps"], summary="Change an app")
async def patch_app(
    app: Number, data: JSONBody[AppPatch], session: Session, actor: Signed, settings: Needs[Settings]
) -> AppView:
    """What is left out stays as it is. What was granted to its bots already stays, too."""
    await change_app(session, actor, app, data, limits=settings.limits)
    return await view_app(session, actor.number, app)


@delete("/apps/{app:int}", tags=["Apps"], summary="Give an app up")
async def delete_app(app: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Its bots leave every group, and no token of theirs is good any more."""
    await drop_app(session, actor, app, clock=clock)


@get("/apps/{app:int}/quotas", tags=["Apps"], summary="What an app has called today")
async def get_quotas(
    app: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> list[QuotaView]:
    """Each method that bots may call, the most used first. Days begin at midnight UTC."""
    return await view_quotas(session, actor.number, app, clock=clock, limits=settings.limits)


@post("/apps/{app:int}/bots", tags=["Apps"], summary="Make a bot")
async def post_bot(
    app: Number,
    data: JSONBody[BotDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> BotCard:
    """A bot has a number like anybody, and no password: a token lets it in."""
    await spend_within(session, changes_allowed(settings.limits), str(actor.number), clock=clock)
    number = await make_bot(session, actor, app, data, clock=clock, limits=settings.limits)
    return await bot_card(session, number)


@patch("/apps/{app:int}/bots/{number:int}", tags=["Apps"], summary="Change a bot")
async def patch_bot(
    app: Number,
    number: Number,
    data: JSONBody[BotPatch],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> BotCard:
    """What is left out stays as it is; an avatar is a picture that I sent."""
    await change_bot(session, actor, app, number, data, clock=clock, settings=settings)
    return await bot_card(session, number)


@delete("/apps/{app:int}/bots/{number:int}", tags=["Apps"], summary="Give a bot up")
async def delete_app_bot(app: Number, number: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """It leaves every group; what it has said stays."""
    await drop_bot(session, actor, app, number, clock=clock)


@post("/apps/{app:int}/bots/{number:int}/tokens", tags=["Apps"], summary="Make a token")
async def post_token(
    app: Number,
    number: Number,
    data: JSONBody[TokenDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> TokenView:
    """Told once. With `rotate` those that the bot has had are no good from here on."""
    await spend_within(session, changes_allowed(settings.limits), str(actor.number), clock=clock)
    token = await make_token(session, actor, app, number, data, clock=clock, limits=settings.limits)
    return TokenView(token=token)


@delete("/apps/{app:int}/bots/{number:int}/tokens", tags=["Apps"], summary="Revoke a bot's tokens")
async def delete_tokens(app: Number, number: Number, session: Session, actor: Signed) -> None:
    """The bot is out at once; its sockets are closed with 4401."""
    await revoke_tokens(session, actor, app, number)


app_routes = (
    post_app,
    get_apps,
    get_app,
    patch_app,
    delete_app,
    get_quotas,
    post_bot,
    patch_bot,
    delete_app_bot,
    post_token,
    delete_tokens,
)
