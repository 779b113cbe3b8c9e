"""The verbs of identity: the only writer of its tables, the only publisher of its facts."""

import re
from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import Database, say_after_commit
from hutong.infra.outbox import publish
from hutong.kit.clock import Clock, system_clock
from hutong.kit.errors import NotFound
from hutong.kit.ids import hash_token, new_token
from hutong.kit.text import clean_line, clean_text, shorten
from hutong.settings import Settings

from .errors import (
    BadEmail,
    BadNickname,
    BadPassword,
    EmailTaken,
    HandleTaken,
    InvitationNeeded,
    SignInRefused,
    SignUpRefused,
    WaitingForApproval,
)
from .facts import AccountSignedUp
from .handles import check_handle
from .models import AccountRow, AccountState, ClientKind, EmailRow, HandleKind, HandleRow, InvitationRow, SessionRow
from .passwords import hash_password, needs_rehash, password_fits
from .queries import find_login, view_account
from .schemas import Account, NewPerson, SignedIn, SignInDraft, SignUpDraft

__all__ = [
    "bulk_create",
    "claim_handle",
    "create_placeholder",
    "open_sessions",
    "release_handle",
    "revoke_other_sessions",
    "revoke_session",
    "sign_in",
    "sign_up",
]

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]{2,}")
_EMAIL_CHARS_MAX = 254
_REASON_CHARS_MAX = 500


async def sign_up(
    session: AsyncSession, draft: SignUpDraft, *, settings: Settings, clock: Clock = system_clock
) -> Account:
    """Makes an account, as the gate in ``settings.sign_up`` allows; it is ``waiting`` where the operator approves.

    The password is hashed before the first statement, so that no connection waits for it. Raises ``BadNickname``,
    ``BadPassword``, ``BadEmail``, ``BadHandle``, ``HandleReserved``, ``HandleTaken``, ``EmailTaken``,
    ``InvitationNeeded``, ``SignInBusy``.
    """
    nickname = check_nickname(draft.nickname, settings)
    check_password(draft.password, settings)
    email = check_email(draft.email) if draft.email else None
    handle = check_handle(draft.handle) if draft.handle else None
    password_hash = await hash_password(draft.password)
    if settings.sign_up == "invitation":
        await _use_invitation(session, draft.invitation or "", clock)
    state: AccountState = "waiting" if settings.sign_up == "approval" else "active"
    row = AccountRow(
        nickname=nickname,
        state=state,
        password_hash=password_hash,
        reason=shorten(clean_text(draft.reason or ""), _REASON_CHARS_MAX),
        interests=[],
        visibility={},
        created_at=clock(),
    )
    session.add(row)
    await session.flush()
    if handle is not None:
        await claim_handle(session, "person", row.number, handle)
        row.handle = handle
    if email is not None:
        await _claim_email(session, row.number, email)
        row.email = email
    publish(session, AccountSignedUp(number=row.number, nickname=nickname, state=state))
    await session.flush()
    return view_account(row)


async def sign_in(
    database: Database,
    session: AsyncSession,
    draft: SignInDraft,
    *,
    device: str = "",
    address: str = "",
    clock: Clock = system_clock,
) -> SignedIn:
    """Opens a session for whoever knows the password.

    An unknown login costs the same work as a known one, and gets the same answer. The account is read in a short
    transaction of its own, so that none is open while the password is checked; ``session`` must not have been used
    yet. Raises ``SignInRefused``, ``WaitingForApproval``, ``SignUpRefused``, ``SignInBusy``.
    """
    async with database.transaction() as reading:
        known = await find_login(reading, draft.login)
    stored = known.password_hash if known is not None else None
    if not await password_fits(stored, draft.password) or known is None or stored is None:
        raise SignInRefused
    if known.state == "waiting":
        raise WaitingForApproval
    if known.state != "active":
        raise SignUpRefused
    renewed = await hash_password(draft.password) if needs_rehash(stored) else None
    # A change of the password waits for this lock or is seen here, so it signs out every device that came in before.
    row = await session.get_one(AccountRow, known.number, with_for_update={"read": renewed is None})
    if row.password_hash != stored:
        raise SignInRefused(log="the password was changed while it was checked")
    if renewed is not None:
        row.password_hash = renewed
    tokens = await open_sessions(
        session, [row.number], client=draft.client, device=device, address=address, clock=clock
    )
    return SignedIn(token=tokens[0], account=view_account(row))


