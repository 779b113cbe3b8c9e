"""A group as it travels, and the gates of groups."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import SharedGroup
from hutong.kit.clock import iso_utc

from ..errors import NoSuchChat, NotAllowed
from ..models import Chat, Group, Member
from ..schemas import GroupView
from ..tiers import tier_of

__all__ = ["governed_group", "group_view", "groups_in_common", "sees_group", "visible_group"]


async def visible_group(session: AsyncSession, viewer: int, chat_id: int) -> tuple[Group, Chat, Member | None]:
    """The group as anybody may find it, and the viewer's seat if there is one. A closed or unlisted group exists for
    its members only."""
    row = (
        await session.execute(
            select(Group, Chat, Member)
            .join(Chat, Chat.chat_id == Group.chat_id)
            .outerjoin(Member, (Member.chat_id == Group.chat_id) & (Member.account_number == viewer))
            .where(Group.chat_id == chat_id, Chat.dissolved_at.is_(None))
        )
    ).one_or_none()
    if row is None or (row[2] is None and (not row[0].listed or row[0].join_mode == "closed")):
        raise NoSuchChat
    return row[0], row[1], row[2]


async def governed_group(session: AsyncSession, actor: int, chat_id: int, *roles: str) -> tuple[Group, Chat, Member]:
    """The group, for one of its members who has one of ``roles``; other members get ``NotAllowed``. The chat's row is
    locked, so that changes of a group come one after the other."""
    await session.execute(select(Chat.chat_id).where(Chat.chat_id == chat_id).with_for_update())
    group, chat, member = await visible_group(session, actor, chat_id)
    if member is None:
        raise NoSuchChat
    if member.role not in roles:
        raise NotAllowed
    return group, chat, member


def group_view(group: Group, chat: Chat, member: Member | None) -> GroupView:
    """The group as it travels, for the viewer who has this seat or none."""
    tier = tier_of(group.capacity)
    return GroupView(
        chat=group.chat_id,
        number=group.chat_id,
        name=group.name,
        avatar=group.avatar,
        description=group.description,
        city=group.city,
        kind=group.kind,
        join_mode=group.join_mode,
        question=group.question,
        capacity=group.capacity,
        admins_max=tier.admins_max if tier else 0,
        members=group.members,
        handle=group.handle,
        listed=group.listed,
        owner=group.owner_number,
        created_at=iso_utc(chat.created_at),
        mute_all=chat.muted_all,
        my_role=member.role if member else None,
    )


_GROUPS_IN_COMMON = text(
    """
    SELECT g.chat_id, g.name, g.avatar FROM chat_inbox i
    JOIN chat_member m ON m.chat_id = i.chat_id AND m.account_number = :other
    JOIN chat_group g ON g.chat_id = i.chat_id
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
    WHERE i.account_number = :viewer ORDER BY g.chat_id LIMIT :limit
    """
)
_GROUPS_IN_COMMON_MAX = 50


async def groups_in_common(session: AsyncSession, viewer: int, other: int) -> list[SharedGroup]:
    """The groups that both belong to, the oldest first, up to fifty."""
    rows = await session.execute(_GROUPS_IN_COMMON, {"viewer": viewer, "other": other, "limit": _GROUPS_IN_COMMON_MAX})
    return [SharedGroup(row.chat_id, row.name, row.avatar) for row in rows]


async def sees_group(session: AsyncSession, viewer: int, chat_id: int) -> bool:
    """Whether the viewer may know that the group exists."""
    try:
        await visible_group(session, viewer, chat_id)
    except NoSuchChat:
        return False
    return True
