"""Who may sign in with an app, and what was given out for it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.chat import groups_of
from hutong.domains.identity import NoSuchAccount, get_account, names_of
from hutong.kit.clock import iso_utc
from hutong.kit.ids import hash_token

from ..errors import NoSuchClient
from ..keyring import SigningKey
from ..known import KnownClient, KnownCode, KnownPerson, KnownToken, scopes_in_order
from ..models import App, Client, Consent, GivenCode, GivenToken, SigningKeyRow, Tester
from ..openids import seal
from ..schemas import ClientView, SignInAppView, TesterView
from .apps import own_app

__all__ = [
    "find_client",
    "find_code",
    "find_given",
    "find_person_of",
    "list_keys",
    "list_sign_in_apps",
    "list_testers",
    "may_sign_in",
    "view_client",
]

_GROUPS_TOLD_MAX = 200


async def view_client(session: AsyncSession, viewer: int, app_id: int, *, issuer: str) -> ClientView:
    """The app as an OAuth client, for its owner. Raises ``NoSuchApp``, ``NoSuchClient``."""
    await own_app(session, viewer, app_id)
    client = await session.get(Client, app_id)
    if client is None:
        raise NoSuchClient
    return ClientView(
        client_id=str(app_id),
        public=client.is_public,
        redirects=client.redirects,
        secret_made_at=iso_utc(client.secret_made_at) if client.secret_made_at else None,
        issuer=issuer,
    )


async def list_testers(session: AsyncSession, viewer: int, app_id: int) -> list[TesterView]:
    """The test users of the viewer's app, by number. Raises ``NoSuchApp``."""
    await own_app(session, viewer, app_id)
    rows = await session.scalars(select(Tester.number).where(Tester.app_id == app_id).order_by(Tester.number))
    numbers = rows.all()
    cards = await names_of(session, numbers)
    return [_person(cards[number].number, cards[number].nickname, cards[number].avatar) for number in numbers]


def _person(number: int, nickname: str, avatar: str | None) -> TesterView:
    return TesterView(number=number, nickname=nickname, avatar=avatar)


async def find_client(session: AsyncSession, client_id: str) -> tuple[App, KnownClient] | None:
    """The app that signs people in under this id."""
    if not (client_id.isascii() and client_id.isdigit() and len(client_id) < 16):
        return None
    row = (
        await session.execute(
            select(App, Client).join(Client, Client.app_id == App.app_id).where(App.app_id == int(client_id))
        )
    ).one_or_none()
    if row is None or str(row[0].app_id) != client_id:
        return None
    app, client = row[0], row[1]
    return app, KnownClient(
        app_id=app.app_id,
        redirects=tuple(client.redirects),
        secret_hash=None if client.is_public else client.secret_hash or b"",
        is_suspended=app.state == "suspended",
    )


async def may_sign_in(session: AsyncSession, app: App, number: int) -> bool:
    """Whether the account may sign in with the app: anybody once it is reviewed, its owner and testers before."""
    if app.state in ("suspended", "dropped"):
        return False
    if app.state == "reviewed" or app.owner_number == number:
        return True
    return await session.get(Tester, (app.app_id, number)) is not None


async def find_person_of(session: AsyncSession, app: App, number: int, scopes: Sequence[str]) -> KnownPerson | None:
    """The person as the app may know them; None where they let it no more, or may not sign in themselves."""
    if not await may_sign_in(session, app, number) or await session.get(Consent, (number, app.app_id)) is None:
        return None
    try:
        account = await get_account(session, number)
    except NoSuchAccount:
        return None
    if account.state != "active":
        return None
    groups = await groups_of(session, number, limit=_GROUPS_TOLD_MAX) if "groups" in scopes else []
    return KnownPerson(
        sub=seal(app.secret, "account", number),
        number=number,
        nickname=account.nickname,
        handle=account.handle,
        email=account.email,
        groups=tuple(seal(app.secret, "chat", chat) for chat in groups),
    )


async def find_code(session: AsyncSession, app_id: int, code: str) -> KnownCode | None:
    """A code that was given out to the app. Its row is locked, so that it is used once."""
    row = await session.get(GivenCode, (app_id, hash_token(code)), with_for_update=True)
    if row is None:
        return None
    return KnownCode(
        app_id=app_id,
        number=row.number,
        family=row.family,
        redirect=row.redirect,
        scopes=tuple(row.scopes),
        nonce=row.nonce,
        code_challenge=row.challenge,
        auth_time=row.auth_time,
        expires_at=row.expires_at,
        is_used=row.is_used,
    )


async def find_given(session: AsyncSession, app_id: int, token: str, *, for_update: bool = False) -> KnownToken | None:
    """A token that was given out to the app."""
    row = await session.get(GivenToken, (app_id, hash_token(token)), with_for_update=for_update or None)
    if row is None:
        return None
    return KnownToken(
        app_id=app_id,
        kind=row.kind,
        number=row.number,
        family=row.family,
        scopes=tuple(row.scopes),
        auth_time=row.auth_time,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        is_used=row.is_used,
    )


async def list_keys(session: AsyncSession) -> list[SigningKey]:
    """Every key that was not forgotten, the oldest first."""
    rows = await session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.made_at, SigningKeyRow.kid))
    return [SigningKey(row.kid, row.private, row.made_at) for row in rows]


async def list_sign_in_apps(session: AsyncSession, viewer: int) -> list[SignInAppView]:
    """The apps with which the viewer signs in somewhere, the one used last first."""
    rows = await session.execute(
        select(Consent, App)
        .join(App, App.app_id == Consent.app_id)
        .where(Consent.number == viewer)
        .order_by(Consent.used_at.desc(), App.app_id)
    )
    found = [(row[0], row[1]) for row in rows]
    cards = await names_of(session, [app.owner_number for _, app in found])
    return [
        SignInAppView(
            app=app.app_id,
            name=app.name,
            about=app.about,
            owner=_person(app.owner_number, cards[app.owner_number].nickname, cards[app.owner_number].avatar),
            reviewed=app.state == "reviewed",
            scopes=scopes_in_order(consent.scopes),
            given_at=iso_utc(consent.given_at),
            used_at=iso_utc(consent.used_at),
        )
        for consent, app in found
    ]
