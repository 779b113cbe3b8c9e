"""Routes of a group's notices."""

import msgspec
from litestar import delete, get, post, put
from litestar.params import JSONBody
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.web import Needs, Number, Session, Signed, for_bots
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions.announcements import announce, read_announcement, remind_of_announcement, take_announcement_down
from ..queries import announcement_readers, group_seat, list_announcements
from ..schemas import AnnouncementDraft, AnnouncementReaders, AnnouncementView

__all__ = ["announcement_routes"]


class Announcements(msgspec.Struct):
    items: list[AnnouncementView]


@post("/groups/{chat:int}/announcements", tags=["Announcements"], summary="Announce", opt=for_bots("moderate"))
async def post_announcement(
    chat: Number,
    data: JSONBody[AnnouncementDraft],
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> AnnouncementView:
    """A notice for the whole group, by its owner or an admin."""
    made = await announce(session, actor, chat, data, clock=clock, limits=settings.limits)
    found = await list_announcements(session, actor.number, chat)
    return next(one for one in found if one.id == made)


@get(
    "/groups/{chat:int}/announcements",
    tags=["Announcements"],
    summary="Announcements of a group",
    opt=for_bots("read_all"),
)
async def get_announcements(chat: Number, session: Session, actor: Signed) -> Announcements:
    """Newest first, for members: with how many of them have read it."""
    await group_seat(session, actor.number, chat)
    return Announcements(await list_announcements(session, actor.number, chat))


@delete("/groups/{chat:int}/announcements/{announcement:int}", tags=["Announcements"], summary="Take it down")
async def delete_announcement(
    chat: Number, announcement: Number, session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """By the owner or an admin."""
    await take_announcement_down(session, actor, chat, announcement, clock=clock)


@put(
    "/groups/{chat:int}/announcements/{announcement:int}/readers/me",
    tags=["Announcements"],
    summary="I have read it",
    status_code=HTTP_204_NO_CONTENT,
)
async def put_reader(chat: Number, announcement: Number, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """Saying so again changes nothing."""
    await read_announcement(session, actor, chat, announcement, clock=clock)


@get("/groups/{chat:int}/announcements/{announcement:int}/readers", tags=["Announcements"], summary="Who has read it")
async def get_readers(chat: Number, announcement: Number, session: Session, actor: Signed) -> AnnouncementReaders:
    """For the owner, the admins and whoever announced it."""
    _, _, member = await group_seat(session, actor.number, chat)
    return await announcement_readers(session, member, announcement)


@post(
    "/groups/{chat:int}/announcements/{announcement:int}/reminders",
    tags=["Announcements"],
    summary="Remind those who have not",
    status_code=HTTP_204_NO_CONTENT,
)
async def post_reminder(
    chat: Number, announcement: Number, session: Session, actor: Signed, clock: Needs[Clock]
) -> None:
    """By the owner or an admin, at most once an hour."""
    await remind_of_announcement(session, actor, chat, announcement, clock=clock)


announcement_routes = [
    post_announcement,
    get_announcements,
    delete_announcement,
    put_reader,
    get_readers,
    post_reminder,
]
