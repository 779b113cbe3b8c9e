"""Events that the server brings: one delivery, one event, signed.

A delivery has ``Hutong-Timestamp`` (seconds since 1970) and ``Hutong-Signature``, ``v1=`` and the HMAC-SHA256 of
``<timestamp>.<body>`` under the secret of the outlet, in hexadecimal; while a secret is changed there may be several,
with commas between them. What is not answered with a 2xx comes again, so handling it twice must be harmless.
"""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from .errors import BadSignature

__all__ = ["check", "receiver", "sign"]

_WITHIN_S = 300


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of ``Hutong-Signature``."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def check(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> dict[str, Any]:
    """The event in a delivery. Raises ``BadSignature`` where it was not signed with the secret, or longer than five
    minutes ago: somebody may send again what they have overheard."""
    said = {name.lower(): value for name, value in headers.items()}
    timestamp, signatures = said.get("hutong-timestamp", ""), said.get("hutong-signature", "")
    if not timestamp.isascii() or not timestamp.isdigit():
        raise BadSignature("The delivery has no Hutong-Timestamp.")
    wanted = sign(secret, int(timestamp), body).encode()
    if not any(hmac.compare_digest(wanted, one.strip().encode()) for one in signatures.split(",")):
        raise BadSignature("The delivery was not signed with this secret.")
    if abs((time.time() if now is None else now) - int(timestamp)) > _WITHIN_S:
        raise BadSignature("The delivery was signed long ago.")
    return msgspec.json.decode(body, type=dict[str, Any])


def receiver(
    secret: str, hear: Callable[[dict[str, Any]], Awaitable[None]]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler for a route of an aiohttp application: 204 once the event has been handled, 401 for a bad signature."""

    async def receive(request: web.Request) -> web.StreamResponse:
        try:
            frame = check(secret, request.headers, await request.read())
        except BadSignature as bad:
            return web.Response(status=401, text=str(bad))
        except msgspec.MsgspecError:
            return web.Response(status=400, text="The delivery is no event.")
        await hear(frame)
        return web.Response(status=204)

    return receive
