"""Reads of identity that deserve a name."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import UNSET
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc, system_clock
from hutong.kit.errors import NotFound
from hutong.kit.ids import hash_token
from hutong.settings import Settings

from .errors import NoSuchAccount
from .models import AccountRow, EmailRow, HandleRow, OutsideRow, PasskeyRow, Reach, SessionRow
from .schemas import (
    Account,
    AccountCard,
    Applicant,
    Device,
    HandleHolder,
    OutsideAccount,
    OutsideWays,
    Passkey,
    Profile,
    SharedGroup,
    Visibility,
    WayIn,
)

__all__ = [
    "Acquaintance",
    "account_of",
    "find_actor",
    "find_login",
    "find_person",
    "get_account",
    "handles_of",
    "list_devices",
    "list_outside",
    "list_passkeys",
    "list_waiting",
    "live_sessions",
    "may_be_written_to",
    "names_of",
    "reach_of",
    "signed_in_at",
    "view_account",
    "view_outside",
    "view_profile",
    "who_holds",
]

_SEEN_AGAIN_AFTER = timedelta(minutes=5)
_DEVICES_MAX = 200
_WAITING_SHOWN_MAX = 500
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")


async def find_actor(session: AsyncSession, token: str, *, clock: Clock = system_clock) -> Actor | None:
    """Who holds this token, or None. One query; at most once in five minutes a second one notes that the device was
    seen, without ever waiting for another request that does the same."""
    number = _number_in(token)
    if number is None:
        return None
    found = (
        await session.execute(
            select(AccountRow.nickname, AccountRow.avatar, AccountRow.kind, SessionRow.id, SessionRow.last_seen_at)
            .join(SessionRow, SessionRow.number == AccountRow.number)
            .where(
                AccountRow.number == number,
                AccountRow.state == "active",
                SessionRow.token_hash == hash_token(token),
            )
        )
    ).one_or_none()
    if found is None:
        return None
    now = clock()
    if now - found.last_seen_at > _SEEN_AGAIN_AFTER:
        await session.execute(
            text(
                "UPDATE identity_session SET last_seen_at = :now WHERE number = :number AND id = ("
                "SELECT id FROM identity_session WHERE number = :number AND id = :id FOR UPDATE SKIP LOCKED)"
            ),
            {"now": now, "number": number, "id": found.id},
        )
    is_bot = found.kind == "bot"
    return Actor(number=number, nickname=found.nickname, session_id=found.id, avatar=found.avatar, is_bot=is_bot)


def _number_in(token: str) -> int | None:
    """The account's number that a token begins with, so that the look-up stays on one shard."""
    number, dot, _ = token.partition(".")
    return int(number) if dot and token.isascii() and _NUMBER.fullmatch(number) else None


async def names_of(session: AsyncSession, numbers: Iterable[int]) -> dict[int, AccountCard]:
    """The cards of these accounts by number; a number that is nobody's is left out."""
    wanted = list(set(numbers))
    if not wanted:
        return {}
    rows = await session.execute(
        select(AccountRow.number, AccountRow.nickname, AccountRow.avatar, AccountRow.kind).where(
            AccountRow.number.in_(wanted)
        )
    )
    return {row.number: AccountCard(row.number, row.nickname, row.avatar, row.kind == "bot") for row in rows}


async def handles_of(session: AsyncSession, numbers: Iterable[int]) -> dict[int, str]:
    """The handles of these accounts by number; one that has none is left out."""
    rows = await session.execute(
        select(AccountRow.number, AccountRow.handle).where(
            AccountRow.number.in_(set(numbers)), AccountRow.handle.is_not(None)
        )
    )
    return {row[0]: str(row[1]) for row in rows}


async def live_sessions(session: AsyncSession, numbers: Iterable[int]) -> set[tuple[int, int]]:
    """``(number, session id)`` of every session of these accounts that is still good, for whoever may have missed that
    one was revoked."""
    rows = await session.execute(
        select(SessionRow.number, SessionRow.id)
        .join(AccountRow, AccountRow.number == SessionRow.number)
        .where(SessionRow.number.in_(set(numbers)), AccountRow.state == "active")
    )
    return {(row.number, row.id) for row in rows}


