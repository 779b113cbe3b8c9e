"""Accounts of bots. Whose they are and what they may do is decided further up the house."""

from msgspec import UNSET, UnsetType
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits, Settings

from ..errors import NoSuchAccount
from ..handles import check_handle
from ..models import AccountRow, SessionRow
from ..queries import account_of
from ..schemas import ProfileChange
from ..spelling import check_nickname
from .names import claim_handle, release_handle
from .profile import WearAvatar, change_handle, change_profile
from .sessions import open_sessions, revoke_other_sessions

__all__ = ["change_bot", "count_bot_tokens", "create_bot", "issue_bot_token", "retire_bot", "revoke_bot_tokens"]

_NO_SESSION = 0


async def create_bot(
    session: AsyncSession, nickname: str, *, handle: str | None = None, clock: Clock, limits: Limits
) -> int:
    """Makes the account of a bot and returns its number. It has no password: ``issue_bot_token`` lets it in. Raises
    ``BadNickname``, ``BadHandle``, ``HandleReserved``, ``HandleTaken``."""
    row = AccountRow(
        kind="bot", nickname=check_nickname(nickname, limits), interests=[], visibility={}, created_at=clock()
    )
    session.add(row)
    await session.flush()
    if handle:
        row.handle = check_handle(handle)
        await claim_handle(session, "person", row.number, row.handle)
    await session.flush()
    return row.number


async def change_bot(
    session: AsyncSession,
    number: int,
    *,
    nickname: str | UnsetType = UNSET,
    handle: str | UnsetType = UNSET,
    avatar: str | UnsetType | None = UNSET,
    wear_avatar: WearAvatar,
    settings: Settings,
) -> None:
    """Changes what is given of a bot's account, as ``change_profile`` and ``change_handle`` do it for people; raises
    what they raise."""
    await _bot(session, number)
    bot = Actor(number, "", is_bot=True)
    if handle is not UNSET:
        await change_handle(session, bot, handle)
    change = ProfileChange(nickname=nickname, avatar=avatar)
    await change_profile(session, bot, change, wear_avatar=wear_avatar, settings=settings)


async def issue_bot_token(session: AsyncSession, number: int, *, note: str = "", clock: Clock) -> str:
    """A new token of a bot, told once. Those that it has already stay good. Raises ``NoSuchAccount``."""
    await _bot(session, number)
    tokens = await open_sessions(session, [number], client="bot", device=note, clock=clock)
    return tokens[0]


async def count_bot_tokens(session: AsyncSession, number: int) -> int:
    """How many tokens of the bot are good."""
    wanted = select(func.count()).select_from(SessionRow).where(SessionRow.number == number)
    return await session.scalar(wanted) or 0


async def revoke_bot_tokens(session: AsyncSession, number: int) -> None:
    """No token of the bot is good any more, and its sockets are closed. Raises ``NoSuchAccount``."""
    await _bot(session, number)
    await revoke_other_sessions(session, number, _NO_SESSION)


async def retire_bot(session: AsyncSession, number: int) -> None:
    """Ends a bot for ever: its tokens are no good and its handle is free again; what it has said stays. Raises
    ``NoSuchAccount``."""
    row = await _bot(session, number)
    await revoke_other_sessions(session, number, _NO_SESSION)
    row.state = "refused"
    if row.handle is not None:
        await release_handle(session, "person", number, row.handle)
        row.handle = None


async def _bot(session: AsyncSession, number: int) -> AccountRow:
    row = await account_of(session, number, for_update=True)
    if row.kind != "bot" or row.state != "active":
        raise NoSuchAccount
    return row
