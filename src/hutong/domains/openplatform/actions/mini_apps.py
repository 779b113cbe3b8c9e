"""Mini apps: where their pages are, what signs their launches, and what people let them know."""

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.actor import Actor
from hutong.kit.clock import Clock

from ..errors import BadMiniUrl, NoMiniApp
from ..launches import PERMISSIONS, is_mini_url
from ..models import App, Permission
from ..queries import own_app
from ..schemas import PermissionsDraft

__all__ = ["allow_app", "forbid_app", "host_mini_app", "place_mini_app", "renew_launch_key", "unhost_mini_app"]


def place_mini_app(app: App, url: str | None) -> None:
    """The mini app is opened at an address of its developer's own, or nowhere. Raises ``BadMiniUrl``."""
    if url and not is_mini_url(url):
        raise BadMiniUrl
    app.mini_url = url or ""


async def host_mini_app(session: AsyncSession, app_id: int, path: str) -> None:
    """The app's mini app is opened at ``path`` on this host from now on, whatever address it had before. That of a
    published app is left as it is: another address is for whoever publishes it."""
    await session.execute(update(App).where(App.app_id == app_id, ~App.is_published).values(mini_url=path))


async def unhost_mini_app(session: AsyncSession, app_id: int, path: str) -> None:
    """There is no mini app at ``path`` any more. One that has another address by now is left alone, and so is a
    published one."""
    here = App.app_id == app_id, App.mini_url == path, ~App.is_published
    await session.execute(update(App).where(*here).values(mini_url=""))


async def renew_launch_key(session: AsyncSession, actor: Actor, app_id: int) -> None:
    """What is signed from now on is signed with another key. Raises ``NoSuchApp``."""
    app = await own_app(session, actor.number, app_id, for_update=True)
    app.launch_round += 1
    await session.flush()


async def allow_app(session: AsyncSession, actor: Actor, app_id: int, draft: PermissionsDraft, *, clock: Clock) -> None:
    """Lets an app with a mini app know this of the person, and nothing else. Raises ``NoMiniApp``."""
    app = await session.get(App, app_id)
    if app is None or app.state == "dropped" or not app.mini_url:
        raise NoMiniApp
    await forbid_app(session, actor, app_id)
    permissions = [name for name in PERMISSIONS if name in draft.permissions]
    if permissions:
        session.add(Permission(account_number=actor.number, app_id=app_id, permissions=permissions, granted_at=clock()))
    await session.flush()


async def forbid_app(session: AsyncSession, actor: Actor, app_id: int) -> None:
    """The app is told nothing of the person any more. What it knows already it knows."""
    await session.execute(
        delete(Permission).where(Permission.account_number == actor.number, Permission.app_id == app_id)
    )
