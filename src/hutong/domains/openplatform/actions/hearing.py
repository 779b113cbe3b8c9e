"""Events: what happens in the conversations that bots are in, written down for each bot that is to hear of it.

A conversation with bots in it is followed by its own numbers: whatever lies between those noted in ``Followed`` and the
newest becomes events, in one transaction that notes how far that went. So it does not matter how often, or how late,
somebody looks: nothing is left out and nothing comes twice. Events of a bot are dense, and told to whoever listens on
``bot.<number>`` once they are committed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import (
    Ahead,
    changes_ahead,
    counters_of_many,
    messages_ahead,
    pack_messages,
    senders_among,
    sizes_of,
    unseated_among,
)
from hutong.domains.identity import handles_of
from hutong.infra.db import say_after_commit
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..commands import NO_CALLSIGNS, Callsigns
from ..models import App, Followed, Install
from ..queries import command_names_of
from ..scopes import Moment, hears, moment_of
from .recalls import note_recalls

__all__ = ["CHATS_AT_ONCE_MAX", "bring_events", "follow_chat", "hold_bots", "tell_bot", "unfollow_empty"]

CHATS_AT_ONCE_MAX = 50

_AT_ONCE_MAX = 200

# Bots are in many chats, and chats may be looked at side by side: the rows are locked in one order.
_LOCK = text(
    "SELECT bot_number FROM openplatform_bot WHERE bot_number = ANY (CAST(:numbers AS bigint[])) "
    "ORDER BY bot_number FOR NO KEY UPDATE"
)
_RAISE = text(
    """
    UPDATE openplatform_bot AS b SET last_event = b.last_event + u.n
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:counts AS bigint[])) AS u (number, n)
    WHERE b.bot_number = u.number RETURNING b.bot_number, b.last_event
    """
)
_WRITE = text(
    """
    INSERT INTO openplatform_event (bot_number, event, chat_id, told, seq, frame, at)
    SELECT u.number, u.event, u.chat, u.told, nullif(u.seq, 0), u.frame, :at
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:events AS bigint[]), CAST(:chats AS bigint[]),
      CAST(:told AS text[]), CAST(:seqs AS bigint[]), CAST(:frames AS text[]))
      AS u (number, event, chat, told, seq, frame)
    """
)
_MOVE = text(
    """
    UPDATE openplatform_followed AS f SET last_seq = u.seq, last_rev = u.rev
    FROM unnest(CAST(:chats AS bigint[]), CAST(:seqs AS bigint[]), CAST(:revs AS bigint[])) AS u (chat, seq, rev)
    WHERE f.chat_id = u.chat
    """
)


class _Ear(NamedTuple):
    """A bot that is in a chat and may hear there what its scopes say."""

    chat: int
    number: int
    scopes: Collection[str]


class _Due(NamedTuple):
    """A frame of a chat that may become events."""

    chat: int
    moment: Moment
    frame: bytes


async def follow_chat(session: AsyncSession, chat_id: int, *, from_the_beginning: bool = False) -> None:
    """Follows a chat from here on, and keeps others from noting how far they have looked until the transaction ends.
    Nothing happens where somebody follows it already."""
    counters = (await counters_of_many(session, [chat_id])).get(chat_id)
    seq, rev = (0, 0) if from_the_beginning or counters is None else (counters.last_seq, counters.last_rev)
    while True:
        row = upsert(Followed).values(chat_id=chat_id, last_seq=seq, last_rev=rev)
        await session.execute(row.on_conflict_do_nothing())
        # Whoever else let the last bot out may have taken the row away since.
        if await session.get(Followed, chat_id, with_for_update=True, populate_existing=True) is not None:
            return


async def unfollow_empty(session: AsyncSession, chat_id: int) -> None:
    """Follows a chat no more if no bot is left in it. The caller holds its row of ``Followed``."""
    if await session.scalar(select(Install.bot_number).where(Install.chat_id == chat_id).limit(1)) is None:
        await session.execute(delete(Followed).where(Followed.chat_id == chat_id))


async def bring_events(session: AsyncSession, chats: Collection[int], *, clock: Clock, limits: Limits) -> set[int]:
    """Writes down for their bots what has happened in chats since the last time, and returns those in which there is
    more."""
    rows = select(Followed.chat_id, Followed.last_seq, Followed.last_rev).where(Followed.chat_id.in_(chats))
    followed = (await session.execute(rows.order_by(Followed.chat_id).with_for_update())).all()
    if not followed:
        return set()
    seqs = {row.chat_id: row.last_seq for row in followed}
    revs = {row.chat_id: row.last_rev for row in followed}
    messages = await messages_ahead(session, seqs, limit=_AT_ONCE_MAX)
    changes = await changes_ahead(session, revs, limit=_AT_ONCE_MAX)
    due: list[_Due] = []
    more: set[int] = set()
    for chat_id in list(seqs):
        said, changed, is_more = _together(messages.get(chat_id, []), changes.get(chat_id, []))
        due += [_Due(chat_id, moment_of(frame), frame) for frame in _in_time(said, changed)]
        seqs[chat_id] = said[-1].number if said else seqs[chat_id]
        revs[chat_id] = changed[-1].number if changed else revs[chat_id]
        if is_more:
            more.add(chat_id)
    if due:
        now = clock()
        await _tell_bots(session, await _who_hears(session, due, limits), now)
        await note_recalls(session, [(one.chat, one.moment) for one in due], now, limits)
    told = {"chats": list(seqs), "seqs": list(seqs.values()), "revs": [revs[one] for one in seqs]}
    await session.execute(_MOVE, told)
    return more


def _together(messages: list[Ahead], changes: list[Ahead]) -> tuple[list[Ahead], list[Ahead], bool]:
    """What may be told now, and whether there is more. Where only the beginning of one kind was read, the other goes
    no further than that: a message comes before a change of the same moment."""
    said, changed = messages, changes
    if len(messages) == _AT_ONCE_MAX:
        changed = [one for one in changes if one.at < messages[-1].at]
    if len(changes) == _AT_ONCE_MAX:
        said = [one for one in messages if one.at <= changes[-1].at]
    return said, changed, _AT_ONCE_MAX in (len(messages), len(changes))


def _in_time(messages: list[Ahead], changes: list[Ahead]) -> list[bytes]:
    """Both in one row by the moment, each kind in its own order; a message comes before a change of the same moment."""
    merged: list[bytes] = []
    rest = changes[::-1]
    for message in messages:
        while rest and rest[-1].at < message.at:
            merged.append(rest.pop().frame)
        merged.append(message.frame)
    return merged + [change.frame for change in reversed(rest)]


async def _who_hears(session: AsyncSession, due: Sequence[_Due], limits: Limits) -> dict[int, list[_Due]]:
    """What each bot is to hear, in the order of ``due``."""
    ears = await _ears_in(session, {one.chat for one in due}, limits)
    all_ears = [ear for some in ears.values() for ear in some]
    unseated = await unseated_among(session, [(ear.chat, ear.number) for ear in all_ears])
    replied = {(one.chat, seq) for one in due for seq in one.moment.answers}
    said_by = await senders_among(session, sorted(replied))
    signs = await _signs_of(session, all_ears, due)
    heard: dict[int, list[_Due]] = {}
    for one in due:
        replied_to = {seq: said_by.get((one.chat, seq)) for seq in one.moment.answers}
        for _, number, scopes in ears.get(one.chat, ()):
            if unseated and (one.chat, number) in unseated:
                # The last words that a bot hears of a chat: that it has no seat there any more.
                is_heard = one.moment.on == "dissolved" or (one.moment.on == "left" and one.moment.number == number)
            else:
                own = [seq for seq, said in replied_to.items() if said == number] if replied_to else ()
                is_heard = hears(one.moment, number, scopes, own, signs.get(number, NO_CALLSIGNS))
            if is_heard:
                heard.setdefault(number, []).append(one)
    return heard


async def _signs_of(session: AsyncSession, ears: Sequence[_Ear], due: Sequence[_Due]) -> dict[int, Callsigns]:
    """What bots that read what is meant for them can be called by. Nothing is read where no message is a command."""
    if all(one.moment.command is None for one in due):
        return {}
    numbers = {ear.number for ear in ears if "read_mentions" in ear.scopes}
    commands, handles = await command_names_of(session, numbers), await handles_of(session, numbers)
    return {number: Callsigns(handles.get(number), commands.get(number, ())) for number in numbers}


async def _ears_in(session: AsyncSession, chats: Collection[int], limits: Limits) -> dict[int, list[_Ear]]:
    """The bots in these chats that may hear: not those of suspended apps, nor of apps in the sandbox where the group
    has outgrown it."""
    rows = await session.execute(
        select(Install.chat_id, Install.bot_number, Install.scopes, App.state)
        .join(App, App.app_id == Install.app_id)
        .where(Install.chat_id.in_(chats), App.state.in_(("sandbox", "reviewed")))
        .order_by(Install.chat_id, Install.bot_number)
    )
    found = rows.all()
    small = [row.chat_id for row in found if row.state == "sandbox"]
    sizes = await sizes_of(session, small) if small else {}
    ears: dict[int, list[_Ear]] = {}
    for chat_id, number, scopes, state in found:
        if state == "reviewed" or sizes.get(chat_id, 0) <= limits.sandbox_members_max:
            ears.setdefault(chat_id, []).append(_Ear(chat_id, number, scopes))
    return ears


async def hold_bots(session: AsyncSession, numbers: Collection[int]) -> None:
    """Keeps others from telling these bots anything until the transaction ends. Whoever is going to tell several, one
    after the other, holds them all first."""
    await session.execute(_LOCK, {"numbers": sorted(numbers)})


async def _tell_bots(session: AsyncSession, heard: Mapping[int, Sequence[_Due]], at: datetime) -> None:
    """Writes these events down under the next numbers of each bot. A bot that is no more hears nothing."""
    if not heard:
        return
    numbers = sorted(heard)
    await hold_bots(session, numbers)
    counts = [len(heard[number]) for number in numbers]
    last = {row[0]: row[1] for row in await session.execute(_RAISE, {"numbers": numbers, "counts": counts})}
    columns: dict[str, list[Any]] = {name: [] for name in ("numbers", "events", "chats", "told", "seqs", "frames")}
    for number, newest in last.items():
        due = heard[number]
        first = newest - len(due) + 1
        frames: list[bytes] = []
        for event, one in enumerate(due, first):
            frame = b'{"event":%d,' % event + one.frame[1:]
            frames.append(frame)
            columns["numbers"].append(number)
            columns["events"].append(event)
            columns["chats"].append(one.chat)
            columns["told"].append(one.moment.on)
            columns["seqs"].append(one.moment.seq)
            columns["frames"].append(frame.decode())
        for parcel in pack_messages(first, 0, 0, frames):
            say_after_commit(session, f"bot.{number}", parcel)
    await session.execute(_WRITE, columns | {"at": at})


async def tell_bot(session: AsyncSession, number: int, chat_id: int, frame: dict[str, object], at: datetime) -> None:
    """Something that concerns one bot alone, said as ``frame``."""
    encoded = msgspec.json.encode(frame)
    await _tell_bots(session, {number: [_Due(chat_id, moment_of(encoded), encoded)]}, at)
