"""Routes of outlets: where a bot's events are sent to, and what became of them."""

from typing import Annotated

from litestar import delete, get, patch, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import UNSET
from msgspec.structs import replace

from hutong.infra.db import Database
from hutong.infra.limits import spend_within
from hutong.infra.web import Cursor, Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions import add_outlet, change_outlet, drop_outlet, replay_events, resend_event
from ..models import DeliveryState
from ..porters import Porters, Proposed
from ..queries import bot_of_app, changes_allowed, list_deliveries, list_outlets, own_app, own_outlet, view_outlet
from ..schemas import DeliveryView, OutletDraft, OutletPatch, OutletView, ReplayDraft, ResendDraft

__all__ = ["outlet_routes"]

_Limit = Annotated[int, QueryParameter(ge=1, le=100)]
_OUTLETS = "/apps/{app:int}/bots/{number:int}/outlets"


@get(_OUTLETS, tags=["Outlets"], summary="Outlets of a bot")
async def get_outlets(app: Number, number: Number, session: Session, actor: Signed) -> list[OutletView]:
    """Where its events are sent to, and how that goes."""
    return await list_outlets(session, actor.number, app, number)


@post(_OUTLETS, tags=["Outlets"], summary="Add an outlet")
async def post_outlet(
    app: Number,
    number: Number,
    data: JSONBody[OutletDraft],
    actor: Signed,
    database: Needs[Database],
    porters: Needs[Porters],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> OutletView:
    """It brings what happens from now on. The secret is told once. Some kinds ask the other end first whether it is
    what it seems."""
    async with database.transaction() as session:
        await own_app(session, actor.number, app)
        await bot_of_app(session, app, number)
        await spend_within(session, changes_allowed(settings.limits), str(actor.number), clock=clock)
    await porters.prove(Proposed(data.kind, data.url, data.secret, data.options), number)
    kept = replace(data, secret=porters.kept(data.kind, data.secret))
    async with database.transaction() as session:
        outlet = await add_outlet(session, actor, app, number, kept, clock=clock, limits=settings.limits)
        return view_outlet(outlet, outlet.position, secret=data.secret or outlet.secret)


@patch(_OUTLETS + "/{outlet:int}", tags=["Outlets"], summary="Change an outlet")
async def patch_outlet(
    app: Number,
    number: Number,
    outlet: Number,
    data: JSONBody[OutletPatch],
    actor: Signed,
    database: Needs[Database],
    porters: Needs[Porters],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> OutletView:
    """What is left out stays as it is. What was waiting is tried at once. Where the address or the secret changes, some
    kinds ask the other end again."""
    kept = data
    if data.url is not UNSET or data.secret is not UNSET:
        async with database.transaction() as session:
            was = await own_outlet(session, actor.number, app, number, outlet)
            await spend_within(session, changes_allowed(settings.limits), str(actor.number), clock=clock)
            url = was.url if data.url is UNSET else data.url
            secret = was.secret if data.secret is UNSET else data.secret
        await porters.prove(Proposed(was.kind, url, secret, was.options), number)
        if data.secret is not UNSET:
            kept = replace(data, secret=porters.kept(was.kind, data.secret))
    async with database.transaction() as session:
        changed = await change_outlet(session, actor, app, number, outlet, kept, clock=clock)
        bot = await bot_of_app(session, app, number)
        told = (data.secret or changed.secret) if isinstance(data.secret, str) else None
        return view_outlet(changed, bot.last_event, secret=told)


@delete(_OUTLETS + "/{outlet:int}", tags=["Outlets"], summary="Give an outlet up")
async def delete_outlet(
    app: Number, number: Number, outlet: Number, session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """Nothing more is sent there."""
    await drop_outlet(session, actor, app, number, outlet, clock=clock)


@get(_OUTLETS + "/{outlet:int}/log", tags=["Outlets"], summary="What became of events")
async def get_outlet_log(
    app: Number,
    number: Number,
    outlet: Number,
    session: Session,
    actor: Signed,
    only: FromQuery[DeliveryState | None] = None,
    cursor: Cursor = None,
    limit: _Limit = 50,
) -> Page[DeliveryView]:
    """Each with what the other end answered, the newest first; only those in one state where `only` names it."""
    found = await own_outlet(session, actor.number, app, number, outlet)
    return await list_deliveries(session, found, state=only, cursor=cursor, limit=limit)


@post(_OUTLETS + "/{outlet:int}/resend", tags=["Outlets"], summary="Send one again", status_code=HTTP_204_NO_CONTENT)
async def post_resend(
    app: Number,
    number: Number,
    outlet: Number,
    data: JSONBody[ResendDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """Past all others."""
    await spend_within(session, changes_allowed(settings.limits), str(actor.number), clock=clock)
    await resend_event(session, actor, app, number, outlet, data.event, clock=clock)


@post(_OUTLETS + "/{outlet:int}/replay", tags=["Outlets"], summary="Send all again", status_code=HTTP_200_OK)
async def post_replay(
    app: Number,
    number: Number,
    outlet: Number,
    data: JSONBody[ReplayDraft],
    session: Session,
    actor: Signed,
    clock: Needs[Clock],
) -> OutletView:
    """Everything that has happened since a moment, as far as it is kept."""
    changed = await replay_events(session, actor, app, number, outlet, data, clock=clock)
    bot = await bot_of_app(session, app, number)
    return view_outlet(changed, bot.last_event)


outlet_routes = (get_outlets, post_outlet, patch_outlet, delete_outlet, get_outlet_log, post_resend, post_replay)
