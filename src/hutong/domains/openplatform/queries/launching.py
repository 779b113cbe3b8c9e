"""Opening a mini app: whether somebody may, and what it is told."""

import secrets
from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import chat_place
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.settings import Limits

from ..errors import AppSuspended, NoMiniApp, NoSuchApp, SandboxIsFull
from ..init_data import signed_init_data
from ..launches import PERMISSIONS, launch_key, mini_path, page_at, page_within, sign_launch, with_launch
from ..models import App, Bot, Install, Permission
from ..openids import seal
from ..schemas import GrantedView, LaunchDraft, LaunchKeyView, LaunchView
from .apps import bot_with_app, own_app

__all__ = ["find_mini_link", "launch_mini_app", "list_granted", "view_launch_key"]


async def launch_mini_app(
    session: AsyncSession, actor: Actor, chat_id: int, app_id: int, draft: LaunchDraft, *, clock: Clock, limits: Limits
) -> LaunchView:
    """What opens an app's mini app for somebody in a conversation. Where none of its bots is, only a reviewed app is
    opened, and it is not told where. Raises ``NoSuchChat``, ``NoSuchApp``, ``NoMiniApp``, ``AppSuspended``,
    ``SandboxIsFull``."""
    place = await chat_place(session, actor.number, chat_id)
    app = await session.get(App, app_id)
    of_app = select(Bot).where(Bot.app_id == app_id, Bot.dropped_at.is_(None)).order_by(Bot.bot_number)
    bots = (await session.scalars(of_app)).all()
    here = select(Install.bot_number).where(Install.chat_id == chat_id, Install.app_id == app_id)
    installed = set(await session.scalars(here))
    if app is None or app.state == "dropped" or not bots or not (installed or app.state == "reviewed"):
        raise NoSuchApp
    if app.state == "suspended":
        raise AppSuspended
    if app.state == "sandbox" and place.members > limits.sandbox_members_max:
        raise SandboxIsFull(members_max=limits.sandbox_members_max)
    page = page_at(app.mini_url, draft.page)
    if not page:
        raise NoMiniApp
    permissions = await _granted(session, actor.number, app_id)
    group = seal(app.secret, "chat", chat_id) if installed else None
    now = clock()
    launch = {
        "app": app_id,
        "openid": seal(app.secret, "account", actor.number),
        "chat": group,
        "kind": place.kind if installed else None,
        "start": draft.start,
        "permissions": permissions,
        "at": int(now.timestamp()),
    }
    if "profile" in permissions:
        launch |= {"nickname": actor.nickname}
    signed = sign_launch(launch_key(app.secret, app.launch_round), launch)
    signer = next((bot for bot in bots if bot.launch_secret and (bot.bot_number in installed or not installed)), None)
    init_data = _init_data(actor, signer, group, place.kind, draft.start, permissions, now) if signer else None
    return LaunchView(
        app=app_id,
        name=app.name,
        url=with_launch(page, signed, init_data),
        launch=signed,
        init_data=init_data,
        openid=seal(app.secret, "account", actor.number),
        start=draft.start,
        permissions=permissions,
    )


def _init_data(
    actor: Actor, bot: Bot, group: str | None, kind: str, start: str, permissions: Collection[str], now: datetime
) -> str:
    pairs = {"auth_date": str(int(now.timestamp())), "query_id": secrets.token_urlsafe(12)}
    if "profile" in permissions:
        user = {"id": actor.number, "first_name": actor.nickname, "is_bot": False}
        pairs["user"] = msgspec.json.encode(user).decode()
    if group is not None:
        pairs |= {"chat_type": "group" if kind == "group" else "private", "chat_instance": str(int(group[:15], 16))}
    if start:
        pairs["start_param"] = start
    return signed_init_data(bot.launch_secret or b"", pairs)


async def find_mini_link(session: AsyncSession, bot_number: int, chat_id: int, address: str) -> str | None:
    """The path of this hutong that opens a page of a bot's mini app in a conversation, for the address of that page;
    None where the address is no page of it."""
    _, app = await bot_with_app(session, bot_number)
    page = page_within(app.mini_url, address)
    return None if page is None else mini_path(chat_id, app.app_id, page)


async def _granted(session: AsyncSession, number: int, app_id: int) -> list[str]:
    row = await session.get(Permission, (number, app_id))
    return [name for name in PERMISSIONS if row and name in row.permissions]


async def list_granted(session: AsyncSession, number: int) -> list[GrantedView]:
    """The apps that a person lets know something, the newest first."""
    rows = await session.execute(
        select(Permission, App.name)
        .join(App, App.app_id == Permission.app_id)
        .where(Permission.account_number == number)
        .order_by(Permission.granted_at.desc(), Permission.app_id)
    )
    return [
        GrantedView(
            app=row.app_id,
            name=name,
            permissions=[each for each in PERMISSIONS if each in row.permissions],
            granted_at=iso_utc(row.granted_at),
        )
        for row, name in rows
    ]


async def view_launch_key(session: AsyncSession, viewer: int, app_id: int) -> LaunchKeyView:
    """The key with which launch data are signed, for the app's owner. Raises ``NoSuchApp``."""
    app = await own_app(session, viewer, app_id)
    return LaunchKeyView(key=launch_key(app.secret, app.launch_round))
