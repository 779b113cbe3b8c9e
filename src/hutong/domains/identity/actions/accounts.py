"""Accounts come into being: by signing up, by an operator's word, by an import."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.outbox import publish
from hutong.kit.clock import Clock, system_clock
from hutong.kit.ids import new_code
from hutong.kit.text import clean_line, clean_text, shorten
from hutong.settings import Settings, SignUpGate

from ..errors import InvitationNeeded, NotWaiting
from ..facts import AccountApproved, AccountRefused, AccountSignedUp
from ..handles import check_handle
from ..models import AccountRow, HandleRow, InvitationRow
from ..passwords import hash_password
from ..queries import account_of, view_account
from ..schemas import Account, NewPerson, SignUpDraft
from ..spelling import check_email, check_nickname, check_password
from .names import claim_email, claim_handle, release_email, release_handle

__all__ = ["add_account", "approve", "bulk_create", "invite", "refuse", "sign_up"]

_REASON_CHARS_MAX = 500


async def sign_up(
    session: AsyncSession, draft: SignUpDraft, *, settings: Settings, clock: Clock = system_clock
) -> Account:
    """Makes an account, as the gate in ``settings.sign_up`` allows; it is ``waiting`` where the operator approves.

    The password is hashed before the first statement, so that no connection waits for it. Raises ``BadNickname``,
    ``BadPassword``, ``BadEmail``, ``BadHandle``, ``HandleReserved``, ``HandleTaken``, ``EmailTaken``,
    ``InvitationNeeded``, ``SignInBusy``.
    """
    nickname = check_nickname(draft.nickname, settings.limits)
    check_password(draft.password, settings.limits)
    email = check_email(draft.email) if draft.email else None
    handle = check_handle(draft.handle) if draft.handle else None
    password_hash = await hash_password(draft.password)
    row = await add_account(
        session,
        nickname,
        gate=settings.sign_up,
        invitation=draft.invitation or "",
        reason=draft.reason or "",
        password_hash=password_hash,
        clock=clock,
    )
    if handle is not None:
        await claim_handle(session, "person", row.number, handle)
        row.handle = handle
    if email is not None:
        await claim_email(session, row.number, email)
        row.email = email
    publish(session, AccountSignedUp(number=row.number, nickname=nickname, state=row.state))
    await session.flush()
    return view_account(row)


async def add_account(
    session: AsyncSession,
    nickname: str,
    *,
    gate: SignUpGate,
    invitation: str = "",
    reason: str = "",
    password_hash: str | None = None,
    clock: Clock = system_clock,
) -> AccountRow:
    """The row of a new account, as the gate allows it; without a password where it is let in another way. Tells nobody:
    whoever calls publishes ``AccountSignedUp`` once the account is whole. Raises ``InvitationNeeded``."""
    claimed: int | None = None
    if gate == "invitation" or invitation:
        claimed = await _use_invitation(session, invitation, clock)
    row = await _new_row(session, claimed)
    row.nickname = nickname
    row.state = "waiting" if gate == "approval" and claimed is None else "active"
    row.password_hash = password_hash
    row.reason = shorten(clean_text(reason), _REASON_CHARS_MAX)
    row.created_at = clock()
    await session.flush()
    return row


async def _new_row(session: AsyncSession, claimed: int | None) -> AccountRow:
    """The row of a new account; where a placeholder is claimed, its row. Raises ``InvitationNeeded`` where somebody
    else has claimed it with another code: the account is theirs."""
    if claimed is not None:
        placeholder = await account_of(session, claimed, for_update=True)
        if placeholder.state != "placeholder":
            raise InvitationNeeded(log=f"the placeholder {claimed} was claimed before")
        return placeholder
    row = AccountRow(interests=[], visibility={})
    session.add(row)
    return row


async def _use_invitation(session: AsyncSession, code: str, clock: Clock) -> int | None:
    """Uses the code up by one. Returns the number of the placeholder that it claims, if it claims one."""
    used = await session.execute(
        update(InvitationRow)
        .where(
            InvitationRow.code == clean_line(code).lower(),
            InvitationRow.uses_left > 0,
            InvitationRow.expires_at.is_(None) | (InvitationRow.expires_at > clock()),
        )
        .values(uses_left=InvitationRow.uses_left - 1)
        .returning(InvitationRow.placeholder_number)
    )
    found = used.one_or_none()
    if found is None:
        raise InvitationNeeded
    number: int | None = found.placeholder_number
    return number


async def bulk_create(
    session: AsyncSession, people: Sequence[NewPerson], *, password: str | None = None, clock: Clock = system_clock
) -> list[int]:
    """Makes many active accounts at once, all with the same password if one is given, and returns their numbers in
    the order of ``people``. For demos and benchmarks: no facts, no gates; handles must be well-formed and free."""
    password_hash = await hash_password(password) if password is not None else None
    drawn = await session.scalars(
        text(
            "SELECT nextval(pg_get_serial_sequence('identity_account', 'number')) FROM generate_series(1, :count)"
        ).bindparams(count=len(people))
    )
    numbers, now = list(drawn), clock()
    accounts = [
        {
            "number": number,
            "nickname": person.nickname,
            "password_hash": password_hash,
            "handle": person.handle,
            "city": person.city,
            "about": person.about,
            "interests": person.interests,
            "avatar": person.avatar,
            "visibility": {},
            "created_at": person.created_at or now,
        }
        for number, person in zip(numbers, people, strict=True)
    ]
    handles = [
        {"handle": person.handle, "kind": "person", "number": number}
        for number, person in zip(numbers, people, strict=True)
        if person.handle is not None
    ]
    if accounts:
        await session.execute(insert(AccountRow), accounts)
    if handles:
        await session.execute(insert(HandleRow), handles)
    return numbers


async def invite(
    session: AsyncSession, *, uses: int = 1, hours: int | None = None, note: str = "", clock: Clock = system_clock
) -> str:
    """Makes a code that so many people may sign up with, within so many hours if that is given."""
    code = new_code()
    expires_at = clock() + timedelta(hours=hours) if hours is not None else None
    session.add(InvitationRow(code=code, uses_left=uses, note=shorten(clean_line(note), 200), expires_at=expires_at))
    await session.flush()
    return code


async def approve(session: AsyncSession, number: int) -> None:
    """Lets in somebody who waits. Raises ``NoSuchAccount`` and ``NotWaiting``."""
    row = await _waiting(session, number)
    row.state = "active"
    publish(session, AccountApproved(number=number))


async def refuse(session: AsyncSession, number: int) -> None:
    """Turns away somebody who waits; the handle and the e-mail address are free again. Raises ``NoSuchAccount`` and
    ``NotWaiting``."""
    row = await _waiting(session, number)
    row.state = "refused"
    if row.handle is not None:
        await release_handle(session, "person", number, row.handle)
    if row.email is not None:
        await release_email(session, number, row.email)
    row.handle = row.email = None
    publish(session, AccountRefused(number=number))


async def _waiting(session: AsyncSession, number: int) -> AccountRow:
    row = await account_of(session, number, for_update=True)
    if row.state != "waiting":
        raise NotWaiting(number=number)
    return row
