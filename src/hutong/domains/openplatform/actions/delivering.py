"""Deliveries: what is due through the outlets, who brings it, and what became of it.

Whoever delivers takes an outlet for a while, so that the events of one go one after the other. As long as nobody
answers at the other end, the outlet waits, and what happens meanwhile waits behind it: a bot that was down for an hour
gets its hour in order. A bot that answers, and refuses one event again and again, gets the others meanwhile.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    any_,
    case,
    delete,
    func,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.notifications import notify
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..backoff import is_given_up, next_try
from ..models import LINES, App, Bot, Delivery, DeliveryState, Outlet
from ..queries import Letter

__all__ = [
    "LEASED_FOR_S",
    "Outcome",
    "Served",
    "Taken",
    "clear_outlets",
    "forget_outlets",
    "forget_told_addresses",
    "letters_for",
    "note_outcomes",
    "sweep_deliveries",
    "take_outlets",
]

LEASED_FOR_S = 120

_LETTERS_AT_ONCE_MAX = 20
_SWEPT_AT_ONCE_MAX = 10_000
_REFUSED_IN_A_ROW_MAX = 3
_FAILED_HERE_MAX = 3
_ERROR_CHARS_MAX = 500
_NOTHING_SENT_WAIT_S = 1

_NOT_KEPT = text(
    """
    UPDATE openplatform_delivery AS d SET state = 'dead', next_at = NULL
    WHERE d.state = 'waiting' AND NOT EXISTS (
      SELECT 1 FROM openplatform_event e WHERE e.bot_number = d.bot_number AND e.event = d.event)
    """
)
_WAITING = text(
    """
    SELECT u.bot, u.outlet, x.* FROM
      unnest(CAST(:bots AS bigint[]), CAST(:outlets AS bigint[])) AS u (bot, outlet)
    CROSS JOIN LATERAL (
      SELECT e.event, e.frame, e.at, d.delivery_id FROM openplatform_delivery d
      JOIN openplatform_event e ON e.bot_number = d.bot_number AND e.event = d.event
      WHERE d.bot_number = u.bot AND d.outlet_id = u.outlet AND d.state = 'waiting' AND d.next_at <= :now
      ORDER BY d.next_at LIMIT :limit) x
    """
)
_FRESH = text(
    """
    SELECT u.bot, u.outlet, x.*, CAST(NULL AS bigint) AS delivery_id FROM
      unnest(CAST(:bots AS bigint[]), CAST(:outlets AS bigint[]), CAST(:positions AS bigint[]))
        AS u (bot, outlet, position)
    CROSS JOIN LATERAL (
      SELECT e.event, e.frame, e.at FROM openplatform_event e
      WHERE e.bot_number = u.bot AND e.event > u.position ORDER BY e.event LIMIT :limit) x
    ORDER BY u.bot, u.outlet, x.event
    """
)
_SWEEP = text(
    "DELETE FROM openplatform_delivery WHERE (bot_number, delivery_id) IN ("
    "SELECT bot_number, delivery_id FROM openplatform_delivery WHERE at < :before LIMIT :limit)"
)


class Outcome(NamedTuple):
    """What became of a try. ``status`` is the answer's, None where there was none; ``error`` says in a sentence why it
    failed, and is empty where it did not; ``is_skipped`` that there was nothing to send; ``is_ours`` that it was never
    sent because something is wrong here."""

    letter: Letter
    status: int | None
    error: str
    took_ms: int
    is_skipped: bool = False
    is_ours: bool = False


class Served(NamedTuple):
    """An outlet as it was taken, and what became of its letters."""

    outlet: Outlet
    outcomes: Sequence[Outcome]


class Taken(NamedTuple):
    """An outlet that was taken, and whose app it is."""

    outlet: Outlet
    app_id: int


async def take_outlets(
    session: AsyncSession, *, clock: Clock, limit: int, held: Mapping[int, int] | None = None
) -> list[Taken]:
    """Some outlets for which something is due and which nobody else holds, each taken for ``LEASED_FOR_S``. The apps
    take turns, also with what whoever asks has of each in its hands already (``held``, by the app's number), and none
    gets more than it leaves room for others: a thousand addresses of one app that are slow to answer keep nobody else
    waiting."""
    now = clock()
    queue = _due(now, held or {}).subquery()
    turn = func.row_number().over(order_by=(queue.c.place, queue.c.next_at))
    turns = select(queue, turn.label("turn")).subquery()
    rows = (
        select(Outlet, turns.c.app_id)
        .join(turns, (turns.c.bot_number == Outlet.bot_number) & (turns.c.outlet_id == Outlet.outlet_id))
        # After ``turn`` of them, ``limit - turn`` are left: as many as the app of the last one has now, or more.
        .where(turns.c.place + turns.c.turn <= limit + 1, _is_free(now))
        .order_by(turns.c.turn)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Outlet)
    )
    taken = [Taken(outlet, app_id) for outlet, app_id in (await session.execute(rows)).all()]
    for one in taken:
        one.outlet.leased_until = now + timedelta(seconds=LEASED_FOR_S)
    await session.flush()
    return taken


def _due(now: datetime, held: Mapping[int, int]) -> Select[int, int, datetime, int, int]:
    """The outlets for which something is due. ``place`` is which of its app's each would be in the courier's hands, the
    longest due first."""
    resent = select(Delivery.delivery_id).where(
        Delivery.bot_number == Outlet.bot_number,
        Delivery.outlet_id == Outlet.outlet_id,
        Delivery.state == "waiting",
        Delivery.next_at <= now,
    )
    in_hand = case(dict(held), value=App.app_id, else_=0) if held else literal(0)
    place = func.row_number().over(partition_by=App.app_id, order_by=Outlet.next_at) + in_hand
    return (
        select(Outlet.bot_number, Outlet.outlet_id, Outlet.next_at, App.app_id, place.label("place"))
        .join(Bot, Bot.bot_number == Outlet.bot_number)
        .join(App, App.app_id == Bot.app_id)
        .where(
            Outlet.state == "on",
            Outlet.kind.not_in(LINES),
            Outlet.url != "",
            Outlet.next_at <= now,
            _is_free(now),
            (Outlet.position < Bot.last_event) | resent.exists(),
            Bot.dropped_at.is_(None),
            App.state.in_(("sandbox", "reviewed")),
        )
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    return (Outlet.leased_until.is_(None)) | (Outlet.leased_until <= now)


async def letters_for(
    session: AsyncSession, outlets: Sequence[Outlet], *, clock: Clock
) -> dict[tuple[int, int], list[Letter]]:
    """What is due through each of these outlets, by its bot and number: what waits for its turn, and then the next
    events."""
    asked = {
        "bots": [one.bot_number for one in outlets],
        "outlets": [one.outlet_id for one in outlets],
        "positions": [one.position for one in outlets],
        "now": clock(),
        "limit": _LETTERS_AT_ONCE_MAX,
    }
    letters: dict[tuple[int, int], list[Letter]] = {}
    for due in (_WAITING, _FRESH):
        for row in await session.execute(due, asked):
            letter = Letter(row.event, row.frame.encode(), row.at, row.delivery_id)
            letters.setdefault((row.bot, row.outlet), []).append(letter)
    return letters


async def note_outcomes(session: AsyncSession, served: Sequence[Served], *, clock: Clock, limits: Limits) -> None:
    """Writes down what became of the letters of these outlets, those of each in the order in which they were tried, and
    lets others take the outlets again."""
    rows = (
        select(Outlet)
        .where(
            Outlet.bot_number == any_(literal([one.outlet.bot_number for one in served], ARRAY(BigInteger))),
            Outlet.outlet_id == any_(literal([one.outlet.outlet_id for one in served], ARRAY(BigInteger))),
        )
        .order_by(Outlet.bot_number, Outlet.outlet_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {(row.bot_number, row.outlet_id): row for row in await session.scalars(rows)}
    for outlet, outcomes in served:
        row = found.get((outlet.bot_number, outlet.outlet_id))
        if row is not None:
            await _note_all(session, row, outlet, outcomes, clock, limits)
    await session.flush()


async def _note_all(
    session: AsyncSession, row: Outlet, taken: Outlet, outcomes: Sequence[Outcome], clock: Clock, limits: Limits
) -> None:
    # Somebody may have had it begin anew meanwhile; then it goes on from there.
    moves = row.position == taken.position
    for outcome in outcomes:
        if outcome.letter.delivery is not None:
            await _note_again(session, row, outcome, clock, limits)
            continue
        position = row.position
        if not outcome.error:
            row.position = outcome.letter.event
            row.tries, row.failing_since, row.last_error, row.warned = 0, None, "", False
            # Those come first who have waited longest.
            row.next_at = clock()
            if not outcome.is_skipped:
                _keep(session, row, outcome, "delivered", clock)
        else:
            _note_failure(session, row, outcome, clock, limits)
            await _warn(session, row, clock, limits)
        if not moves:
            row.position = position
    if not outcomes:
        # What was due is not kept any more, or nobody here knows how to send it: others come first.
        row.next_at = max(row.next_at, clock() + timedelta(seconds=_NOTHING_SENT_WAIT_S))
    # Whoever took it meanwhile, because this has lasted too long, keeps it.
    if row.leased_until == taken.leased_until:
        row.leased_until = None


async def _note_again(session: AsyncSession, row: Outlet, outcome: Outcome, clock: Clock, limits: Limits) -> None:
    delivery = await session.get(Delivery, (row.bot_number, outcome.letter.delivery), with_for_update=True)
    if delivery is None:
        return
    now = clock()
    delivery.tries += 1
    delivery.status, delivery.took_ms = outcome.status, outcome.took_ms
    delivery.error = outcome.error[:_ERROR_CHARS_MAX]
    if not outcome.error:
        delivery.state, delivery.next_at = "delivered", None
    elif _is_hopeless(outcome, delivery.tries) or is_given_up(delivery.at, now, limits.deliveries_tried_for_s):
        delivery.state, delivery.next_at = "dead", None
    else:
        delivery.next_at = next_try(delivery.tries, now, limits.delivery_wait_max_s)


def _note_failure(session: AsyncSession, row: Outlet, outcome: Outcome, clock: Clock, limits: Limits) -> None:
    now = clock()
    row.tries += 1
    row.failing_since = row.failing_since or now
    row.last_error = outcome.error[:_ERROR_CHARS_MAX]
    if _is_hopeless(outcome, row.tries):
        # Nobody there has failed, so the others go on.
        row.position = outcome.letter.event
        _keep(session, row, outcome, "dead", clock)
        row.tries, row.failing_since = 0, None
    elif is_given_up(max(row.failing_since, outcome.letter.at), now, limits.deliveries_tried_for_s):
        row.position = outcome.letter.event
        _keep(session, row, outcome, "dead", clock)
        row.next_at = now
    elif outcome.status is not None and row.tries >= _REFUSED_IN_A_ROW_MAX:
        waiting = _keep(session, row, outcome, "waiting", clock)
        waiting.next_at = next_try(row.tries, now, limits.delivery_wait_max_s)
        row.position = outcome.letter.event
        row.tries, row.failing_since = 0, None
    else:
        row.next_at = next_try(row.tries, now, limits.delivery_wait_max_s)


def _is_hopeless(outcome: Outcome, tries: int) -> bool:
    """Whether something here is in the way each time. A database that was away for a moment is tried again."""
    return outcome.is_ours and tries >= _FAILED_HERE_MAX


async def _warn(session: AsyncSession, row: Outlet, clock: Clock, limits: Limits) -> None:
    """Tells whose app it is, once, when nobody has answered for a while."""
    now = clock()
    if (
        row.warned
        or row.failing_since is None
        or now - row.failing_since < timedelta(seconds=limits.outlet_warned_after_s)
    ):
        return
    row.warned = True
    app = await session.scalar(select(App).join(Bot, Bot.app_id == App.app_id).where(Bot.bot_number == row.bot_number))
    if app is None or app.state == "dropped":
        # It was given up while it was being tried.
        return
    told = {"app": app.app_id, "bot": row.bot_number, "outlet": row.outlet_id, "url": row.url, "error": row.last_error}
    about = f"outlet:{row.outlet_id}"
    await notify(session, app.owner_number, "openplatform.outlet_failing", about, clock=clock, limits=limits, **told)


def _keep(session: AsyncSession, row: Outlet, outcome: Outcome, state: DeliveryState, clock: Clock) -> Delivery:
    kept = Delivery(
        bot_number=row.bot_number,
        outlet_id=row.outlet_id,
        event=outcome.letter.event,
        state=state,
        status=outcome.status,
        error=outcome.error[:_ERROR_CHARS_MAX],
        took_ms=outcome.took_ms,
        tries=row.tries + (0 if outcome.error else 1),
        at=clock(),
    )
    session.add(kept)
    return kept


async def sweep_deliveries(session: AsyncSession, *, clock: Clock, limits: Limits) -> bool:
    """Forgets what became of deliveries some days ago, and gives up what waits for its turn but is not kept any more.
    Returns whether there may be more."""
    await session.execute(_NOT_KEPT)
    before = clock() - timedelta(days=limits.deliveries_kept_days)
    swept = await session.execute(_SWEEP, {"before": before, "limit": _SWEPT_AT_ONCE_MAX})
    return bool(getattr(swept, "rowcount", 0) == _SWEPT_AT_ONCE_MAX)


async def forget_told_addresses(session: AsyncSession, number: int) -> None:
    """Sends nothing more to where the holder of a token has had events sent to: that may have been a thief."""
    of_tokens = update(Outlet).where(Outlet.bot_number == number, Outlet.kind == "telegram")
    await session.execute(of_tokens.values(url="", secret=""))


async def clear_outlets(session: AsyncSession) -> bool:
    """Forgets some of what became of deliveries through an outlet that was dropped, and it with the last of them.
    Returns whether there may be more."""
    wanted = select(Outlet).where(Outlet.dropped_at.is_not(None)).order_by(Outlet.dropped_at).limit(1)
    outlet = await session.scalar(wanted.with_for_update(skip_locked=True))
    if outlet is None:
        return False
    through = Delivery.bot_number == outlet.bot_number, Delivery.outlet_id == outlet.outlet_id
    if not await _forget_some(session, *through):
        await session.delete(outlet)
        await session.flush()
    return True


async def forget_outlets(session: AsyncSession, number: int) -> bool:
    """A bot is no more. Forgets some of what became of its deliveries, and returns whether there was any."""
    await session.execute(delete(Outlet).where(Outlet.bot_number == number))
    return await _forget_some(session, Delivery.bot_number == number)


async def _forget_some(session: AsyncSession, *which: ColumnElement[bool]) -> bool:
    some = select(Delivery.bot_number, Delivery.delivery_id).where(*which).limit(_SWEPT_AT_ONCE_MAX)
    key = tuple_(Delivery.bot_number, Delivery.delivery_id)
    gone = await session.execute(delete(Delivery).where(key.in_(some)).execution_options(synchronize_session=False))
    return bool(getattr(gone, "rowcount", 0))
