"""People of imported conversations: they stand there until somebody claims them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.ids import new_code
from hutong.kit.text import clean_line, shorten

from ..errors import NotAPlaceholder
from ..models import AccountRow, InvitationRow, OriginRow
from ..queries import account_of

__all__ = ["create_placeholder", "offer_placeholder", "placeholders_for"]

_NAME_CHARS_MAX = 40


async def create_placeholder(session: AsyncSession, nickname: str) -> int:
    """Makes someone who only stands in an imported conversation, and returns the number. Nobody can sign in to it."""
    row = AccountRow(nickname=_shown(nickname), state="placeholder", interests=[], visibility={})
    session.add(row)
    await session.flush()
    return row.number


async def placeholders_for(
    session: AsyncSession, source: str, people: Mapping[str, str], now: datetime
) -> tuple[dict[str, int], int]:
    """The numbers of these people of another system, given as names by their keys there, and how many of them are
    new. Somebody who was imported before, claimed or not, keeps the number."""
    rows = await session.execute(
        select(OriginRow.key, OriginRow.number).where(OriginRow.source == source, OriginRow.key.in_(list(people)))
    )
    numbers = {row.key: row.number for row in rows}
    new = [key for key in people if key not in numbers]
    drawn = await session.scalars(
        text(
            "SELECT nextval(pg_get_serial_sequence('identity_account', 'number')) FROM generate_series(1, :count)"
        ).bindparams(count=len(new))
    )
    fresh = dict(zip(new, drawn, strict=True))
    if fresh:
        accounts = [
            {
                "number": number,
                "nickname": _shown(people[key]),
                "state": "placeholder",
                "interests": [],
                "visibility": {},
                "created_at": now,
            }
            for key, number in fresh.items()
        ]
        await session.execute(insert(AccountRow), accounts)
        origins = [{"source": source, "key": key, "number": number} for key, number in fresh.items()]
        await session.execute(insert(OriginRow), origins)
    return numbers | fresh, len(fresh)


async def offer_placeholder(session: AsyncSession, number: int) -> str:
    """A code with which one person signs up and takes over the placeholder: its number, its seats and what it said.
    Raises ``NoSuchAccount`` and ``NotAPlaceholder``."""
    row = await account_of(session, number)
    if row.state != "placeholder":
        raise NotAPlaceholder(number=number)
    code = new_code()
    session.add(InvitationRow(code=code, uses_left=1, note=f"claims {number}", placeholder_number=number))
    await session.flush()
    return code


def _shown(name: str) -> str:
    return shorten(clean_line(name), _NAME_CHARS_MAX) or "?"
