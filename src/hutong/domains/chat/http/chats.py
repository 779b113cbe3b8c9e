"""Routes of the list of conversations."""

import msgspec
from litestar import get, put
from litestar.params import JSONBody
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.web import Number, Session, Signed

from ..actions.reads import mark_read
from ..queries import chat_rows, visible_chat
from ..schemas import ChatRow, ReadDraft

__all__ = ["chat_routes"]


class ChatRows(msgspec.Struct):
    items: list[ChatRow]


@get("/chats", tags=["Conversations"], summary="My conversations")
async def get_chats(session: Session, actor: Signed) -> ChatRows:
    """With their last message and exact counts of what is unread, newest first; pinned ones come before the others."""
    rows = await chat_rows(session, actor.number, with_last_message=True)
    return ChatRows(rows)


@put("/chats/{chat:int}/read", tags=["Conversations"], summary="Mark as read", status_code=HTTP_204_NO_CONTENT)
async def put_read(chat: Number, data: JSONBody[ReadDraft], session: Session, actor: Signed) -> None:
    """Everything up to ``seq`` counts as read on all my devices. A mark never goes back."""
    await visible_chat(session, actor.number, chat)
    await mark_read(session, [(chat, actor.number, data.seq, "")])


chat_routes = [get_chats, put_read]
