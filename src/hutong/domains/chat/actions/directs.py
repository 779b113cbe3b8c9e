"""Conversations between two."""

from typing import Protocol, runtime_checkable

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import Account, NoSuchAccount, get_account
from hutong.infra.limits import Allowance, spend_within
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits

from ..errors import DirectWithOneself, OutOfReach
from ..facts import DirectOpened
from ..models import Chat, Direct, Member
from ..queries import groups_in_common
from .changes import tell_account
from .seats import give_seat

__all__ = ["MayTalk", "open_direct"]


@runtime_checkable
class MayTalk(Protocol):
    """What those further up have to say about a person, or a bot, who talks with a bot in twos. Raises where they may
    not."""

    async def __call__(self, session: AsyncSession, one: int, other: int) -> None: ...


async def open_direct(
    session: AsyncSession, actor: Actor, number: int, *, may_talk: MayTalk, clock: Clock, limits: Limits
) -> tuple[int, bool]:
    """The chat of the actor and the account ``number``, and whether it is new.

    Both get their seat at once, so that the first words reach the other side like any others; but until something has
    been said the conversation is in the list of whoever opened it only. The other's ``reach`` decides whether it may
    be opened, and with a bot ``may_talk``; one that exists stays open. Raises ``DirectWithOneself``, ``NoSuchAccount``,
    ``OutOfReach``, ``TooMany``, and what ``may_talk`` raises.
    """
    if number == actor.number:
        raise DirectWithOneself
    low, high = sorted((actor.number, number))
    chat_id = await session.scalar(select(Direct.chat_id).where(Direct.low_number == low, Direct.high_number == high))
    if chat_id is not None:
        mine = await session.get(Member, (chat_id, actor.number), with_for_update=True)
        if mine is not None and mine.invited_by is not None:
            mine.invited_by = None
            tell_account(session, actor.number, "seated", chat=chat_id)
        return chat_id, False
    other = await get_account(session, number)
    if other.state != "active":
        raise NoSuchAccount
    with_bot = actor.is_bot or other.kind == "bot"
    if with_bot:
        await may_talk(session, actor.number, number)
    await _check_reach(session, actor, other, clock, limits)
    new_id: int = (await session.execute(text("SELECT nextval('chat_numbers')"))).scalar_one()
    made = await session.scalar(
        insert(Direct)
        .values(low_number=low, high_number=high, chat_id=new_id)
        .on_conflict_do_nothing()
        .returning(Direct.chat_id)
    )
    if made is None:
        # The other side has opened it in the same moment, and is done now.
        return await open_direct(session, actor, number, may_talk=may_talk, clock=clock, limits=limits)
    now = clock()
    session.add(Chat(chat_id=new_id, kind="direct", with_bot=with_bot, created_at=now))
    await session.flush()
    await give_seat(session, new_id, actor.number, "member", now)
    await give_seat(session, new_id, number, "member", now, invited_by=actor.number)
    publish(session, DirectOpened(chat=new_id, by=actor.number, to=number))
    return new_id, True


async def _check_reach(session: AsyncSession, actor: Actor, other: Account, clock: Clock, limits: Limits) -> None:
    is_stranger = not await groups_in_common(session, actor.number, other.number)
    if other.reach == "nobody" or (other.reach == "groups" and is_stranger):
        raise OutOfReach
    if is_stranger:
        daily = Allowance("chat.open_direct", limits.directs_with_strangers_per_day_max, 86_400)
        await spend_within(session, daily, str(actor.number), clock=clock)