async def find_login(session: AsyncSession, login: str) -> AccountRow | None:
    """The account that a number, a handle (with or without ``@``) or an e-mail address signs in to."""
    login = login.strip().lower()
    number: int | None
    if _NUMBER.fullmatch(login) and login.isascii():
        number = int(login)
    elif "@" in login[1:]:
        number = await session.scalar(select(EmailRow.number).where(EmailRow.email == login))
    else:
        number = await session.scalar(
            select(HandleRow.number).where(HandleRow.handle == login.removeprefix("@"), HandleRow.kind == "person")
        )
    return await session.get(AccountRow, number) if number is not None else None


async def find_person(session: AsyncSession, handle: str) -> int | None:
    """The number of the account that has the handle; None if nobody has it."""
    number: int | None = await session.scalar(
        select(HandleRow.number).where(HandleRow.handle == handle, HandleRow.kind == "person")
    )
    return number


async def account_of(session: AsyncSession, number: int, *, for_update: bool = False) -> AccountRow:
    """The row of an account, locked where it is to be changed. Raises ``NoSuchAccount``."""
    row = await session.get(AccountRow, number, with_for_update=for_update or None)
    if row is None:
        raise NoSuchAccount
    return row


async def get_account(session: AsyncSession, number: int) -> Account:
    """The account as its owner sees it. Raises ``NoSuchAccount``."""
    return view_account(await account_of(session, number))


def view_account(row: AccountRow) -> Account:
    """The row as its owner sees it."""
    return Account(
        number=row.number,
        kind=row.kind,
        nickname=row.nickname,
        handle=row.handle,
        email=row.email,
        avatar=row.avatar,
        birth_year=row.birth_year,
        city=row.city,
        interests=row.interests,
        about=row.about,
        visibility=Visibility(**row.visibility),
        reach=row.reach,
        second_factor=row.second_factor,
        passkeys=row.passkeys,
        has_password=row.password_hash is not None,
        state=row.state,
        created_at=iso_utc(row.created_at),
    )


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What identity must ask of those above it, who know the groups: the application hands it to the routes.

    ``groups_in_common`` lists the groups that both accounts belong to; ``sees_group`` tells whether the account may
    know that a group exists.
    """

    groups_in_common: Callable[[AsyncSession, int, int], Awaitable[list[SharedGroup]]]
    sees_group: Callable[[AsyncSession, int, int], Awaitable[bool]]


async def view_profile(session: AsyncSession, viewer: int, number: int, acquaintance: Acquaintance) -> Profile:
    """The account as the viewer may see it. Raises ``NoSuchAccount`` also for one that is not let in yet."""
    row = await account_of(session, number)
    if row.state not in ("active", "placeholder"):
        raise NoSuchAccount
    shared = await acquaintance.groups_in_common(session, viewer, number) if viewer != number else []
    visibility = Visibility(**row.visibility)

    def shows(to_whom: Reach) -> bool:
        return viewer == number or to_whom == "everyone" or (to_whom == "groups" and bool(shared))

    return Profile(
        number=number,
        kind=row.kind,
        nickname=row.nickname,
        handle=row.handle,
        avatar=row.avatar,
        birth_year=row.birth_year if shows(visibility.birth_year) else UNSET,
        city=row.city if shows(visibility.city) else UNSET,
        interests=row.interests if shows(visibility.interests) else UNSET,
        about=row.about if shows(visibility.about) else UNSET,
        shared_groups=shared,
        may_write=row.state == "active" and viewer != number and may_be_written_to(row.reach, bool(shared)),
    )


def may_be_written_to(reach: Reach, shares_a_group: bool) -> bool:
    """Whether somebody with this reach takes a word from somebody who shares a group with them, or does not."""
    return reach == "everyone" or (reach == "groups" and shares_a_group)


async def reach_of(session: AsyncSession, number: int) -> Reach:
    """Who may write to the account; nobody may to one that is not active. Raises ``NoSuchAccount``."""
    row = await account_of(session, number)
    return row.reach if row.state == "active" else "nobody"


async def who_holds(session: AsyncSession, viewer: int, handle: str, acquaintance: Acquaintance) -> HandleHolder:
    """The person or the group that holds a handle. Raises ``NotFound`` for a group that the viewer may not see."""
    row = await session.get(HandleRow, handle.strip().removeprefix("@").lower())
    if row is None or (row.kind == "group" and not await acquaintance.sees_group(session, viewer, row.number)):
        raise NotFound
    return HandleHolder(kind=row.kind, number=row.number)


async def list_devices(session: AsyncSession, actor: Actor) -> list[Device]:
    """The account's sessions, the one seen last first."""
    rows = await session.scalars(
        select(SessionRow)
        .where(SessionRow.number == actor.number)
        .order_by(SessionRow.last_seen_at.desc(), SessionRow.id.desc())
        .limit(_DEVICES_MAX)
    )
    return [
        Device(
            id=row.id,
            client=row.client,
            device=row.device,
            address=row.address,
            created_at=iso_utc(row.created_at),
            last_seen_at=iso_utc(row.last_seen_at),
            current=row.id == actor.session_id,
        )
        for row in rows
    ]


