"""Sessions: signing in and out, and what ends on other devices."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import Database, say_after_commit
from hutong.kit.clock import Clock, system_clock
from hutong.kit.errors import NotFound
from hutong.kit.ids import hash_token, new_token
from hutong.kit.text import clean_line, shorten
from hutong.settings import Settings

from ..errors import SignInRefused, SignUpRefused, WaitingForApproval
from ..models import AccountRow, ClientKind, SessionRow
from ..passwords import hash_password, needs_rehash, password_fits
from ..queries import find_login, view_account
from ..schemas import SignedIn, SignInDraft
from .second_factor import pass_second_factor

__all__ = ["forget_idle_sessions", "open_sessions", "revoke_other_sessions", "revoke_session", "sign_in"]

_FORGOTTEN_AT_ONCE = 1_000


async def sign_in(
    database: Database,
    session: AsyncSession,
    draft: SignInDraft,
    *,
    settings: Settings,
    device: str = "",
    address: str = "",
    clock: Clock = system_clock,
) -> SignedIn:
    """Opens a session for whoever knows the password.

    An unknown login costs the same work as a known one, and gets the same answer. The account is read in a short
    transaction of its own, so that none is open while the password is checked; ``session`` must not have been used
    yet. Raises ``SignInRefused``, ``WaitingForApproval``, ``SignUpRefused``, ``SecondFactorNeeded``,
    ``SecondFactorWrong``, ``TooMany``, ``SignInBusy``.
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
    if row.second_factor:
        await pass_second_factor(database, session, row, draft.code, settings=settings, clock=clock)
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


async def forget_idle_sessions(session: AsyncSession, *, before: datetime) -> None:
    """Signs out, on a thousand devices at a time, what was last seen before; says so like ``revoke_session``."""
    idle = (
        select(SessionRow.number, SessionRow.id)
        .where(SessionRow.last_seen_at < before)
        .limit(_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(SessionRow)
        .where(tuple_(SessionRow.number, SessionRow.id).in_(idle))
        .returning(SessionRow.number, SessionRow.id)
    )
    for row in gone:
        _say_revoked(session, row.number, [row.id])


def _say_revoked(session: AsyncSession, number: int, session_ids: Sequence[int]) -> None:
    for session_id in session_ids:
        say_after_commit(session, f"account.{number}", msgspec.json.encode({"on": "revoked", "session": session_id}))
