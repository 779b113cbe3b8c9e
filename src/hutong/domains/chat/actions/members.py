"""What becomes of a group's members: their roles and cards, their leaving, removal and bans."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.text import clean_line
from hutong.settings import Limits

from ..errors import AdminsFull, CannotLeaveAsOwner, NoSuchMember, NotAllowed, TextTooLong
from ..facts import MemberRoleChanged
from ..models import Ban, Member, Request, Role
from ..queries import governed_group, people_in, shown
from ..tiers import tier_of
from .changes import about, done_by, tell_change
from .seats import unseat

__all__ = ["leave_group", "lift_ban", "remove_member", "set_card", "set_role", "subordinate"]


async def leave_group(session: AsyncSession, actor: Actor, chat_id: int, *, clock: Clock) -> None:
    """The actor's own leaving. Raises ``CannotLeaveAsOwner``."""
    group, _, member = await governed_group(session, actor.number, chat_id)
    if member.role == "owner":
        raise CannotLeaveAsOwner
    await unseat(session, group, actor.number, clock())


async def remove_member(
    session: AsyncSession, actor: Actor, chat_id: int, number: int, *, ban: bool = False, clock: Clock
) -> None:
    """Removes somebody of a lower role, and with ``ban`` keeps them out; somebody who is not a member can be kept out
    too. When this is answered nothing said later reaches them. Raises ``NoSuchMember``."""
    group, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    now = clock()
    seated = await session.get(Member, (chat_id, number))
    if seated is None and not (ban and await names_of(session, [number])):
        raise NoSuchMember
    if ban:
        await _keep_out(session, chat_id, number, actor.number, now)
    if seated is not None:
        await subordinate(session, member, number)
        await unseat(session, group, number, now, removed_by=shown(actor, member), banned=ban)


async def _keep_out(session: AsyncSession, chat_id: int, number: int, by: int, at: datetime) -> None:
    await session.execute(delete(Request).where(Request.chat_id == chat_id, Request.account_number == number))
    await session.execute(
        upsert(Ban).values(chat_id=chat_id, account_number=number, banned_by=by, banned_at=at).on_conflict_do_nothing()
    )


async def lift_ban(session: AsyncSession, actor: Actor, chat_id: int, number: int) -> None:
    """Lets somebody ask to join again. Nothing happens to whom nobody keeps out."""
    await governed_group(session, actor.number, chat_id, "owner", "admin")
    await session.execute(delete(Ban).where(Ban.chat_id == chat_id, Ban.account_number == number))


async def set_role(
    session: AsyncSession, actor: Actor, chat_id: int, number: int, role: Role, *, clock: Clock
) -> Member:
    """Makes a member an admin or an admin a member, by the owner. Raises ``NoSuchMember``, ``AdminsFull``."""
    group, _, owner = await governed_group(session, actor.number, chat_id, "owner")
    member = await subordinate(session, owner, number)
    if member.role == role:
        return member
    if role == "admin":
        await _check_room_for_an_admin(session, chat_id, group.capacity)
    member.role = role
    await session.flush()
    person = (await people_in(session, chat_id, [number]))[number]
    body = about(person) | {"role": role} | done_by(shown(actor, owner))
    await tell_change(session, chat_id, "role", clock(), of_members=True, **body)
    publish(session, MemberRoleChanged(chat=chat_id, number=number, role=role, by=actor.number))
    return member


async def _check_room_for_an_admin(session: AsyncSession, chat_id: int, capacity: int) -> None:
    admins = select(func.count()).select_from(Member).where(Member.chat_id == chat_id, Member.role == "admin")
    tier = tier_of(capacity)
    admins_max = tier.admins_max if tier is not None else 0
    if (await session.scalar(admins) or 0) >= admins_max:
        raise AdminsFull(admins_max=admins_max)


async def set_card(
    session: AsyncSession, actor: Actor, chat_id: int, card: str, *, clock: Clock, limits: Limits
) -> Member:
    """How the actor is called in this group; an empty card leaves the nickname. Raises ``TextTooLong``."""
    _, _, member = await governed_group(session, actor.number, chat_id)
    kept = clean_line(card)
    if len(kept) > limits.name_chars_max:
        raise TextTooLong(field="card", chars_max=limits.name_chars_max)
    if kept == member.card:
        return member
    member.card = kept
    await session.flush()
    body = about(shown(actor, member)) | {"card": kept}
    await tell_change(session, chat_id, "card", clock(), of_members=True, **body)
    return member


async def subordinate(session: AsyncSession, actor: Member, number: int) -> Member:
    """The seat of somebody whom the actor may govern: an owner everybody else, an admin the members. Raises
    ``NoSuchMember``, ``NotAllowed``."""
    member = await session.get(Member, (actor.chat_id, number))
    if member is None:
        raise NoSuchMember
    if member.role == "owner" or (member.role == "admin" and actor.role != "owner"):
        raise NotAllowed
    return member
