"""Signing in elsewhere with hutong: what people let an app know, and the codes and tokens that come of it.

What is right and wrong about a request is said by ``authorizing``, which is Authlib over what is read here first; what
follows from its answer is written here afterwards, in the same transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import names_of, signed_in_at
from hutong.infra.db import Database
from hutong.infra.limits import Allowance, spend
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import NotFound
from hutong.kit.ids import hash_token
from hutong.settings import Limits

from ..asking import SINCE, asked_at_ms, sealed_since
from ..authorizing import answer_back, answer_introspection, answer_revocation, answer_token, read_authorization
from ..errors import AppSuspended, BadAuthorization, NoSuchClient, NotReviewed
from ..keyring import SigningKey, needs_key, outdated_keys
from ..known import (
    Answer,
    Asked,
    Authorization,
    KnownPerson,
    KnownToken,
    Lives,
    Outcome,
    Read,
    client_id_of,
    is_proven,
    scopes_in_order,
)
from ..models import App, Consent, GivenCode, GivenToken, SigningKeyRow
from ..queries import find_client, find_code, find_given, find_person_of, list_keys, may_sign_in
from ..redirects import is_registered
from ..schemas import ConsentView, TesterView

__all__ = [
    "forget_consent",
    "introspect",
    "issue_tokens",
    "keep_key",
    "reply_at_once",
    "reply_to_app",
    "revoke_given",
    "stamp_request",
    "sweep_sign_ins",
    "view_consent",
    "who_holds_access",
]

_MINUTE_S = 60
_SWEPT_AT_ONCE_MAX = 5_000
_CODES_KEPT = timedelta(days=1)
_SWEEPS = (
    text(
        "DELETE FROM openplatform_code WHERE (app_id, code_hash) IN ("
        "SELECT app_id, code_hash FROM openplatform_code WHERE expires_at < :before LIMIT :limit)"
    ),
    text(
        "DELETE FROM openplatform_token WHERE (app_id, token_hash) IN ("
        "SELECT app_id, token_hash FROM openplatform_token WHERE expires_at < :before LIMIT :limit)"
    ),
)


@dataclass(frozen=True)
class Request:
    """A sign-in that an app asks for, and how things stand with whoever is at the browser."""

    asked: Asked
    read: Read
    app: App
    wanted: Authorization | Answer
    may: bool = False
    settled: bool = False
    since: int | None = None

    @property
    def authorization(self) -> Authorization:
        if isinstance(self.wanted, Answer):
            raise BadAuthorization(reason=str(self.wanted.location.partition("error=")[2].partition("&")[0]))
        return self.wanted


async def _weigh(
    session: AsyncSession, query: str, viewer: Actor | None, *, issuer: str, clock: Clock, limits: Limits
) -> Request:
    """Raises ``NoSuchClient``, ``AppSuspended`` and ``BadAuthorization`` where nobody may be sent back."""
    asked = Asked("GET", parse_qsl(query, keep_blank_values=True))
    found = await find_client(session, asked.get("client_id"))
    if found is None:
        raise NoSuchClient
    app, client = found
    if not is_registered(asked.get("redirect_uri"), client.redirects):
        raise BadAuthorization(reason="the address to come back to is not one that the app has registered")
    if client.is_suspended:
        raise AppSuspended
    read = Read(now=clock(), issuer=issuer, client=client)
    try:
        wanted = read_authorization(asked, read, _lives(limits), signed_in=viewer is not None)
    except OAuth2Error as error:
        raise BadAuthorization(reason=error.description or error.error) from error
    if isinstance(wanted, Answer) or viewer is None:
        return Request(asked, read, app, wanted)
    consent = await session.get(Consent, (viewer.number, app.app_id))
    agreed = consent is not None and set(wanted.scopes) <= set(consent.scopes)
    return Request(
        asked,
        read,
        app,
        wanted,
        may=await may_sign_in(session, app, viewer.number),
        settled=agreed and not wanted.prompts & {"consent", "select_account"},
        since=await _since(session, asked, wanted, viewer, app, read.now),
    )


async def _since(
    session: AsyncSession, asked: Asked, wanted: Authorization, viewer: Actor, app: App, now: datetime
) -> int | None:
    """When the viewer must have signed in at the earliest, in milliseconds, if they have not. Counted from when the app
    has asked, and not from now, so that who has signed in once more has done what it wants."""
    age_s_max = 0 if "login" in wanted.prompts else wanted.age_s_max
    if age_s_max is None:
        return None
    said_ms = asked_at_ms(app.secret, asked.fields, _ms(now))
    at = await signed_in_at(session, viewer)
    earliest_ms = (_ms(now) if said_ms is None else said_ms) - 1_000 * age_s_max
    return earliest_ms if at is None or _ms(at) < earliest_ms else None


async def stamp_request(session: AsyncSession, query: str, *, clock: Clock) -> str:
    """The query with which an app has sent somebody here, with word of when that was, for the page that asks them; one
    that comes from there has it already. What others have put in its place is taken out."""
    fields = parse_qsl(query, keep_blank_values=True)
    found = await find_client(session, Asked("GET", fields).get("client_id"))
    if found is None:
        return query
    secret, now_ms = found[0].secret, _ms(clock())
    if asked_at_ms(secret, fields, now_ms) is not None:
        return query
    kept = [part for part in query.split("&") if unquote(part.partition("=")[0]) != SINCE]
    return "&".join([*kept, urlencode({SINCE: sealed_since(secret, fields, now_ms)})])


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


def _lives(limits: Limits) -> Lives:
    return Lives(limits.sign_in_code_s, limits.access_token_s, limits.refresh_token_days)


async def reply_at_once(
    session: AsyncSession, query: str, viewer: Actor | None, *, issuer: str, clock: Clock, limits: Limits
) -> str | None:
    """Where the browser goes back to, if nothing must be asked of anybody; None where somebody must be asked. Raises
    ``NoSuchClient``, ``AppSuspended`` and ``BadAuthorization``."""
    request = await _weigh(session, query, viewer, issuer=issuer, clock=clock, limits=limits)
    if isinstance(request.wanted, Answer):
        return request.wanted.location
    if viewer is None:
        return None
    if request.may and request.settled and request.since is None:
        return await _send_back(session, request, viewer, "allowed", limits)
    if "none" not in request.wanted.prompts:
        return None
    if not request.may:
        return await _send_back(session, request, viewer, "denied", limits)
    reply = "login_required" if request.since is not None else "consent_required"
    return await _send_back(session, request, viewer, reply, limits)


async def view_consent(
    session: AsyncSession, query: str, viewer: Actor, *, issuer: str, clock: Clock, limits: Limits
) -> ConsentView:
    """What the viewer is asked. Raises ``NoSuchClient``, ``AppSuspended``, ``NotReviewed``, ``BadAuthorization``."""
    request = await _weigh(session, query, viewer, issuer=issuer, clock=clock, limits=limits)
    wanted = request.authorization
    if not request.may:
        raise NotReviewed
    app = request.app
    owner = (await names_of(session, [app.owner_number]))[app.owner_number]
    back = urlsplit(wanted.redirect)
    return ConsentView(
        app=app.app_id,
        name=app.name,
        about=app.about,
        owner=TesterView(number=owner.number, nickname=owner.nickname, avatar=owner.avatar),
        reviewed=app.state == "reviewed",
        host=back.hostname if back.scheme in ("http", "https") and back.hostname else back.scheme,
        scopes=scopes_in_order(wanted.scopes),
        settled=request.settled,
        sign_in_since=request.since,
    )


async def reply_to_app(
    session: AsyncSession, query: str, actor: Actor, *, allow: bool, issuer: str, clock: Clock, limits: Limits
) -> str:
    """Where the browser goes back to, with a code where the actor allows it, which is remembered. Raises what
    ``view_consent`` does."""
    request = await _weigh(session, query, actor, issuer=issuer, clock=clock, limits=limits)
    if isinstance(request.wanted, Answer):
        return request.wanted.location
    if not request.may:
        raise NotReviewed
    if allow and request.since is not None:
        raise BadAuthorization(reason="the app wants whoever it is to sign in once more")
    return await _send_back(session, request, actor, "allowed" if allow else "denied", limits)


async def _send_back(session: AsyncSession, request: Request, actor: Actor, reply: str, limits: Limits) -> str:
    outcome = answer_back(request.asked, request.read, _lives(limits), reply)
    if outcome.code:
        wanted, now = request.authorization, request.read.now
        await _note_consent(session, actor.number, request.app.app_id, wanted.scopes, now)
        session.add(
            GivenCode(
                app_id=request.app.app_id,
                code_hash=hash_token(outcome.code),
                number=actor.number,
                family=secrets.token_bytes(16),
                redirect=wanted.redirect,
                scopes=list(wanted.scopes),
                nonce=wanted.nonce,
                challenge=wanted.code_challenge,
                auth_time=await signed_in_at(session, actor) or now,
                expires_at=now + timedelta(seconds=limits.sign_in_code_s),
            )
        )
        await session.flush()
    return outcome.answered.location


async def _note_consent(
    session: AsyncSession, number: int, app_id: int, scopes: tuple[str, ...], now: datetime
) -> None:
    consent = await session.get(Consent, (number, app_id), with_for_update=True)
    if consent is None:
        session.add(Consent(number=number, app_id=app_id, scopes=list(scopes), given_at=now, used_at=now))
    else:
        consent.scopes = list(scopes_in_order({*consent.scopes, *scopes}))
        consent.used_at = now
    await session.flush()


async def issue_tokens(
    session: AsyncSession,
    asked: Asked,
    key: SigningKey,
    *,
    issuer: str,
    database: Database,
    clock: Clock,
    limits: Limits,
) -> Answer:
    """Tokens for a code or a refresh token, or why there are none. A code or a refresh token that comes a second time
    takes back all that came of the same sign-in."""
    read, app = await _read_for(session, asked, issuer=issuer, clock=clock, key=key)
    await _count(asked, read, database, clock, limits)
    outcome = answer_token(asked, read, _lives(limits))
    if app is not None:
        await _keep(session, asked, app, outcome, read.now, limits)
    return outcome.answered


async def _read_for(
    session: AsyncSession, asked: Asked, *, issuer: str, clock: Clock, key: SigningKey | None = None
) -> tuple[Read, App | None]:
    """Whatever a request of a client names, as far as it is there."""
    now = clock()
    found = await find_client(session, client_id_of(asked))
    if found is None:
        return Read(now=now, issuer=issuer), None
    app, client = found
    code, token = asked.get("code"), asked.get("refresh_token") or asked.get("token")
    known_code = await find_code(session, app.app_id, code) if code else None
    known_token = await find_given(session, app.app_id, token, for_update=True) if token else None
    held = known_code or known_token
    person = await find_person_of(session, app, held.number, held.scopes) if held is not None else None
    read = Read(now=now, issuer=issuer, client=client, code=known_code, token=known_token, person=person, key=key)
    return read, app


async def _count(asked: Asked, read: Read, database: Database, clock: Clock, limits: Limits) -> None:
    """Counts a request for the app that it is of. What strangers send under its number is none of its own: else they
    could use up what it may ask for. Raises ``TooMany``."""
    if read.client is not None and is_proven(asked, read):
        by_app = Allowance("openplatform.token_app", limits.token_requests_per_app_minute_max, _MINUTE_S)
        await spend(database, by_app, read.client.client_id, clock=clock)


async def _keep(session: AsyncSession, asked: Asked, app: App, outcome: Outcome, now: datetime, limits: Limits) -> None:
    """Writes down what follows from an answer."""
    if outcome.revoked_family is not None:
        await session.execute(
            delete(GivenToken).where(GivenToken.app_id == app.app_id, GivenToken.family == outcome.revoked_family)
        )
    if outcome.uses == "code":
        await session.execute(
            update(GivenCode)
            .where(GivenCode.app_id == app.app_id, GivenCode.code_hash == hash_token(asked.get("code")))
            .values(is_used=True)
        )
    if outcome.uses == "token":
        used = hash_token(asked.get("refresh_token"))
        await session.execute(
            update(GivenToken)
            .where(GivenToken.app_id == app.app_id, GivenToken.token_hash == used)
            .values(is_used=True)
        )
    if outcome.revokes_token:
        gone = hash_token(asked.get("token"))
        await session.execute(delete(GivenToken).where(GivenToken.app_id == app.app_id, GivenToken.token_hash == gone))
    _add_tokens(session, app, outcome, now, limits)
    await session.flush()


def _add_tokens(session: AsyncSession, app: App, outcome: Outcome, now: datetime, limits: Limits) -> None:
    issued = outcome.issued
    if issued is None:
        return
    access = (issued.access, "access", issued.scopes, timedelta(seconds=limits.access_token_s))
    refresh = (issued.refresh, "refresh", issued.refresh_scopes, timedelta(days=limits.refresh_token_days))
    for token, kind, scopes, life in (access, refresh):
        if token is not None:
            session.add(
                GivenToken(
                    app_id=app.app_id,
                    token_hash=hash_token(token),
                    kind=kind,
                    number=issued.number,
                    family=issued.family,
                    scopes=list(scopes),
                    auth_time=issued.auth_time,
                    issued_at=now,
                    expires_at=now + life,
                )
            )


async def revoke_given(
    session: AsyncSession, asked: Asked, *, issuer: str, database: Database, clock: Clock, limits: Limits
) -> Answer:
    """Makes a token useless; with a refresh token all that came of the same sign-in."""
    read, app = await _read_for(session, asked, issuer=issuer, clock=clock)
    await _count(asked, read, database, clock, limits)
    outcome = answer_revocation(asked, read, _lives(limits))
    if app is not None:
        await _keep(session, asked, app, outcome, read.now, limits)
    return outcome.answered


async def introspect(
    session: AsyncSession, asked: Asked, *, issuer: str, database: Database, clock: Clock, limits: Limits
) -> Answer:
    """What a token is good for, for the app that it was given to."""
    read, _ = await _read_for(session, asked, issuer=issuer, clock=clock)
    await _count(asked, read, database, clock, limits)
    return answer_introspection(asked, read, _lives(limits)).answered


async def who_holds_access(session: AsyncSession, token: str, *, clock: Clock) -> tuple[KnownToken, KnownPerson] | None:
    """What an access token is good for and who it is about; None where it is not good."""
    found = await find_client(session, token.partition(".")[0])
    if found is None:
        return None
    app, _ = found
    known = await find_given(session, app.app_id, token)
    if known is None or known.kind != "access" or known.expires_at <= clock():
        return None
    person = await find_person_of(session, app, known.number, known.scopes)
    return (known, person) if person is not None else None


async def forget_consent(session: AsyncSession, actor: Actor, app_id: int) -> None:
    """The app may know the actor no more: no code and no token of theirs is good for it. Raises ``NotFound``."""
    gone = await session.scalar(
        delete(Consent).where(Consent.number == actor.number, Consent.app_id == app_id).returning(Consent.app_id)
    )
    if gone is None:
        raise NotFound
    for table in (GivenCode, GivenToken):
        await session.execute(delete(table).where(table.app_id == app_id, table.number == actor.number))


async def keep_key(session: AsyncSession, fresh: SigningKey, *, clock: Clock, limits: Limits) -> list[SigningKey]:
    """Keeps a key that was made, unless somebody else was faster. Returns all that there are then."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('openplatform_signing_key'))"))
    days, now = limits.signing_key_days, clock()
    keys = await list_keys(session)
    if needs_key(keys, now, days=days):
        session.add(SigningKeyRow(kid=fresh.kid, private=fresh.private, made_at=fresh.made_at))
        await session.flush()
    return await list_keys(session)


async def sweep_sign_ins(session: AsyncSession, *, clock: Clock) -> None:
    """Forgets codes, tokens and keys whose time is over. A code is kept for a day, so that whoever comes with it a
    second time is known."""
    old = outdated_keys(await list_keys(session), clock())
    await session.execute(delete(SigningKeyRow).where(SigningKeyRow.kid.in_([key.kid for key in old])))
    for sweep in _SWEEPS:
        await session.execute(sweep, {"before": clock() - _CODES_KEPT, "limit": _SWEPT_AT_ONCE_MAX})
