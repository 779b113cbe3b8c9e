"""Long polling: a bot asks for updates, and waits for them.

Only one of a bot's programs may wait: whoever comes last is served, and the one before is told so (409). Who comes is
said on the bus, subject ``telegram.<number>``, so it does not matter which processes serve them.
"""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, cast

from hutong.bridges.desk import Desk
from hutong.domains.openplatform import events_after, last_events_of
from hutong.infra.bus import LOOK, STOPPING
from hutong.kit.actor import Actor

from .calls import Call
from .hearing import event_before
from .mailbox import Mailbox, confirm, get_mailbox, want
from .refusals import Refusal
from .telling import told

__all__ = ["end_polls", "get_updates"]

_UPDATES_MAX = 100
_WAIT_S_MAX = 50
_AT_ONCE_MAX = 100
_OUSTED = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

Update = dict[str, Any]


async def get_updates(call: Call) -> list[Update]:
    """The updates that ``offset`` does not confirm, or an empty list after ``timeout`` seconds without any."""
    limit = min(max(call.parameters.number("limit", _UPDATES_MAX), 1), _UPDATES_MAX)
    wait_s = min(max(call.parameters.number("timeout"), 0), _WAIT_S_MAX)
    mailbox = await _opened(call)
    end_polls(call.desk, call.actor)
    updates, position = await _there_is(call, mailbox)
    if not updates:
        mailbox = await confirm(call.desk, call.bot.number, position)
        updates = await _wait(call, mailbox, wait_s) if wait_s else []
    return updates[:limit]


async def _opened(call: Call) -> Mailbox:
    """How far things are, with what the call itself says of that and of what it wants."""
    desk, number = call.desk, call.bot.number
    async with desk.admitted(call.actor, "get_events"):
        pass
    mailbox = await get_mailbox(desk, number)
    if mailbox.url:
        raise Refusal(409, _WEBHOOK)
    kinds = call.parameters.items("allowed_updates", "allowed updates")
    if kinds is not None:
        mailbox = await want(desk, number, kinds)
    offset = call.parameters.number("offset")
    if offset > 0:
        return await confirm(desk, number, event_before(offset))
    if offset < 0:
        async with desk.database.transaction() as session:
            newest = (await last_events_of(session, [number])).get(number, 0)
        return await confirm(desk, number, max(0, newest + offset))
    return mailbox


async def _there_is(call: Call, mailbox: Mailbox) -> tuple[list[Update], int]:
    """What waits for the bot, and the last event that was looked at."""
    position = mailbox.position
    while True:
        async with call.desk.database.transaction() as session:
            heard = await events_after(session, call.bot.number, event=position, limit=_AT_ONCE_MAX)
        updates = _from_offset(call, await told(call.desk, call.bot, heard, mailbox.kinds))
        position = heard[-1][0] if heard else position
        if updates or len(heard) < _AT_ONCE_MAX:
            return updates, position


def _from_offset(call: Call, updates: list[Update]) -> list[Update]:
    """An offset may stand between two updates of one event."""
    return [one for one in updates if one["update_id"] >= call.parameters.number("offset")]


async def _wait(call: Call, mailbox: Mailbox, wait_s: int) -> list[Update]:
    """The first updates to come; nothing where none do, or this process stops. Raises ``Refusal`` 409 where another
    poll comes first, and what the feed raises."""
    ousted = asyncio.Event()
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        for subject, happens in ((_subject(call.actor), ousted), (STOPPING, stopping)):
            following = await call.desk.bus.follow(subject, partial(_note, happens))
            stack.push_async_callback(following.close)
        waits = [asyncio.create_task(one) for one in (_next(call, mailbox), ousted.wait(), stopping.wait())]
        try:
            await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            if waits[0].done():
                return cast("list[Update]", waits[0].result())
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
    if ousted.is_set():
        raise Refusal(409, _OUSTED)
    return []


def _note(happens: asyncio.Event, payload: bytes) -> None:
    if payload != LOOK:
        happens.set()


async def _next(call: Call, mailbox: Mailbox) -> list[Update]:
    async with call.desk.feed(call.actor, mailbox.position) as feed:
        async for heard in feed:
            if updates := _from_offset(call, await told(call.desk, call.bot, heard, mailbox.kinds)):
                return updates
    return []


def end_polls(desk: Desk, actor: Actor) -> None:
    """Whoever waits for updates of this bot waits no longer."""
    desk.bus.say_here(_subject(actor), b"")
    desk.bus.say(_subject(actor), b"")


def _subject(actor: Actor) -> str:
    return f"telegram.{actor.number}"
