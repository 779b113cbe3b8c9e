"""Apps: registered by anybody, looked at by whoever runs the hutong."""

import secrets
from collections.abc import Sequence

from msgspec import UNSET
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import account_subject
from hutong.domains.notifications import notify
from hutong.infra.db import say_after_commit
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.text import clean_line, clean_text, shorten
from hutong.settings import Limits

from ..errors import AppPublished, AppsFull, BadAppName, NoSuchApp
from ..facts import AppDropped
from ..models import App, AppState, Bot, Permission, Tester
from ..queries import own_app
from ..schemas import AppDraft, AppPatch
from ..scopes import in_order
from .bots import drop_bot
from .clients import forget_client
from .mini_apps import place_mini_app

__all__ = ["change_app", "drop_app", "publish_app", "register_app", "set_app_state"]

_ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(hashtextextended('openplatform_app', :owner))")
_SIGNED_OUT = b'{"on":"revoked","session":0}'


async def register_app(session: AsyncSession, actor: Actor, draft: AppDraft, *, clock: Clock, limits: Limits) -> App:
    """A new app of the actor's, in the sandbox until it is reviewed. Raises ``BadAppName``, ``AppsFull``."""
    # Two at once would both find room for one more.
    await session.execute(_ONE_AFTER_THE_OTHER, {"owner": actor.number})
    mine = select(func.count()).select_from(App).where(App.owner_number == actor.number, App.state != "dropped")
    if (await session.scalar(mine) or 0) >= limits.apps_per_account_max:
        raise AppsFull(count_max=limits.apps_per_account_max)
    app = App(
        owner_number=actor.number,
        name=_checked_name(draft.name, limits),
        about=shorten(clean_text(draft.about), limits.description_chars_max),
        scopes=list(in_order(draft.scopes)),
        secret=secrets.token_bytes(32),
        made_at=clock(),
    )
    session.add(app)
    await session.flush()
    return app


def _checked_name(name: str, limits: Limits) -> str:
    kept = clean_line(name)
    if not 1 <= len(kept) <= limits.name_chars_max:
        raise BadAppName(chars_max=limits.name_chars_max)
    return kept


async def change_app(session: AsyncSession, actor: Actor, app_id: int, patch: AppPatch, *, limits: Limits) -> None:
    """Changes what is given. Raises ``NoSuchApp``, ``AppPublished``, ``BadAppName``, ``BadMiniUrl``."""
    app = await own_app(session, actor.number, app_id, for_update=True)
    if app.is_published and any(each is not UNSET for each in (patch.name, patch.about, patch.scopes, patch.mini_app)):
        raise AppPublished
    if patch.name is not UNSET:
        app.name = _checked_name(patch.name, limits)
    if patch.about is not UNSET:
        app.about = shorten(clean_text(patch.about), limits.description_chars_max)
    if patch.scopes is not UNSET:
        app.scopes = list(in_order(patch.scopes))
    if patch.mini_app is not UNSET:
        place_mini_app(app, patch.mini_app)
    await session.flush()


async def drop_app(session: AsyncSession, actor: Actor, app_id: int, *, clock: Clock) -> None:
    """The app is no more, and its bots leave every group soon. Raises ``NoSuchApp``."""
    app = await own_app(session, actor.number, app_id, for_update=True)
    for number in await _bots_of(session, app_id):
        await drop_bot(session, actor, app_id, number, clock=clock)
    await forget_client(session, app_id)
    await session.execute(delete(Tester).where(Tester.app_id == app_id))
    await session.execute(delete(Permission).where(Permission.app_id == app_id))
    app.state = "dropped"
    await session.flush()
    publish(session, AppDropped(app=app_id))


async def set_app_state(session: AsyncSession, app_id: int, state: AppState, *, clock: Clock, limits: Limits) -> None:
    """The word of whoever runs the hutong: ``reviewed`` apps may go into groups of any size, ``suspended`` ones may do
    and hear nothing. The app's owner is told. Raises ``NoSuchApp``."""
    app = await session.get(App, app_id, with_for_update=True)
    if app is None or app.state == "dropped":
        raise NoSuchApp
    if app.state == state:
        return
    app.state = state
    await session.flush()
    about = f"app:{app_id}"
    kind = f"openplatform.app_{state}"
    await notify(session, app.owner_number, kind, about, app=app_id, name=app.name, clock=clock, limits=limits)
    if state == "suspended":
        for number in await _bots_of(session, app_id):
            say_after_commit(session, account_subject(number), _SIGNED_OUT)


async def publish_app(
    session: AsyncSession,
    app_id: int,
    *,
    name: str,
    about: str,
    scopes: Sequence[str],
    mini_url: str,
    limits: Limits,
) -> None:
    """An app is ``reviewed`` and shown to everybody as this: its owner changes none of it any more, but whoever
    publishes it again, who also tells the owner. What is already installed stays as it is. Raises ``NoSuchApp``."""
    app = await session.get(App, app_id, with_for_update=True)
    if app is None or app.state == "dropped":
        raise NoSuchApp
    app.state = "reviewed"
    app.name, app.about = name, shorten(about, limits.description_chars_max)
    app.scopes, app.mini_url = list(in_order(scopes)), mini_url
    app.is_published = True
    await session.flush()


async def _bots_of(session: AsyncSession, app_id: int) -> list[int]:
    rows = select(Bot.bot_number).where(Bot.app_id == app_id, Bot.dropped_at.is_(None)).order_by(Bot.bot_number)
    return list(await session.scalars(rows))
