"""Who may open a socket: decided from the upgrade request alone, before the token is looked up."""

from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie

from multidict import CIMultiDict
from picows import WSUpgradeRequest
from picows.common import WSUpgradeResponse, WSUpgradeResponseWithListener

from hutong.infra.web import SESSION_COOKIE, origin_allowed

from .connection import Connection
from .edge import Gateway
from .handover import Accept

__all__ = ["SOCKET_PATH", "accept_with"]

SOCKET_PATH = b"/socket"
_SUBPROTOCOL = "hutong.1"


def accept_with(gateway: Gateway, *, public_url: str = "") -> Accept:
    """Accepts upgrades to sockets of this gateway. A page of another origin is refused: its cookie proves nothing."""

    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | None:
        if request.path.split(b"?", 1)[0] != SOCKET_PATH:
            return None
        headers = request.headers
        if not origin_allowed(headers.get("origin", ""), headers.get("host", ""), public_url):
            refusal = WSUpgradeResponse.create_error_response(
                HTTPStatus.FORBIDDEN, b"This page may not open a socket here."
            )
            return WSUpgradeResponseWithListener(refusal, None)
        offered = [name.strip() for name in headers.get("sec-websocket-protocol", "").split(",")]
        extra = {"Sec-WebSocket-Protocol": _SUBPROTOCOL} if _SUBPROTOCOL in offered else None
        answer = WSUpgradeResponse.create_101_response(extra)
        return WSUpgradeResponseWithListener(answer, Connection(gateway, _token_in(headers)))

    return accept


def _token_in(headers: CIMultiDict[str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(SESSION_COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None
