"""What goes wrong, as bots of this kind are told of it: a status and a line that begins with the status's own name."""

from typing import Any

from hutong.domains.openplatform import TokenRevoked
from hutong.kit.errors import Denied, HutongError, NotFound, TooMany, Unavailable

__all__ = ["Refusal", "bad_request", "refusal_of", "unauthorized"]

_NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Refusal(Exception):
    """A call that is answered with ``ok: false``."""

    def __init__(self, status: int, reason: str = "", **parameters: int) -> None:
        self.status = status
        self.description = f"{_NAMES[status]}: {reason}" if reason else _NAMES[status]
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return told | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(reason: str) -> Refusal:
    return Refusal(400, reason)


def unauthorized() -> Refusal:
    return Refusal(401)


def refusal_of(error: HutongError) -> Refusal:
    """An error of ours. What does not exist for a bot is a bad request: one client takes a 404 for a wrong token."""
    match error:
        case TooMany():
            wait_s = int(error.params.get("retry_after_s", 1))
            return Refusal(429, f"retry after {wait_s}", retry_after=wait_s)
        case TokenRevoked():
            return unauthorized()
        case Denied():
            return Refusal(403, _lower(error.detail))
        case NotFound():
            return bad_request("chat not found" if error.code == "hutong.not_found" else _lower(error.detail))
        case Unavailable():
            return Refusal(503, _lower(error.detail))
    return Refusal(error.status if error.status in (413, 500) else 400, _lower(error.detail))


def _lower(sentence: str) -> str:
    """A sentence as the rest of a line: ``This bot was not granted …`` becomes ``this bot was not granted …``."""
    return (sentence[:1].lower() + sentence[1:]).rstrip(".")
