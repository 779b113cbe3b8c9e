"""Passkeys: added, dropped, and used to sign in."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc, system_clock
from hutong.kit.errors import NotFound
from hutong.kit.text import clean_line, shorten

from ..errors import PasskeyRefused, TooManyPasskeys, WrongPassword
from ..models import AccountRow, ChallengePurpose, ChallengeRow, ClientKind, PasskeyRow
from ..passkeys import (
    CHALLENGE_S,
    RelyingParty,
    challenge_in,
    check_assertion,
    check_registration,
    creation_options,
    holder_in,
    request_options,
)
from ..passwords import password_fits
from ..queries import account_of, view_account
from ..schemas import Passkey, PasskeyDraft, SignedIn
from .outside import keep_a_way_in
from .sessions import open_sessions

__all__ = ["add_passkey", "begin_passkey", "begin_passkey_sign_in", "drop_passkey", "sign_in_by_passkey"]

_PASSKEYS_MAX = 20
_NAME_CHARS_MAX = 60


async def begin_passkey(
    session: AsyncSession, actor: Actor, password: str, party: RelyingParty, *, clock: Clock = system_clock
) -> dict[str, Any]:
    """What the browser of somebody who knows the password needs to make a passkey; good for five minutes and one
    answer. A passkey opens the account for ever, so a device that was left signed in must not be enough to add one.

    Raises ``WrongPassword`` and ``SignInBusy``.
    """
    row = await account_of(session, actor.number)
    if not await password_fits(row.password_hash, password):
        raise WrongPassword
    known = await session.scalars(select(PasskeyRow.credential_id).where(PasskeyRow.number == actor.number))
    challenge = await _new_challenge(session, "register", actor.number, clock)
    return creation_options(
        party,
        number=row.number,
        nickname=row.nickname,
        login=row.handle or str(row.number),
        challenge=challenge,
        known=known.all(),
    )


async def add_passkey(
    session: AsyncSession, actor: Actor, party: RelyingParty, draft: PasskeyDraft, *, clock: Clock = system_clock
) -> Passkey:
    """Keeps a passkey that the browser has made. Raises ``PasskeyRefused`` and ``TooManyPasskeys``."""
    challenge = await _use_challenge(session, draft.credential, "register", actor.number, clock)
    checked = check_registration(party, draft.credential, challenge)
    row = await account_of(session, actor.number, for_update=True)
    if row.passkeys >= _PASSKEYS_MAX:
        raise TooManyPasskeys(passkeys_max=_PASSKEYS_MAX)
    now = clock()
    passkey = PasskeyRow(
        number=actor.number,
        credential_id=checked.credential_id,
        public_key=checked.public_key,
        sign_count=checked.sign_count,
        name=shorten(clean_line(draft.name), _NAME_CHARS_MAX) or "Passkey",
        created_at=now,
    )
    session.add(passkey)
    row.passkeys += 1
    await session.flush()
    return Passkey(id=passkey.id, name=passkey.name, created_at=iso_utc(now), last_used_at=None)


async def drop_passkey(session: AsyncSession, actor: Actor, passkey_id: int) -> None:
    """Forgets a passkey of the actor. Raises ``NotFound`` and ``LastWayIn``."""
    row = await account_of(session, actor.number, for_update=True)
    gone = await session.scalar(
        delete(PasskeyRow)
        .where(PasskeyRow.number == actor.number, PasskeyRow.id == passkey_id)
        .returning(PasskeyRow.id)
    )
    if gone is None:
        raise NotFound
    row.passkeys -= 1
    await keep_a_way_in(session, row)


async def begin_passkey_sign_in(
    session: AsyncSession, party: RelyingParty, *, clock: Clock = system_clock
) -> dict[str, Any]:
    """What the browser needs to sign in with a passkey; good for five minutes and one answer."""
    return request_options(party, challenge=await _new_challenge(session, "sign_in", None, clock))


async def sign_in_by_passkey(
    session: AsyncSession,
    party: RelyingParty,
    credential: dict[str, Any],
    *,
    client: ClientKind = "web",
    device: str = "",
    address: str = "",
    clock: Clock = system_clock,
) -> SignedIn:
    """Opens a session for whoever's passkey has signed the challenge; no second factor is asked for, because the device
    has verified its person. A challenge is answered once. Raises ``PasskeyRefused``."""
    challenge = await _use_challenge(session, credential, "sign_in", None, clock)
    number, credential_id = holder_in(credential)
    account = await session.get(AccountRow, number)
    passkey = await session.scalar(
        select(PasskeyRow)
        .where(PasskeyRow.number == number, PasskeyRow.credential_id == credential_id)
        .with_for_update()
    )
    if account is None or passkey is None or account.state != "active":
        raise PasskeyRefused(log="nobody who may sign in holds this passkey")
    passkey.sign_count = check_assertion(
        party, credential, challenge, public_key=passkey.public_key, sign_count=passkey.sign_count
    )
    passkey.last_used_at = clock()
    tokens = await open_sessions(session, [number], client=client, device=device, address=address, clock=clock)
    return SignedIn(token=tokens[0], account=view_account(account))


async def _new_challenge(session: AsyncSession, purpose: ChallengePurpose, number: int | None, clock: Clock) -> bytes:
    now = clock()
    await session.execute(delete(ChallengeRow).where(ChallengeRow.expires_at < now))
    challenge = secrets.token_bytes(32)
    session.add(
        ChallengeRow(
            challenge=challenge, purpose=purpose, number=number, expires_at=now + timedelta(seconds=CHALLENGE_S)
        )
    )
    await session.flush()
    return challenge


async def _use_challenge(
    session: AsyncSession, credential: dict[str, Any], purpose: ChallengePurpose, number: int | None, clock: Clock
) -> bytes:
    """Uses up the challenge that the credential answers. Raises ``PasskeyRefused`` for one that was not given out for
    this, or is used up or too old."""
    answered = challenge_in(credential)
    used: bytes | None = await session.scalar(
        delete(ChallengeRow)
        .where(
            ChallengeRow.challenge == answered,
            ChallengeRow.purpose == purpose,
            ChallengeRow.number.is_not_distinct_from(number),
            ChallengeRow.expires_at >= clock(),
        )
        .returning(ChallengeRow.challenge)
    )
    if used is None:
        raise PasskeyRefused(log="the challenge was not given out, or is used up")
    return used
