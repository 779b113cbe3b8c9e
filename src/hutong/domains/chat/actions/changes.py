"""Every change of a conversation other than a new message: numbered, kept, and told to those who are online."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.db import say_after_commit

from ..errors import NoSuchChat
from ..frames import account_subject, change_frame, chat_subject, pack
from ..models import Change, Chat, Member
from ..schemas import Person

__all__ = ["Turn", "about", "done_by", "keep_change", "keep_edit", "raise_rev", "tell_account", "tell_change"]

_RAISE_REV = text(
    "UPDATE chat_chat SET last_rev = last_rev + 1, members_rev = members_rev + :members "
    "WHERE chat_id = :chat RETURNING last_rev, members_rev"
)
_IS_SEATED = text("SELECT 1 FROM chat_member WHERE chat_id = :chat AND account_number = :number")


class Turn(NamedTuple):
    """The rev of a change that is about to be told. The chat is locked from here to the commit."""

    chat: int
    rev: int
    members_rev: int


async def tell_change(
    session: AsyncSession, chat_id: int, on: str, at: datetime, *, of_members: bool = False, **body: object
) -> int:
    """Gives the change its rev, keeps its frame and sends it after the commit. Returns the rev.

    ``of_members`` marks a change of who is in the chat or may speak: gateways load their seats anew before they
    deliver anything that was committed later.
    """
    turn = await raise_rev(session, chat_id, of_members=of_members)
    await keep_change(session, turn, on, at, **body)
    return turn.rev


async def raise_rev(
    session: AsyncSession, chat_id: int, *, of_members: bool = False, seat: tuple[Chat, Member] | None = None
) -> Turn:
    """Locks the chat and gives the next change its rev.

    The message writer waits for that lock, so whoever has much to read does so before. ``seat`` is what they read
    then: if the members have changed since, it is looked at again. Raises ``NoSuchChat`` where it is gone.
    """
    row = (await session.execute(_RAISE_REV, {"chat": chat_id, "members": int(of_members)})).one()
    if seat is not None and row.members_rev != seat[0].members_rev:
        still = {"chat": chat_id, "number": seat[1].account_number}
        if (await session.execute(_IS_SEATED, still)).first() is None:
            raise NoSuchChat
    return Turn(chat_id, row.last_rev, row.members_rev)


async def keep_change(session: AsyncSession, turn: Turn, on: str, at: datetime, **body: object) -> None:
    """Keeps the change's frame under its rev and sends it after the commit."""
    frame = change_frame(on, turn.chat, turn.rev, at, body)
    await _keep_and_send(session, turn, at, frame, frame)


async def keep_edit(session: AsyncSession, turn: Turn, at: datetime, segments: bytes, **body: object) -> None:
    """The same for an edit, which is kept without what the message says: it has that itself, and loses it when it is
    recalled."""
    kept = change_frame("edited", turn.chat, turn.rev, at, body)
    sent = change_frame("edited", turn.chat, turn.rev, at, body | {"segments": msgspec.Raw(segments)})
    await _keep_and_send(session, turn, at, kept, sent)


async def _keep_and_send(session: AsyncSession, turn: Turn, at: datetime, kept: bytes, sent: bytes) -> None:
    session.add(Change(chat_id=turn.chat, rev=turn.rev, frame=kept.decode(), changed_at=at))
    await session.flush()
    say_after_commit(session, chat_subject(turn.chat), pack("c", turn.rev, turn.members_rev, 0, [sent]))


def about(person: Person) -> dict[str, object]:
    """Whom a change happened to, as its frame says it."""
    told: dict[str, object] = msgspec.to_builtins(person)
    return told


def done_by(person: Person, part: str = "by") -> dict[str, object]:
    """Who did it, or had another ``part`` in it, as a frame says it: ``by`` and ``by_name``."""
    return {part: person.number, f"{part}_name": person.name}


def tell_account(session: AsyncSession, number: int, on: str, /, **body: object) -> None:
    """Tells the gateways of one account's devices, after the commit."""
    say_after_commit(session, account_subject(number), msgspec.json.encode({"on": on, **body}))
