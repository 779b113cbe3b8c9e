"""What every answer carries so that a browser holds strangers off."""

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

__all__ = ["CONTENT_SECURITY_POLICY", "write_security_headers"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        # Dialogs and menus are placed by style attributes; style sheets still come from us alone.
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        # Mini apps: the pages that we host, and those that are elsewhere; always in a sandbox without an origin.
        "frame-src 'self' https:",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def write_security_headers(*, is_https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook that adds the headers to every answer which does not set its own, refusals and 404s included.

    ``is_https`` tells browsers to stay with TLS for a year; only an operator whose public address has it says so.
    """
    headers = dict(_HEADERS)
    if is_https:
        headers["strict-transport-security"] = "max-age=31536000"

    async def write(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        written = MutableScopeHeaders.from_message(message)
        for name, value in headers.items():
            written.setdefault(name, value)
        if scope["path"].startswith("/api/"):
            written.setdefault("cache-control", "no-store")

    return write
