"""Routes of identity: parse, call one verb, answer."""

from litestar import Router

from .accounts import account_routes
from .outside import outside_routes
from .proofs import proof_routes
from .sessions import session_routes

__all__ = ["router"]

router = Router("/", route_handlers=[*account_routes, *session_routes, *proof_routes, *outside_routes])
