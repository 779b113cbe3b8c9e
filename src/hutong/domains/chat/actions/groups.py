"""Groups come into being, change, change hands and end."""

from datetime import datetime
from typing import Any

from msgspec import UNSET
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import claim_handle, release_handle
from hutong.domains.media import wear_avatar
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.text import clean_line, clean_text
from hutong.settings import Limits

from ..errors import (
    AdminsFull,
    BadGroupName,
    BotsCannotOwn,
    CapacityTooSmall,
    NoSuchCapacity,
    NoSuchMember,
    TextTooLong,
)
from ..facts import GroupChanged, GroupCreated, GroupDissolved, GroupHandedOver
from ..models import Chat, Group, Invitation, Listing, Member, Request
from ..queries import governed_group, people_in, shown
from ..schemas import GroupDraft, GroupPatch, Person
from ..tiers import TIERS, Tier, tier_of
from .changes import about, done_by, tell_change
from .listing import list_anew
from .seats import give_seat

__all__ = ["change_group", "create_group", "dissolve_group", "hand_over_group"]


async def create_group(
    session: AsyncSession, actor: Actor, draft: GroupDraft, *, clock: Clock, limits: Limits
) -> Group:
    """A new group with the actor as its owner and only member. Raises ``BadGroupName``, ``TextTooLong``,
    ``NoSuchCapacity``, and what ``identity.claim_handle`` and ``media.wear_avatar`` raise."""
    now = clock()
    await wear_avatar(session, actor.number, new=draft.avatar, old=None, clock=clock)
    tier = TIERS[-1] if draft.capacity is None else _get_tier(draft.capacity)
    texts = _cleaned({name: getattr(draft, name) for name in ("name", "description", "city", "question")}, limits)
    chat_id = (
        await session.execute(insert(Chat).values(kind="group", created_at=now).returning(Chat.chat_id))
    ).scalar_one()
    group = Group(
        chat_id=chat_id,
        **texts,
        avatar=draft.avatar,
        kind=draft.kind,
        join_mode=draft.join_mode,
        capacity=tier.capacity,
        members=1,
        listed=draft.listed,
        handle=await claim_handle(session, "group", chat_id, draft.handle) if draft.handle else None,
        owner_number=actor.number,
    )
    session.add(group)
    await session.flush()
    await list_anew(session, group)
    await give_seat(session, chat_id, actor.number, "owner", now)
    body = about(Person(actor.number, actor.nickname, actor.avatar)) | {"role": "owner", "members": 1}
    await tell_change(session, chat_id, "joined", now, of_members=True, **body)
    publish(session, GroupCreated(chat=chat_id, owner=actor.number))
    return group


async def change_group(
    session: AsyncSession, actor: Actor, chat_id: int, draft: GroupPatch, *, clock: Clock, limits: Limits
) -> None:
    """Gives the group new settings, by its owner or an admin; what is as it was is not told. Raises ``BadGroupName``,
    ``TextTooLong``, ``NoSuchCapacity``, ``CapacityTooSmall``, ``AdminsFull``, and what ``identity.claim_handle`` and
    ``media.wear_avatar`` raise."""
    group, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    given = {name: getattr(draft, name) for name in draft.__struct_fields__ if getattr(draft, name) is not UNSET}
    wanted = _cleaned(given, limits)
    changed = {name: value for name, value in wanted.items() if value != getattr(group, name)}
    if "handle" in changed:
        changed["handle"] = await _exchange_handle(session, group, changed["handle"])
        if changed["handle"] == group.handle:
            del changed["handle"]
    if "avatar" in changed:
        await wear_avatar(session, actor.number, new=changed["avatar"], old=group.avatar, clock=clock)
    told = dict(changed)
    if "capacity" in changed:
        told["admins_max"] = (await _fitting_tier(session, group, changed["capacity"])).admins_max
    if not changed:
        return
    for name, value in changed.items():
        setattr(group, name, value)
    await session.flush()
    await list_anew(session, group)
    body = {"group": told} | done_by(shown(actor, member))
    await tell_change(session, chat_id, "chat", clock(), of_members=False, **body)
    publish(session, GroupChanged(chat=chat_id, by=actor.number, changed=sorted(changed)))


