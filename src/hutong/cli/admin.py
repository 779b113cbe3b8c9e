"""``hutong admin``: what whoever runs a hutong does with accounts and apps. With the server running or not.

The verbs of the directory of apps stand in ``reviewing``.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains import identity, openplatform
from hutong.domains.openplatform import AppState
from hutong.kit.clock import system_clock
from hutong.kit.ids import new_code

from . import reviewing
from .console import complain, say, settings_from
from .operating import work_within

__all__ = ["admin"]

admin = App(name="admin", help="Invite, approve and refuse people, set passwords, and let apps in.")
for _verb in (
    reviewing.submissions,
    reviewing.submission,
    reviewing.approve_version,
    reviewing.reject_version,
    reviewing.roll_back,
    reviewing.drop_rating,
    reviewing.grant,
    reviewing.grants,
    reviewing.end_grant,
):
    admin.command(_verb)


_PASSWORD_CHARS = 16


@admin.command
def invite(*, uses: int = 1, hours: int | None = None, note: str = "", data: Path | None = None) -> None:
    """Make an invitation to sign up, and print its code.

    Parameters
    ----------
    uses
        How many people may sign up with it.
    hours
        For how long it is good; for ever if left out.
    note
        Whom it is for, for yourself.
    data
        The data folder.
    """
    if uses < 1 or (hours is not None and hours < 1):
        complain("An invitation is good for at least one person and one hour.")
        raise SystemExit(1)

    async def make(session: AsyncSession) -> None:
        say(await identity.invite(session, uses=uses, hours=hours, note=note))

    work_within(data, make)


@admin.command
def claim(number: int, /, *, data: Path | None = None) -> None:
    """Make a code to claim a placeholder of an import, and print it.

    Whoever signs up with it takes over what the placeholder said.

    Parameters
    ----------
    number
        The account number of the placeholder.
    data
        The data folder.
    """

    async def make(session: AsyncSession) -> None:
        say(await identity.offer_placeholder(session, number))

    work_within(data, make)


@admin.command
def waiting(*, data: Path | None = None) -> None:
    """List the people who wait for approval.

    Parameters
    ----------
    data
        The data folder.
    """

    async def tell(session: AsyncSession) -> None:
        applicants = await identity.list_waiting(session)
        for one in applicants:
            names = ", ".join(name for name in (one.handle and f"@{one.handle}", one.email) if name)
            say(f"{one.number}  {one.created_at}  {one.nickname}" + (f"  ({names})" if names else ""))
            if one.reason:
                say("        " + one.reason.replace("\n", "\n        "))
        if not applicants:
            say("Nobody is waiting.")

    work_within(data, tell)


@admin.command
def approve(*numbers: int, data: Path | None = None) -> None:
    """Let people in who wait for approval.

    Parameters
    ----------
    numbers
        Their account numbers.
    data
        The data folder.
    """
    _decide(numbers, data, identity.approve, "may sign in now")


@admin.command
def refuse(*numbers: int, data: Path | None = None) -> None:
    """Turn people away who wait for approval.

    Their handles are free again.

    Parameters
    ----------
    numbers
        Their account numbers.
    data
        The data folder.
    """
    _decide(numbers, data, identity.refuse, "is turned away")


@admin.command
def password(
    number: int,
    /,
    *,
    second_factor_off: Annotated[bool, Parameter(negative=())] = False,
    data: Path | None = None,
) -> None:
    """Set a new password for somebody, and print it.

    For who has lost theirs. All their devices are signed out.

    Parameters
    ----------
    number
        The account number.
    second_factor_off
        Switch the second factor off too, for somebody who has lost the phone and the recovery codes.
    data
        The data folder.
    """
    settings = settings_from(data)
    fresh = new_code(_PASSWORD_CHARS)

    async def change(session: AsyncSession) -> None:
        await identity.set_password(session, number, fresh, settings=settings)
        if second_factor_off:
            await identity.drop_second_factor(session, number, password=None)

    work_within(data, change)
    say(f"The password of {number} is now {fresh}")


@admin.command
def app(number: int, state: AppState, *, data: Path | None = None) -> None:
    """Say what becomes of an app: reviewed ones may go into groups of any size, suspended ones may do nothing.

    Parameters
    ----------
    number
        The number of the app.
    state
        What it is from here on.
    data
        The data folder.
    """

    limits = settings_from(data).limits

    async def change(session: AsyncSession) -> None:
        await openplatform.set_app_state(session, number, state, clock=system_clock, limits=limits)

    work_within(data, change)
    say(f"The app {number} is {state} now")


def _decide(
    numbers: tuple[int, ...],
    data: Path | None,
    verb: Callable[[AsyncSession, int], Awaitable[None]],
    outcome: str,
) -> None:
    """All of them or, where one cannot be decided on, none."""

    async def decide(session: AsyncSession) -> None:
        for number in numbers:
            await verb(session, number)

    work_within(data, decide)
    for number in numbers:
        say(f"{number} {outcome}")
