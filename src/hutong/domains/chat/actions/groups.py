"""Groups come into being, change and end."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import Invalid
from hutong.kit.text import clean_line, clean_text
from hutong.settings import Limits

from ..facts import GroupCreated
from ..models import Chat, Group
from ..schemas import GroupDraft
from ..tiers import TIERS, tier_of
from .changes import tell_change
from .seats import give_seat

__all__ = ["create_group"]


async def create_group(
    session: AsyncSession, actor: Actor, draft: GroupDraft, *, clock: Clock, limits: Limits
) -> Group:
    """A new group with the actor as its owner and only member."""
    now = clock()
    name = clean_line(draft.name)
    if not 1 <= len(name) <= limits.name_chars_max:
        raise Invalid(reason=f"a group's name has 1 to {limits.name_chars_max} characters")
    tier = tier_of(TIERS[-1].capacity if draft.capacity is None else draft.capacity)
    if tier is None:
        raise Invalid(reason=f"a group holds {', '.join(str(t.capacity) for t in TIERS)} members")
    chat_id = (
        await session.execute(insert(Chat).values(kind="group", created_at=now).returning(Chat.chat_id))
    ).scalar_one()
    group = Group(
        chat_id=chat_id,
        name=name,
        avatar=None,
        description=clean_text(draft.description)[: limits.description_chars_max],
        city=clean_line(draft.city),
        kind=draft.kind,
        join_mode=draft.join_mode,
        question=clean_line(draft.question),
        capacity=tier.capacity,
        members=1,
        listed=draft.listed,
        handle=None,
        owner_number=actor.number,
    )
    session.add(group)
    await session.flush()
    await give_seat(session, chat_id, actor.number, "owner", now)
    await tell_change(
        session, chat_id, "joined", now, of_members=True, number=actor.number, name=actor.nickname, role="owner"
    )
    publish(session, GroupCreated(chat=chat_id, owner=actor.number))
    return group
