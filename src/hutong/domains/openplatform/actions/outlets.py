"""Outlets: where the events of a bot are sent to, as whoever makes the bot wants it."""

import secrets
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import BadOutlet, LinesFull, NoSuchEvent, OutletsFull
from ..models import LINES, Bot, BotEvent, Delivery, Outlet
from ..queries import bot_of_app, own_app, own_outlet
from ..schemas import OutletDraft, OutletPatch, ReplayDraft

__all__ = ["add_outlet", "change_outlet", "checked_url", "drop_outlet", "replay_events", "resend_event"]

_SCHEMES = {"onebot11_ws": ("ws", "wss")}
_WEB = ("http", "https")
_URL_CHARS_MAX = 2_000
_OPTIONS_BYTES_MAX = 4_096


async def add_outlet(
    session: AsyncSession,
    actor: Actor,
    app_id: int,
    number: int,
    draft: OutletDraft,
    *,
    clock: Clock,
    limits: Limits,
) -> Outlet:
    """A new outlet, which brings what happens from now on. Raises ``NoSuchApp``, ``NoSuchBot``, ``OutletsFull``,
    ``LinesFull``, ``BadOutlet``."""
    is_line = draft.kind in LINES
    await own_app(session, actor.number, app_id, for_update=is_line)
    bot = await bot_of_app(session, app_id, number, for_update=True)
    count = select(func.count()).select_from(Outlet)
    count = count.where(Outlet.bot_number == number, Outlet.dropped_at.is_(None))
    if (await session.scalar(count) or 0) >= limits.outlets_per_bot_max:
        raise OutletsFull(count_max=limits.outlets_per_bot_max)
    if is_line:
        await _check_lines(session, app_id, limits)
    now = clock()
    outlet = Outlet(
        bot_number=number,
        kind=draft.kind,
        url=checked_url(draft.kind, draft.url),
        secret=draft.secret or secrets.token_urlsafe(24),
        options=_checked_options(draft.options),
        state="on",
        position=bot.last_event,
        tries=0,
        last_error="",
        warned=False,
        next_at=now,
        made_at=now,
    )
    session.add(outlet)
    await session.flush()
    return outlet


async def _check_lines(session: AsyncSession, app_id: int, limits: Limits) -> None:
    lines = select(func.count()).select_from(Outlet).join(Bot, Bot.bot_number == Outlet.bot_number)
    lines = lines.where(Bot.app_id == app_id, Bot.dropped_at.is_(None), Outlet.dropped_at.is_(None))
    lines = lines.where(Outlet.kind.in_(LINES))
    if (await session.scalar(lines) or 0) >= limits.lines_per_app_max:
        raise LinesFull(count_max=limits.lines_per_app_max)


def checked_url(kind: str, url: str) -> str:
    """An address that an outlet of this kind may have. Raises ``BadOutlet``."""
    try:
        parts = urlsplit(url)
        there = parts.scheme in _SCHEMES.get(kind, _WEB) and bool(parts.hostname) and not parts.username
        _ = parts.port
    except ValueError:
        there = False
    if not there or len(url) > _URL_CHARS_MAX:
        schemes = " or ".join(f"{scheme}://" for scheme in _SCHEMES.get(kind, _WEB))
        raise BadOutlet(reason=f"its address must begin with {schemes}, name a host, and carry no password")
    return url


def _checked_options(options: dict[str, object]) -> dict[str, object]:
    if len(msgspec.json.encode(options)) > _OPTIONS_BYTES_MAX:
        raise BadOutlet(reason=f"its options have more than {_OPTIONS_BYTES_MAX} bytes")
    return options


async def change_outlet(
    session: AsyncSession,
    actor: Actor,
    app_id: int,
    number: int,
    outlet_id: int,
    patch: OutletPatch,
    *,
    clock: Clock,
) -> Outlet:
    """Changes what is given, and tries at once what was waiting. Raises what ``own_outlet`` raises, ``BadOutlet``."""
    outlet = await own_outlet(session, actor.number, app_id, number, outlet_id, for_update=True)
    if patch.url is not UNSET:
        outlet.url = checked_url(outlet.kind, patch.url)
    if patch.secret is not UNSET:
        outlet.secret = patch.secret or secrets.token_urlsafe(24)
    if patch.options is not UNSET:
        outlet.options = _checked_options(patch.options)
    if patch.state is not UNSET:
        outlet.state = patch.state
    outlet.begin_anew(clock())
    await session.flush()
    return outlet


async def drop_outlet(
    session: AsyncSession, actor: Actor, app_id: int, number: int, outlet_id: int, *, clock: Clock
) -> None:
    """Nothing more is sent there; what became of former deliveries is forgotten soon (``clear_outlets``). Raises what
    ``own_outlet`` raises."""
    outlet = await own_outlet(session, actor.number, app_id, number, outlet_id, for_update=True)
    outlet.drop(clock())
    await session.flush()


async def replay_events(
    session: AsyncSession, actor: Actor, app_id: int, number: int, outlet_id: int, draft: ReplayDraft, *, clock: Clock
) -> Outlet:
    """Delivers everything anew that has happened since a moment, as far as it is kept. Raises what ``own_outlet``
    raises, ``BadOutlet`` for what is no moment."""
    outlet = await own_outlet(session, actor.number, app_id, number, outlet_id, for_update=True)
    try:
        since = datetime.fromisoformat(draft.since)
    except ValueError as error:
        raise BadOutlet(reason="a replay begins at a moment such as 2026-11-23T05:48:40Z") from error
    since = since if since.tzinfo is not None else since.replace(tzinfo=UTC)
    first = await session.scalar(
        select(func.min(BotEvent.event)).where(BotEvent.bot_number == number, BotEvent.at >= since)
    )
    if first is not None:
        outlet.position = min(outlet.position, first - 1)
    outlet.begin_anew(clock())
    await session.flush()
    return outlet


async def resend_event(
    session: AsyncSession, actor: Actor, app_id: int, number: int, outlet_id: int, event: int, *, clock: Clock
) -> None:
    """Delivers one event anew, past all others. Raises what ``own_outlet`` raises, and ``NoSuchEvent`` where it is not
    kept any more."""
    outlet = await own_outlet(session, actor.number, app_id, number, outlet_id)
    if await session.get(BotEvent, (number, event)) is None:
        raise NoSuchEvent
    now = clock()
    session.add(
        Delivery(
            bot_number=number,
            outlet_id=outlet.outlet_id,
            event=event,
            state="waiting",
            took_ms=0,
            tries=0,
            at=now,
            next_at=now,
            error="",
        )
    )
    await session.flush()
