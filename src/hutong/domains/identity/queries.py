"""Reads of identity that deserve a name."""

import re
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc, system_clock
from hutong.kit.ids import hash_token

from .errors import NoSuchAccount
from .models import AccountRow, EmailRow, HandleRow, SessionRow
from .schemas import Account, AccountCard, Visibility

__all__ = ["account_of", "find_actor", "find_login", "get_account", "names_of", "view_account"]

_SEEN_AGAIN_AFTER = timedelta(minutes=5)
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")


async def find_actor(session: AsyncSession, token: str, *, clock: Clock = system_clock) -> Actor | None:
    """Who holds this token, or None. One query; at most once in five minutes a second one notes that the device was
    seen, without ever waiting for another request that does the same."""
    number = _number_in(token)
    if number is None:
        return None
    found = (
        await session.execute(
            select(AccountRow.nickname, AccountRow.avatar, SessionRow.id, SessionRow.last_seen_at)
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
    return Actor(number=number, nickname=found.nickname, session_id=found.id, avatar=found.avatar)


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
        select(AccountRow.number, AccountRow.nickname, AccountRow.avatar).where(AccountRow.number.in_(wanted))
    )
    return {row.number: AccountCard(row.number, row.nickname, row.avatar) for row in rows}


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


async def account_of(session: AsyncSession, number: int) -> AccountRow:
    """The row of an account. Raises ``NoSuchAccount``."""
    row = await session.get(AccountRow, number)
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
        second_factor=False,
        passkeys=0,
        state=row.state,
        created_at=iso_utc(row.created_at),
    )
