"""What happens to bots behind the scenes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import DirectOpened, GroupDissolved, JoinRequested, MemberLeft
from hutong.infra.db import Database
from hutong.infra.jobs import Subscriber, Task, mark_handled
from hutong.kit.clock import Clock
from hutong.settings import Limits

from .actions import (
    CHATS_AT_ONCE_MAX,
    bring_events,
    clear_away,
    clear_outlets,
    compare_seats,
    follow_direct,
    forget_bots_of,
    forget_install,
    forget_recalled,
    sweep_bookmarks,
    sweep_deliveries,
    sweep_events,
    sweep_presses,
    sweep_sign_ins,
    tell_of_request,
)
from .queries import bots_after, followed_ahead

__all__ = [
    "RECALLED_EMPTIED_EVERY_S",
    "SEATS_COMPARED_EVERY_S",
    "SWEPT_EVERY_S",
    "bot_seats",
    "bring_bot_events",
    "compare_bot_seats",
    "empty_recalled",
    "sweep_bot_events",
    "sweep_given",
]

RECALLED_EMPTIED_EVERY_S = 5
SWEPT_EVERY_S = 20
SEATS_COMPARED_EVERY_S = 3_600

_NOBODY_LOOKED_EVERY_S = 1.0
_LOOKED_EVERY_S = 0.1
_LOOKED_WHILE_BUSY_EVERY_S = 0.03
_SIDE_BY_SIDE = 2


async def bring_bot_events(database: Database, *, clock: Clock, limits: Limits) -> float:
    """Writes down what has happened in the conversations with bots. Returns how many seconds to wait for the next
    look: hardly any where something happens, and many where no bots are.

    They are compared with the counters of their chats, so nothing must be said on any bus for a bot to hear, and a
    hutong without bots pays nothing. What a look costs grows with the number of conversations that have bots in them.
    """
    began_at = time.monotonic()
    async with database.transaction() as session:
        ahead = await followed_ahead(session)
    if ahead is None:
        return _NOBODY_LOOKED_EVERY_S
    if not ahead:
        # Looking in vain takes no more than half of the time.
        return max(_LOOKED_EVERY_S, time.monotonic() - began_at)
    await _bring(database, ahead, clock, limits)
    return max(0.0, began_at + _LOOKED_WHILE_BUSY_EVERY_S - time.monotonic())


async def _bring(database: Database, chats: Sequence[int], clock: Clock, limits: Limits) -> None:
    """Some portions of them side by side: while one waits for the database, another is being thought about."""
    waiting = list(chats)

    async def take_some() -> None:
        while waiting:
            some = waiting[:CHATS_AT_ONCE_MAX]
            del waiting[:CHATS_AT_ONCE_MAX]
            async with database.transaction() as session:
                waiting.extend(sorted(await bring_events(session, some, clock=clock, limits=limits)))

    async with asyncio.TaskGroup() as lanes:
        for _ in range(min(_SIDE_BY_SIDE, -(-len(waiting) // CHATS_AT_ONCE_MAX))):
            lanes.create_task(take_some())


def bot_seats(database: Database, *, clock: Clock, limits: Limits) -> Subscriber:
    """Lets bots into conversations that are opened with them, forgets them where they have left, and tells them who
    asks to join."""

    async def handle(task: Task) -> None:
        match task.topic:
            case "chat.DirectOpened":
                opened = task.read(DirectOpened)
                async with database.transaction() as session:
                    await follow_direct(session, opened.chat, opened.by, opened.to, clock=clock)
            case "chat.MemberLeft":
                left = task.read(MemberLeft)
                await _bring(database, [left.chat], clock, limits)
                async with database.transaction() as session:
                    await forget_install(session, left.chat, left.number)
            case "chat.GroupDissolved":
                chat_id = task.read(GroupDissolved).chat
                await _bring(database, [chat_id], clock, limits)
                async with database.transaction() as session:
                    await forget_bots_of(session, chat_id)

            case "chat.JoinRequested":
                asked = task.read(JoinRequested)
                async with database.transaction() as session:
                    if await mark_handled(session, task, clock=clock):
                        await tell_of_request(session, asked.chat, asked.number, clock=clock)

    topics = ("chat.DirectOpened", "chat.MemberLeft", "chat.GroupDissolved", "chat.JoinRequested")
    return Subscriber("openplatform-seats", topics, handle)


async def empty_recalled(database: Database, *, clock: Clock) -> None:
    """Takes out what was recalled. Its grace is short, so this waits behind nothing that may take long."""
    await _until_done(database, partial(forget_recalled, clock=clock))


async def sweep_bot_events(database: Database, *, clock: Clock, limits: Limits) -> None:
    """Forgets what is old, and clears away what was given up."""
    await _until_done(database, partial(sweep_events, clock=clock, limits=limits))
    await _until_done(database, partial(sweep_presses, clock=clock, limits=limits))
    await _until_done(database, partial(sweep_deliveries, clock=clock, limits=limits))
    await _until_done(database, partial(sweep_bookmarks, clock=clock, limits=limits))
    await _until_done(database, clear_outlets)
    await _until_done(database, partial(clear_away, clock=clock))


async def _until_done(database: Database, some: Callable[[AsyncSession], Awaitable[bool]]) -> None:
    """Does some of it at a time, each in its own transaction, while there is more."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await some(session)


async def compare_bot_seats(database: Database, *, clock: Clock) -> None:
    """Makes up for words of seats that got lost, bot by bot."""
    last = 0
    while True:
        async with database.transaction() as session:
            numbers = await bots_after(session, last)
        for number in numbers:
            async with database.transaction() as session:
                await compare_seats(session, number, clock=clock)
        if not numbers:
            return
        last = numbers[-1]


async def sweep_given(database: Database, *, clock: Clock) -> None:
    """Forgets codes, tokens and signing keys whose time is over."""
    async with database.transaction() as session:
        await sweep_sign_ins(session, clock=clock)
