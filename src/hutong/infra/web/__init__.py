"""Everything that knows the web framework, so that a domain's ``http.py`` needs little of it.

A route asks for what it needs by name and type: ``session: Session`` (one transaction a request), ``actor: Signed``
(401 without), ``viewer: Viewer`` (or None), ``caller: From`` (address, device), and by ``Needs[...]`` for what
``hutong.api`` hands in (``settings``, ``database``, ``bus``, ``clock`` …). ``data: JSONBody[Draft]`` is the body,
``number: Number`` a number in the path, ``media: Code`` a name that we made up. A route that asks for ``actor`` and not
for ``session`` has no transaction open while it runs, so that it may talk to the outside.
"""

from typing import Annotated, TypeAlias, TypeVar

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor

from .edge import (
    CSRF_COOKIE,
    SESSION_COOKIE,
    AdmitBot,
    Caller,
    Edge,
    FindActor,
    bot_scope_of,
    csrf_token,
    for_any_page,
    for_bots,
    forget_cookies,
)
from .files import FILE_ANSWERS, TakesBytes, send_file
from .headers import CONTENT_SECURITY_POLICY, write_security_headers
from .hosts import by_host
from .network import client_address, is_loopback, network_of, origin_allowed
from .problems import PROBLEM_TYPE, Problem, SignInNeeded, render_exception

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "CSRF_COOKIE",
    "FILE_ANSWERS",
    "PROBLEM_TYPE",
    "SESSION_COOKIE",
    "AdmitBot",
    "Caller",
    "Code",
    "Cursor",
    "Edge",
    "FindActor",
    "From",
    "Needs",
    "Number",
    "Problem",
    "Session",
    "SignInNeeded",
    "Signed",
    "TakesBytes",
    "Viewer",
    "bot_scope_of",
    "by_host",
    "client_address",
    "csrf_token",
    "for_any_page",
    "for_bots",
    "forget_cookies",
    "is_loopback",
    "network_of",
    "origin_allowed",
    "render_exception",
    "send_file",
    "write_security_headers",
]

T = TypeVar("T")

Needs: TypeAlias = NamedDependency[T]
Session: TypeAlias = NamedDependency[AsyncSession]
Signed: TypeAlias = NamedDependency[Actor]
Viewer: TypeAlias = NamedDependency[Actor | None]
From: TypeAlias = NamedDependency[Caller]
Number: TypeAlias = Annotated[int, PathParameter(ge=1, le=2**53 - 1)]
Code: TypeAlias = Annotated[str, PathParameter(min_length=1, max_length=64, pattern="^[0-9A-Za-z_-]+$")]
Cursor: TypeAlias = Annotated[str | None, QueryParameter(max_length=400)]
