"""Routes of messages."""

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.web import Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions.messages import recall_message
from ..models import refusal_to_speak
from ..queries import message_json, page_of_messages, people_in, shown_as, visible_chat
from ..schemas import MessageDraft, MessagesView, SentView
from ..segments import read_segments
from ..writer import MessageWriter

__all__ = ["message_routes"]

_Bound = Annotated[int | None, QueryParameter(ge=0, le=2**53 - 1)]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@get("/chats/{chat:int}/messages", tags=["Messages"], summary="Messages of a conversation")
async def get_messages(
    chat: Number,
    session: Session,
    actor: Signed,
    after: _Bound = None,
    before: _Bound = None,
    around: _Bound = None,
    limit: _Limit = 50,
) -> MessagesView:
    """In rising ``seq``: those after ``after``, those before ``before``, those on both sides of ``around``, or the
    newest. ``more`` tells that there are further ones in that direction."""
    await visible_chat(session, actor.number, chat)
    if around is not None:
        before, after = None, max(0, around - limit // 2 - 1)
    rows, more = await page_of_messages(session, chat, after=after, before=before, limit=limit)
    people = await people_in(session, chat, list({row.sender_number for row in rows}))
    return MessagesView([msgspec.Raw(message_json(row, people)) for row in rows], more)


@post("/chats/{chat:int}/messages", tags=["Messages"], summary="Send a message")
async def post_message(
    chat: Number,
    data: JSONBody[MessageDraft],
    actor: Signed,
    session: Session,
    database: Needs[Database],
    writer: Needs[MessageWriter],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> SentView:
    """Answers when the message is stored. The same ``key`` again gives the same answer, and no second message."""
    row, member = await visible_chat(session, actor.number, chat)
    limits = settings.limits
    raw = msgspec.json.encode(data.segments)
    draft = read_segments(raw, text_chars_max=limits.text_chars_max, segments_max=limits.segments_max)
    refusal = refusal_to_speak(member.role, member.muted_until, row.muted_all, clock())
    if refusal is not None:
        raise refusal
    stored = await writer.send(
        chat=chat,
        sender=actor.number,
        sender_json=shown_as(actor, member),
        key=data.key,
        draft=draft,
        members_rev=row.members_rev,
    )
    return SentView(chat, stored.seq, stored.id, stored.at.decode())


@put(
    "/chats/{chat:int}/messages/{seq:int}/recall", tags=["Messages"], summary="Recall", status_code=HTTP_204_NO_CONTENT
)
async def put_recall(
    chat: Number, seq: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> None:
    """Takes a message back: its sender within two minutes, an owner or admin any time."""
    await recall_message(session, actor, chat, seq, clock=clock, limits=settings.limits)


message_routes = [get_messages, post_message, put_recall]
