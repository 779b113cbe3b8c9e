"""Coming in from outside: by an OpenID Connect provider or an LDAP server, and what of that is linked to whom.

A way through a provider has two halves. ``begin_outside`` remembers who went, ``come_back`` finds them again by what
the provider hands back, and once it has been asked who they are ``give_ticket`` keeps that for ten minutes. With the
ticket they come in, or link what they have proven to the account that they are signed in to. Only the browser that has
begun can go on.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import Database
from hutong.infra.openid import Proof
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import NotFound
from hutong.kit.ids import hash_token, new_token
from hutong.kit.text import clean_line, shorten
from hutong.settings import Settings, SignInLdap, SignInProvider

from ..errors import (
    BadEmail,
    LastWayIn,
    OutsideLinked,
    OutsideRefused,
    OutsideTaken,
    OutsideUnknown,
    SignUpRefused,
)
from ..facts import AccountSignedUp
from ..models import AccountRow, ClientKind, EmailRow, OutsideRow, OutsideTry
from ..queries import account_of, view_account
from ..schemas import OutsideSignIn, SignedIn
from ..spelling import check_email
from .accounts import add_account
from .names import claim_email
from .second_factor import pass_second_factor
from .sessions import open_sessions

__all__ = [
    "SigningDevice",
    "begin_outside",
    "come_back",
    "give_ticket",
    "keep_a_way_in",
    "link_outside",
    "sign_in_by_ldap",
    "sign_in_by_ticket",
    "unlink_outside",
]

Way = SignInProvider | SignInLdap

OUTSIDE_S = 600
"""How long one may take at the provider, and how long a ticket is good."""

_SUBJECT_CHARS_MAX = 255
_LABEL_CHARS_MAX = 254


@dataclass(frozen=True)
class SigningDevice:
    """What is noted of a device that somebody signs in on."""

    name: str
    address: str
    client: ClientKind = "web"


async def begin_outside(
    session: AsyncSession, way: SignInProvider, *, browser: str, redirect: str, onward: str, clock: Clock
) -> tuple[str, str, str]:
    """Remembers that a browser goes to a provider; returns ``state``, ``nonce`` and ``verifier``, to be sent along."""
    now = clock()
    await session.execute(delete(OutsideTry).where(OutsideTry.expires_at < now))
    state, nonce, verifier = new_token(), new_token(), new_token() + new_token()
    session.add(
        OutsideTry(
            key_hash=hash_token(state),
            provider=way.id,
            browser_hash=hash_token(browser),
            redirect=redirect,
            onward=onward,
            nonce=nonce,
            verifier=verifier,
            expires_at=now + timedelta(seconds=OUTSIDE_S),
        )
    )
    await session.flush()
    return state, nonce, verifier


async def come_back(
    session: AsyncSession, way: SignInProvider, state: str, *, browser: str, clock: Clock
) -> OutsideTry:
    """What is remembered of a browser that comes back; it is used up by that. Raises ``OutsideRefused``."""
    return await _use_try(session, way, state, browser, is_proven=False, clock=clock)


async def _use_try(
    session: AsyncSession, way: Way, key: str, browser: str, *, is_proven: bool, clock: Clock
) -> OutsideTry:
    row = await session.get(OutsideTry, hash_token(key), with_for_update=True)
    good = row is not None and row.provider == way.id and (row.subject is not None) is is_proven
    if row is None or not good or row.expires_at <= clock() or row.browser_hash != hash_token(browser):
        raise OutsideRefused(name=way.name, log="nobody has begun this, or not in this browser, or too long ago")
    await session.delete(row)
    await session.flush()
    return row


async def give_ticket(session: AsyncSession, way: SignInProvider, tried: OutsideTry, proof: Proof, clock: Clock) -> str:
    """Keeps what the provider has said; returns the ticket for it. Raises ``OutsideRefused``."""
    if not 1 <= len(proof.subject) <= _SUBJECT_CHARS_MAX:
        raise OutsideRefused(name=way.name, log="the subject is empty or too long")
    ticket = new_token()
    session.add(
        OutsideTry(
            key_hash=hash_token(ticket),
            provider=way.id,
            browser_hash=tried.browser_hash,
            redirect="",
            onward=tried.onward,
            nonce="",
            verifier="",
            subject=proof.subject,
            nickname=proof.nickname,
            email=proof.email,
            email_verified=proof.email_verified,
            expires_at=clock() + timedelta(seconds=OUTSIDE_S),
        )
    )
    await session.flush()
    return ticket


async def sign_in_by_ticket(
    database: Database,
    session: AsyncSession,
    way: SignInProvider,
    draft: OutsideSignIn,
    device: SigningDevice,
    *,
    browser: str,
    settings: Settings,
    clock: Clock,
) -> SignedIn | None:
    """Opens a session for whoever's account elsewhere it is, and makes them one the first time; None where that has to
    wait for approval. A refusal leaves the ticket good, so that a code or an invitation can be handed in after it.

    Raises ``OutsideRefused``, ``OutsideUnknown``, ``InvitationNeeded``, ``SignUpRefused``, ``SecondFactorNeeded``,
    ``SecondFactorWrong``, ``TooMany``.
    """
    tried = await _use_try(session, way, draft.ticket, browser, is_proven=True, clock=clock)
    proof = Proof(
        subject=tried.subject or "",
        nickname=tried.nickname,
        email=tried.email,
        email_verified=tried.email_verified,
    )
    given = _Given(draft.code, draft.invitation)
    return await _sign_in_by_proof(database, session, way, proof, given, device, settings=settings, clock=clock)


async def sign_in_by_ldap(
    database: Database,
    session: AsyncSession,
    way: SignInLdap,
    proof: Proof,
    device: SigningDevice,
    *,
    code: str | None,
    invitation: str | None,
    settings: Settings,
    clock: Clock,
) -> SignedIn | None:
    """The same for whom the LDAP server knows. Raises what ``sign_in_by_ticket`` does."""
    if not 1 <= len(proof.subject) <= _SUBJECT_CHARS_MAX:
        raise OutsideRefused(name=way.name, log="the subject is empty or too long")
    given = _Given(code, invitation)
    return await _sign_in_by_proof(database, session, way, proof, given, device, settings=settings, clock=clock)


@dataclass(frozen=True)
class _Given:
    code: str | None
    invitation: str | None


async def _sign_in_by_proof(
    database: Database,
    session: AsyncSession,
    way: Way,
    proof: Proof,
    given: _Given,
    device: SigningDevice,
    *,
    settings: Settings,
    clock: Clock,
) -> SignedIn | None:
    link = await session.get(OutsideRow, (proof.subject, way.id))
    if link is None:
        row = await _sign_up_by_proof(session, way, proof, given.invitation, settings=settings, clock=clock)
    else:
        row = await session.get_one(AccountRow, link.number, with_for_update={"read": True})
    if row.state == "waiting":
        return None
    if row.state != "active":
        raise SignUpRefused
    if row.second_factor:
        await pass_second_factor(database, session, row, given.code, settings=settings, clock=clock)
    tokens = await open_sessions(
        session, [row.number], client=device.client, device=device.name, address=device.address, clock=clock
    )
    return SignedIn(token=tokens[0], account=view_account(row))


async def _sign_up_by_proof(
    session: AsyncSession, way: Way, proof: Proof, invitation: str | None, *, settings: Settings, clock: Clock
) -> AccountRow:
    gate = way.sign_up or settings.sign_up
    if gate == "closed":
        raise OutsideUnknown(name=way.name)
    nickname = shorten(clean_line(proof.nickname) or clean_line(way.name), settings.limits.name_chars_max)
    row = await add_account(session, nickname, gate=gate, invitation=invitation or "", reason=way.name, clock=clock)
    email = await _free_email(session, proof)
    if email is not None:
        await claim_email(session, row.number, email)
        row.email = email
    session.add(_link(way, proof, row.number, clock))
    publish(session, AccountSignedUp(number=row.number, nickname=nickname, state=row.state))
    await session.flush()
    return row


async def _free_email(session: AsyncSession, proof: Proof) -> str | None:
    """The address, if the provider has made sure of it and nobody here signs in with it."""
    if not proof.email_verified or not proof.email:
        return None
    try:
        email = check_email(proof.email)
    except BadEmail:
        return None
    return email if await session.get(EmailRow, email) is None else None


def _link(way: Way, proof: Proof, number: int, clock: Clock) -> OutsideRow:
    label = shorten(clean_line(proof.email or proof.nickname or proof.subject), _LABEL_CHARS_MAX)
    return OutsideRow(subject=proof.subject, provider=way.id, number=number, label=label, linked_at=clock())


async def link_outside(
    session: AsyncSession, actor: Actor, way: SignInProvider, ticket: str, *, browser: str, clock: Clock
) -> None:
    """From here on the actor may come in by this account elsewhere. Twice is once. Raises ``OutsideRefused``,
    ``OutsideTaken``, ``OutsideLinked``."""
    tried = await _use_try(session, way, ticket, browser, is_proven=True, clock=clock)
    subject = tried.subject or ""
    await account_of(session, actor.number, for_update=True)
    link = await session.get(OutsideRow, (subject, way.id))
    if link is not None and link.number != actor.number:
        raise OutsideTaken(name=way.name)
    if link is not None:
        return
    mine = select(OutsideRow.subject).where(OutsideRow.number == actor.number, OutsideRow.provider == way.id)
    if await session.scalar(mine) is not None:
        raise OutsideLinked(name=way.name)
    proof = Proof(subject=subject, nickname=tried.nickname, email=tried.email)
    session.add(_link(way, proof, actor.number, clock))
    await session.flush()


async def unlink_outside(session: AsyncSession, actor: Actor, provider: str) -> None:
    """The actor comes in by it no more. Raises ``NotFound`` and ``LastWayIn``."""
    row = await account_of(session, actor.number, for_update=True)
    gone = await session.scalar(
        delete(OutsideRow)
        .where(OutsideRow.number == actor.number, OutsideRow.provider == provider)
        .returning(OutsideRow.subject)
    )
    if gone is None:
        raise NotFound
    await keep_a_way_in(session, row)


async def keep_a_way_in(session: AsyncSession, row: AccountRow) -> None:
    """Holds on to it that somebody can come back: with a password, a passkey or an account elsewhere. The account is
    locked by whoever calls. Raises ``LastWayIn``."""
    if row.password_hash is not None or row.passkeys > 0:
        return
    linked = select(OutsideRow.subject).where(OutsideRow.number == row.number).limit(1)
    if await session.scalar(linked) is None:
        raise LastWayIn
