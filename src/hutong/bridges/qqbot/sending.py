"""Sending: in answer to something, or unasked; each answer once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from hutong.bridges.desk import Desk, Sent
from hutong.domains.chat import NoSuchMessage
from hutong.domains.openplatform import readable_message
from hutong.infra.limits import Allowance, spend
from hutong.kit.errors import TooMany

from .drafts import MessageBody, Where, segments_of
from .guests import Guest
from .refusals import BAD_FORM, LIMIT_EXCEEDED, SAID_ALREADY, Refusal
from .telling import read_frame

__all__ = ["group_of", "person_of", "recall", "say", "say_segments"]

_DAY_S = 86_400


async def group_of(desk: Desk, guest: Guest, openid: str) -> int:
    """The chat behind a ``group_openid``. Raises ``Refusal`` for what is not one, ``NotFound`` where the bot is not."""
    chat = guest.seals.chat_of(openid)
    if chat is None or (await desk.place(guest.actor, chat)).kind != "group":
        raise Refusal(BAD_FORM, "There is no such group_openid.")
    return chat


async def person_of(desk: Desk, guest: Guest, openid: str, answered: str | None = None) -> int:
    """The chat with the person behind an ``openid``, opened where there is none. What they said themselves, named by
    ``answered``, leads there, too. Raises ``Refusal``, and what ``open_direct`` raises."""
    number = guest.seals.account_of(openid)
    if number is None:
        raise Refusal(BAD_FORM, "There is no such openid.")
    place = guest.seals.message_of(answered) if answered else None
    if place is not None:
        peer = (await desk.place(guest.actor, place[0])).peer
        if peer is not None and peer.number == number:
            return place[0]
    return await desk.direct_with(guest.actor, number)


async def say(desk: Desk, guest: Guest, chat: int, body: MessageBody, where: Where) -> dict[str, Any]:
    """Sends a message. Raises ``Refusal``, and what ``Desk.send`` raises; then nothing counts."""
    segments = segments_of(body, guest.seals, guest.number, where)
    if body.msg_id:
        return await _answer(desk, guest, chat, body.msg_id, body.msg_seq or 1, segments)
    if body.event_id:
        return await _answer_dispatch(desk, guest, chat, body.event_id, segments)
    return await say_segments(desk, guest, chat, segments)


async def say_segments(desk: Desk, guest: Guest, chat: int, segments: list[dict[str, Any]]) -> dict[str, Any]:
    """Sends something unasked, which is bounded by the day."""
    unasked = Allowance("qqbot.unasked", desk.limits.qqbot_unasked_per_chat_day_max, _DAY_S)
    async with _counted(desk, unasked, f"{guest.number}:{chat}", LIMIT_EXCEEDED, "Too much was said unasked today."):
        return _sent(guest, await desk.send(guest.actor, chat, segments))


async def _answer(
    desk: Desk, guest: Guest, chat: int, msg_id: str, msg_seq: int, segments: list[dict[str, Any]]
) -> dict[str, Any]:
    place = guest.seals.message_of(msg_id)
    if place is None or place[0] != chat:
        raise Refusal(BAD_FORM, "msg_id names no message of this conversation.")
    await _check_age(desk, guest, *place)
    name = f"{guest.number}:{chat}:{place[1]}"
    once = Allowance("qqbot.said", 1, _DAY_S)
    async with (
        _counted(desk, once, f"{name}:{msg_seq}", SAID_ALREADY, "消息被去重，请检查请求msgseq", 400),
        _counted(desk, _replies(desk), name, LIMIT_EXCEEDED, "This message was answered too often."),
    ):
        return _sent(guest, await desk.send(guest.actor, chat, segments, key=f"qqbot:{place[1]}:{msg_seq}"))


async def _answer_dispatch(
    desk: Desk, guest: Guest, chat: int, event_id: str, segments: list[dict[str, Any]]
) -> dict[str, Any]:
    found = guest.seals.dispatch_of(event_id)
    if found is None or found[1] != chat:
        raise Refusal(BAD_FORM, "event_id names no event of this conversation.")
    name = f"{guest.number}:e{found[2]}"
    async with _counted(desk, _replies(desk), name, LIMIT_EXCEEDED, "This event was answered too often."):
        return _sent(guest, await desk.send(guest.actor, chat, segments))


async def recall(desk: Desk, guest: Guest, chat: int, name: str) -> None:
    """Takes back what the bot has said. Raises ``Refusal``, and what ``Desk.recall`` raises."""
    place = guest.seals.message_of(name)
    if place is None or place[0] != chat:
        raise Refusal(BAD_FORM, "There is no such message in this conversation.")
    await desk.recall(guest.actor, *place)


async def _check_age(desk: Desk, guest: Guest, chat: int, seq: int) -> None:
    try:
        async with desk.database.transaction() as session:
            said = read_frame(await readable_message(session, guest.number, chat, seq))
    except NoSuchMessage as error:
        raise Refusal(BAD_FORM, "msg_id names no message of this conversation.") from error
    age = desk.clock() - datetime.fromisoformat(said.at)
    if age.total_seconds() > desk.limits.qqbot_reply_window_s:
        raise Refusal(LIMIT_EXCEEDED, "This message is too old to be answered.")


def _replies(desk: Desk) -> Allowance:
    return Allowance("qqbot.replies", desk.limits.qqbot_replies_per_message_max, _DAY_S)


@asynccontextmanager
async def _counted(
    desk: Desk, allowance: Allowance, who: str, code: int, message: str, status: int = HTTPStatus.TOO_MANY_REQUESTS
) -> AsyncGenerator[None]:
    """Counts what is done inside, before it is done, and not where it could not be, whatever was in the way. Raises
    ``Refusal`` where there is nothing left of the allowance."""
    try:
        await spend(desk.database, allowance, who, clock=desk.clock)
    except TooMany as error:
        raise Refusal(code, message, status) from error
    try:
        yield
    except BaseException:
        # Also where the database has failed, or whoever asked has hung up: a bot asks again under the same number.
        await spend(desk.database, allowance, who, count=-1, clock=desk.clock)
        raise


def _sent(guest: Guest, sent: Sent) -> dict[str, Any]:
    seals = guest.seals
    return {
        "id": seals.message(sent.chat, sent.seq),
        "timestamp": sent.at,
        "ext_info": {"ref_idx": seals.reference(sent.chat, sent.seq)},
    }
