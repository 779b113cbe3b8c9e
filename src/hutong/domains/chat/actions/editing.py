"""Messages that say something else now: bots change what they have said."""

from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import release_media
from hutong.infra.outbox import publish
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock

from ..errors import BadSegment, MentionAllDenied, NoSuchMessage, NotAllowed, OnlyBotsEdit
from ..facts import LinksSent, SentMessage
from ..forwards import media_in
from ..models import Carried, Mention, Message, Preview, refusal_to_speak
from ..queries import visible_chat
from ..schemas import PreviewView
from ..segments import EVERYBODY, Draft, decode_segments, links_in
from .changes import keep_edit, raise_rev
from .media import settle_media
from .messages import lock_message

__all__ = ["edit_message"]

_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


async def edit_message(
    session: AsyncSession, actor: Actor, chat_id: int, seq: int, draft: Draft, *, clock: Clock
) -> None:
    """Puts other segments in the place of what a bot has said. Nobody is called by that, and no call is taken back.

    Files that are not in it any more are let go; what its links lead to is looked at again where they have changed.
    The same again changes nothing. Raises ``NoSuchChat``, ``Muted``, ``MutedAll``, ``NoSuchMessage``, ``OnlyBotsEdit``,
    ``NotAllowed``, ``BadSegment``, ``MentionAllDenied``, ``NoSuchMedia``.
    """
    seat = await visible_chat(session, actor.number, chat_id)
    refusal = refusal_to_speak(seat[1].role, seat[1].muted_until, seat[0].muted_all, clock())
    if refusal is not None:
        raise refusal
    if not actor.is_bot:
        raise OnlyBotsEdit
    if draft.forwards:
        raise BadSegment(reason="what is edited cannot forward anything")
    message = await lock_message(session, chat_id, seq)
    if message.recalled_at is not None:
        raise NoSuchMessage
    if message.sender_number != actor.number:
        raise NotAllowed
    await _note_mentioned(session, message)
    if EVERYBODY in draft.mentions and EVERYBODY not in (message.mentioned or ()):
        raise MentionAllDenied
    draft = await settle_media(session, actor.number, draft, clock=clock)
    if draft.segments.decode() == message.segments:
        return
    former, message.segments = message.segments, draft.segments.decode()
    await _change_media(session, message, former, draft, clock)
    previews = await _change_previews(session, message, former, draft)
    message.edited_at = clock()
    turn = await raise_rev(session, chat_id, seat=seat)
    await keep_edit(
        session,
        turn,
        message.edited_at,
        draft.segments,
        seq=seq,
        sender=actor.number,
        mentions=[number for number in message.mentioned or () if number != EVERYBODY],
        mentions_all=EVERYBODY in (message.mentioned or ()),
        previews=previews,
    )


async def _note_mentioned(session: AsyncSession, message: Message) -> None:
    if message.mentioned is None:
        called = select(Mention.account_number).where(Mention.chat_id == message.chat_id, Mention.seq == message.seq)
        message.mentioned = sorted(await session.scalars(called))


async def _change_media(session: AsyncSession, message: Message, former: str, draft: Draft, clock: Clock) -> None:
    carried, gone = set(draft.media), set(media_in(_decode(former))) - set(draft.media)
    where = (Carried.chat_id == message.chat_id, Carried.seq == message.seq)
    await session.execute(delete(Carried).where(*where, Carried.media_id.in_(gone)))
    if carried:
        rows = [{"chat_id": message.chat_id, "media_id": media, "seq": message.seq} for media in sorted(carried)]
        await session.execute(upsert(Carried).on_conflict_do_nothing(), rows)
    await release_media(session, gone, clock=clock)


async def _change_previews(session: AsyncSession, message: Message, former: str, draft: Draft) -> list[PreviewView]:
    """The previews that the message has from here on."""
    where = (Preview.chat_id == message.chat_id, Preview.seq == message.seq)
    if list(draft.links) == links_in(decode_segments(former)):
        kept = await session.scalars(select(Preview).where(*where).order_by(Preview.place))
        return [PreviewView(one.url, one.title, one.text) for one in kept]
    await session.execute(delete(Preview).where(*where))
    if draft.links:
        publish(session, LinksSent(messages=[SentMessage(message.chat_id, message.seq)]))
    return []
