"""Signing in elsewhere with hutong, for people: the endpoint where apps send them, and the page that asks them."""

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from hutong.infra.web import From, Needs, Number, Session, Signed, Viewer, for_any_page
from hutong.kit.clock import Clock
from hutong.kit.errors import HutongError, Invalid
from hutong.settings import Settings

from ..actions import forget_consent, reply_at_once, reply_to_app, stamp_request, view_consent
from ..queries import list_sign_in_apps
from ..schemas import ConsentAnswer, ConsentView, SignInAppView, WayBack

__all__ = ["sign_in_routes"]

_QUERY_CHARS_MAX = 4_000
_Sent = Annotated[
    str,
    QueryParameter(name="query", max_length=_QUERY_CHARS_MAX, description="The query with which the app sent me here."),
]
_AnyRequest = Request[Any, Any, Any]

_ENDPOINT = "/api/v1/oauth/authorize"
_PAGE = "/authorize"


@get("/oauth/authorize", include_in_schema=False)
async def authorize(
    request: _AnyRequest, session: Session, viewer: Viewer, caller: From, settings: Needs[Settings], clock: Needs[Clock]
) -> Response[None]:
    """The authorization endpoint: back to the app where nothing must be asked, else on to the page that asks."""
    query = request.scope["query_string"].decode("latin-1")
    try:
        back = await reply_at_once(session, query, viewer, issuer=caller.origin, clock=clock, limits=settings.limits)
    except HutongError:
        back = None  # The page says what is in the way.
    if back is not None:
        return _go(back)
    return _go(f"{_PAGE}?{await stamp_request(session, query, clock=clock)}")


@post("/oauth/authorize", include_in_schema=False, opt=for_any_page())
async def authorize_by_form(request: _AnyRequest) -> Response[None]:
    """The same for a form: one of another site brings no cookie, so the browser is told to ask again, with it."""
    query = (await request.body()).decode("latin-1")
    if len(query) > _QUERY_CHARS_MAX or not query.isprintable():
        raise Invalid(reason="the form is too long, or no form")
    return _go(f"{_ENDPOINT}?{query}")


def _go(to: str) -> Response[None]:
    return Response(None, status_code=HTTP_303_SEE_OTHER, headers={"location": to, "cache-control": "no-store"})


@get("/oauth/consent", tags=["Apps"], summary="What an app asks of me")
async def get_consent(
    sent: _Sent, session: Session, actor: Signed, caller: From, settings: Needs[Settings], clock: Needs[Clock]
) -> ConsentView:
    """For the page that asks people whether they want to sign in with an app."""
    return await view_consent(session, sent, actor, issuer=caller.origin, clock=clock, limits=settings.limits)


@post("/oauth/consent", tags=["Apps"], summary="Answer an app", status_code=HTTP_200_OK)
async def post_consent(
    data: JSONBody[ConsentAnswer],
    session: Session,
    actor: Signed,
    caller: From,
    settings: Needs[Settings],
    clock: Needs[Clock],
) -> WayBack:
    """Answers with where the browser goes: to the app, with a code where I agree. That is remembered."""
    to = await reply_to_app(
        session, data.query, actor, allow=data.allow, issuer=caller.origin, clock=clock, limits=settings.limits
    )
    return WayBack(to=to)


@get("/accounts/me/apps", tags=["Apps"], summary="Apps that know me")
async def get_my_apps(session: Session, actor: Signed) -> list[SignInAppView]:
    """Those with which I sign in somewhere, the one used last first."""
    return await list_sign_in_apps(session, actor.number)


@delete("/accounts/me/apps/{app:int}", tags=["Apps"], summary="Let an app know me no more")
async def delete_my_app(app: Number, session: Session, actor: Signed) -> None:
    """No token that it has for me is good any more, and it has to ask again."""
    await forget_consent(session, actor, app)


sign_in_routes = [authorize, authorize_by_form, get_consent, post_consent, get_my_apps, delete_my_app]
