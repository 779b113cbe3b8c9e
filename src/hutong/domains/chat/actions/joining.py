"""Coming into a group: at once, by a link, or by asking and being let in."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.text import clean_line, clean_text, shorten
from hutong.settings import Limits

from ..errors import AnswerNeeded, Banned, InvitationNeeded, NoSuchInvitation, NoSuchRequest, RequestsFull
from ..facts import JoinRequestDecided, JoinRequested
from ..models import Ban, Group, Member, Request
from ..queries import (
    admins_of,
    count_waiting,
    good_invitation,
    governed_group,
    group_seat,
    group_with_seat,
    lock_chat,
    visible_group,
)
from ..schemas import DecisionDraft, JoinDraft, JoinView, Person
from .changes import about, tell_account
from .seats import admit

__all__ = ["bring_in", "decide_request", "join_group"]


async def join_group(
    session: AsyncSession, actor: Actor, chat_id: int, draft: JoinDraft, *, clock: Clock, limits: Limits
) -> JoinView:
    """Joins, or asks to where the group approves. Joining again changes nothing; asking again changes the answer, and
    is possible after a refusal.

    An invitation leads into a group of any mode. Raises ``NoSuchChat``, ``NoSuchInvitation``, ``Banned``,
    ``InvitationNeeded``, ``AnswerNeeded``, ``GroupIsFull``, ``RequestsFull``.
    """
    await lock_chat(session, chat_id)
    if await session.get(Member, (chat_id, actor.number)) is not None:
        await group_seat(session, actor.number, chat_id)
        return JoinView("joined", chat_id)
    if draft.invitation:
        return await _join_by_link(session, actor, chat_id, draft.invitation, clock())
    group, _, _ = await visible_group(session, actor.number, chat_id)
    await _check_not_banned(session, actor, chat_id)
    if group.join_mode == "open":
        await admit(session, group, actor.number, clock())
        return JoinView("joined", chat_id)
    if group.join_mode != "approval":
        raise InvitationNeeded
    await _ask(session, actor, group, draft.answer, clock(), limits)
    return JoinView("waiting", chat_id)


async def bring_in(session: AsyncSession, actor: Actor, chat_id: int, number: int, *, clock: Clock) -> None:
    """Seats an account that its owner lets be brought, such as a bot, by the owner of the group. Nothing happens where
    it has a seat. Raises ``NoSuchChat``, ``NotAllowed``, ``Banned``, ``GroupIsFull``."""
    group, _, _ = await governed_group(session, actor.number, chat_id, "owner")
    if await session.get(Member, (chat_id, number)) is not None:
        return
    if await session.get(Ban, (chat_id, number)) is not None:
        raise Banned
    await admit(session, group, number, clock(), invited_by=actor.number)


async def _check_not_banned(session: AsyncSession, actor: Actor, chat_id: int) -> None:
    if await session.get(Ban, (chat_id, actor.number)) is not None:
        raise Banned


async def _join_by_link(session: AsyncSession, actor: Actor, chat_id: int, code: str, at: datetime) -> JoinView:
    """The chat is locked, so uses are counted one after the other."""
    invitation = await good_invitation(session, code, at)
    if invitation.chat_id != chat_id:
        raise NoSuchInvitation
    await _check_not_banned(session, actor, chat_id)
    if invitation.uses_left is not None:
        invitation.uses_left -= 1
    invitation.joined += 1
    group, _, _ = await group_with_seat(session, actor.number, chat_id)
    await admit(session, group, actor.number, at, invited_by=invitation.made_by)
    return JoinView("joined", chat_id)


async def _ask(session: AsyncSession, actor: Actor, group: Group, answer: str, at: datetime, limits: Limits) -> None:
    kept = shorten(clean_text(answer), limits.answer_chars_max)
    if group.question and not kept:
        raise AnswerNeeded
    request = await session.get(Request, (group.chat_id, actor.number))
    if request is None or request.state != "waiting":
        if await count_waiting(session, group.chat_id) >= limits.requests_waiting_max:
            raise RequestsFull
    elif request.answer == kept:
        return
    await session.merge(
        Request(
            chat_id=group.chat_id,
            account_number=actor.number,
            state="waiting",
            answer=kept,
            asked_at=at,
            reason="",
            decided_by=None,
            decided_at=None,
        )
    )
    await session.flush()
    waiting = await count_waiting(session, group.chat_id)
    body = about(Person(actor.number, actor.nickname, actor.avatar)) | {"answer": kept, "waiting": waiting}
    for number in await admins_of(session, group.chat_id):
        tell_account(session, number, "requested", chat=group.chat_id, **body, at=iso_utc(at))
    publish(session, JoinRequested(chat=group.chat_id, number=actor.number))


async def decide_request(
    session: AsyncSession,
    actor: Actor,
    chat_id: int,
    number: int,
    draft: DecisionDraft,
    *,
    clock: Clock,
    limits: Limits,
) -> None:
    """Lets somebody in who asked to join, or refuses them with a reason. Raises ``NoSuchRequest``, ``GroupIsFull``."""
    group, _, _ = await governed_group(session, actor.number, chat_id, "owner", "admin")
    request = await session.get(Request, (chat_id, number))
    if request is None or request.state != "waiting":
        raise NoSuchRequest
    now = clock()
    reason = shorten(clean_line(draft.reason), limits.reason_chars_max)
    if draft.accept:
        await admit(session, group, number, now, accepted_by=actor.number)
    else:
        request.state = "refused"
        request.reason = reason
        request.decided_by = actor.number
        request.decided_at = now
        await session.flush()
    await _tell_decision(session, group, number, draft.accept, reason, now)
    publish(session, JoinRequestDecided(chat=chat_id, number=number, accepted=draft.accept, by=actor.number))


async def _tell_decision(
    session: AsyncSession, group: Group, number: int, accepted: bool, reason: str, at: datetime
) -> None:
    """Who asked is told, with the reason of a refusal, and everybody who could have decided."""
    chat_id = group.chat_id
    body: dict[str, object] = {
        "chat": chat_id,
        "chat_name": group.name,
        "number": number,
        "accepted": accepted,
        "at": iso_utc(at),
    }
    tell_account(session, number, "decided", **body, reason=reason)
    waiting = await count_waiting(session, chat_id)
    for admin in await admins_of(session, chat_id):
        tell_account(session, admin, "decided", **body, waiting=waiting)
