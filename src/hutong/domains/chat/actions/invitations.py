"""Links into a group."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import Invalid
from hutong.kit.ids import new_code
from hutong.settings import Limits

from ..errors import InvitationsFull, NoSuchInvitation, NotAllowed
from ..models import Invitation, may_invite
from ..queries import governed_group
from ..schemas import InvitationDraft

__all__ = ["make_invitation", "revoke_invitation"]


async def make_invitation(
    session: AsyncSession, actor: Actor, chat_id: int, draft: InvitationDraft, *, clock: Clock, limits: Limits
) -> Invitation:
    """A new link into the group, by the owner or an admin, and by any member where the join mode is ``open`` or
    ``invitation``. Raises ``InvitationsFull``."""
    if draft.hours > limits.invitation_hours_max:
        raise Invalid(reason=f"an invitation is good for at most {limits.invitation_hours_max} hours")
    group, _, member = await governed_group(session, actor.number, chat_id)
    if not may_invite(member.role, group.join_mode):
        raise NotAllowed
    now = clock()
    of_this_group = Invitation.chat_id == chat_id
    await session.execute(delete(Invitation).where(of_this_group, Invitation.expires_at <= now))
    made = await session.scalar(select(func.count()).select_from(Invitation).where(of_this_group)) or 0
    if made >= limits.invitations_per_group_max:
        raise InvitationsFull(count_max=limits.invitations_per_group_max)
    invitation = Invitation(
        code=new_code(),
        chat_id=chat_id,
        made_by=actor.number,
        made_at=now,
        expires_at=now + timedelta(hours=draft.hours),
        uses_left=draft.uses,
        joined=0,
    )
    session.add(invitation)
    await session.flush()
    return invitation


async def revoke_invitation(session: AsyncSession, actor: Actor, chat_id: int, code: str) -> None:
    """Makes a link lead nowhere: its maker, or an owner or admin. Raises ``NoSuchInvitation``."""
    _, _, member = await governed_group(session, actor.number, chat_id)
    invitation = await session.get(Invitation, code.lower())
    if invitation is None or invitation.chat_id != chat_id:
        raise NoSuchInvitation
    if member.role == "member" and invitation.made_by != actor.number:
        raise NoSuchInvitation
    await session.delete(invitation)
    await session.flush()