async def signed_in_at(session: AsyncSession, actor: Actor) -> datetime | None:
    """When the actor has shown who they are on the device that asks; None where the device is signed out."""
    at: datetime | None = await session.scalar(
        select(SessionRow.created_at).where(SessionRow.number == actor.number, SessionRow.id == actor.session_id)
    )
    return at


async def list_passkeys(session: AsyncSession, number: int) -> list[Passkey]:
    """The account's passkeys, the newest first."""
    rows = await session.scalars(
        select(PasskeyRow).where(PasskeyRow.number == number).order_by(PasskeyRow.id.desc()).limit(_DEVICES_MAX)
    )
    return [
        Passkey(
            id=row.id,
            name=row.name,
            created_at=iso_utc(row.created_at),
            last_used_at=iso_utc(row.last_used_at) if row.last_used_at is not None else None,
        )
        for row in rows
    ]


async def list_outside(session: AsyncSession, number: int) -> Sequence[OutsideRow]:
    """The accounts elsewhere by which somebody comes in, the oldest first."""
    rows = await session.scalars(
        select(OutsideRow).where(OutsideRow.number == number).order_by(OutsideRow.linked_at, OutsideRow.provider)
    )
    return rows.all()


async def view_outside(session: AsyncSession, number: int, settings: Settings) -> OutsideWays:
    """The same as their owner sees them, with the providers of which they have linked none."""
    names = {one.id: one.name for one in settings.sign_in_providers}
    if settings.sign_in_ldap is not None:
        names[settings.sign_in_ldap.id] = settings.sign_in_ldap.name
    linked = await list_outside(session, number)
    has = {row.provider for row in linked}
    return OutsideWays(
        items=[
            OutsideAccount(
                provider=row.provider,
                name=names.get(row.provider, row.provider),
                label=row.label,
                linked_at=iso_utc(row.linked_at),
            )
            for row in linked
        ],
        more=[WayIn(id=one.id, name=one.name) for one in settings.sign_in_providers if one.id not in has],
    )


async def list_waiting(session: AsyncSession) -> list[Applicant]:
    """Those who wait to be let in, who came first first."""
    rows = await session.scalars(
        select(AccountRow)
        .where(AccountRow.state == "waiting")
        .order_by(AccountRow.created_at)
        .limit(_WAITING_SHOWN_MAX)
    )
    return [
        Applicant(row.number, row.nickname, row.handle, row.email, row.reason, iso_utc(row.created_at)) for row in rows
    ]