async def hand_over_group(session: AsyncSession, actor: Actor, chat_id: int, number: int, *, clock: Clock) -> None:
    """Makes another member the owner. The former one becomes an admin, or a member where the admins are too many
    already. Raises ``NoSuchMember``, ``BotsCannotOwn``."""
    group, _, owner = await governed_group(session, actor.number, chat_id, "owner")
    if number == actor.number:
        return
    heir = await session.get(Member, (chat_id, number))
    if heir is None:
        raise NoSuchMember
    people = await people_in(session, chat_id, [actor.number, number])
    if people[number].bot:
        raise BotsCannotOwn
    heir.role = "owner"
    admins = await _count_admins(session, chat_id)
    tier = tier_of(group.capacity)
    owner.role = "admin" if tier is not None and admins < tier.admins_max else "member"
    group.owner_number = number
    await session.flush()
    now = clock()
    for who in (owner, heir):
        body = about(people[who.account_number]) | {"role": who.role} | done_by(people[actor.number])
        await tell_change(session, chat_id, "role", now, of_members=True, **body)
    publish(session, GroupHandedOver(chat=chat_id, former_owner=actor.number, owner=number))


async def dissolve_group(session: AsyncSession, actor: Actor, chat_id: int, *, clock: Clock) -> None:
    """Ends the group, by its owner: from then on it exists for nobody. Its handle is free again."""
    group, chat, member = await governed_group(session, actor.number, chat_id, "owner")
    now = clock()
    await wear_avatar(session, actor.number, new=None, old=group.avatar, clock=clock)
    await _end(session, group, chat, now)
    await tell_change(session, chat_id, "dissolved", now, of_members=True, **done_by(shown(actor, member)))
    publish(session, GroupDissolved(chat=chat_id, by=actor.number))


async def _end(session: AsyncSession, group: Group, chat: Chat, at: datetime) -> None:
    if group.handle is not None:
        await release_handle(session, "group", group.chat_id, group.handle)
    chat.dissolved_at = at
    group.handle = None
    await session.flush()
    for table in (Invitation, Request, Listing):
        await session.execute(delete(table).where(table.chat_id == group.chat_id))


def _cleaned(given: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The settings as they are kept. Raises ``BadGroupName``, ``TextTooLong``."""
    kept = dict(given)
    for name, chars_max in (
        ("name", limits.name_chars_max),
        ("description", limits.description_chars_max),
        ("city", limits.city_chars_max),
        ("question", limits.question_chars_max),
    ):
        if name not in kept:
            continue
        kept[name] = clean_text(kept[name]) if name == "description" else clean_line(kept[name])
        if name == "name" and not 1 <= len(kept[name]) <= chars_max:
            raise BadGroupName(chars_max=chars_max)
        if len(kept[name]) > chars_max:
            raise TextTooLong(field=name, chars_max=chars_max)
    return kept


def _get_tier(capacity: int) -> Tier:
    tier = tier_of(capacity)
    if tier is None:
        raise NoSuchCapacity(capacities=", ".join(str(tier.capacity) for tier in TIERS))
    return tier


async def _fitting_tier(session: AsyncSession, group: Group, capacity: int) -> Tier:
    """The tier of this capacity, if the group's members and admins fit into it."""
    tier = _get_tier(capacity)
    if group.members > tier.capacity:
        raise CapacityTooSmall(members=group.members, capacity=tier.capacity)
    if await _count_admins(session, group.chat_id) > tier.admins_max:
        raise AdminsFull(admins_max=tier.admins_max)
    return tier


async def _exchange_handle(session: AsyncSession, group: Group, handle: str | None) -> str | None:
    """Claims the new handle before the old one is given back, so that two groups cannot wait for each other."""
    claimed = await claim_handle(session, "group", group.chat_id, handle) if handle else None
    if group.handle is not None and group.handle != claimed:
        await release_handle(session, "group", group.chat_id, group.handle)
    return claimed


async def _count_admins(session: AsyncSession, chat_id: int) -> int:
    admins = select(func.count()).select_from(Member).where(Member.chat_id == chat_id, Member.role == "admin")
    return await session.scalar(admins) or 0
