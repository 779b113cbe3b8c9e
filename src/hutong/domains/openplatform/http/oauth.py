"""OAuth 2.1 and OpenID Connect as clients speak them: forms in, answers as the RFCs say, described by discovery.

None of it looks at a cookie, so pages of other sites may call it.
"""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post, route
from litestar.enums import HttpMethod
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT, HTTP_401_UNAUTHORIZED, HTTP_403_FORBIDDEN

from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.infra.web import Caller, From, Needs, Session, for_any_page
from hutong.kit.clock import Clock
from hutong.settings import Limits, Settings

from ..actions import introspect, issue_tokens, keep_key, revoke_given, who_holds_access
from ..keyring import ALGORITHM, SigningKey, current_key, key_pair, make_key, needs_key, public_keys
from ..known import AUTHENTICATED, SIGN_IN_SCOPES, Answer, Asked, claims_of
from ..queries import list_keys

__all__ = ["discovery_routes", "oauth_routes"]

_AnyRequest = Request[Any, Any, Any]

_MINUTE_S = 60
_FORM_CHARS_MAX = 16_384
_KEYS_KEPT_S = 3_600
_FOR_ANY_PAGE = {"access-control-allow-origin": "*"}
_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}


@post("/oauth/token", include_in_schema=False, opt=for_any_page(), status_code=HTTP_200_OK)
async def post_token_request(
    request: _AnyRequest, database: Needs[Database], caller: From, settings: Needs[Settings], clock: Needs[Clock]
) -> Response[dict[str, Any]]:
    """The token endpoint: tokens for a code or a refresh token."""
    asked = await _asked(request, database, caller, settings, clock)
    if isinstance(asked, Answer):
        return _answered(asked)
    limits = settings.limits
    key = current_key(await _keys(database, clock, limits), clock())
    async with database.transaction() as session:
        answer = await issue_tokens(
            session, asked, key, issuer=caller.origin, database=database, clock=clock, limits=limits
        )
    return _answered(answer)


@post("/oauth/revoke", include_in_schema=False, opt=for_any_page(), status_code=HTTP_200_OK)
async def post_revocation(
    request: _AnyRequest, database: Needs[Database], caller: From, settings: Needs[Settings], clock: Needs[Clock]
) -> Response[dict[str, Any]]:
    """RFC 7009: a token is no good any more."""
    asked = await _asked(request, database, caller, settings, clock)
    if isinstance(asked, Answer):
        return _answered(asked)
    async with database.transaction() as session:
        answer = await revoke_given(
            session, asked, issuer=caller.origin, database=database, clock=clock, limits=settings.limits
        )
    return _answered(answer)


@post("/oauth/introspect", include_in_schema=False, opt=for_any_page(), status_code=HTTP_200_OK)
async def post_introspection(
    request: _AnyRequest, database: Needs[Database], caller: From, settings: Needs[Settings], clock: Needs[Clock]
) -> Response[dict[str, Any]]:
    """RFC 7662: what a token is good for, for the app that it was given to."""
    asked = await _asked(request, database, caller, settings, clock)
    if isinstance(asked, Answer):
        return _answered(asked)
    async with database.transaction() as session:
        answer = await introspect(
            session, asked, issuer=caller.origin, database=database, clock=clock, limits=settings.limits
        )
    return _answered(answer)


async def _asked(
    request: _AnyRequest, database: Database, caller: Caller, settings: Settings, clock: Clock
) -> Asked | Answer:
    """The form that was sent; or the refusal of one in which something is said twice. Counted for the network that it
    comes from. Raises ``TooMany``."""
    body = (await request.body()).decode("utf-8", "replace")
    fields = parse_qsl(body[:_FORM_CHARS_MAX], keep_blank_values=True)
    asked = Asked("POST", fields, request.headers.get("authorization", ""))
    limits = settings.limits
    if not caller.is_this_machine:
        by_network = Allowance("openplatform.token_network", limits.token_requests_per_network_minute_max, _MINUTE_S)
        await spend(database, by_network, caller.network, clock=clock)
    if len({name for name, _ in fields}) < len(fields):
        said = {"error": "invalid_request", "error_description": "A parameter stands there twice."}
        return Answer(400, said, {})
    return asked


