"""Buttons and forms of bots: who presses one tells the bot, and the bot answers whoever has pressed, once."""

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import (
    Buttons,
    Form,
    Spoken,
    account_subject,
    chat_places,
    filled_in,
    people_in,
    unseated_among,
    visible_message,
)
from hutong.infra.db import say_after_commit
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.ids import new_code
from hutong.settings import Limits

from ..errors import NoSuchBot, NoSuchButton, NoSuchPress, NotYourButton, PressAnswered
from ..models import Press
from ..queries import bot_with_app
from ..schemas import AnswerDraft, PressDraft
from .admitting import check_sandbox, check_state, check_talk
from .hearing import tell_bot

__all__ = ["answer_press", "press_button", "sweep_presses"]

_ID_CHARS = 20
_SWEPT_AT_ONCE_MAX = 5_000


async def press_button(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, draft: PressDraft, *, clock: Clock, limits: Limits
) -> str:
    """Tells the bot that said the message of a button that is pressed, or of a form that is sent, whatever its scopes
    are. Returns the id of the press; under the same key it is the same, and the bot hears nothing again. Raises
    ``NoSuchChat``, ``NoSuchMessage``, ``NoSuchButton``, ``NotYourButton``, ``BadAnswer``, and ``NoSuchBot``,
    ``AppSuspended``, ``SandboxIsFull``, ``SandboxIsForTesters`` where the bot hears nothing here."""
    said = await visible_message(session, actor.number, chat_id, seq)
    mine = (Press.bot_number == said.sender, Press.by_number == actor.number, Press.key == draft.key)
    earlier: str | None = await session.scalar(select(Press.press_id).where(*mine))
    if earlier is not None:
        return earlier
    values = _meant(said, actor.number, draft)
    await _check_hears(session, said.sender, actor.number, chat_id, limits)
    now = clock()
    noted: str | None = await session.scalar(
        upsert(Press)
        .values(
            bot_number=said.sender,
            press_id=new_code(_ID_CHARS),
            by_number=actor.number,
            key=draft.key,
            chat_id=chat_id,
            seq=seq,
            pressed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["bot_number", "by_number", "key"])
        .returning(Press.press_id)
    )
    if noted is None:
        # The same was sent twice at once.
        return str(await session.scalar(select(Press.press_id).where(*mine)))
    frame: dict[str, Any] = {"on": "pressed", "chat": chat_id, "seq": seq, "press": noted}
    frame |= {"by": (await people_in(session, chat_id, [actor.number]))[actor.number], "data": draft.button}
    frame |= ({} if values is None else {"values": values}) | {"at": iso_utc(now)}
    await tell_bot(session, said.sender, chat_id, frame, now)
    return noted


async def _check_hears(session: AsyncSession, number: int, by: int, chat_id: int, limits: Limits) -> None:
    _, app = await bot_with_app(session, number)
    check_state(app)
    # Its install may stay a moment longer than its seat.
    if await unseated_among(session, [(chat_id, number)]):
        raise NoSuchBot
    await check_sandbox(session, app, chat_id, limits)
    (place,) = await chat_places(session, number, [chat_id])
    if place.kind == "direct":
        await check_talk(session, number, by)


def _meant(said: Spoken, number: int, draft: PressDraft) -> dict[str, str | int | float] | None:
    """What was filled in, where the press is of a form; None where it is of a button. Raises where it is of neither."""
    rows = [row for part in said.parts if isinstance(part, Buttons) for row in part.rows]
    buttons = [button for row in rows for button in row if button.data == draft.button]
    forms = [part for part in said.parts if isinstance(part, Form) and part.data == draft.button]
    found = buttons if draft.values is None else forms
    if not found:
        raise NoSuchButton
    open_to_me = [one for one in found if _is_for(one.who, number, said.viewer_leads)]
    if not open_to_me:
        raise NotYourButton
    form = open_to_me[0]
    return filled_in(form, draft.values or {}) if isinstance(form, Form) else None


def _is_for(who: str | list[int], number: int, leads: bool) -> bool:
    return who == "all" or (leads if who == "admins" else number in who)


async def answer_press(session: AsyncSession, actor: Actor, press_id: str, draft: AnswerDraft, *, clock: Clock) -> None:
    """Tells whoever has pressed, on all devices, what the bot has to say to it. Raises ``NoSuchPress``,
    ``PressAnswered``."""
    press = await session.get(Press, (actor.number, press_id), with_for_update=True)
    if press is None:
        raise NoSuchPress
    if press.answered_at is not None:
        raise PressAnswered
    press.answered_at = clock()
    frame = {"on": "answered", "chat": press.chat_id, "seq": press.seq, "press": press_id, "bot": actor.number}
    frame |= msgspec.structs.asdict(draft)
    say_after_commit(session, account_subject(press.by_number), msgspec.json.encode(frame))


_SWEEP = text(
    "DELETE FROM openplatform_press WHERE (bot_number, press_id) IN ("
    "SELECT bot_number, press_id FROM openplatform_press WHERE pressed_at < :before LIMIT :limit)"
)


async def sweep_presses(session: AsyncSession, *, clock: Clock, limits: Limits) -> bool:
    """Forgets some of the presses that are as old as events may be. Returns whether there may be more."""
    before = clock() - timedelta(days=limits.bot_events_kept_days)
    swept = await session.execute(_SWEEP, {"before": before, "limit": _SWEPT_AT_ONCE_MAX})
    return getattr(swept, "rowcount", 0) == _SWEPT_AT_ONCE_MAX
