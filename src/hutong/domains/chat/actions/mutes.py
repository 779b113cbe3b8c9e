"""Who may not speak for a while."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.errors import Invalid
from hutong.kit.text import clean_line, shorten
from hutong.settings import Limits

from ..facts import MemberMuted
from ..models import Member
from ..queries import governed_group, people_in, shown
from .changes import about, done_by, tell_change
from .members import subordinate

__all__ = ["mute_all", "mute_member", "unmute_member"]


async def mute_member(
    session: AsyncSession,
    actor: Actor,
    chat_id: int,
    number: int,
    minutes: int,
    *,
    reason: str = "",
    clock: Clock,
    limits: Limits,
) -> None:
    """Silences somebody of a lower role for ``minutes`` from now, whatever was before. When this is answered nothing
    they say is stored. Raises ``NoSuchMember``."""
    if not 1 <= minutes <= limits.mute_minutes_max:
        raise Invalid(reason=f"somebody can be muted for 1 to {limits.mute_minutes_max} minutes")
    _, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    muted = await subordinate(session, member, number)
    muted.muted_until = clock() + timedelta(minutes=minutes)
    muted.mute_reason = shorten(clean_line(reason), limits.reason_chars_max)
    await _tell(session, actor, member, muted, clock)


async def unmute_member(session: AsyncSession, actor: Actor, chat_id: int, number: int, *, clock: Clock) -> None:
    """Lets somebody speak again. Nothing happens to whom nobody has muted."""
    _, _, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    muted = await subordinate(session, member, number)
    if muted.muted_until is None:
        return
    muted.muted_until = None
    muted.mute_reason = ""
    await _tell(session, actor, member, muted, clock)


async def _tell(session: AsyncSession, actor: Actor, member: Member, muted: Member, clock: Clock) -> None:
    await session.flush()
    chat_id, number = muted.chat_id, muted.account_number
    until = iso_utc(muted.muted_until) if muted.muted_until else None
    body = about((await people_in(session, chat_id, [number]))[number]) | {"until": until}
    if muted.mute_reason:
        body["reason"] = muted.mute_reason
    body |= done_by(shown(actor, member))
    await tell_change(session, chat_id, "muted", clock(), of_members=True, **body)
    publish(session, MemberMuted(chat=chat_id, number=number, until=until, by=actor.number))


async def mute_all(session: AsyncSession, actor: Actor, chat_id: int, *, muted: bool, clock: Clock) -> None:
    """Lets only the owner and the admins speak, or everybody again."""
    _, chat, member = await governed_group(session, actor.number, chat_id, "owner", "admin")
    if chat.muted_all == muted:
        return
    chat.muted_all = muted
    await session.flush()
    body = {"all": muted} | done_by(shown(actor, member))
    await tell_change(session, chat_id, "muted", clock(), of_members=True, **body)
