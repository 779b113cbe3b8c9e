"""Routes of links into a group. Two of them are for those who are not signed in: a link says to them what it is to."""

import io
from functools import partial
from typing import Annotated, Any

import segno
from litestar import Request, Response, delete, get, post, route
from litestar.params import JSONBody, PathParameter

from hutong.domains.media import Variant, get_version
from hutong.infra.blobs import Blobs
from hutong.infra.db import Database
from hutong.infra.web import FILE_ANSWERS, Code, From, Needs, Number, Session, Signed, for_bots, send_file
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Settings

from ..actions.invitations import make_invitation, revoke_invitation
from ..queries import (
    check_invited_avatar,
    good_invitation,
    group_seat,
    invitation_view,
    invited_group,
    list_invitations,
    people_in,
    preview_invitation,
)
from ..schemas import InvitationDraft, InvitationPreview, InvitationView, InvitedGroup
from .looks import spend_a_look, spend_a_look_from

__all__ = ["invitation_routes"]

_Code = Annotated[str, PathParameter(min_length=1, max_length=40)]
_JOIN_PATH = "/join/"


@post("/groups/{chat:int}/invitations", tags=["Invitations"], summary="Make a link", opt=for_bots("moderate"))
async def post_invitation(
    chat: Number,
    session: Session,
    actor: Signed,
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
    data: JSONBody[InvitationDraft | None] = None,
) -> InvitationView:
    """The owner and the admins; any member where the join mode is `open` or `invitation`. A link is good for a week and
    any number of people, unless told otherwise, and as long as who made it may invite."""
    invitation = await make_invitation(
        session, actor, chat, data or InvitationDraft(), clock=clock, limits=settings.limits
    )
    people = await people_in(session, chat, [actor.number])
    return invitation_view(invitation, people, links=caller.origin + _JOIN_PATH)


@get("/groups/{chat:int}/invitations", tags=["Invitations"], summary="Links into a group")
async def get_invitations(
    chat: Number, session: Session, actor: Signed, clock: Needs[Clock], caller: From
) -> Page[InvitationView]:
    """All for the owner and the admins, else my own; the newest first."""
    _, _, member = await group_seat(session, actor.number, chat)
    return await list_invitations(session, chat, member, clock(), links=caller.origin + _JOIN_PATH)


@delete("/groups/{chat:int}/invitations/{code:str}", tags=["Invitations"], summary="Revoke a link")
async def delete_invitation(chat: Number, code: _Code, session: Session, actor: Signed) -> None:
    """My own; any, for the owner and the admins."""
    await revoke_invitation(session, actor, chat, code)


@get("/invitations/{code:str}", tags=["Invitations"], summary="Where a link leads")
async def get_invitation(
    code: _Code,
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> InvitationPreview:
    """For whoever is signed in and holds the code, also where the group is closed or unlisted."""
    await spend_a_look(database, settings.limits, actor.number, clock)
    return await preview_invitation(session, actor.number, code, clock())


@get("/invitations/{code:str}/qr.svg", tags=["Invitations"], summary="A link as a QR code", media_type="image/svg+xml")
async def get_invitation_picture(
    code: _Code,
    session: Session,
    actor: Signed,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[bytes]:
    """The link, to be shown or printed."""
    await spend_a_look(database, settings.limits, actor.number, clock)
    invitation = await good_invitation(session, code, clock())
    picture = io.BytesIO()
    segno.make(caller.origin + _JOIN_PATH + invitation.code, error="m", micro=False).save(
        picture, kind="svg", scale=8, border=4, light="#fff", xmldecl=False
    )
    return Response(picture.getvalue(), media_type="image/svg+xml")


@get("/invitations/{code:str}/group", tags=["Invitations"], summary="What a link invites to")
async def get_invited_group(
    code: _Code,
    session: Session,
    database: Needs[Database],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> InvitedGroup:
    """For whoever holds the code, signed in or not: what the group shows of itself in front of its door, and nothing of
    who is in it."""
    await spend_a_look_from(database, settings.limits, caller, clock)
    return await invited_group(session, code, clock())


@route(
    "/invitations/{code:str}/avatars/{media:str}/{size:str}",
    http_method=["GET", "HEAD"],
    tags=["Invitations"],
    summary="The avatar of a group that a link invites to",
    responses=FILE_ANSWERS,
)
async def get_invited_avatar(
    request: Request[Any, Any, Any],
    code: _Code,
    media: Code,
    size: Annotated[Variant, PathParameter(description="`small` or `large`.")],
    database: Needs[Database],
    blobs: Needs[Blobs],
    settings: Needs[Settings],
    clock: Needs[Clock],
    caller: From,
) -> Response[Any]:
    """For whoever holds the code, signed in or not, as long as the group wears it."""
    await spend_a_look_from(database, settings.limits, caller, clock)
    async with database.transaction() as session:
        await check_invited_avatar(session, code, media, clock())
        version = await get_version(session, media, size)
    return await send_file(request, version, partial(blobs.read, version.key))


invitation_routes = [
    post_invitation,
    get_invitations,
    delete_invitation,
    get_invitation,
    get_invitation_picture,
    get_invited_group,
    get_invited_avatar,
]
