"""Routes of the conversations that somebody has, and of what they keep of them for themselves."""

from typing import Annotated

import msgspec
from litestar import Response, get, patch, post, put
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from hutong.infra.web import Cursor, Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.kit.page import Page, decode_cursor, encode_cursor
from hutong.settings import Settings

from ..actions.directs import MayTalk, open_direct
from ..actions.reads import change_seat, mark_read
from ..queries import chat_snapshot, list_chats, read_counts, visible_chat
from ..schemas import ChatRow, ChatView, DirectDraft, DirectView, ReadCount, ReadDraft, SeatDraft, SeatView

__all__ = ["chat_routes"]

_CHATS_MAX = 1_000_000
_Seq = Annotated[int, QueryParameter(ge=1, le=2**53 - 1)]


class ReadCounts(msgspec.Struct):
    items: list[ReadCount]


@get("/chats", tags=["Conversations"], summary="My conversations")
async def get_chats(session: Session, actor: Signed, settings: Needs[Settings], cursor: Cursor = None) -> Page[ChatRow]:
    """With their last message and exact counts of what is unread, newest first; pinned ones come before the others."""
    start = min(max(0, decode_cursor(cursor, tuple[int])[0]), _CHATS_MAX) if cursor else 0
    limit = settings.limits.page_items_max
    rows, more = await list_chats(session, actor.number, start=start, limit=limit)
    return Page(rows, encode_cursor(start + limit) if more else None)


@post("/directs", tags=["Conversations"], summary="Write to somebody", status_code=HTTP_200_OK, opt=for_bots())
async def post_direct(
    data: JSONBody[DirectDraft],
    session: Session,
    actor: Signed,
    may_talk: Needs[MayTalk],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> Response[DirectView]:
    """The conversation of the two of us: 201 where it is new. Whom I may write to is theirs to say. With a bot whose
    app was not reviewed yet, it is opened for the app's owner, its test users, and those who share a group with it."""
    chat, is_new = await open_direct(
        session, actor, data.number, may_talk=may_talk, clock=clock, limits=settings.limits
    )
    return Response(DirectView(chat), status_code=HTTP_201_CREATED if is_new else HTTP_200_OK)


@get("/chats/{chat:int}", tags=["Conversations"], summary="A conversation")
async def get_chat(chat: Number, session: Session, actor: Signed) -> ChatView:
    """The snapshot: with the frames after its ``last_seq`` and ``last_rev`` applied it stays level."""
    return await chat_snapshot(session, actor.number, chat)


@patch("/chats/{chat:int}", tags=["Conversations"], summary="Keep it my way")
async def patch_chat(
    chat: Number, data: JSONBody[SeatDraft], session: Session, actor: Signed, clock: Needs[Clock]
) -> SeatView:
    """Mine alone: when I am notified, and whether the conversation stays on top of my list."""
    await visible_chat(session, actor.number, chat)
    return await change_seat(session, actor.number, chat, data, clock=clock)


@put("/chats/{chat:int}/read", tags=["Conversations"], summary="Mark as read", status_code=HTTP_204_NO_CONTENT)
async def put_read(chat: Number, data: JSONBody[ReadDraft], session: Session, actor: Signed) -> None:
    """Everything up to ``seq`` counts as read on all my devices. A mark never goes back."""
    await visible_chat(session, actor.number, chat)
    await mark_read(session, [(chat, actor.number, data.seq, "")])


@get("/chats/{chat:int}/reads", tags=["Conversations"], summary="Who has read what I said")
async def get_reads(chat: Number, first: _Seq, last: _Seq, session: Session, actor: Signed) -> ReadCounts:
    """For each of my messages from ``first`` to ``last``, at most 500 apart: how many have read it, of those who were
    there."""
    await visible_chat(session, actor.number, chat)
    last = min(last, first + 499)
    return ReadCounts(await read_counts(session, actor.number, chat, first=first, last=last))


chat_routes = [get_chats, post_direct, get_chat, patch_chat, put_read, get_reads]