async def open_sessions(
    session: AsyncSession,
    numbers: Sequence[int],
    *,
    client: ClientKind = "web",
    device: str = "",
    address: str = "",
    clock: Clock = system_clock,
) -> list[str]:
    """Signs these accounts in without a password, one new device each, and returns the tokens in the same order.

    For sign-in itself once it has proved who asks, and for demos and benchmarks.
    """
    now, tokens = clock(), [f"{number}.{new_token()}" for number in numbers]
    rows = [
        {
            "number": number,
            "token_hash": hash_token(token),
            "client": client,
            "device": shorten(clean_line(device), 120),
            "address": address[:45],
            "created_at": now,
            "last_seen_at": now,
        }
        for number, token in zip(numbers, tokens, strict=True)
    ]
    if rows:
        await session.execute(insert(SessionRow), rows)
    return tokens


async def revoke_session(session: AsyncSession, number: int, session_id: int) -> None:
    """Signs one device of the account out. Raises ``NotFound`` when it is not a device of this account.

    Once that is committed, the bus subject ``account.<number>`` hears ``{"on":"revoked","session":<id>}``, and every
    gateway closes that device's sockets with 4401.
    """
    gone = await session.scalar(
        delete(SessionRow).where(SessionRow.number == number, SessionRow.id == session_id).returning(SessionRow.id)
    )
    if gone is None:
        raise NotFound
    _say_revoked(session, number, [gone])


async def revoke_other_sessions(session: AsyncSession, number: int, session_id: int) -> None:
    """Signs all devices of the account out but this one; says so like ``revoke_session``."""
    gone = await session.scalars(
        delete(SessionRow).where(SessionRow.number == number, SessionRow.id != session_id).returning(SessionRow.id)
    )
    _say_revoked(session, number, gone.all())


def _say_revoked(session: AsyncSession, number: int, session_ids: Sequence[int]) -> None:
    for session_id in session_ids:
        say_after_commit(session, f"account.{number}", msgspec.json.encode({"on": "revoked", "session": session_id}))


async def claim_handle(session: AsyncSession, kind: HandleKind, number: int, handle: str) -> str:
    """Gives the handle to a person or a group and returns it as it is kept. Claiming one's own again is no mistake.

    The former handle is given back with ``release_handle``; whoever claims keeps the handle in a column of its own
    too. Raises ``BadHandle``, ``HandleReserved``, ``HandleTaken``.
    """
    kept = check_handle(handle)
    claimed = await session.scalar(
        upsert(HandleRow)
        .values(handle=kept, kind=kind, number=number)
        .on_conflict_do_nothing()
        .returning(HandleRow.handle)
    )
    if claimed is None:
        holder = await session.get(HandleRow, kept)
        if holder is None or (holder.kind, holder.number) != (kind, number):
            raise HandleTaken(handle=kept)
    return kept


async def release_handle(session: AsyncSession, kind: HandleKind, number: int, handle: str) -> None:
    """Makes a handle free again, if this person or group holds it."""
    await session.execute(
        delete(HandleRow).where(HandleRow.handle == handle, HandleRow.kind == kind, HandleRow.number == number)
    )


async def _claim_email(session: AsyncSession, number: int, email: str) -> None:
    claimed = await session.scalar(
        upsert(EmailRow).values(email=email, number=number).on_conflict_do_nothing().returning(EmailRow.email)
    )
    if claimed is None:
        raise EmailTaken


async def _use_invitation(session: AsyncSession, code: str, clock: Clock) -> None:
    used = await session.scalar(
        update(InvitationRow)
        .where(
            InvitationRow.code == clean_line(code).lower(),
            InvitationRow.uses_left > 0,
            InvitationRow.expires_at.is_(None) | (InvitationRow.expires_at > clock()),
        )
        .values(uses_left=InvitationRow.uses_left - 1)
        .returning(InvitationRow.code)
    )
    if used is None:
        raise InvitationNeeded


async def create_placeholder(session: AsyncSession, nickname: str) -> int:
    """Makes someone who only stands in an imported conversation, and returns the number. Nobody can sign in to it."""
    row = AccountRow(
        nickname=shorten(clean_line(nickname), 40) or "?", state="placeholder", interests=[], visibility={}
    )
    session.add(row)
    await session.flush()
    return row.number


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


def check_nickname(nickname: str, settings: Settings) -> str:
    kept = clean_line(nickname)
    if not 1 <= len(kept) <= settings.limits.name_chars_max:
        raise BadNickname(chars_max=settings.limits.name_chars_max)
    return kept


def check_password(password: str, settings: Settings) -> None:
    limits = settings.limits
    if not limits.password_chars_min <= len(password) <= limits.password_chars_max:
        raise BadPassword(chars_min=limits.password_chars_min, chars_max=limits.password_chars_max)


def check_email(email: str) -> str:
    kept = clean_line(email).lower()
    if len(kept) > _EMAIL_CHARS_MAX or _EMAIL.fullmatch(kept) is None:
        raise BadEmail
    return kept
