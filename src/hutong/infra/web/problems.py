"""Every error leaves as RFC 9457 problem details; the unexpected is logged, and tells nothing of the inside."""

import re
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from asyncpg.exceptions import DataError
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hutong.kit.errors import Denied, HutongError, Invalid, NotFound, TooMany, Unavailable

__all__ = ["PROBLEM_TYPE", "Problem", "SignInNeeded", "render_exception"]

log = structlog.get_logger()

PROBLEM_TYPE = "application/problem+json"

_TRY_AGAIN_S = 2
_CUT_OFF = "client disconnected prematurely"
"""What Litestar says where a body stops in the middle. Nobody is there to read the answer; the log is."""
_NOT_TEXT = {"22021", "22P05", "22003", "22001"}
"""PostgreSQL's states for what cannot be stored: characters no text may hold, numbers or lengths out of range."""
_BUSY = {"40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"}
"""PostgreSQL's states for what goes by: deadlocks, waits that took too long, a server going down or coming up."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Problem details. ``code`` is stable; ``params`` are what the sentence in ``detail`` was filled with."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    params: dict[str, str | int] = {}


class SignInNeeded(Denied):
    """Nobody is signed in, or the token is no longer good."""

    status = 401
    code = "identity.sign_in_needed"
    text = "Sign in first."


class MethodNotAllowed(Invalid):
    """The address exists, and does not know this method."""

    status = 405
    code = "hutong.method_not_allowed"
    text = "This address does not know the method {method}."


class TooLarge(Invalid):
    """The body is larger than this address takes."""

    status = 413
    code = "hutong.too_large"
    text = "What was sent is too large."


_TOKENS_IN_PATHS = re.compile(r"(/bot|/bridges/files/)[^/]+")


def _path_of(request: Request[Any, Any, Any]) -> str:
    """The path as it may stand in a log: some protocols put tokens into it."""
    return _TOKENS_IN_PATHS.sub(r"\1…", request.url.path)


def render_exception(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    """Any exception as the answer that the client gets."""
    error = _as_hutong_error(request, exception)
    if error.log:
        log.info("request.refused", code=error.code, path=_path_of(request), why=error.log)
    headers = dict(exception.headers or {}) if isinstance(exception, HTTPException) else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.params.get("retry_after_s", _TRY_AGAIN_S))
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = str(_TRY_AGAIN_S)
    problem = Problem(
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.detail,
        params=error.params,
    )
    return Response(problem, status_code=error.status, media_type=PROBLEM_TYPE, headers=headers)


def _as_hutong_error(request: Request[Any, Any, Any], exception: Exception) -> HutongError:
    match exception:
        case HutongError():
            return exception
        case ValidationException():
            return Invalid(reason=_reason_of(exception))
        case HTTPException():
            return _from_http(request, exception)
        case RecursionError():
            return Invalid(reason="it is nested too deeply")
        case DBAPIError():
            return _from_database(request, exception)
        case PoolTimeoutError() | ConnectionError():
            log.warning("request.unavailable", path=_path_of(request), error=str(exception))
            return Unavailable()
    return _unexpected(request, exception)


def _unexpected(request: Request[Any, Any, Any], exception: Exception) -> HutongError:
    log.error("request.failed", method=request.method, path=_path_of(request), exc_info=exception)
    return HutongError()


def _reason_of(exception: ValidationException) -> str:
    """The first thing that is wrong, with the name of the field: ``nickname: Expected `str`, got `int```."""
    for fault in exception.extra or ():
        if isinstance(fault, dict):
            key, message = fault.get("key", ""), str(fault.get("message", ""))
            if key in ("data", "") and message == "'data'":
                return "a JSON body is needed"
            return f"{key}: {message}" if key and key != "data" else message
    return "it does not have the expected form"


def _from_http(request: Request[Any, Any, Any], exception: HTTPException) -> HutongError:
    if exception.detail == _CUT_OFF:
        return Invalid(reason="the request ended before its body was complete", log="the client went away")
    match exception.status_code:
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed(method=request.method)
        case 413:
            return TooLarge()
        case status if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Invalid(reason=exception.detail)
    return _unexpected(request, exception)


def _from_database(request: Request[Any, Any, Any], exception: DBAPIError) -> HutongError:
    cause = exception.orig.__cause__ if exception.orig is not None else None
    state = getattr(exception.orig, "sqlstate", None) or ""
    if state in _NOT_TEXT or isinstance(cause, DataError):
        return Invalid(reason="it holds characters or numbers that cannot be stored")
    if exception.connection_invalidated or state in _BUSY or state.startswith("08"):
        log.warning("request.unavailable", path=_path_of(request), error=str(exception.orig))
        return Unavailable()
    return _unexpected(request, exception)
