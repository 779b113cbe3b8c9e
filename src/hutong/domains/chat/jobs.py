"""What happens to conversations behind the scenes."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hutong.infra.db import Database
from hutong.infra.http_client import CannotFetch, GuardedClient
from hutong.infra.jobs import Subscriber, Task, mark_handled
from hutong.kit.clock import Clock

from .actions.presence import sample_online
from .actions.previews import keep_previews
from .facts import LinksSent
from .previews import read_page
from .queries import links_without_preview
from .schemas import PreviewView

__all__ = ["SAMPLED_EVERY_S", "link_previews", "sample_accounts_online"]

log = structlog.get_logger()

_LINKS_PER_MESSAGE_MAX = 3
_REMEMBERED_MAX = 1_000

# Three times as often as is needed, so that no minute is left out; a minute is sampled once.
SAMPLED_EVERY_S = 20

Look = Callable[[str], Awaitable[PreviewView | None]]


def link_previews(database: Database, client: GuardedClient, *, at_once_max: int, clock: Clock) -> Subscriber:
    """Looks at what links lead to, at so many at once, so that a slow page holds up nobody. Fetching comes first, so
    that no transaction is open meanwhile; a message that has its previews is left alone, so that a second time changes
    nothing. Where something goes wrong with one message, the others have theirs, and the task comes again for the
    rest."""
    look = _looking(client, at_once_max)

    async def handle(task: Task) -> None:
        fact = task.read(LinksSent)
        async with database.transaction() as session:
            wanted = await links_without_preview(session, fact.messages)
        # A task takes one connection to the database at a time, however many messages it is about.
        one_keeps = asyncio.Lock()

        async def preview(chat: int, seq: int, links: list[str]) -> None:
            found = await asyncio.gather(*[look(link) for link in links[:_LINKS_PER_MESSAGE_MAX]])
            async with one_keeps, database.transaction() as session:
                await keep_previews(session, chat, seq, [one for one in found if one is not None], clock=clock)

        tried = [preview(chat, seq, links) for (chat, seq), links in wanted.items()]
        for error in await asyncio.gather(*tried, return_exceptions=True):
            if error is not None:
                raise error
        async with database.transaction() as session:
            await mark_handled(session, task, clock=clock)

    return Subscriber("chat-link-previews", ("chat.LinksSent",), handle, timeout_s=300)


def _looking(client: GuardedClient, at_once_max: int) -> Look:
    """Looks at each link once and remembers the last thousand: a link that is passed on need not be fetched again, nor
    one that a task was waiting for when its time was up. Of several who ask for one link at once, one fetches it."""
    places = asyncio.Semaphore(at_once_max)
    remembered: dict[str, asyncio.Task[PreviewView | None]] = {}

    async def fetch(link: str) -> PreviewView | None:
        async with places:
            return await _look_at(client, link)

    async def look(link: str) -> PreviewView | None:
        looked = remembered.get(link)
        if looked is None or (looked.done() and (looked.cancelled() or looked.exception() is not None)):
            while len(remembered) >= _REMEMBERED_MAX:
                del remembered[next(iter(remembered))]
            looked = remembered[link] = asyncio.create_task(fetch(link))
        return await asyncio.shield(looked)

    return look


async def _look_at(client: GuardedClient, link: str) -> PreviewView | None:
    try:
        page = await client.get(link, accept="text/html,application/xhtml+xml")
    except CannotFetch as error:
        log.info("preview.not_fetched", reason=str(error))
        return None
    said = await asyncio.to_thread(read_page, page.content_type, page.body)
    return PreviewView(link, said.title, said.text) if said is not None else None


async def sample_accounts_online(database: Database, *, kept_days: int, clock: Clock) -> dict[str, int]:
    """Keeps how many accounts are online in this minute. Returns them by the kind of client, and ``any`` for all."""
    async with database.transaction() as session:
        return await sample_online(session, kept_days=kept_days, clock=clock)
