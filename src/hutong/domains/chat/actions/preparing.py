"""What must be settled before the message writer may have a message.

A plain message of somebody whose seat is known needs none of this: the gateway checks it in memory. Everything else
comes through ``prepare``, over the socket and over HTTP alike.
"""

from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.infra.limits import Allowance, spend_within
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock, iso_utc
from hutong.kit.errors import TooMany
from hutong.settings import Limits

from ..errors import ForwardNotForBots, ForwardTooLarge, MentionAllDenied, MentionAllUsedUp, NoSuchMessage
from ..forwards import check_size, media_in, said_again
from ..models import Member, Message, refusal_to_speak
from ..queries import people_in, shown_as, visible_chat
from ..segments import EVERYBODY, Draft
from .directs import MayTalk
from .media import settle_media

__all__ = ["Ready", "prepare"]

_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode
_encode = msgspec.json.encode


class Ready(msgspec.Struct, frozen=True):
    """A message that the writer may store, checked under ``members_rev``."""

    draft: Draft
    sender_json: bytes
    members_rev: int


async def prepare(
    session: AsyncSession,
    actor: Actor,
    chat_id: int,
    draft: Draft,
    *,
    key: str,
    may_talk: MayTalk,
    clock: Clock,
    limits: Limits,
) -> Ready:
    """Checks that the actor may say this here, spends what it costs and fills in what it forwards.

    A message that is stored already under this key costs nothing again. Raises ``NoSuchChat``, ``Muted``,
    ``MutedAll``, ``MentionAllDenied``, ``MentionAllUsedUp``, ``NoSuchMedia``, ``BadSegment``, ``NoSuchMessage``,
    ``ForwardTooLarge``, ``ForwardNotForBots``, and in a conversation with a bot what ``may_talk`` raises.
    """
    chat, member = await visible_chat(session, actor.number, chat_id)
    refusal = refusal_to_speak(member.role, member.muted_until, chat.muted_all, clock())
    if refusal is not None:
        raise refusal
    if chat.with_bot:
        await may_talk(session, actor.number, await _other_in(session, chat_id, actor.number))
    if not draft.is_plain and not await _is_stored(session, chat_id, actor.number, key):
        if EVERYBODY in draft.mentions:
            if member.role == "member":
                raise MentionAllDenied
            await _spend_mention_of_all(session, chat_id, clock, limits)
        # First the sender's own files; those of forwarded messages are the forwarded chat's to show.
        draft = await settle_media(session, actor.number, draft, clock=clock)
        if draft.forwards:
            if actor.is_bot:
                # What it may read there is for its scopes to say, of which nothing is known here.
                raise ForwardNotForBots
            draft = await _fill_in_forwards(session, actor.number, draft, limits)
    return Ready(draft, shown_as(actor, member), chat.members_rev)


async def _other_in(session: AsyncSession, chat_id: int, number: int) -> int:
    others = select(Member.account_number).where(Member.chat_id == chat_id, Member.account_number != number)
    return (await session.scalars(others)).one()


async def _is_stored(session: AsyncSession, chat_id: int, sender: int, key: str) -> bool:
    stored = select(Message.seq).where(Message.chat_id == chat_id, Message.sender_number == sender, Message.key == key)
    return await session.scalar(stored) is not None


async def _spend_mention_of_all(session: AsyncSession, chat_id: int, clock: Clock, limits: Limits) -> None:
    daily = Allowance("chat.mention_all", limits.mention_all_per_day_max, 86_400)
    try:
        await spend_within(session, daily, str(chat_id), clock=clock)
    except TooMany as error:
        raise MentionAllUsedUp(count_max=limits.mention_all_per_day_max) from error


async def _fill_in_forwards(session: AsyncSession, sender: int, draft: Draft, limits: Limits) -> Draft:
    """The draft with the messages that it forwards, which its sender must be able to see."""
    given, parts = _decode(draft.segments), list[dict[str, Any]]()
    # Before anything is read: one frame could name thousands of long messages.
    if sum(len(set(part["seqs"])) for part in given if part["type"] == "forward") > limits.forward_items_max:
        raise ForwardTooLarge(items_max=limits.forward_items_max, depth_max=limits.forward_depth_max)
    for part in given:
        if part["type"] != "forward":
            parts.append(part)
            continue
        items = await _items_of(session, sender, part["chat"], sorted(set(part["seqs"])))
        if part.get("merged", True):
            title = {"title": part["title"]} if part.get("title") else {}
            parts.append({"type": "forward", **title, "items": items})
        else:
            parts += said_again(items[0]["segments"], by_person=True)
    check_size(parts, items_max=limits.forward_items_max, depth_max=limits.forward_depth_max)
    segments = _encode(parts)
    if len(segments) > limits.forward_bytes_max:
        raise ForwardTooLarge(items_max=limits.forward_items_max, depth_max=limits.forward_depth_max)
    carried = tuple(dict.fromkeys([*draft.media, *media_in(parts)]))
    return msgspec.structs.replace(draft, segments=segments, media=carried, forwards=False)


async def _items_of(session: AsyncSession, viewer: int, chat_id: int, seqs: list[int]) -> list[dict[str, Any]]:
    await visible_chat(session, viewer, chat_id)
    wanted = select(Message).where(Message.chat_id == chat_id, Message.seq.in_(seqs), Message.recalled_at.is_(None))
    messages = (await session.scalars(wanted.order_by(Message.seq))).all()
    if len(messages) < len(seqs):
        raise NoSuchMessage
    people = await people_in(session, chat_id, list({message.sender_number for message in messages}))
    return [
        {
            "name": people[message.sender_number].name,
            "at": iso_utc(message.sent_at),
            "segments": said_again(_decode(message.segments.encode())),
        }
        for message in messages
    ]
