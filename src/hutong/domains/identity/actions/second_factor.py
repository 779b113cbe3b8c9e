"""Switching the second factor on and off, and asking for it."""

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, system_clock
from hutong.settings import Settings

from ..errors import SecondFactorIsOn, SecondFactorNeeded, SecondFactorNotPrepared, SecondFactorWrong, WrongPassword
from ..models import AccountRow, RecoveryCodeRow, SecondFactorRow
from ..passwords import password_fits
from ..queries import account_of
from ..schemas import PreparedSecondFactor, RecoveryCodes
from ..second_factor import (
    hash_recovery_code,
    is_totp,
    new_recovery_codes,
    new_secret,
    qr_svg,
    step_of,
    uri_of,
)

__all__ = ["confirm_second_factor", "drop_second_factor", "pass_second_factor", "prepare_second_factor"]

_DAY_S = 86_400


async def prepare_second_factor(
    session: AsyncSession, actor: Actor, password: str, *, settings: Settings
) -> PreparedSecondFactor:
    """Makes a secret for the phone. Nothing is switched on before ``confirm_second_factor``.

    Raises ``WrongPassword``, ``SecondFactorIsOn``, ``SignInBusy``.
    """
    row = await account_of(session, actor.number)
    if not await password_fits(row.password_hash, password):
        raise WrongPassword
    row = await account_of(session, actor.number, for_update=True)
    if row.second_factor:
        raise SecondFactorIsOn
    secret = new_secret()
    statement = upsert(SecondFactorRow).values(number=actor.number, secret=secret, last_step=0)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["number"], set_={"secret": secret, "last_step": 0})
    )
    uri = uri_of(secret, row.handle or str(row.number), settings.name)
    return PreparedSecondFactor(secret=secret, uri=uri, qr_svg=qr_svg(uri))


async def confirm_second_factor(
    database: Database,
    session: AsyncSession,
    actor: Actor,
    code: str,
    *,
    settings: Settings,
    clock: Clock = system_clock,
) -> RecoveryCodes:
    """Switches the second factor on, once the phone has shown a right code, and returns the recovery codes, which are
    told this once. No password is asked for: whoever has the secret gave it when they prepared, and codes cannot be
    guessed. Raises ``SecondFactorIsOn``, ``SecondFactorNotPrepared``, ``SecondFactorWrong`` and ``TooMany``."""
    row = await account_of(session, actor.number, for_update=True)
    if row.second_factor:
        raise SecondFactorIsOn
    prepared = await session.get(SecondFactorRow, actor.number)
    if prepared is None:
        raise SecondFactorNotPrepared
    # Counted apart from those at the door, so that nobody who finds a device signed in can close the door by guessing.
    await _spend_code_try(database, "identity.second_factor_new", actor.number, settings, clock)
    step = step_of(prepared.secret, code, clock(), after=prepared.last_step)
    if step is None:
        raise SecondFactorWrong
    prepared.last_step = step
    row.second_factor = True
    codes = new_recovery_codes()
    kept = [{"number": actor.number, "code_hash": hash_recovery_code(actor.number, one)} for one in codes]
    await session.execute(insert(RecoveryCodeRow), kept)
    return RecoveryCodes(recovery_codes=codes)


async def drop_second_factor(session: AsyncSession, number: int, *, password: str | None) -> None:
    """Switches the second factor off, for whoever knows the password; without one, for the operator.

    Raises ``NoSuchAccount``, ``WrongPassword``, ``SignInBusy``.
    """
    if password is not None and not await password_fits((await account_of(session, number)).password_hash, password):
        raise WrongPassword
    row = await account_of(session, number, for_update=True)
    row.second_factor = False
    await session.execute(delete(SecondFactorRow).where(SecondFactorRow.number == number))
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.number == number))


async def pass_second_factor(
    database: Database, session: AsyncSession, row: AccountRow, code: str | None, *, settings: Settings, clock: Clock
) -> None:
    """Lets through whoever has given a good code: one from the phone that was not used yet, or a recovery code, which
    is used up by it. Raises ``SecondFactorNeeded``, ``SecondFactorWrong`` and ``TooMany``."""
    if not code:
        raise SecondFactorNeeded
    await _spend_code_try(database, "identity.second_factor", row.number, settings, clock)
    if is_totp(code):
        factor = await session.get_one(SecondFactorRow, row.number, with_for_update=True)
        step = step_of(factor.secret, code, clock(), after=factor.last_step)
        if step is None:
            raise SecondFactorWrong
        factor.last_step = step
        return
    used = await session.scalar(
        delete(RecoveryCodeRow)
        .where(RecoveryCodeRow.number == row.number, RecoveryCodeRow.code_hash == hash_recovery_code(row.number, code))
        .returning(RecoveryCodeRow.number)
    )
    if used is None:
        raise SecondFactorWrong


async def _spend_code_try(database: Database, what: str, number: int, settings: Settings, clock: Clock) -> None:
    tries = Allowance(what, settings.limits.second_factor_tries_per_day_max, _DAY_S)
    await spend(database, tries, str(number), clock=clock)
