"""What people change about themselves."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

import msgspec
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import say_after_commit
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, system_clock
from hutong.kit.text import clean_line, clean_text
from hutong.settings import Settings

from ..errors import BadAbout, BadBirthYear, SignInAgain, WrongPassword
from ..models import AccountRow
from ..passwords import hash_password, password_fits
from ..queries import account_of, signed_in_at, view_account
from ..schemas import Account, PasswordChange, ProfileChange
from ..spelling import check_email, check_nickname, check_password
from .names import claim_email, claim_handle, release_email, release_handle
from .sessions import revoke_other_sessions

__all__ = ["WearAvatar", "change_handle", "change_password", "change_profile", "set_password"]

_BIRTH_YEAR_MIN = 1900
_FRESH = timedelta(minutes=10)


@runtime_checkable
class WearAvatar(Protocol):
    """Puts on ``new`` and takes off ``old``, in the session's transaction; raises where ``new`` is no picture of the
    owner's. Identity knows no files, so the application hands this in."""

    async def __call__(self, session: AsyncSession, owner: int, *, new: str | None, old: str | None) -> None: ...


async def change_profile(
    session: AsyncSession,
    actor: Actor,
    change: ProfileChange,
    *,
    wear_avatar: WearAvatar,
    settings: Settings,
    clock: Clock = system_clock,
) -> Account:
    """Changes what is given and leaves the rest. Where the nickname or the avatar is another one, the bus subject
    ``account.<number>`` hears ``{"on":"renamed","nickname":…,"avatar":…}`` once that is committed.

    Raises ``BadNickname``, ``BadEmail``, ``EmailTaken``, ``BadBirthYear``, ``BadAbout``, and what ``wear_avatar``
    raises.
    """
    row = await account_of(session, actor.number, for_update=True)
    known_as = (row.nickname, row.avatar)
    if change.nickname is not UNSET:
        row.nickname = check_nickname(change.nickname, settings.limits)
    if change.avatar is not UNSET:
        await wear_avatar(session, row.number, new=change.avatar, old=row.avatar)
        row.avatar = change.avatar
    if change.email is not UNSET:
        await _change_email(session, row, check_email(change.email) if change.email else None)
    _change_self_portrait(row, change, settings, clock)
    if change.visibility is not UNSET:
        given = {name: reach for name, reach in msgspec.structs.asdict(change.visibility).items() if reach is not UNSET}
        row.visibility = row.visibility | given
    if change.reach is not UNSET:
        row.reach = change.reach
    if known_as != (row.nickname, row.avatar):
        news = {"on": "renamed", "nickname": row.nickname, "avatar": row.avatar}
        say_after_commit(session, f"account.{row.number}", msgspec.json.encode(news))
    await session.flush()
    return view_account(row)


def _change_self_portrait(row: AccountRow, change: ProfileChange, settings: Settings, clock: Clock) -> None:
    if change.birth_year is not UNSET:
        this_year = clock().year
        if change.birth_year is not None and not _BIRTH_YEAR_MIN <= change.birth_year <= this_year:
            raise BadBirthYear(year_min=_BIRTH_YEAR_MIN, year_max=this_year)
        row.birth_year = change.birth_year
    if change.city is not UNSET:
        row.city = clean_line(change.city or "") or None
    if change.interests is not UNSET:
        row.interests = list(dict.fromkeys(kept for interest in change.interests if (kept := clean_line(interest))))
    if change.about is not UNSET:
        row.about = clean_text(change.about)
        if len(row.about) > settings.limits.about_chars_max:
            raise BadAbout(chars_max=settings.limits.about_chars_max)


async def _change_email(session: AsyncSession, row: AccountRow, email: str | None) -> None:
    if email == row.email:
        return
    if row.email is not None:
        await release_email(session, row.number, row.email)
    if email is not None:
        await claim_email(session, row.number, email)
    row.email = email


async def change_handle(session: AsyncSession, actor: Actor, handle: str) -> Account:
    """Claims a handle for the actor and gives the former one back. Raises ``BadHandle``, ``HandleReserved``,
    ``HandleTaken``."""
    row = await account_of(session, actor.number, for_update=True)
    former, row.handle = row.handle, await claim_handle(session, "person", row.number, handle)
    if former is not None and former != row.handle:
        await release_handle(session, "person", row.number, former)
    await session.flush()
    return view_account(row)


async def change_password(
    session: AsyncSession, actor: Actor, change: PasswordChange, *, settings: Settings, clock: Clock = system_clock
) -> None:
    """Sets another password for whoever knows the present one, and signs every other device out. Who comes from outside
    and has none sets the first one, soon after they have signed in: a device that was left signed in is not enough.

    Raises ``BadPassword``, ``WrongPassword``, ``SignInAgain``, ``SignInBusy``.
    """
    check_password(change.new, settings.limits)
    stored = (await account_of(session, actor.number)).password_hash
    if stored is None:
        signed_in = await signed_in_at(session, actor)
        if signed_in is None or clock() - signed_in > _FRESH:
            raise SignInAgain
    elif not await password_fits(stored, change.old):
        raise WrongPassword
    await set_password(session, actor.number, change.new, settings=settings, but_session=actor.session_id)


async def set_password(
    session: AsyncSession, number: int, password: str, *, settings: Settings, but_session: int = 0
) -> None:
    """Sets a password without asking for the present one, and signs every device but one out: for the operator.

    Raises ``NoSuchAccount``, ``BadPassword``, ``SignInBusy``.
    """
    check_password(password, settings.limits)
    password_hash = await hash_password(password)
    # The row first: whoever signs in meanwhile with the former password waits for it, and is signed out or refused.
    row = await account_of(session, number, for_update=True)
    row.password_hash = password_hash
    await session.flush()
    await revoke_other_sessions(session, number, but_session)
