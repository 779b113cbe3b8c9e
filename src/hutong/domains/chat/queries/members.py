"""Who is in a group, who asks to be, who is kept out, and the links that lead in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import AccountCard, names_of
from hutong.domains.media import NoSuchMedia
from hutong.kit.clock import iso_utc
from hutong.kit.finding import folded
from hutong.kit.page import Page, decode_cursor, encode_cursor

from ..errors import Banned, NoSuchInvitation, NoSuchMember
from ..models import Ban, Chat, Group, Invitation, Member, Request, may_invite
from ..schemas import BanView, InvitationPreview, InvitationView, InvitedGroup, MemberView, Person, RequestView
from .groups import group_view, group_with_seat
from .presence import online_among
from .seats import people_in

__all__ = [
    "admins_of",
    "check_invited_avatar",
    "count_waiting",
    "find_request",
    "find_seat",
    "good_invitation",
    "invitation_view",
    "invited_group",
    "list_bans",
    "list_invitations",
    "list_members",
    "list_requests",
    "member_view",
    "preview_invitation",
    "seat_view",
]

_RANK = case((Member.role == "owner", 0), (Member.role == "admin", 1), else_=2)


async def list_members(
    session: AsyncSession, chat_id: int, *, query: str = "", cursor: str | None = None, limit: int
) -> Page[MemberView]:
    """Owner and admins first, then by the time of joining; only those whose card, nickname or number has ``query``."""
    rows = select(_RANK.label("rank"), Member).where(Member.chat_id == chat_id)
    rows = rows.order_by(_RANK, Member.joined_at, Member.account_number)
    if cursor is not None:
        rank, joined_at, number = decode_cursor(cursor, tuple[int, datetime, int])
        rows = rows.where(tuple_(_RANK, Member.joined_at, Member.account_number) > (rank, joined_at, number))
    wanted = folded(query).strip()
    # Nicknames are identity's to keep, so they are looked through here: a group has at most 2,000 members.
    found = (await session.execute(rows if wanted else rows.limit(limit + 1))).all()
    cards = await names_of(session, [row[1].account_number for row in found])
    if wanted:
        found = [row for row in found if _answers_to(wanted, row[1], cards)]
    page = found[:limit]
    after = None
    if len(found) > limit:
        rank, last = page[-1]
        after = encode_cursor(rank, last.joined_at.isoformat(), last.account_number)
    online = await online_among(session, [member.account_number for _, member in page])
    views = [member_view(member, cards) for _, member in page]
    for view in views:
        view.online = view.number in online
    return Page(views, after)


def _answers_to(wanted: str, member: Member, cards: dict[int, AccountCard]) -> bool:
    nickname = cards[member.account_number].nickname if member.account_number in cards else ""
    return wanted in folded(member.card) or wanted in folded(nickname) or str(member.account_number).startswith(wanted)


def member_view(member: Member, cards: dict[int, AccountCard]) -> MemberView:
    card = cards.get(member.account_number, AccountCard(member.account_number, str(member.account_number)))
    return MemberView(
        number=member.account_number,
        name=member.card or card.nickname,
        nickname=card.nickname,
        avatar=card.avatar,
        role=member.role,
        card=member.card,
        muted_until=iso_utc(member.muted_until) if member.muted_until else None,
        mute_reason=member.mute_reason if member.muted_until else "",
        joined_at=iso_utc(member.joined_at),
        bot=card.is_bot,
    )


async def find_seat(session: AsyncSession, chat_id: int, number: int) -> MemberView | None:
    """Somebody's seat; None where they have none."""
    member = await session.get(Member, (chat_id, number))
    return member_view(member, await names_of(session, [number])) if member is not None else None


async def seat_view(session: AsyncSession, chat_id: int, number: int) -> MemberView:
    """Somebody's seat. Raises ``NoSuchMember``."""
    found = await find_seat(session, chat_id, number)
    if found is None:
        raise NoSuchMember
    return found


async def admins_of(session: AsyncSession, chat_id: int) -> Sequence[int]:
    """The numbers of the owner and the admins."""
    return (
        await session.scalars(
            select(Member.account_number).where(Member.chat_id == chat_id, Member.role.in_(("owner", "admin")))
        )
    ).all()


async def count_waiting(session: AsyncSession, chat_id: int) -> int:
    """How many people wait to be let in."""
    return (
        await session.scalar(
            select(func.count()).select_from(Request).where(Request.chat_id == chat_id, Request.state == "waiting")
        )
    ) or 0


async def list_requests(
    session: AsyncSession, chat_id: int, *, cursor: str | None = None, limit: int
) -> Page[RequestView]:
    """Who waits to be let in, the longest first."""
    rows = select(Request).where(Request.chat_id == chat_id, Request.state == "waiting")
    rows = rows.order_by(Request.asked_at, Request.account_number)
    if cursor is not None:
        rows = rows.where(
            tuple_(Request.asked_at, Request.account_number) > decode_cursor(cursor, tuple[datetime, int])
        )
    found = (await session.scalars(rows.limit(limit + 1))).all()
    page = found[:limit]
    cards = await names_of(session, [request.account_number for request in page])
    views = [
        RequestView(
            number=request.account_number,
            name=cards[request.account_number].nickname,
            avatar=cards[request.account_number].avatar,
            answer=request.answer,
            at=iso_utc(request.asked_at),
        )
        for request in page
    ]
    last = page[-1] if len(found) > limit else None
    return Page(views, encode_cursor(last.asked_at.isoformat(), last.account_number) if last else None)