def _answered(answer: Answer) -> Response[dict[str, Any]]:
    challenge = {name: value for name, value in answer.headers.items() if name == "WWW-Authenticate"}
    return Response(answer.body, status_code=answer.status, headers={**challenge, **_NOT_KEPT, **_FOR_ANY_PAGE})


async def _keys(database: Database, clock: Clock, limits: Limits) -> list[SigningKey]:
    """The signing keys, read and ready; a fresh one is made where there is none or the newest has grown old."""
    async with database.transaction() as session:
        keys = await list_keys(session)
    if needs_key(keys, clock(), days=limits.signing_key_days):
        fresh = await asyncio.to_thread(make_key, clock())
        async with database.transaction() as session:
            keys = await keep_key(session, fresh, clock=clock, limits=limits)
    await asyncio.to_thread(lambda: [key_pair(key) for key in keys])
    return keys


@route(
    "/oauth/userinfo",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    include_in_schema=False,
    opt=for_any_page(),
    status_code=HTTP_200_OK,
)
async def userinfo(request: _AnyRequest, session: Session, clock: Needs[Clock]) -> Response[dict[str, Any]]:
    """Who has signed in, for the app that holds the access token (RFC 6750)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return _no_userinfo(HTTP_401_UNAUTHORIZED, "")
    held = await who_holds_access(session, token.strip(), clock=clock)
    if held is None:
        return _no_userinfo(HTTP_401_UNAUTHORIZED, "invalid_token")
    known, person = held
    if "openid" not in known.scopes:
        return _no_userinfo(HTTP_403_FORBIDDEN, "insufficient_scope")
    return Response(claims_of(person, known.scopes), headers={**_NOT_KEPT, **_FOR_ANY_PAGE})


def _no_userinfo(status: int, error: str) -> Response[dict[str, Any]]:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    headers = {"www-authenticate": challenge, **_NOT_KEPT, **_FOR_ANY_PAGE}
    return Response({"error": error} if error else {}, status_code=status, headers=headers)


@get("/oauth/jwks", include_in_schema=False)
async def get_jwks(
    database: Needs[Database], settings: Needs[Settings], clock: Needs[Clock]
) -> Response[dict[str, Any]]:
    """The keys that ID tokens are signed with."""
    keys = await _keys(database, clock, settings.limits)
    headers = {"cache-control": f"public, max-age={_KEYS_KEPT_S}", **_FOR_ANY_PAGE}
    return Response(public_keys(keys), headers=headers)


@get(["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"], include_in_schema=False)
async def get_discovery(caller: From) -> Response[dict[str, Any]]:
    """Where everything is and what is spoken there (OpenID Connect Discovery, RFC 8414)."""
    return Response(_discovery(caller.origin), headers={"cache-control": "no-cache", **_FOR_ANY_PAGE})


def _discovery(issuer: str) -> dict[str, Any]:
    at = f"{issuer}/api/v1/oauth"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{at}/token",
        "userinfo_endpoint": f"{at}/userinfo",
        "jwks_uri": f"{at}/jwks",
        "revocation_endpoint": f"{at}/revoke",
        "introspection_endpoint": f"{at}/introspect",
        "scopes_supported": list(SIGN_IN_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": [*AUTHENTICATED, "none"],
        "revocation_endpoint_auth_methods_supported": [*AUTHENTICATED, "none"],
        "introspection_endpoint_auth_methods_supported": list(AUTHENTICATED),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            *("iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "at_hash"),
            *("name", "nickname", "preferred_username", "email", "email_verified", "groups"),
        ],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


@route(
    ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/userinfo"],
    http_method=[HttpMethod.OPTIONS],
    include_in_schema=False,
    status_code=HTTP_204_NO_CONTENT,
)
async def options() -> Response[None]:
    """What a browser asks before it lets a page of another site call one of these."""
    allowed = {
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type",
    }
    return Response(None, status_code=HTTP_204_NO_CONTENT, headers={**allowed, **_FOR_ANY_PAGE})


# Litestar answers OPTIONS itself wherever a path is known before ours is.
oauth_routes = [options, post_token_request, post_revocation, post_introspection, userinfo, get_jwks]
discovery_routes = [get_discovery]
