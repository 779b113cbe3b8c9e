"""Every change of a conversation other than a new message: numbered, kept, and told to those who are online."""

from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import say_after_commit

from ..frames import account_subject, change_frame, chat_subject, pack
from ..models import Change

__all__ = ["tell_account", "tell_change"]

_RAISE_REV = text(
    "UPDATE chat_chat SET last_rev = last_rev + 1, members_rev = members_rev + :members "
    "WHERE chat_id = :chat RETURNING last_rev, members_rev"
)


async def tell_change(
    session: AsyncSession, chat_id: int, on: str, at: datetime, *, of_members: bool = False, **body: object
) -> int:
    """Gives the change its rev, keeps its frame and sends it after the commit. Returns the rev.

    ``of_members`` marks a change of who is in the chat or may speak: gateways load their seats anew before they
    deliver anything that was committed later.
    """
    row = (await session.execute(_RAISE_REV, {"chat": chat_id, "members": int(of_members)})).one()
    frame = change_frame(on, chat_id, row.last_rev, at, body)
    session.add(Change(chat_id=chat_id, rev=row.last_rev, frame=frame.decode(), changed_at=at))
    await session.flush()
    say_after_commit(session, chat_subject(chat_id), pack("c", row.last_rev, row.members_rev, 0, [frame]))
    return int(row.last_rev)


def tell_account(session: AsyncSession, number: int, on: str, **body: object) -> None:
    """Tells the gateways of one account's devices, after the commit."""
    say_after_commit(session, account_subject(number), msgspec.json.encode({"on": on, **body}))
