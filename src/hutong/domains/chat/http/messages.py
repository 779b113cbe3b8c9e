"""Routes of messages."""

from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Needs, Number, Session, Signed, for_bots
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.settings import Limits, Settings

from ..actions.directs import MayTalk
from ..actions.editing import edit_message
from ..actions.messages import recall_message
from ..actions.pins import pin_message, unpin_message
from ..actions.preparing import prepare
from ..actions.reactions import react, take_reaction_back
from ..errors import BadSegment, NoSuchMessage
from ..queries import changes_after, page_of_messages, shown_messages, visible_chat
from ..schemas import ChangesView, EditDraft, MessageDraft, MessagesView, SentView
from ..segments import Draft, read_segments
from ..writer import MessageWriter

__all__ = ["message_routes"]

_Bound = Annotated[int | None, QueryParameter(ge=0, le=2**53 - 1)]
_Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Emoji = Annotated[str, PathParameter(min_length=1, max_length=32)]


@get("/chats/{chat:int}/messages", tags=["Messages"], summary="Messages of a conversation", opt=for_bots("read_all"))
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
    row, _ = await visible_chat(session, actor.number, chat)
    if around is not None:
        before, after = None, max(0, around - limit // 2 - 1)
    rows, more = await page_of_messages(session, chat, after=after, before=before, limit=limit)
    return MessagesView(await shown_messages(session, actor.number, chat, rows), more, row.last_rev)


@get("/chats/{chat:int}/messages/{seq:int}", tags=["Messages"], summary="A message", opt=for_bots("read_all"))
async def get_message(chat: Number, seq: Number, session: Session, actor: Signed) -> msgspec.Raw:
    """As in a page."""
    await visible_chat(session, actor.number, chat)
    rows, _ = await page_of_messages(session, chat, after=seq - 1, before=None, limit=1)
    if not rows or rows[0].seq != seq:
        raise NoSuchMessage
    return (await shown_messages(session, actor.number, chat, rows))[0]


@get("/chats/{chat:int}/changes", tags=["Messages"], summary="Changes of a conversation")
async def get_changes(
    chat: Number, session: Session, actor: Signed, after: _Bound = 0, limit: _Limit = 50
) -> ChangesView:
    """The frames that told of everything beside new messages, in rising ``rev``."""
    await visible_chat(session, actor.number, chat)
    found = await changes_after(session, chat, rev=after or 0, limit=limit + 1)
    return ChangesView([msgspec.Raw(frame) for _, frame in found[:limit]], len(found) > limit)


@post("/chats/{chat:int}/messages", tags=["Messages"], summary="Send a message", opt=for_bots("send"))
async def post_message(
    chat: Number,
    data: JSONBody[MessageDraft],
    actor: Signed,
    database: Needs[Database],
    writer: Needs[MessageWriter],
    may_talk: Needs[MayTalk],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> SentView:
    """Answers when the message is stored. The same ``key`` again gives the same answer, and no second message."""
    writer.pace.spend(actor.number)
    limits = settings.limits
    draft = _draft_of(actor, data.segments, limits)
    # Committed before the message is: what it carries is kept by then, and the writer may have to wait.
    async with database.transaction() as session:
        ready = await prepare(session, actor, chat, draft, key=data.key, may_talk=may_talk, clock=clock, limits=limits)
    stored = await writer.send(
        chat=chat,
        sender=actor.number,
        sender_json=ready.sender_json,
        key=data.key,
        draft=ready.draft,
        members_rev=ready.members_rev,
    )
    return SentView(chat, stored.seq, stored.id, stored.at.decode())


def _draft_of(actor: Actor, segments: list[dict[str, Any]], limits: Limits) -> Draft:
    raw = msgspec.json.encode(segments)
    if len(raw) > limits.frame_bytes_max:
        raise BadSegment(reason=f"all parts together have more than {limits.frame_bytes_max} bytes")
    return read_segments(
        raw, text_chars_max=limits.text_chars_max, segments_max=limits.segments_max, by_bot=actor.is_bot
    )


@patch(
    "/chats/{chat:int}/messages/{seq:int}",
    tags=["Messages"],
    summary="Edit",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("send"),
)
async def patch_message(
    chat: Number,
    seq: Number,
    data: JSONBody[EditDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """For bots: what it has said itself says something else from now on. Nobody is called by that."""
    draft = _draft_of(actor, data.segments, settings.limits)
    await edit_message(session, actor, chat, seq, draft, clock=clock)


@put(
    "/chats/{chat:int}/messages/{seq:int}/recall",
    tags=["Messages"],
    summary="Recall",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("send"),
)
async def put_recall(
    chat: Number, seq: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> None:
    """Takes a message back: its sender within two minutes, an owner or admin any time."""
    await recall_message(session, actor, chat, seq, clock=clock, limits=settings.limits)


@put(
    "/chats/{chat:int}/messages/{seq:int}/reactions/{emoji:str}",
    tags=["Messages"],
    summary="React",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("send"),
)
async def put_reaction(
    chat: Number,
    seq: Number,
    emoji: Emoji,
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> None:
    """Puts an emoji to a message; putting it again does nothing."""
    often = Allowance("chat.react", settings.limits.reactions_per_minute_max, 60)
    await spend(database, often, str(actor.number), clock=clock)
    await react(session, actor, chat, seq, emoji, clock=clock, limits=settings.limits)


@delete(
    "/chats/{chat:int}/messages/{seq:int}/reactions/{emoji:str}",
    tags=["Messages"],
    summary="Take a reaction back",
    opt=for_bots("send"),
)
async def delete_reaction(
    chat: Number, seq: Number, emoji: Emoji, session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """One's own; nothing happens where there is none."""
    await take_reaction_back(session, actor, chat, seq, emoji, clock=clock)


@put(
    "/chats/{chat:int}/pins/{seq:int}",
    tags=["Messages"],
    summary="Pin",
    status_code=HTTP_204_NO_CONTENT,
    opt=for_bots("moderate"),
)
async def put_pin(
    chat: Number, seq: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> None:
    """Keeps a message in sight: the owner and the admins of a group, or both sides of a direct conversation."""
    await pin_message(session, actor, chat, seq, clock=clock, limits=settings.limits)


@delete("/chats/{chat:int}/pins/{seq:int}", tags=["Messages"], summary="Take a pin down", opt=for_bots("moderate"))
async def delete_pin(chat: Number, seq: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Nothing happens where there is none."""
    await unpin_message(session, actor, chat, seq, clock=clock)


message_routes = [
    get_messages,
    get_message,
    get_changes,
    post_message,
    patch_message,
    put_recall,
    put_reaction,
    delete_reaction,
    put_pin,
    delete_pin,
]
