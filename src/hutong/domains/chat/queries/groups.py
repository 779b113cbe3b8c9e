"""Groups as they travel, the gates of groups, and finding one."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import SharedGroup
from hutong.kit.clock import iso_utc
from hutong.kit.finding import folded, terms_of_query
from hutong.kit.page import Page, decode_cursor, encode_cursor

from ..errors import NoSuchChat, NotAllowed
from ..models import Chat, Group, GroupKind, Listing, Member, Request
from ..schemas import GroupView, KeptGroup, MyRequest, OwnedGroup
from ..tiers import tier_of
from .seats import lock_chat

__all__ = [
    "all_groups",
    "governed_group",
    "group_seat",
    "group_view",
    "group_with_seat",
    "groups_in_common",
    "groups_of",
    "kept_groups",
    "list_groups",
    "owned_groups",
    "sees_group",
    "sizes_of",
    "view_group",
    "visible_group",
]


async def visible_group(session: AsyncSession, viewer: int, chat_id: int) -> tuple[Group, Chat, Member | None]:
    """The group as anybody may find it, and the viewer's seat if there is one. A closed or unlisted group exists for
    its members only."""
    group, chat, member = await group_with_seat(session, viewer, chat_id)
    if member is None and (not group.listed or group.join_mode == "closed"):
        raise NoSuchChat
    return group, chat, member


async def group_with_seat(session: AsyncSession, viewer: int, chat_id: int) -> tuple[Group, Chat, Member | None]:
    """The group and the viewer's seat, without a gate: for a holder of an invitation."""
    row = (
        await session.execute(
            select(Group, Chat, Member)
            .join(Chat, Chat.chat_id == Group.chat_id)
            .outerjoin(Member, (Member.chat_id == Group.chat_id) & (Member.account_number == viewer))
            .where(Group.chat_id == chat_id, Chat.dissolved_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        raise NoSuchChat
    return row[0], row[1], row[2]


async def group_seat(session: AsyncSession, viewer: int, chat_id: int, *roles: str) -> tuple[Group, Chat, Member]:
    """The group, for one of its members who has one of ``roles``; other members get ``NotAllowed``."""
    group, chat, member = await visible_group(session, viewer, chat_id)
    if member is None:
        raise NoSuchChat
    if member.role not in (roles or (member.role,)):
        raise NotAllowed
    return group, chat, member


async def governed_group(session: AsyncSession, actor: int, chat_id: int, *roles: str) -> tuple[Group, Chat, Member]:
    """Like ``group_seat``, to change the group: its chat's row is locked, so that changes come one after the other."""
    await lock_chat(session, chat_id)
    return await group_seat(session, actor, chat_id, *roles)


def all_groups() -> Select[int]:
    """Every group, to be put into a ``WHERE … IN``; conversations of two are none."""
    return select(Group.chat_id)


async def sizes_of(session: AsyncSession, chats: Collection[int]) -> dict[int, int]:
    """How many members each of these groups has; a chat that is no group is left out."""
    rows = await session.execute(select(Group.chat_id, Group.members).where(Group.chat_id.in_(chats)))
    return {row[0]: row[1] for row in rows}


async def view_group(session: AsyncSession, viewer: int, chat_id: int) -> GroupView:
    """The group as the viewer may see it, with what became of their asking to join."""
    group, chat, member = await visible_group(session, viewer, chat_id)
    request = await session.get(Request, (chat_id, viewer)) if member is None else None
    return group_view(group, chat, member, request)


def group_view(group: Group, chat: Chat, member: Member | None, request: Request | None = None) -> GroupView:
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
        my_request=MyRequest(request.state, request.answer, request.reason, iso_utc(request.asked_at))
        if request
        else None,
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

_OWNED_GROUPS = text(
    """
    SELECT g.chat_id, g.name, g.avatar, g.members FROM chat_inbox i
    JOIN chat_group g ON g.chat_id = i.chat_id AND g.owner_number = :owner
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
    WHERE i.account_number = :owner ORDER BY g.chat_id LIMIT :limit
    """
)

_KEPT_GROUPS = text(
    """
    SELECT g.chat_id, g.name, g.kind, g.members FROM chat_inbox i
    JOIN chat_member m ON m.chat_id = i.chat_id AND m.account_number = i.account_number
      AND m.role IN ('owner', 'admin')
    JOIN chat_group g ON g.chat_id = i.chat_id
    JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL
    WHERE i.account_number = :number
      AND (CAST(:chats AS bigint[]) IS NULL OR i.chat_id = ANY (CAST(:chats AS bigint[])))
    ORDER BY g.members DESC, g.chat_id LIMIT :limit
    """
)


async def groups_in_common(session: AsyncSession, viewer: int, other: int) -> list[SharedGroup]:
    """The groups that both belong to, the oldest first, up to fifty."""
    rows = await session.execute(_GROUPS_IN_COMMON, {"viewer": viewer, "other": other, "limit": _GROUPS_IN_COMMON_MAX})
    return [SharedGroup(row.chat_id, row.name, row.avatar) for row in rows]


async def owned_groups(session: AsyncSession, owner: int, *, limit: int) -> list[OwnedGroup]:
    """The groups that somebody owns, the oldest first, up to ``limit``."""
    rows = await session.execute(_OWNED_GROUPS, {"owner": owner, "limit": limit})
    return [OwnedGroup(row.chat_id, row.name, row.avatar, row.members) for row in rows]


async def kept_groups(
    session: AsyncSession, number: int, chats: Sequence[int] | None = None, *, limit: int
) -> list[KeptGroup]:
    """The groups that somebody owns or is an admin of, the largest first, up to ``limit``; of ``chats`` alone where
    they are given."""
    wanted = {"number": number, "chats": None if chats is None else list(chats), "limit": limit}
    return [KeptGroup(*row) for row in await session.execute(_KEPT_GROUPS, wanted)]


async def groups_of(session: AsyncSession, number: int, *, limit: int) -> list[int]:
    """The groups that the account belongs to, the oldest first."""
    rows = await session.scalars(
        text(
            "SELECT g.chat_id FROM chat_inbox i JOIN chat_group g ON g.chat_id = i.chat_id "
            "JOIN chat_chat c ON c.chat_id = i.chat_id AND c.dissolved_at IS NULL "
            "WHERE i.account_number = :number ORDER BY g.chat_id LIMIT :limit"
        ),
        {"number": number, "limit": limit},
    )
    return list(rows)


async def sees_group(session: AsyncSession, viewer: int, chat_id: int) -> bool:
    """Whether the viewer may know that the group exists."""
    try:
        await visible_group(session, viewer, chat_id)
    except NoSuchChat:
        return False
    return True


async def list_groups(
    session: AsyncSession,
    viewer: int,
    *,
    query: str = "",
    city: str = "",
    kind: GroupKind | None = None,
    cursor: str | None = None,
    limit: int,
) -> Page[GroupView]:
    """Listed groups whose name, number, handle or city has everything in ``query``; large ones first, and among those
    of a size the newer first."""
    found = select(Listing.size, Listing.chat_id).order_by(Listing.size.desc(), Listing.chat_id.desc())
    if query.strip():
        terms = terms_of_query(query)
        if not terms:
            return Page([])
        found = found.where(Listing.terms.contains(terms))
    if city.strip():
        found = found.where(Listing.city == folded(city).strip())
    if kind is not None:
        found = found.where(Listing.kind == kind)
    if cursor is not None:
        found = found.where(tuple_(Listing.size, Listing.chat_id) < decode_cursor(cursor, tuple[int, int]))
    rows = (await session.execute(found.limit(limit + 1))).all()
    ids = [row.chat_id for row in rows[:limit]]
    groups = await session.execute(
        select(Group, Chat, Member)
        .join(Chat, Chat.chat_id == Group.chat_id)
        .outerjoin(Member, (Member.chat_id == Group.chat_id) & (Member.account_number == viewer))
        .where(Group.chat_id.in_(ids), Chat.dissolved_at.is_(None))
    )
    views = {row[0].chat_id: group_view(*row) for row in groups}
    after = encode_cursor(rows[limit - 1].size, rows[limit - 1].chat_id) if len(rows) > limit else None
    return Page([views[chat_id] for chat_id in ids if chat_id in views], after)
