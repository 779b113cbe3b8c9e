"""Routes of notices."""

from typing import Annotated

from litestar import Router, get, put
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.infra.web import Cursor, Needs, Session, Signed
from hutong.kit.clock import Clock

from .actions import read_notices
from .queries import list_notices
from .schemas import NoticesView, ReadDraft

__all__ = ["router"]

_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@get("/notices", tags=["Notices"], summary="My notices")
async def get_notices(session: Session, actor: Signed, cursor: Cursor = None, limit: _Limit = 50) -> NoticesView:
    """What I should hear of, the newest first; what came again before I had read it is one, with a count."""
    return await list_notices(session, actor.number, cursor=cursor, limit=limit)


@put("/notices/read", tags=["Notices"], summary="Mark notices as read", status_code=HTTP_204_NO_CONTENT)
async def put_notices_read(data: JSONBody[ReadDraft], session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """All of them, or those up to a moment, so that one that has just come is not lost."""
    await read_notices(session, actor, data, clock=clock)


router = Router("", route_handlers=[get_notices, put_notices_read])