async def find_request(session: AsyncSession, chat_id: int, number: int) -> RequestView | None:
    """What somebody has asked who waits to be let in; None where they do not wait."""
    request = await session.get(Request, (chat_id, number))
    if request is None or request.state != "waiting":
        return None
    card = (await names_of(session, [number]))[number]
    return RequestView(
        number=number,
        name=card.nickname,
        avatar=card.avatar,
        answer=request.answer,
        at=iso_utc(request.asked_at),
    )


async def list_bans(session: AsyncSession, chat_id: int, *, cursor: str | None = None, limit: int) -> Page[BanView]:
    """Who is kept out, the latest first."""
    rows = select(Ban).where(Ban.chat_id == chat_id).order_by(Ban.banned_at.desc(), Ban.account_number.desc())
    if cursor is not None:
        rows = rows.where(tuple_(Ban.banned_at, Ban.account_number) < decode_cursor(cursor, tuple[datetime, int]))
    found = (await session.scalars(rows.limit(limit + 1))).all()
    page = found[:limit]
    cards = await names_of(session, [ban.account_number for ban in page])
    people = await people_in(session, chat_id, [ban.banned_by for ban in page])
    views = [
        BanView(
            number=ban.account_number,
            name=cards[ban.account_number].nickname,
            avatar=cards[ban.account_number].avatar,
            by=people[ban.banned_by],
            at=iso_utc(ban.banned_at),
        )
        for ban in page
    ]
    last = page[-1] if len(found) > limit else None
    return Page(views, encode_cursor(last.banned_at.isoformat(), last.account_number) if last else None)


async def list_invitations(
    session: AsyncSession, chat_id: int, viewer: Member, now: datetime, *, links: str
) -> Page[InvitationView]:
    """The links that have not expired, the newest first: all for the owner and the admins, else the viewer's own.
    They are few enough for one page. ``links`` is what goes before a code."""
    rows = select(Invitation).where(Invitation.chat_id == chat_id, Invitation.expires_at > now)
    if viewer.role == "member":
        rows = rows.where(Invitation.made_by == viewer.account_number)
    found = (await session.scalars(rows.order_by(Invitation.made_at.desc(), Invitation.code))).all()
    people = await people_in(session, chat_id, [invitation.made_by for invitation in found])
    return Page([invitation_view(invitation, people, links=links) for invitation in found])


def invitation_view(invitation: Invitation, people: dict[int, Person], *, links: str) -> InvitationView:
    return InvitationView(
        code=invitation.code,
        url=links + invitation.code,
        expires_at=iso_utc(invitation.expires_at),
        uses_left=invitation.uses_left,
        made_by=people[invitation.made_by],
        made_at=iso_utc(invitation.made_at),
        joined=invitation.joined,
    )


async def good_invitation(session: AsyncSession, code: str, now: datetime) -> Invitation:
    """The invitation, if somebody may still join by it: it has neither expired nor been used up, and who made it may
    still invite. Raises ``NoSuchInvitation`` otherwise."""
    row = (
        await session.execute(
            select(Invitation, Member.role, Group.join_mode)
            .join(Chat, Chat.chat_id == Invitation.chat_id)
            .join(Group, Group.chat_id == Invitation.chat_id)
            .join(Member, (Member.chat_id == Invitation.chat_id) & (Member.account_number == Invitation.made_by))
            .where(Invitation.code == code.strip().lower(), Chat.dissolved_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        raise NoSuchInvitation
    invitation, role, join_mode = row
    if invitation.expires_at <= now or invitation.uses_left == 0 or not may_invite(role, join_mode):
        raise NoSuchInvitation
    return invitation


async def preview_invitation(session: AsyncSession, viewer: int, code: str, now: datetime) -> InvitationPreview:
    """Where a link leads. Raises ``NoSuchInvitation``, and ``Banned`` for whom the group keeps out."""
    invitation = await good_invitation(session, code, now)
    if await session.get(Ban, (invitation.chat_id, viewer)) is not None:
        raise Banned
    people = await people_in(session, invitation.chat_id, [invitation.made_by])
    view = group_view(*await group_with_seat(session, viewer, invitation.chat_id))
    return InvitationPreview(view, people[invitation.made_by], iso_utc(invitation.expires_at))


async def invited_group(session: AsyncSession, code: str, now: datetime) -> InvitedGroup:
    """What a link invites to, for whoever holds it. Raises ``NoSuchInvitation``."""
    group = await _group_invited_to(session, code, now)
    return InvitedGroup(
        number=group.chat_id,
        name=group.name,
        avatar=group.avatar,
        description=group.description,
        city=group.city,
        kind=group.kind,
        members=group.members,
    )


async def check_invited_avatar(session: AsyncSession, code: str, media: str, now: datetime) -> None:
    """The gate of a group's avatar for whoever holds a link into it. Raises ``NoSuchInvitation``, ``NoSuchMedia``."""
    if (await _group_invited_to(session, code, now)).avatar != media:
        raise NoSuchMedia


async def _group_invited_to(session: AsyncSession, code: str, now: datetime) -> Group:
    invitation = await good_invitation(session, code, now)
    return await session.get_one(Group, invitation.chat_id)
