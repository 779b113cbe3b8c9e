"""People come into a group and leave it, or are muted in it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.errors import Invalid

from ..errors import CannotLeaveAsOwner, GroupIsFull, NoSuchChat, NotAllowed
from ..facts import MemberJoined, MemberLeft
from ..models import Chat, Group, Member
from ..queries import governed_group, visible_group
from ..schemas import JoinDraft, JoinView
from .changes import tell_change
from .seats import give_seat, take_seat_away

__all__ = ["join_group", "leave_group", "mute_all", "mute_member", "remove_member"]

_MUTE_DAYS_MAX = 365


async def join_group(session: AsyncSession, actor: Actor, chat_id: int, draft: JoinDraft, *, clock: Clock) -> JoinView:
    """Joins, or asks to where the group wants that. Joining again changes nothing."""
    await session.execute(select(Chat.chat_id).where(Chat.chat_id == chat_id).with_for_update())
    group, _, member = await visible_group(session, actor.number, chat_id)
    if member is not None:
        return JoinView("joined", chat_id)
    if group.join_mode != "open":
        raise NotAllowed
    await admit(session, group, actor.number, clock(), invited_by=None)
    return JoinView("joined", chat_id)


async def admit(session: AsyncSession, group: Group, number: int, at: datetime, *, invited_by: int | None) -> None:
    """Seats somebody in a group whose chat is locked. Raises ``GroupIsFull``."""
    if group.members >= group.capacity:
        raise GroupIsFull(capacity=group.capacity)
    group.members += 1
    await give_seat(session, group.chat_id, number, "member", at, invited_by=invited_by)
    name = (await names_of(session, [number]))[number].nickname
    await tell_change(
        session,
        group.chat_id,
        "joined",
        at,
        of_members=True,
        number=number,
        name=name,
        role="member",
        members=group.members,
    )
    publish(session, MemberJoined(chat=group.chat_id, number=number, invited_by=invited_by))


async def leave_group(session: AsyncSession, actor: Actor, chat_id: int, *, clock: Clock) -> None:
    group, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin", "member")
    if member.role == "owner":
        raise CannotLeaveAsOwner
    await _unseat(session, group, actor.number, clock(), removed_by=None)


async def remove_member(session: AsyncSession, actor: Actor, chat_id: int, number: int, *, clock: Clock) -> None:
    """Removes somebody of a lower role. When this is answered nothing said later reaches them."""
    group, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    await _subordinate(session, member, number)
    await _unseat(session, group, number, clock(), removed_by=actor.number)


async def mute_member(
    session: AsyncSession, actor: Actor, chat_id: int, number: int, minutes: int, *, clock: Clock
) -> None:
    """Silences a member for ``minutes``; 0 lets them speak again."""
    if not 0 <= minutes <= _MUTE_DAYS_MAX * 24 * 60:
        raise Invalid(reason=f"somebody can be muted for at most {_MUTE_DAYS_MAX} days")
    _, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    muted = await _subordinate(session, member, number)
    now = clock()
    muted.muted_until = now + timedelta(minutes=minutes) if minutes else None
    await session.flush()
    until = iso_utc(muted.muted_until) if muted.muted_until else None
    await tell_change(session, chat_id, "muted", now, of_members=True, number=number, until=until, by=actor.number)


async def mute_all(session: AsyncSession, actor: Actor, chat_id: int, *, muted: bool, clock: Clock) -> None:
    """Lets only the owner and the admins speak, or everybody again."""
    _, chat, _ = await governed_group(session, actor.number, chat_id, "owner", "admin")
    if chat.muted_all == muted:
        return
    chat.muted_all = muted
    await session.flush()
    await tell_change(session, chat_id, "muted", clock(), of_members=True, all=muted, by=actor.number)


async def _subordinate(session: AsyncSession, actor: Member, number: int) -> Member:
    member = await session.get(Member, (actor.chat_id, number))
    if member is None:
        raise NoSuchChat
    if member.role == "owner" or (member.role == "admin" and actor.role != "owner"):
        raise NotAllowed
    return member


async def _unseat(session: AsyncSession, group: Group, number: int, at: datetime, *, removed_by: int | None) -> None:
    name = (await names_of(session, [number]))[number].nickname
    group.members -= 1
    await session.flush()
    await take_seat_away(session, group.chat_id, number)
    body: dict[str, object] = {"number": number, "name": name, "members": group.members}
    if removed_by is not None:
        body["removed_by"] = removed_by
    await tell_change(session, group.chat_id, "left", at, of_members=True, **body)
    publish(session, MemberLeft(chat=group.chat_id, number=number, removed_by=removed_by))
