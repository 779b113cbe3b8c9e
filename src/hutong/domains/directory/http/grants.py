"""Routes of traffic grants: what came of them, and the offers that groups get by them."""

from typing import Annotated

from litestar import delete, get, post
from litestar.params import PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hutong.domains.openplatform import acting_app
from hutong.infra.web import Needs, Number, Session, Signed
from hutong.kit.clock import Clock
from hutong.settings import Settings

from ..actions import dismiss_offer, offer_in_chat, offer_to_keeper, open_offer
from ..queries import view_grants
from ..schemas import GrantView, KeptOfferView, OfferView

__all__ = ["grant_routes"]

_Grant = Annotated[int, PathParameter(ge=1, le=2**53 - 1)]


@get("/apps/{app:int}/grants", tags=["Directory"], summary="What came of an app's grants")
async def get_grants(app: Number, session: Session, actor: Signed) -> list[GrantView]:
    """The newest first, by day. For the app's owner."""
    return await view_grants(session, await acting_app(session, actor, app))


@get("/directory/offers", tags=["Directory"], summary="What my groups are offered")
async def get_my_offers(
    session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> list[KeptOfferView]:
    """For the groups that I own or am an admin of, at most two. Asking counts as having shown them."""
    return await offer_to_keeper(session, actor, clock=clock, limits=settings.limits)


@get("/chats/{chat:int}/offers", tags=["Directory"], summary="What a group is offered")
async def get_offers(
    chat: Number, session: Session, actor: Signed, settings: Needs[Settings], clock: Needs[Clock]
) -> list[OfferView]:
    """For its owner and its admins, at most two apps; nothing for others. Asking counts as having shown them."""
    offers = await offer_in_chat(session, actor, chat, clock=clock, limits=settings.limits)
    return [OfferView(grant=one.grant, listing=one.listing) for one in offers]


@post(
    "/chats/{chat:int}/offers/{grant:int}/open",
    tags=["Directory"],
    summary="Look at what a group is offered",
    status_code=HTTP_204_NO_CONTENT,
)
async def post_open(chat: Number, grant: _Grant, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """By its owner or an admin; counted once for each group, while the grant runs."""
    await open_offer(session, actor, chat, grant, clock=clock)


@delete("/chats/{chat:int}/offers/{grant:int}", tags=["Directory"], summary="Not for this group")
async def delete_offer(chat: Number, grant: _Grant, session: Session, actor: Signed, clock: Needs[Clock]) -> None:
    """By its owner or an admin: the group is not offered this any more."""
    await dismiss_offer(session, actor, chat, grant, clock=clock)


grant_routes = [get_grants, get_my_offers, get_offers, post_open, delete_offer]
