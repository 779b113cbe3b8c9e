"""Routes of links into a group."""

import io
from typing import Annotated

import segno
from litestar import Response, delete, get, post
from litestar.params import JSONBody, PathParameter

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import From, Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.kit.page import Page
from hutong.settings import Limits, Settings

from ..actions.invitations import make_invitation, revoke_invitation
from ..queries import good_invitation, group_seat, invitation_view, list_invitations, people_in, preview_invitation
from ..schemas import InvitationDraft, InvitationPreview, InvitationView

__all__ = ["invitation_routes"]

_Code = Annotated[str, PathParameter(min_length=1, max_length=40)]
_JOIN_PATH = "/join/"


@post("/groups/{chat:int}/invitations", tags=["Invitations"], summary="Make a link")
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
    await _spend_a_look(database, settings.limits, actor.number, clock)
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
    await _spend_a_look(database, settings.limits, actor.number, clock)
    invitation = await good_invitation(session, code, clock())
    picture = io.BytesIO()
    segno.make(caller.origin + _JOIN_PATH + invitation.code, error="m", micro=False).save(
        picture, kind="svg", scale=8, border=4, light="#fff", xmldecl=False
    )
    return Response(picture.getvalue(), media_type="image/svg+xml")


async def _spend_a_look(database: Database, limits: Limits, number: int, clock: Clock) -> None:
    """Codes cannot be tried out one after the other."""
    a_minute = Allowance("chat.invitation", limits.invitations_seen_per_minute_max, 60)
    await spend(database, a_minute, str(number), clock=clock)


invitation_routes = [post_invitation, get_invitations, delete_invitation, get_invitation, get_invitation_picture]
