"""What is answered where something cannot be: a status, a code of the protocol, and a sentence."""

from http import HTTPStatus

from hutong.kit.errors import Denied, HutongError, Invalid, NotFound, TooMany, Unavailable

__all__ = ["Refusal", "refusal_of"]

TOKEN_MISSING = 11_241
TOKEN_BAD = 11_243
NO_PRIVILEGE = 11_253
BLOCKED = 11_254
BANNED = 11_265
BAD_BODY = 12_002
TOO_OFTEN = 20_028
LIMIT_EXCEEDED = 22_009
EMPTY = 50_006
BAD_FORM = 50_035
MARKDOWN_EMPTY = 50_041
NOT_FETCHED = 304_082
NOT_CONVERTED = 304_083
SAID_ALREADY = 40_054_005
GOES_BY = 50_001


class Refusal(Exception):
    """Ends a call. It is rendered as the protocol has it, ``{"code":…,"message":"…"}``."""

    def __init__(self, code: int, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


_BY_CODE: dict[str, tuple[int, int]] = {
    "openplatform.token_revoked": (401, TOKEN_BAD),
    "openplatform.scope_missing": (403, NO_PRIVILEGE),
    "openplatform.not_for_bots": (403, BLOCKED),
    "openplatform.app_suspended": (403, BANNED),
    "openplatform.sandbox_is_for_testers": (403, BLOCKED),
    "openplatform.sandbox_is_full": (403, BLOCKED),
    "openplatform.quota_used_up": (429, LIMIT_EXCEEDED),
    "chat.message_empty": (400, EMPTY),
    "chat.message_too_long": (400, BAD_FORM),
    "chat.bad_segment": (400, BAD_FORM),
}
"""The status and the code for errors of ours that have words of their own there."""


def refusal_of(error: HutongError) -> Refusal:
    """An error of ours in the words of the protocol. What does not exist is answered 400: to its clients 404 means that
    the call itself is unknown."""
    if error.code in _BY_CODE:
        status, code = _BY_CODE[error.code]
        return Refusal(code, error.detail, status)
    match error:
        case Denied():
            return Refusal(NO_PRIVILEGE, error.detail, HTTPStatus.UNAUTHORIZED if error.status == 401 else 403)
        case TooMany():
            return Refusal(TOO_OFTEN, error.detail, HTTPStatus.TOO_MANY_REQUESTS)
        case Unavailable():
            return Refusal(GOES_BY, error.detail, HTTPStatus.GATEWAY_TIMEOUT)
        case NotFound() | Invalid():
            return Refusal(BAD_FORM, error.detail)
    return Refusal(BAD_FORM, error.detail, HTTPStatus.BAD_REQUEST)
