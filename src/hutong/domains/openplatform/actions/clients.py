"""Apps with which people sign in elsewhere: their addresses, their secret, and who tries them out."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import NoSuchAccount, names_of
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.ids import hash_token, new_token
from hutong.settings import Limits

from ..errors import NoSuchClient, NoSuchTester, PublicClient, TestersFull, TooManyRedirects
from ..models import Client, Consent, GivenCode, GivenToken, Tester
from ..queries import own_app
from ..redirects import check_redirect
from ..schemas import ClientDraft

__all__ = ["add_tester", "drop_client", "drop_tester", "forget_client", "make_secret", "set_client"]


async def set_client(session: AsyncSession, actor: Actor, app_id: int, draft: ClientDraft, *, limits: Limits) -> None:
    """People may sign in with the actor's app from here on, or are sent back to other addresses now. One that becomes
    public loses its secret. Raises ``NoSuchApp``, ``TooManyRedirects``, ``BadRedirect``."""
    await own_app(session, actor.number, app_id, for_update=True)
    redirects = list(dict.fromkeys(check_redirect(address) for address in draft.redirects))
    if not 1 <= len(redirects) <= limits.redirects_per_app_max:
        raise TooManyRedirects(count_max=limits.redirects_per_app_max)
    client = await session.get(Client, app_id)
    if client is None:
        session.add(Client(app_id=app_id, redirects=redirects, is_public=draft.public))
    else:
        client.redirects, client.is_public = redirects, draft.public
        if draft.public:
            client.secret_hash = client.secret_made_at = None
    await session.flush()


async def make_secret(session: AsyncSession, actor: Actor, app_id: int, *, clock: Clock) -> str:
    """A client secret; the one from before is no good any more. Raises ``NoSuchApp``, ``NoSuchClient``,
    ``PublicClient``."""
    await own_app(session, actor.number, app_id, for_update=True)
    client = await session.get(Client, app_id)
    if client is None:
        raise NoSuchClient
    if client.is_public:
        raise PublicClient
    secret = new_token()
    client.secret_hash, client.secret_made_at = hash_token(secret), clock()
    await session.flush()
    return secret


async def drop_client(session: AsyncSession, actor: Actor, app_id: int) -> None:
    """Nobody signs in with the app any more, and nothing is good that was given out for it. Raises ``NoSuchApp``,
    ``NoSuchClient``."""
    await own_app(session, actor.number, app_id, for_update=True)
    if await session.get(Client, app_id) is None:
        raise NoSuchClient
    await forget_client(session, app_id)


async def forget_client(session: AsyncSession, app_id: int) -> None:
    """Forgets all that has to do with signing in with the app. Its test users stay: they try out its bots, too."""
    for table in (Client, Consent, GivenCode, GivenToken):
        await session.execute(delete(table).where(table.app_id == app_id))


async def add_tester(session: AsyncSession, actor: Actor, app_id: int, number: int, *, limits: Limits) -> None:
    """Lets somebody sign in with the app, and talk with its bots, before it is reviewed. Raises ``NoSuchApp``,
    ``NoSuchAccount``, ``TestersFull``."""
    await own_app(session, actor.number, app_id, for_update=True)
    card = (await names_of(session, [number])).get(number)
    if card is None or card.is_bot:
        raise NoSuchAccount
    others = select(func.count()).select_from(Tester).where(Tester.app_id == app_id, Tester.number != number)
    if (await session.scalar(others) or 0) >= limits.testers_per_app_max:
        raise TestersFull(count_max=limits.testers_per_app_max)
    await session.execute(upsert(Tester).values(app_id=app_id, number=number).on_conflict_do_nothing())


async def drop_tester(session: AsyncSession, actor: Actor, app_id: int, number: int) -> None:
    """They may not any more, until the app is reviewed. Raises ``NoSuchApp``, ``NoSuchTester``."""
    await own_app(session, actor.number, app_id, for_update=True)
    gone = await session.scalar(
        delete(Tester).where(Tester.app_id == app_id, Tester.number == number).returning(Tester.number)
    )
    if gone is None:
        raise NoSuchTester
